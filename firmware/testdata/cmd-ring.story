# Who asks for it is called as well: a text does not wake. A missed call back is an ACK.
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
    degraded: {loss: 20%, latency: 400ms, over: 60s}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202", ring: true}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 06:20 bob rings "ring"
expect 06:22 bob "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 06:40 ring bob
expect 06:42 bob "waw-12 #1 yours. Quiet till all-clear."
expect 06:44 ada "waw-12 #1 transit-a: bob has it."
at 08:00 transit-a passes
expect 09:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:08Z, was down 7 min (00:01Z-00:08Z)."
expect 09:06 bob "waw-12 #1 ALL CLEAR transit-a up 00:08Z, was down 7 min (00:01Z-00:08Z)."
