# CLEAR of what still fails says that it is closed, not that it works: the same failure texts nobody outside again, the house is reminded after an hour and each day, also after a power cut; once it has worked, the next failure is a new incident.
site: waw-12
brand: Example Net
language: en
modems: [{name: lte0, port: /dev/modem}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202", language: pl}
  - {name: eve, sms: "+48600100203", language: it}
oncall: [{who: [ada, bob, eve]}]
partners:
  - {name: wholesale, hears: [transit-a], after: 1m, sms: ["+48600100301"]}
  - {name: radio, hears: [transit-a], after: 1m, sms: ["+48600100302"], language: pl}
  - {name: milano, hears: [transit-a], after: 1m, sms: ["+48600100303"], language: it}
subscribers: {from: {csv: /var/lib/list.csv}, after: 1m, quiet: off}
silence: off
selftest: off
---
at 00:00 subscriber K-1 +48600100401 region waw
at 00:00 subscriber K-2 +48600100402 region waw language pl
at 00:00 subscriber K-3 +48600100403 region waw language it
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 01:24 bob "waw-12 #1 AWARIA transit-a 00:01Z, 2/2 bez odpowiedzi za gw: u dostawcy. eth0 ok gw ok. Odpisz ACK 1"
expect 01:26 eve "waw-12 #1 GUASTO transit-a 00:01Z, 2/2 persi oltre il gw: a monte. eth0 ok gw ok. Rispondi ACK 1"
at 01:40 text ada "ack 1"
expect 01:42 ada "waw-12 #1 yours. Quiet till all-clear."
expect 01:44 bob "waw-12 #1 transit-a: zajmuje sie tym ada."
expect 01:46 eve "waw-12 #1 transit-a: se ne occupa ada."
expect 02:22 +48600100301 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 02:24 +48600100302 "waw-12 #1 AWARIA transit-a 00:01Z, u dostawcy."
expect 02:26 +48600100303 "waw-12 #1 GUASTO transit-a 00:01Z, a monte."
expect 02:28 K-1 "Example Net: no Internet in waw since 00:01. We are working on it. We will text you when it is back."
expect 02:30 K-2 "Example Net: brak internetu (waw) od 00:01. Pracujemy nad tym. Damy znac SMS-em, gdy wroci."
expect 02:32 K-3 "Example Net: Internet assente (waw) dalle 00:01. Ci stiamo lavorando. Ti scriviamo appena torna."
at 04:00 order "ada clear 1"
expect 04:02 ada "waw-12 #1 CLOSED transit-a 00:04Z by ada, still down (2 min). No all-clear will come."
expect 04:04 bob "waw-12 #1 ZAMKNIETE transit-a 00:04Z (ada), nadal awaria (2 min). Nie bedzie wiadomosci o koncu alarmu."
expect 04:06 eve "waw-12 #1 CHIUSO transit-a 00:04Z da ada, ancora guasto (2 min). Non ci sarà un cessato allarme."
expect 04:08 +48600100301 "waw-12 #1 CLOSED transit-a 00:04Z by an operator, still down (2 min). No all-clear will come."
expect 04:10 +48600100302 "waw-12 #1 ZAMKNIETE transit-a 00:04Z przez operatora, nadal awaria (2 min). Nie bedzie wiadomosci o koncu alarmu."
expect 04:12 +48600100303 "waw-12 #1 CHIUSO transit-a 00:04Z da un operatore, ancora guasto (2 min). Non ci sarà un cessato allarme."
expect 04:14 K-1 "Example Net: our engineer has closed the message about an outage in waw. It does not mean that all works again: if yours does not, call us."
expect 04:16 K-2 "Example Net: dyzurny zamknal zgloszenie awarii (waw). To nie znaczy, ze internet juz dziala: jesli u Ciebie nie, zadzwon do nas."
expect 04:18 K-3 "Example Net: un tecnico ha chiuso la segnalazione del guasto (waw). Non vuol dire che Internet sia tornato: se da te non va, chiamaci."
expect 04:20 ada "waw-12 #1 closed: 6 told, 6 cleared."
at 30:00 kill
expect 1:04:02 ada "waw-12 BOX 01:04Z: transit-a still fails, since 00:01Z: #1 was closed by ada. OPEN transit-a and words calls everybody again"
at 1:30:00 transit-a passes
expect 1:31:04 ada "waw-12 BOX 01:31Z: transit-a works again: #1 was closed by ada before it did"
at 1:40:00 transit-a fails
expect 1:40:22 ada "waw-12 #2 DOWN transit-a 01:40Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
expect 1:40:24 bob "waw-12 #2 AWARIA transit-a 01:40Z, 2/2 bez odpowiedzi za gw: u dostawcy. eth0 ok gw ok. Odpisz ACK 2"
expect 1:40:26 eve "waw-12 #2 GUASTO transit-a 01:40Z, 2/2 persi oltre il gw: a monte. eth0 ok gw ok. Rispondi ACK 2"
at 1:41:00 order "ada clear 2"
expect 1:41:02 ada "waw-12 #2 CLOSED transit-a 01:41Z by ada, still down (58 s). No all-clear will come."
expect 1:41:04 bob "waw-12 #2 ZAMKNIETE transit-a 01:41Z (ada), nadal awaria (58 s). Nie bedzie wiadomosci o koncu alarmu."
expect 1:41:06 eve "waw-12 #2 CHIUSO transit-a 01:41Z da ada, ancora guasto (58 s). Non ci sarà un cessato allarme."
at 1:42:00 transit-a passes
expect 1:43:04 ada "waw-12 BOX 01:43Z: transit-a works again: #2 was closed by ada before it did"
