# Who says something that is not for everybody outside is told what, and to whom it is not said.
site: waw-12
brand: Example Net
modems: [{name: lte0, port: /dev/modem}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
partners:
  - {name: wholesale, hears: [transit-a], after: 1m, sms: ["+48600100301"]}
subscribers: {from: {csv: /var/lib/list.csv}, after: 1m, cap: 9, quiet: off, approve: {over: 3}}
people:
  - {name: ada, sms: "+48600100201", role: approver}
  - {name: bob, sms: "+48600100202", role: operator, language: pl}
  - {name: eve, sms: "+48600100203", role: operator, language: it}
oncall: [{who: [ada]}]
silence: off
selftest: off
---
at 00:00 subscriber K-1 +48600100401 region waw
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 01:40 text ada "ack 1"
expect 01:42 ada "waw-12 #1 yours. Quiet till all-clear."
expect 02:22 +48600100301 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 02:24 K-1 "Example Net: no Internet in waw since 00:01. We are working on it. We will text you when it is back."
at 04:00 text ada "say 1 transit-a is cut near the river"
expect 04:02 ada "waw-12 code … carries out: SAY 1 transit-a is cut near the river. Reply … within 5 min. Not you? Do nothing."
at 04:10 text ada "{code}"
expect 04:12 ada "waw-12 #1: on its way, but subscribers read it without your words: "transit-a" is not for them."
expect 04:14 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: transit-a is cut near the river."
expect 04:16 +48600100301 "waw-12 #1 UPDATE transit-a down since 00:01Z: transit-a is cut near the river."
expect 04:18 K-1 "Example Net: still disturbed in waw since 00:01."
at 05:00 text bob "say 1 zob. INC-4711"
expect 05:02 bob "waw-12 kod … wykona: SAY 1 zob. INC-4711. Odpisz … w ciagu 5 min. To nie Ty? Nic nie rob."
at 05:10 text bob "{code}"
expect 05:12 bob "waw-12 #1: idzie, ale bez Twoich slow do: wholesale, abonenci; "INC-4711" nie jest dla nich."
expect 05:14 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: zob. INC-4711."
expect 05:16 +48600100301 "waw-12 #1 UPDATE transit-a down since 00:01Z, now upstream."
expect 05:18 K-1 "Example Net: still disturbed in waw since 00:01."
at 06:00 text eve "say 1 vedi INC-4711"
expect 06:02 eve "waw-12 il codice … esegue: SAY 1 vedi INC-4711. Rispondi … entro 5 min. Non sei tu? Non fare nulla."
at 06:10 text eve "{code}"
expect 06:12 eve "waw-12 #1: parte, ma senza le tue parole per wholesale, gli abbonati: "INC-4711" non è per loro."
expect 06:14 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: vedi INC-4711."
expect 06:16 +48600100301 "waw-12 #1 UPDATE transit-a down since 00:01Z, now upstream."
expect 06:18 K-1 "Example Net: still disturbed in waw since 00:01."
at 07:00 text ada "say 1 the cut is found"
expect 07:02 ada "waw-12 code … carries out: SAY 1 the cut is found. Reply … within 5 min. Not you? Do nothing."
at 07:10 text ada "{code}"
expect 07:12 ada "waw-12 #1: on its way to those who were told."
expect 07:14 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: the cut is found."
expect 07:16 +48600100301 "waw-12 #1 UPDATE transit-a down since 00:01Z: the cut is found."
expect 07:18 K-1 "Example Net: still disturbed in waw since 00:01. The cut is found."
at 08:00 text ada "etr 1 00:30Z"
expect 08:02 ada "waw-12 code … carries out: ETR 1 00:30Z. Reply … within 5 min. Not you? Do nothing."
at 08:10 text ada "{code}"
expect 08:12 ada "waw-12 #1: on its way to those who were told."
expect 08:14 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: expected to end 00:30Z."
expect 08:16 +48600100301 "waw-12 #1 UPDATE transit-a down since 00:01Z: expected to end 00:30Z."
expect 08:18 K-1 "Example Net: still disturbed in waw since 00:01, should be over by 00:30."
at 20:00 transit-a passes
expect 20:08 ada "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 19 min (00:01Z-00:20Z)."
expect 20:10 +48600100301 "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 19 min (00:01Z-00:20Z)."
expect 20:12 K-1 "Example Net: your Internet in waw works again since 00:20. If yours does not, switch your router off and on. We are sorry."
expect 20:14 ada "waw-12 #1 closed: 2 told, 2 cleared."
