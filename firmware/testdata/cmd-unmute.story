# UNMUTE ends it before its time.
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
at 00:30 text ada "unmute"
expect 00:32 ada "waw-12 code … carries out: UNMUTE. Reply … within 5 min. Not you? Do nothing."
at 00:40 text ada "{code}"
expect 00:42 ada "waw-12 nothing is muted."
at 01:00 text ada "mute"
expect 01:02 ada "waw-12 code … carries out: MUTE. Reply … within 5 min. Not you? Do nothing."
at 01:10 text ada "{code}"
expect 01:12 bob "waw-12 MUTED by ada until 01:01Z: all is recorded, nothing is sent. UNMUTE ends it."
expect 01:14 ada "waw-12 MUTED until 01:01Z: all is recorded, nothing is sent. UNMUTE ends it."
at 02:00 transit-a fails
at 03:00 text bob "unmute"
expect 03:02 bob "waw-12 code … carries out: UNMUTE. Reply … within 5 min. Not you? Do nothing."
at 03:10 text bob "{code}"
expect 03:12 ada "waw-12 #1 DOWN transit-a 00:02Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 03:14 ada "waw-12 no longer muted (bob). What is still true goes out now."
expect 03:16 bob "waw-12 unmuted. What is still true goes out now."
at 04:00 text ada "ack"
expect 04:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 05:00 transit-a passes
expect 06:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:05Z, was down 3 min (00:02Z-00:05Z)."
