# Partners whose time comes one after the other are counted together: the third would be more than four in all, and needs a yes; so do those after it.
site: waw-12
modems: [{name: lte0, port: /dev/modem}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
partners:
  - {name: wholesale, hears: [transit-a], after: 1m, sms: ["+48600100301", "+48600100302"]}
  - {name: radio, hears: [transit-a], after: 3m, sms: ["+48600100303", "+48600100304"]}
  - {name: clinic, hears: [transit-a], after: 5m, sms: ["+48600100305"]}
  - {name: school, hears: [transit-a], after: 8m, sms: ["+48600100306"]}
subscribers: {approve: {over: 4}}
people:
  - {name: ada, sms: "+48600100201", role: approver}
oncall: [{who: [ada]}]
silence: off
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 01:40 text ada "ack 1"
expect 01:42 ada "waw-12 #1 yours. Quiet till all-clear."
expect 02:22 +48600100301 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 02:24 +48600100302 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 04:22 +48600100303 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 04:24 +48600100304 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 06:22 ada "waw-12 #1 transit-a: tell 1 by SMS, 3 s on lte0, reserve kept. APPROVE … / DENY"
at 07:00 text ada "approve {plan}"
expect 07:02 ada "waw-12 approved: it goes out now."
expect 07:04 +48600100305 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 09:22 ada "waw-12 #1 transit-a: tell 1 by SMS, 3 s on lte0, reserve kept. APPROVE … / DENY"
at 10:00 text ada "deny {plan}"
expect 10:02 ada "waw-12 denied: nothing of it is sent. GO 1 has me ask again."
at 12:00 transit-a passes
expect 12:08 ada "waw-12 #1 ALL CLEAR transit-a up 00:12Z, was down 11 min (00:01Z-00:12Z)."
expect 12:10 +48600100301 "waw-12 #1 ALL CLEAR transit-a up 00:12Z, was down 11 min (00:01Z-00:12Z)."
expect 12:12 +48600100302 "waw-12 #1 ALL CLEAR transit-a up 00:12Z, was down 11 min (00:01Z-00:12Z)."
expect 12:14 +48600100303 "waw-12 #1 ALL CLEAR transit-a up 00:12Z, was down 11 min (00:01Z-00:12Z)."
expect 12:16 +48600100304 "waw-12 #1 ALL CLEAR transit-a up 00:12Z, was down 11 min (00:01Z-00:12Z)."
expect 12:18 +48600100305 "waw-12 #1 ALL CLEAR transit-a up 00:12Z, was down 11 min (00:01Z-00:12Z)."
expect 12:20 ada "waw-12 #1 closed: 5 told, 5 cleared."
