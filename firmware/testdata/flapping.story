# Seven changes are one text, and one all-clear when it is calm.
site: waw-12
modems: [{name: lte0, port: /dev/modem, number: "+48600100200"}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}, {dns: {name: example.com, server: 8.8.8.8}}]
    down: {after: 10, quorum: 2}
    up: {after: 10, hold: 20s}
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
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 01:40 text ada "ack"
expect 01:42 ada "waw-12 #1 yours. Quiet till all-clear."
at 02:00 transit-a passes
expect 02:24 ada "waw-12 #1 ALL CLEAR transit-a up 00:02Z, was down 1 min (00:01Z-00:02Z)."
at 03:00 transit-a fails
expect 03:22 ada "waw-12 #2 DOWN transit-a 00:03Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
at 04:00 transit-a passes
expect 04:24 ada "waw-12 #2 ALL CLEAR transit-a up 00:04Z, was down 1 min (00:03Z-00:04Z)."
at 05:00 transit-a fails
expect 05:22 ada "waw-12 #3 UNSTABLE transit-a since 00:01Z (5 changes), now down: upstream. Next text when it settles. Reply ACK 3"
at 06:00 transit-a passes
at 07:00 transit-a fails
at 08:00 transit-a passes
expect 10:22 bob "waw-12 #3 UNSTABLE transit-a since 00:01Z (8 changes), now up. Next text when it settles. Reply ACK 3"
expect 18:04 ada "waw-12 #3 ALL CLEAR transit-a up 00:08Z, lasted 3 min (00:05Z-00:08Z)."
expect 18:06 bob "waw-12 #3 ALL CLEAR transit-a up 00:08Z, lasted 3 min (00:05Z-00:08Z)."
at 30:00 text ada "status"
expect 30:02 ada "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
