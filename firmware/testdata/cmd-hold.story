# HOLD keeps words from those outside, GO lets them out; the house hears everything.
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
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 01:30 text ada "hold 1"
expect 01:32 ada "waw-12 #1 held: nothing goes outside until GO 1."
at 03:00 text ada "ack 1"
expect 03:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 03:30 text ada "say 1 splicing has begun"
expect 03:32 ada "waw-12 code … carries out: SAY 1 splicing has begun. Reply … within 5 min. Not you? Do nothing."
at 03:40 text ada "{code}"
expect 03:42 ada "waw-12 #1: on its way to those who were told."
expect 03:44 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing has begun."
at 05:00 text ada "go 1"
expect 05:02 ada "waw-12 code … carries out: GO 1. Reply … within 5 min. Not you? Do nothing."
at 05:10 text ada "{code}"
expect 05:12 ada "waw-12 #1 goes on: what was held goes out."
expect 05:14 +48600100301 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 05:16 +48600100302 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 05:18 +48600100303 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
at 06:00 text ada "hold"
expect 06:02 bob "waw-12 HOLD by ada: nothing goes outside until GO, neither of what is open nor of what comes."
expect 06:04 ada "waw-12 HOLD by ada: nothing goes outside until GO, neither of what is open nor of what comes."
at 06:10 text ada "say 1 half done"
expect 06:12 ada "waw-12 code … carries out: SAY 1 half done. Reply … within 5 min. Not you? Do nothing."
at 06:20 text ada "{code}"
expect 06:22 ada "waw-12 #1: on its way to those who were told."
expect 06:24 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: half done."
at 08:00 transit-a passes
expect 09:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:08Z, was down 7 min (00:01Z-00:08Z)."
expect 09:06 +48600100301 "waw-12 #1 ALL CLEAR transit-a up 00:08Z, was down 7 min (00:01Z-00:08Z)."
expect 09:08 +48600100302 "waw-12 #1 ALL CLEAR transit-a up 00:08Z, was down 7 min (00:01Z-00:08Z)."
expect 09:10 +48600100303 "waw-12 #1 ALL CLEAR transit-a up 00:08Z, was down 7 min (00:01Z-00:08Z)."
expect 09:12 ada "waw-12 #1 closed: 3 told, 3 cleared."
