# The clock jumps back fifty years, ahead ten, and by an hour; nothing that waits expires, and nothing fires.
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
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
selftest: off
---
at 01:00 modem lte0 port lost
at 02:00 transit-a fails
at 03:00 clock -50y
at 04:00 clock +50y
at 04:10 clock +10y
at 04:15 modem lte0 ready
at 04:20 kill
expect 04:17 ada "waw-12 #1 DOWN transit-a 00:02Z, 2/2 lost: upstream. Reply ACK 1"
at 06:00 clock -10y
at 06:10 clock +1h
expect 07:25 bob "waw-12 #1 AWARIA transit-a od 5 min, 2/2 bez odpowiedzi: u dostawcy. Odpisz ACK 1"
at 08:00 clock -1h
at 09:00 text ada "ack 1"
expect 09:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 09:04 bob "waw-12 #1 transit-a: zajmuje sie tym ada."
at 10:00 transit-a passes
at 10:10 clock +10y
expect 11:04 ada "waw-12 #1 ALL CLEAR transit-a up for 1 min, was down 7 min."
expect 11:06 bob "waw-12 #1 KONIEC ALARMU transit-a dziala od 1 min, awaria trwala 7 min."
