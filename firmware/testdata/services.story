# A service is judged by itself; while no uplink works, nothing beyond can be judged and it is excused.
site: waw-12
modems: [{name: lte0, port: /dev/modem, number: "+48600100200"}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}, {dns: {name: example.com, server: 8.8.8.8}}]
    down: {after: 10, quorum: 2}
    up: {after: 10, hold: 60s}
services:
  - {name: sms-gateway, every: 3s, probes: [{tcp: "198.51.100.7:2775"}], down: {after: 5}}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
---
at 01:00 sms-gateway fails
expect 01:17 ada "waw-12 #1 DOWN sms-gateway 00:01Z, 1/1 lost. Reply ACK 1"
at 02:00 text ada "ack"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 03:00 sms-gateway passes
expect 04:05 ada "waw-12 #1 ALL CLEAR sms-gateway up 00:03Z, was down 2 min (00:01Z-00:03Z)."
at 10:00 transit-a fails
at 10:00 sms-gateway fails
expect 10:22 ada "waw-12 #2 DOWN transit-a 00:10Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
at 11:00 text ada "ack"
expect 11:02 ada "waw-12 #2 yours. Quiet till all-clear."
at 12:00 transit-a passes
at 12:00 sms-gateway passes
expect 13:04 ada "waw-12 #2 ALL CLEAR transit-a up 00:12Z, was down 2 min (00:10Z-00:12Z)."
at 16:00 text ada "status"
expect 16:02 ada "waw-12: Nothing open. lte0, queue 0. Up: transit-a, sms-gateway."
