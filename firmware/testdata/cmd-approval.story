# Three readers outside are more than two: the plan is shown first, APPROVE sends it.
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
subscribers: {approve: {over: 2}}
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
at 02:00 text ada "ack 1"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 02:22 ada "waw-12 #1 transit-a: tell 3 by SMS, 9 s on lte0, reserve kept. APPROVE … / DENY"
at 03:00 text bob "approve 4F7"
expect 03:02 bob "waw-12 APPROVE needs the role approver. Ask one who has it, or send HELP."
at 03:30 text ada "approve {plan}"
expect 03:32 ada "waw-12 approved: it goes out now."
expect 03:34 +48600100301 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 03:36 +48600100302 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 03:38 +48600100303 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
at 04:00 text ada "approved {plan}"
expect 04:02 ada "waw-12 nothing waits for a yes under that code. STATUS tells whether something waits."
at 05:00 text ada "say 1 splicing has begun"
expect 05:02 ada "waw-12 code … carries out: SAY 1 splicing has begun. Reply … within 5 min. Not you? Do nothing."
at 05:10 text ada "{code}"
expect 05:12 ada "waw-12 #1 transit-a: say to 3 by SMS, 9 s on lte0, reserve kept. APPROVE … / DENY"
expect 05:14 ada "waw-12 #1: the house hears it now. 3 readers outside wait for an APPROVE."
expect 05:16 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing has begun."
at 05:30 text ada "approve {plan}"
expect 05:32 ada "waw-12 approved: it goes out now."
expect 05:34 +48600100301 "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing has begun."
expect 05:36 +48600100302 "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing has begun."
expect 05:38 +48600100303 "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing has begun."
at 07:00 transit-a passes
expect 08:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:07Z, was down 6 min (00:01Z-00:07Z)."
expect 08:06 +48600100301 "waw-12 #1 ALL CLEAR transit-a up 00:07Z, was down 6 min (00:01Z-00:07Z)."
expect 08:08 +48600100302 "waw-12 #1 ALL CLEAR transit-a up 00:07Z, was down 6 min (00:01Z-00:07Z)."
expect 08:10 +48600100303 "waw-12 #1 ALL CLEAR transit-a up 00:07Z, was down 6 min (00:01Z-00:07Z)."
expect 08:12 ada "waw-12 #1 closed: 3 told, 3 cleared."
