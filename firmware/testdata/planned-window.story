# Planned work: told a week and a day before, its probes silent, and its end told to exactly those who were told.
site: waw-12
timezone: Europe/Warsaw
modems: [{name: lte0, port: /dev/none}]
backhaul: [{name: cell, via: interface, interface: wwan0}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 10s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    down: {after: 10}
    up: {after: 3, hold: 60s}
  - name: transit-b
    interface: eth1
    gateway: 192.0.2.5
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
people:
  - {name: ada, sms: "+48600100201", mail: ada@noc.example}
oncall: [{who: [ada]}]
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
  statuspage: {page: abcd1234, token: {env: PAGE}, components: {waw: c1}}
partners:
  - {name: wholesale, hears: [transit-a], after: 15m, mail: [noc@partner.example], sms: ["+48600100301"]}
  - {name: other, hears: [transit-b], mail: [noc@other.example]}
maintenance:
  - {name: splice-waw, uplinks: [transit-a], from: "2000-01-01 12:00", to: "2000-01-01 13:00", text: {en: new optics}, tell: {partners: [4h, 30m], public: [4h], staff: [1h]}}
selftest: off
---
at 11:10:00 transit-a fails
at 11:30:00 transit-a passes
expect 7:00:01 wholesale mail over primary "[waw-12 #1] Planned work: transit-a"
expect 7:00:01 statuspage over primary "scheduled: waw: planned work"
expect 7:00:02 +48600100301 "waw-12 #1 PLANNED WORK transit-a 1 Jan 11:00-12:00Z: new optics."
expect 10:00:01 ada mail over primary "[waw-12 #1] Planned work: transit-a"
expect 10:30:01 wholesale mail over primary "[waw-12 #1] Planned work: transit-a"
expect 10:30:02 +48600100301 "waw-12 #1 PLANNED WORK transit-a 1 Jan 11:00-12:00Z: new optics."
expect 11:00:01 ada mail over primary "[waw-12 #1] Planned work: transit-a"
expect 11:00:01 statuspage over primary "in_progress: waw: planned work"
expect 11:00:02 +48600100301 "waw-12 #1 PLANNED WORK BEGINS transit-a 1 Jan 11:00-12:00Z: new optics."
expect 11:00:02 wholesale mail over primary "[waw-12 #1] Planned work: transit-a"
expect 12:00:01 ada mail over primary "[waw-12 #1] Planned work: transit-a"
expect 12:00:01 statuspage over primary "completed: waw: planned work"
expect 12:00:02 +48600100301 "waw-12 #1 PLANNED WORK DONE transit-a 12:00Z."
expect 12:00:02 wholesale mail over primary "[waw-12 #1] Planned work: transit-a"
