# Planned work that is called off, and work that is extended by a text and ended before its time; who was not told hears nothing.
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
maintenance: [{name: splice, uplinks: [transit-a], from: "2000-01-01 12:00", to: "2000-01-01 13:00", tell: {partners: [4h]}}, {name: later, uplinks: [transit-a], from: "2000-01-01 15:00", to: "2000-01-01 16:00", tell: {partners: [2h]}}]
---
at 7:30:00 order "cancel 1"
at 13:30:00 text ada "etr 2 16:30"
at 13:31:00 text ada "{code}"
at 14:10:00 text ada "maint extend 2 30 min"
at 14:11:00 text ada "{code}"
at 15:20:00 order "maint end 2"
expect 7:00:02 +48600100301 "waw-12 #1 PLANNED WORK transit-a 1 Jan 11:00-12:00Z."
expect 7:00:04 +48600100302 "waw-12 #1 PRACE PLANOWE transit-a 1 sty 11:00-12:00Z."
expect 7:30:02 +48600100301 "waw-12 #1 PLANNED WORK CANCELLED transit-a 1 Jan 11:00-12:00Z: it will not take place."
expect 7:30:04 +48600100302 "waw-12 #1 PRACE PLANOWE ODWOLANE transit-a 1 sty 11:00-12:00Z: nie odbeda sie."
expect 12:00:02 +48600100301 "waw-12 #2 PLANNED WORK transit-a 1 Jan 14:00-15:00Z."
expect 12:00:04 +48600100302 "waw-12 #2 PRACE PLANOWE transit-a 1 sty 14:00-15:00Z."
expect 13:30:02 ada "waw-12 code 4473 carries out: ETR 2 16:30. Reply 4473 within 5 min. Not you? Do nothing."
expect 13:31:02 ada "waw-12 #2: on its way to those who were told."
expect 13:31:04 +48600100301 "waw-12 #2 PLANNED WORK MOVED transit-a, now 1 Jan 14:00-15:30Z."
expect 13:31:06 +48600100302 "waw-12 #2 NOWY TERMIN PRAC PLANOWYCH transit-a 1 sty 14:00-15:30Z."
expect 14:00:02 +48600100301 "waw-12 #2 PLANNED WORK BEGINS transit-a 1 Jan 14:00-15:30Z."
expect 14:00:04 +48600100302 "waw-12 #2 POCZATEK PRAC PLANOWYCH transit-a 1 sty 14:00-15:30Z."
expect 14:10:02 ada "waw-12 code 8587 carries out: MAINT EXTEND 2 30m. Reply 8587 within 5 min. Not you? Do nothing."
expect 14:11:02 ada "waw-12 #2: on its way to those who were told."
expect 14:11:04 +48600100301 "waw-12 #2 PLANNED WORK MOVED transit-a, now 1 Jan 14:00-16:00Z."
expect 14:11:06 +48600100302 "waw-12 #2 NOWY TERMIN PRAC PLANOWYCH transit-a 1 sty 14:00-16:00Z."
expect 15:20:02 +48600100301 "waw-12 #2 PLANNED WORK DONE transit-a 15:20Z."
expect 15:20:04 +48600100302 "waw-12 #2 KONIEC PRAC PLANOWYCH transit-a 15:20Z."
