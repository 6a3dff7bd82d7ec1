# Planned work told to the subscribers of one region after a yes, a reminder without one, and its longer lasting; an outage after it is not told twice.
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
subscribers: {from: {csv: /list.csv}, after: 1m, approve: {over: 1}}
maintenance: [{name: splice, uplinks: [transit-a], from: "2000-01-01 12:00", to: "2000-01-01 12:30", text: {en: new optics, pl: nowa optyka}, tell: {subscribers: [4h, 1h]}}]
---
at 00:00 subscriber K-1 +48600100401 region waw language en
at 00:00 subscriber K-2 +48600100402 region waw language pl
at 00:00 subscriber K-3 +48600100403 region lodz language en
at 7:05:00 order "approve"
at 11:05:00 transit-a fails
at 11:31:00 order "ack 2"
at 11:50:00 transit-a passes
expect 7:00:02 ada "waw-12 BOX 07:00Z: a plan waits for a yes and nobody may give it: give people the role approver, or use 'heliograph approve' on the box"
expect 7:05:02 K-1 "Example Net: planned work in waw, 1 Jan 12:00-12:30: new optics. Your Internet may not work then. We will text you when it is over."
expect 7:05:04 K-2 "Example Net: prace planowe (waw), 1 sty 12:00-12:30: nowa optyka. Internet moze wtedy nie dzialac. Napiszemy, gdy bedzie po wszystkim."
expect 10:00:02 K-1 "Example Net: planned work in waw, 1 Jan 12:00-12:30: new optics. Your Internet may not work then. We will text you when it is over."
expect 10:00:04 K-2 "Example Net: prace planowe (waw), 1 sty 12:00-12:30: nowa optyka. Internet moze wtedy nie dzialac. Napiszemy, gdy bedzie po wszystkim."
expect 11:30:02 ada "waw-12 #2 DOWN transit-a 11:05Z, planned work #1 overran, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
expect 11:30:04 K-1 "Example Net: planned work in waw takes longer than we said. We will text you when it is over. We are sorry."
expect 11:30:06 K-2 "Example Net: prace planowe (waw) trwaja dluzej, niz zapowiadalismy. Napiszemy, gdy bedzie po wszystkim. Przepraszamy."
expect 11:31:02 ada "waw-12 #2 transit-a: root has it."
expect 11:51:12 ada "waw-12 #2 ALL CLEAR transit-a up 11:50Z, was down 45 min (11:05Z-11:50Z)."
expect 11:51:14 K-1 "Example Net: planned work in waw is over since 12:51. If your Internet does not work, switch your router off and on."
expect 11:51:16 K-2 "Example Net: prace planowe (waw) zakonczone o 12:51. Jesli internet nie dziala, wylacz i wlacz router."
