# Planned work that moves and then goes from the configuration: those who were told of it hear of both, also after a power cut; work that was not told goes without a word.
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
maintenance: [{name: splice, uplinks: [transit-a], from: "2000-01-01 12:00", to: "2000-01-01 13:00", tell: {partners: [4h]}}, {name: untold, uplinks: [transit-b], from: "2000-01-03 12:00", to: "2000-01-03 13:00", tell: {partners: [2h]}}]
---
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
maintenance: [{name: splice, uplinks: [transit-a], from: "2000-01-01 14:00", to: "2000-01-01 15:00", text: {en: new optics, pl: nowa optyka}, tell: {partners: [4h]}}]
---
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
---
at 7:30:00 reload
at 7:40:00 kill
at 7:50:00 reload
expect 7:00:02 +48600100301 "waw-12 #1 PLANNED WORK transit-a 1 Jan 11:00-12:00Z."
expect 7:00:04 +48600100302 "waw-12 #1 PRACE PLANOWE transit-a 1 sty 11:00-12:00Z."
expect 7:30:02 +48600100301 "waw-12 #1 PLANNED WORK MOVED transit-a, now 1 Jan 13:00-14:00Z: new optics."
expect 7:30:04 +48600100302 "waw-12 #1 NOWY TERMIN PRAC PLANOWYCH transit-a 1 sty 13:00-14:00Z: nowa optyka."
expect 7:50:02 +48600100301 "waw-12 #1 PLANNED WORK CANCELLED transit-a 1 Jan 13:00-14:00Z: it will not take place."
expect 7:50:04 +48600100302 "waw-12 #1 PRACE PLANOWE ODWOLANE transit-a 1 sty 13:00-14:00Z: nie odbeda sie."
