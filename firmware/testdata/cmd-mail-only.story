# APPROVE MAIL ONLY: the mail goes, the texts do not, for the first word and for news alike.
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
channels: {mail: {from: noc@example.net, smtp: {server: "smtp.example.net:587", auth: none}}}
partners:
  - {name: wholesale, hears: [transit-a], after: 1m, mail: [noc@partner.example], sms: ["+48600100301", "+48600100302"]}
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
expect 02:22 ada "waw-12 #1 transit-a: tell 1 by mail, 2 by SMS, 6 s on lte0, reserve kept. APPROVE … / DENY"
at 03:00 text ada "approve {plan} mail only"
expect 03:01 wholesale mail over primary "[waw-12 #1] No connection: transit-a"
expect 03:02 ada "waw-12 approved: it goes out now."
at 05:00 text ada "say 1 splicing has begun"
expect 05:02 ada "waw-12 code … carries out: SAY 1 splicing has begun. Reply … within 5 min. Not you? Do nothing."
at 05:10 text ada "{code}"
expect 05:12 ada "waw-12 #1 transit-a: say to 1 by mail, 2 by SMS, 6 s on lte0, reserve kept. APPROVE … / DENY"
expect 05:14 ada "waw-12 #1: the house hears it now. 3 readers outside wait for an APPROVE."
expect 05:16 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing has begun."
at 05:30 text ada "approve {plan} sms only"
expect 05:32 ada "waw-12 approved: it goes out now."
at 07:00 transit-a passes
expect 08:03 wholesale mail over primary "[waw-12 #1] No connection: transit-a"
expect 08:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:07Z, was down 6 min (00:01Z-00:07Z)."
expect 08:06 ada "waw-12 #1 closed: 1 told, 1 cleared."
