# NACK: not me, so the next person is called at once.
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
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text ada "nack 1"
expect 02:02 bob "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 02:04 ada "waw-12 #1 passed on to bob."
at 03:00 text bob "nack"
expect 03:02 bob "waw-12 #1: everybody has been called already; the reminders go on."
at 04:00 text ada "ack"
expect 04:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 04:04 bob "waw-12 #1 transit-a: ada has it."
at 05:00 text ada "nack"
expect 05:02 bob "waw-12 #1 STILL DOWN transit-a since 00:01Z (3 min), nobody has it. 3/3 lost beyond gw: upstream. Reply ACK 1"
expect 05:04 ada "waw-12 #1 passed on to bob."
at 06:00 text bob "ack 1"
expect 06:02 bob "waw-12 #1 yours. Quiet till all-clear."
expect 06:04 ada "waw-12 #1 transit-a: bob has it."
at 06:30 text ada "nack 1"
expect 06:32 ada "waw-12 #1 bob has it, and now you too."
at 07:00 transit-a passes
expect 08:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:07Z, was down 6 min (00:01Z-00:07Z)."
expect 08:06 bob "waw-12 #1 ALL CLEAR transit-a up 00:07Z, was down 6 min (00:01Z-00:07Z)."
