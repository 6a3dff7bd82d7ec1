# Planned work is extended by text: the many who were told hear of it after a yes, and after a DENY they do not; its end reaches all of them.
site: waw-12
brand: Example Net
timezone: Europe/Warsaw
modems: [{name: lte0, port: /dev/none}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 10s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    down: {after: 3}
    up: {after: 3, hold: 60s}
people:
  - {name: ada, sms: "+48600100201", role: approver}
oncall: [{who: [ada]}]
selftest: off
partners: [{name: wholesale, hears: [transit-a], sms: ["+48600100301"]}]
subscribers: {from: {csv: /list.csv}, approve: {over: 2}, quiet: off}
maintenance: [{name: splice, uplinks: [transit-a], from: "2000-01-01 06:00", to: "2000-01-01 07:00", tell: {subscribers: [1h], partners: [1h]}}]
---
at 00:00 subscriber K-1 +48600100401 region waw
at 00:00 subscriber K-2 +48600100402 region waw
at 00:00 subscriber K-3 +48600100403 region waw
expect 4:00:02 ada "waw-12 #1 transit-a: tell 3 by SMS in transit-a, waw, list of 1 Jan, 9 s on lte0, reserve kept. APPROVE … / DENY"
expect 4:00:04 +48600100301 "waw-12 #1 PLANNED WORK transit-a 1 Jan 05:00-06:00Z."
at 4:01:00 text ada "approve {plan}"
expect 4:01:02 ada "waw-12 approved: it goes out now."
expect 4:01:04 K-1 "Example Net: planned work in waw, 1 Jan 06:00-07:00. Your Internet may not work then. We will text you when it is over."
expect 4:01:06 K-2 "Example Net: planned work in waw, 1 Jan 06:00-07:00. Your Internet may not work then. We will text you when it is over."
expect 4:01:08 K-3 "Example Net: planned work in waw, 1 Jan 06:00-07:00. Your Internet may not work then. We will text you when it is over."
expect 5:00:02 +48600100301 "waw-12 #1 PLANNED WORK BEGINS transit-a 1 Jan 05:00-06:00Z."
at 5:10:00 text ada "maint extend 1 30 min"
expect 5:10:02 ada "waw-12 code … carries out: MAINT EXTEND 1 30m. Reply … within 5 min. Not you? Do nothing."
at 5:11:00 text ada "{code}"
expect 5:11:02 ada "waw-12 #1 transit-a: say to 4 by SMS, 12 s on lte0, reserve kept. APPROVE … / DENY"
expect 5:11:04 ada "waw-12 #1: the house hears it now. 4 readers outside wait for an APPROVE."
at 5:12:00 text ada "approve {plan}"
expect 5:12:02 ada "waw-12 approved: it goes out now."
expect 5:12:04 +48600100301 "waw-12 #1 PLANNED WORK MOVED transit-a, now 1 Jan 05:00-06:30Z."
expect 5:12:06 K-1 "Example Net: planned work in waw has a new time: 1 Jan 06:00-07:30. Your Internet may not work then. We will text you when it is over."
expect 5:12:08 K-2 "Example Net: planned work in waw has a new time: 1 Jan 06:00-07:30. Your Internet may not work then. We will text you when it is over."
expect 5:12:10 K-3 "Example Net: planned work in waw has a new time: 1 Jan 06:00-07:30. Your Internet may not work then. We will text you when it is over."
at 5:20:00 text ada "maint extend 1 1h"
expect 5:20:02 ada "waw-12 code … carries out: MAINT EXTEND 1 1h. Reply … within 5 min. Not you? Do nothing."
at 5:21:00 text ada "{code}"
expect 5:21:02 ada "waw-12 #1 transit-a: say to 4 by SMS, 12 s on lte0, reserve kept. APPROVE … / DENY"
expect 5:21:04 ada "waw-12 #1: the house hears it now. 4 readers outside wait for an APPROVE."
at 5:22:00 text ada "deny {plan}"
expect 5:22:02 ada "waw-12 #1: denied: those outside do not hear it."
expect 7:30:02 +48600100301 "waw-12 #1 PLANNED WORK DONE transit-a 07:30Z."
expect 7:30:04 K-1 "Example Net: planned work in waw is over since 08:30. If your Internet does not work, switch your router off and on."
expect 7:30:06 K-2 "Example Net: planned work in waw is over since 08:30. If your Internet does not work, switch your router off and on."
expect 7:30:08 K-3 "Example Net: planned work in waw is over since 08:30. If your Internet does not work, switch your router off and on."
at 7:31:00 order "who"
