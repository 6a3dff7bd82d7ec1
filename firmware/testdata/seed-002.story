# A fault in Lombardy: who has a line there is told in Italian, a Sicilian line hears nothing; then one street cabinet in Palermo, and only its lines.
site: mi-1
brand: Fibra Esempio
language: it
timezone: Europe/Rome
modems: [{name: lte0, port: /dev/modem, number: "+393331000200"}]
uplinks:
  - name: transit-mi
    gateway: 192.0.2.1
    interface: eth0
    serves: [lombardia]
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
  - name: transit-pa
    gateway: 198.51.100.1
    interface: eth1
    serves: [sicilia]
    every: 2s
    probes: [{icmp: 149.112.112.112}, {tcp: "1.0.0.1:443"}]
    down: {after: 10}
services:
  - {name: armadio-12, manual: true, serves: [pa-armadio-12]}
people:
  - {name: ada, sms: "+48600100201", language: en}
oncall:
  - {who: [ada]}
subscribers:
  from: {csv: /var/lib/list.csv}
  after: 2m
  quiet: off
selftest: off
---
at 00:00 subscriber L-1 +393331000301 region lombardia box mi-armadio-3
at 00:00 subscriber L-2 +393331000302 region Lombardia language en
at 00:00 subscriber S-1 +393331000303 region sicilia box pa-armadio-12
at 00:00 subscriber S-2 +393331000304 region sicilia box pa-armadio-13
at 01:00 transit-mi fails
expect 01:22 ada "mi-1 #1 DOWN transit-mi 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text ada "ack 1"
expect 02:02 ada "mi-1 #1 yours. Quiet till all-clear."
expect 03:22 L-1 "Fibra Esempio: Internet assente (lombardia) dalle 01:01. Ci stiamo lavorando. Ti scriviamo appena torna."
expect 03:24 L-2 "Fibra Esempio: no Internet in lombardia since 01:01. We are working on it. We will text you when it is back."
at 05:00 text S-1 "?"
expect 05:02 S-1 "Fibra Esempio: nessun guasto noto sulla tua linea. Se non va, spegni e riaccendi il router o chiamaci."
at 05:30 text L-1 "?"
expect 05:32 L-1 "Fibra Esempio: la tua linea è colpita da un guasto dalle 01:01. Ci stiamo lavorando. Ti scriviamo appena finisce."
at 06:00 text ada "etr 04:30"
expect 06:02 ada "mi-1 code … carries out: ETR 04:30. Reply … within 5 min. Not you? Do nothing."
at 06:30 text ada "{code}"
expect 06:32 ada "mi-1 #1: on its way to those who were told."
expect 06:34 ada "mi-1 #1 UPDATE transit-mi down since 00:01Z: expected to end 03:30Z."
expect 06:36 L-1 "Fibra Esempio: il disservizio (lombardia) continua dalle 01:01, ripristino previsto alle 04:30."
expect 06:38 L-2 "Fibra Esempio: still disturbed in lombardia since 01:01, should be over by 04:30."
at 10:00 transit-mi passes
expect 10:08 ada "mi-1 #1 ALL CLEAR transit-mi up 00:10Z, was down 9 min (00:01Z-00:10Z)."
expect 10:10 L-1 "Fibra Esempio: Internet (lombardia) funziona di nuovo dalle 01:10. Se da te non va, spegni e riaccendi il router. Ci scusiamo."
expect 10:12 L-2 "Fibra Esempio: your Internet in lombardia works again since 01:10. If yours does not, switch your router off and on. We are sorry."
expect 10:14 ada "mi-1 #1 closed: 2 told, 2 cleared."
at 12:00 order "open armadio-12 armadio danneggiato"
expect 12:02 ada "mi-1 #2 OPENED armadio-12 00:12Z by root: armadio danneggiato. Reply ACK 2"
expect 14:02 S-1 "Fibra Esempio: disservizio (pa-armadio-12) dalle 01:12: armadio danneggiato. Ci stiamo lavorando. Ti scriviamo appena finisce."
at 15:00 text S-2 "?"
expect 15:02 S-2 "Fibra Esempio: nessun guasto noto sulla tua linea. Se non va, spegni e riaccendi il router o chiamaci."
at 16:00 order "clear 2"
expect 16:02 ada "mi-1 #2 ALL CLEAR armadio-12 00:16Z, lasted 4 min (00:12Z-00:16Z)."
expect 16:04 S-1 "Fibra Esempio: Internet (pa-armadio-12) funziona di nuovo dalle 01:16. Se da te non va, spegni e riaccendi il router. Ci scusiamo."
expect 16:06 ada "mi-1 #2 closed: 1 told, 1 cleared."
