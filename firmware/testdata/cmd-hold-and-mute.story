# MUTE and HOLD at once: neither GO nor UNMUTE undoes the other.
# exact: an hour of MUTE is an hour, however fast the clock is told to run.
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
partners:
  - {name: wholesale, hears: [transit-a], after: 1m, sms: ["+48600100301", "+48600100302", "+48600100303"]}
subscribers: {approve: {over: 20}}
people:
  - {name: ada, sms: "+48600100201", role: approver}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 00:10 text ada "mute 1h"
expect 00:12 ada "waw-12 code … carries out: MUTE 1h. Reply … within 5 min. Not you? Do nothing."
at 00:20 text ada "{code}"
expect 00:22 bob "waw-12 MUTED by ada until 01:00Z: all is recorded, nothing is sent. UNMUTE ends it."
expect 00:24 ada "waw-12 MUTED until 01:00Z: all is recorded, nothing is sent. UNMUTE ends it."
at 01:00 transit-a fails
at 03:00 text ada "hold 1"
expect 03:02 ada "waw-12 #1 held: nothing goes outside until GO 1."
at 04:00 text ada "unmute"
expect 04:02 ada "waw-12 code … carries out: UNMUTE. Reply … within 5 min. Not you? Do nothing."
at 04:10 text ada "{code}"
expect 04:12 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 04:14 bob "waw-12 no longer muted (ada). What is still true goes out now."
expect 04:16 ada "waw-12 unmuted. What is still true goes out now."
at 05:00 text ada "ack"
expect 05:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 06:00 text ada "mute 1h"
expect 06:02 ada "waw-12 code … carries out: MUTE 1h. Reply … within 5 min. Not you? Do nothing."
at 06:10 text ada "{code}"
expect 06:12 bob "waw-12 MUTED by ada until 01:06Z: all is recorded, nothing is sent. UNMUTE ends it."
expect 06:14 ada "waw-12 MUTED until 01:06Z: all is recorded, nothing is sent. UNMUTE ends it."
at 07:00 text ada "go 1"
expect 07:02 ada "waw-12 code … carries out: GO 1. Reply … within 5 min. Not you? Do nothing."
at 07:10 text ada "{code}"
expect 07:12 ada "waw-12 #1 goes on: what was held goes out."
at 09:00 text ada "unmute"
expect 09:02 ada "waw-12 code … carries out: UNMUTE. Reply … within 5 min. Not you? Do nothing."
at 09:10 text ada "{code}"
expect 09:12 bob "waw-12 no longer muted (ada). What is still true goes out now."
expect 09:14 ada "waw-12 unmuted. What is still true goes out now."
expect 09:16 +48600100301 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 09:18 +48600100302 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 09:20 +48600100303 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
at 11:00 transit-a passes
expect 12:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:11Z, was down 10 min (00:01Z-00:11Z)."
expect 12:06 +48600100301 "waw-12 #1 ALL CLEAR transit-a up 00:11Z, was down 10 min (00:01Z-00:11Z)."
expect 12:08 +48600100302 "waw-12 #1 ALL CLEAR transit-a up 00:11Z, was down 10 min (00:01Z-00:11Z)."
expect 12:10 +48600100303 "waw-12 #1 ALL CLEAR transit-a up 00:11Z, was down 10 min (00:01Z-00:11Z)."
expect 12:12 ada "waw-12 #1 closed: 3 told, 3 cleared."
