# Planned work that moves, begins, runs over and ends, and one that is called off, as a partner's mails tell it; the calendars in them are read by a test.
site: waw-12
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
  - name: transit-b
    interface: eth1
    gateway: 192.0.2.5
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
people:
  - {name: ada, sms: "+48600100201"}
oncall: [{who: [ada]}]
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
partners:
  - {name: wholesale, hears: [transit-a], after: 15m, mail: [noc@partner.example]}
maintenance:
  - {name: splice-waw, uplinks: [transit-a], from: "2000-01-01 12:00", to: "2000-01-01 13:00", text: {en: new optics}, tell: {partners: [4h], staff: []}}
  - {name: branch-waw, uplinks: [transit-a], from: "2000-01-02 12:00", to: "2000-01-02 13:00", tell: {partners: [26h], staff: []}}
selftest: off
---
expect 7:00:01 wholesale mail over primary "[waw-12 #1] Planned work: transit-a"
at 8:00:00 order "etr 1 13:30"
expect 8:00:01 wholesale mail over primary "[waw-12 #1] Planned work: transit-a"
expect 9:00:01 wholesale mail over primary "[waw-12 #2] Planned work: transit-a"
at 10:30:00 order "cancel 2"
expect 10:30:01 wholesale mail over primary "[waw-12 #2] Planned work: transit-a"
expect 11:00:01 wholesale mail over primary "[waw-12 #1] Planned work: transit-a"
at 11:10:00 transit-a fails
expect 12:30:01 wholesale mail over primary "[waw-12 #1] Planned work: transit-a"
expect 12:30:02 ada "waw-12 #3 DOWN transit-a 11:10Z, planned work #1 overran, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 3"
at 12:40:00 transit-a passes
expect 12:41:11 wholesale mail over primary "[waw-12 #1] Planned work: transit-a"
expect 12:41:12 ada "waw-12 #3 ALL CLEAR transit-a up 12:40Z, was down 1 h 30 min (11:10Z-12:40Z)."
