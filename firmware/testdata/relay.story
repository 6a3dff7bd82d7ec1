# Nobody could be told: the siren sounds, until a text gets through.
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
board: {relay: gpiochip0/26}
---
at 00:30 modem lte0 port lost
at 01:00 transit-a fails
at 03:00 shows incident unacknowledged modem
at 04:21 shows incident unacknowledged modem relay
at 07:00 shows incident unacknowledged modem relay
at 08:00 modem lte0 ready
expect 08:02 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost: upstream. Reply ACK 1"
at 08:03 shows incident unacknowledged
expect 08:04 bob "waw-12 #1 AWARIA transit-a 00:01Z, 2/2 bez odpowiedzi: u dostawcy. Odpisz ACK 1"
at 09:00 text ada "ack 1"
expect 09:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 09:04 bob "waw-12 #1 transit-a: zajmuje sie tym ada."
