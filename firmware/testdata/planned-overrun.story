# Planned work is not over when its time is up: people are paged, and who was told of the work hears of it once.
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
maintenance: [{name: splice, uplinks: [transit-a], from: "2000-01-01 12:00", to: "2000-01-01 12:30", text: {en: new optics, pl: nowa optyka}, tell: {partners: [1h]}}]
---
at 11:05:00 transit-a fails
at 11:40:00 text ada "ack 2"
at 11:50:00 transit-a passes
expect 10:00:02 +48600100301 "waw-12 #1 PLANNED WORK transit-a 1 Jan 11:00-11:30Z: new optics."
expect 10:00:04 +48600100302 "waw-12 #1 PRACE PLANOWE transit-a 1 sty 11:00-11:30Z: nowa optyka."
expect 11:00:02 +48600100301 "waw-12 #1 PLANNED WORK BEGINS transit-a 1 Jan 11:00-11:30Z: new optics."
expect 11:00:04 +48600100302 "waw-12 #1 POCZATEK PRAC PLANOWYCH transit-a 1 sty 11:00-11:30Z: nowa optyka."
expect 11:30:02 ada "waw-12 #2 DOWN transit-a 11:05Z, planned work #1 overran, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
expect 11:30:04 +48600100301 "waw-12 #1 PLANNED WORK OVERRUNS transit-a, planned 1 Jan 11:00-11:30Z. The next text comes when it is over."
expect 11:30:06 +48600100302 "waw-12 #1 PRACE PLANOWE DLUZEJ transit-a, mialy byc 1 sty 11:00-11:30Z. Napisze, gdy sie skoncza."
expect 11:40:02 ada "waw-12 #2 yours. Quiet till all-clear."
expect 11:51:12 ada "waw-12 #2 ALL CLEAR transit-a up 11:50Z, was down 45 min (11:05Z-11:50Z)."
expect 11:51:14 +48600100301 "waw-12 #1 PLANNED WORK DONE transit-a 11:51Z."
expect 11:51:16 +48600100302 "waw-12 #1 KONIEC PRAC PLANOWYCH transit-a 11:51Z."
