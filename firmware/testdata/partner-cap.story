# A partner hears so many updates an hour as it has asked for; another hears all; the end reaches both.
site: waw-12
modems: [{name: lte0, port: /dev/modem}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
people:
  - {name: ada, sms: "+48600100201"}
oncall:
  - {who: [ada]}
silence: off
partners:
  - {name: wholesale, hears: [transit-a], after: 1m, cap: 1, sms: ["+48600100301"]}
  - {name: radio, hears: [transit-a], after: 1m, sms: ["+48600100302"], language: pl}
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 01:40 text ada "ack 1"
expect 01:42 ada "waw-12 #1 yours. Quiet till all-clear."
expect 02:22 +48600100301 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 02:24 +48600100302 "waw-12 #1 AWARIA transit-a 00:01Z, u dostawcy."
at 04:00 order "say 1 the cut is found"
expect 04:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: the cut is found."
expect 04:04 +48600100301 "waw-12 #1 UPDATE transit-a down since 00:01Z: the cut is found."
expect 04:06 +48600100302 "waw-12 #1 NOWE transit-a awaria od 00:01Z: the cut is found."
at 20:00 text ada "say 1 splicing begins"
expect 20:02 ada "waw-12 code … carries out: SAY 1 splicing begins. Reply … within 5 min. Not you? Do nothing."
at 20:10 text ada "{code}"
expect 20:12 ada "waw-12 #1: wholesale had their updates of this hour: none goes to them until 01:04Z. The others are told."
expect 20:14 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing begins."
expect 20:16 +48600100302 "waw-12 #1 NOWE transit-a awaria od 00:01Z: splicing begins."
at 30:00 order "etr 1 01:30Z"
expect 30:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: expected to end 01:30Z."
expect 30:04 +48600100302 "waw-12 #1 NOWE transit-a awaria od 00:01Z: koniec spodziewany 01:30Z."
at 40:00 order "etr 1 03:00Z"
expect 40:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: expected to end 03:00Z."
expect 40:04 +48600100301 "waw-12 #1 UPDATE transit-a down since 00:01Z: expected to end 03:00Z."
expect 40:06 +48600100302 "waw-12 #1 NOWE transit-a awaria od 00:01Z: koniec spodziewany 03:00Z."
at 1:05:00 order "say 1 half is done"
expect 1:05:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: half is done."
expect 1:05:04 +48600100302 "waw-12 #1 NOWE transit-a awaria od 00:01Z: half is done."
at 1:06:00 transit-a passes
expect 1:06:08 ada "waw-12 #1 ALL CLEAR transit-a up 01:06Z, was down 1 h 5 min (00:01Z-01:06Z)."
expect 1:06:10 +48600100301 "waw-12 #1 ALL CLEAR transit-a up 01:06Z, was down 1 h 5 min (00:01Z-01:06Z)."
expect 1:06:12 +48600100302 "waw-12 #1 KONIEC ALARMU transit-a dziala 01:06Z, awaria trwala 1 h 5 min (00:01Z-01:06Z)."
expect 1:06:14 ada "waw-12 #1 closed: 2 told, 2 cleared."
