# What the lights of the box show in a night: all up, an incident, that somebody has it, the end.
site: waw-12
modems: [{name: lte0, port: /dev/modem, number: "+48600100200"}]
uplinks:
  - name: transit-a
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10, quorum: 1}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202", language: pl}
oncall:
  - {who: [ada, bob], after: 0s}
selftest: off
board: {leds: {up: gpiochip0/5, incident: gpiochip0/6, unacknowledged: gpiochip0/13, modem: gpiochip0/19}}
---
at 00:59 shows up
at 01:00 transit-a fails
at 01:21 shows incident unacknowledged
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost: upstream. Reply ACK 1"
expect 01:24 bob "waw-12 #1 AWARIA transit-a 00:01Z, 2/2 bez odpowiedzi: u dostawcy. Odpisz ACK 1"
at 02:00 text ada "ack 1"
at 02:01 shows incident
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 02:04 bob "waw-12 #1 transit-a: zajmuje sie tym ada."
at 03:00 modem lte0 port lost
at 03:01 shows incident modem
at 03:30 modem lte0 ready
at 04:00 transit-a passes
at 06:00 shows up
expect 05:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:04Z, was down 3 min (00:01Z-00:04Z)."
expect 05:06 bob "waw-12 #1 KONIEC ALARMU transit-a dziala 00:04Z, awaria trwala 3 min (00:01Z-00:04Z)."
