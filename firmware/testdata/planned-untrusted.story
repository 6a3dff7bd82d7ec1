# Without a clock that can be believed planned work neither begins nor ends; what has begun goes on until there is one.
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
    down: {after: 10}
    up: {after: 3, hold: 60s}
  - name: transit-b
    interface: eth1
    gateway: 192.0.2.5
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
people:
  - {name: ada, sms: "+48600100201"}
oncall: [{who: [ada]}]
selftest: off
partners: [{name: wholesale, hears: [transit-a], after: 5m, sms: ["+48600100301"]}, {name: retail, hears: [waw], after: 5m, sms: ["+48600100302"], language: pl}]
maintenance: [{name: splice, uplinks: [transit-a], from: "2000-01-01 12:00", to: "2000-01-01 13:00", text: {en: new optics, pl: nowa optyka}, tell: {partners: [2h]}}]
---
at 11:30:00 clock -50y
at 11:35:00 transit-a fails
at 11:40:00 order "status"
at 12:20:00 text ada "status"
at 12:30:00 transit-a passes
at 12:40:00 clock +50y
expect 9:00:02 +48600100301 "waw-12 #1 PLANNED WORK transit-a 1 Jan 11:00-12:00Z: new optics."
expect 9:00:04 +48600100302 "waw-12 #1 PRACE PLANOWE transit-a 1 sty 11:00-12:00Z: nowa optyka."
expect 11:00:02 +48600100301 "waw-12 #1 PLANNED WORK BEGINS transit-a 1 Jan 11:00-12:00Z: new optics."
expect 11:00:04 +48600100302 "waw-12 #1 POCZATEK PRAC PLANOWYCH transit-a 1 sty 11:00-12:00Z: nowa optyka."
expect 12:20:02 ada "waw-12: planned work transit-a goes on, no clock to end it by, transit-a DOWN for 44 min. Nothing open. lte0, queue 0. Up: transit-b."
expect 12:40:02 +48600100301 "waw-12 #1 PLANNED WORK DONE transit-a 12:40Z."
expect 12:40:04 +48600100302 "waw-12 #1 KONIEC PRAC PLANOWYCH transit-a 12:40Z."
