# The third and fourth time as the first. Each is over before the next begins.
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
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 10:00 transit-a fails
expect 10:22 ada "waw-12 #1 DOWN transit-a 00:10Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 12:00 text ada "ack"
expect 12:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 14:00 transit-a passes
expect 15:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:14Z, was down 4 min (00:10Z-00:14Z)."
at 30:00 transit-a fails
expect 30:22 ada "waw-12 #2 DOWN transit-a 00:30Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
at 32:00 text ada "ack"
expect 32:02 ada "waw-12 #2 yours. Quiet till all-clear."
at 34:00 transit-a passes
expect 35:04 ada "waw-12 #2 ALL CLEAR transit-a up 00:34Z, was down 4 min (00:30Z-00:34Z)."
at 50:00 transit-a fails
expect 50:22 ada "waw-12 #3 DOWN transit-a 00:50Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 3"
at 52:00 text ada "ack"
expect 52:02 ada "waw-12 #3 yours. Quiet till all-clear."
at 54:00 transit-a passes
expect 55:04 ada "waw-12 #3 ALL CLEAR transit-a up 00:54Z, was down 4 min (00:50Z-00:54Z)."
at 70:00 transit-a fails
expect 1:10:22 ada "waw-12 #4 DOWN transit-a 01:10Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 4"
at 72:00 text ada "ack"
expect 1:12:02 ada "waw-12 #4 yours. Quiet till all-clear."
at 74:00 transit-a passes
expect 1:15:04 ada "waw-12 #4 ALL CLEAR transit-a up 01:14Z, was down 4 min (01:10Z-01:14Z)."
