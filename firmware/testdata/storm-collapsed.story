# Three uplinks that waver all night: after four texts of changes in an hour the rest comes in one text every half hour; alarms and all-clears come one by one as ever.
site: waw-12
modems: [{name: lte0, port: /dev/none}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    every: 2s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    degraded: {loss: 20%, latency: 400ms, over: 60s}
  - name: transit-b
    gateway: 192.0.2.5
    every: 2s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202", language: pl}
oncall: [{who: [ada, bob]}, {who: [ada], every: 20m}]
limits: {news: 4/hour}
selftest: off
---
at 01:00 transit-a loses gateway
at 01:30 transit-b fails
at 02:00 text ada "ack"
at 05:00 transit-a fails
at 08:00 transit-a loses gateway
at 11:00 transit-a fails
at 14:00 transit-a loses gateway
at 17:00 transit-a fails
at 20:00 transit-a loses gateway
at 23:00 transit-b passes
at 30:00 transit-a fails
at 70:00 transit-a passes
at 80:00 order "status"
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost: gateway. gw no answer. Reply ACK 1"
expect 01:24 bob "waw-12 #1 AWARIA transit-a 00:01Z, 3/3 bez odpowiedzi: brama. gw brak odpowiedzi. Odpisz ACK 1"
expect 01:52 ada "waw-12 #2 DOWN transit-b 00:01Z, 3/3 lost beyond gw: upstream. gw ok. Reply ACK 2. Also down: transit-a."
expect 01:54 bob "waw-12 #2 AWARIA transit-b 00:01Z, 3/3 bez odpowiedzi za gw: u dostawcy. gw ok. Odpisz ACK 2. Awaria takze: transit-a."
expect 02:02 ada "waw-12 #1 transit-a, #2 transit-b yours. Quiet till all-clear."
expect 02:04 bob "waw-12 #1 transit-a: zajmuje sie tym ada."
expect 02:06 bob "waw-12 #2 transit-b: zajmuje sie tym ada."
expect 05:08 ada "waw-12 #1 UPDATE transit-a down since 00:01Z, now 3/3 lost beyond gw: upstream. gw ok."
expect 05:10 bob "waw-12 #1 NOWE transit-a awaria od 00:01Z, teraz 3/3 bez odpowiedzi za gw: u dostawcy. gw ok."
expect 08:08 ada "waw-12 #1 UPDATE transit-a down since 00:01Z, now 3/3 lost: gateway. gw no answer."
expect 08:10 bob "waw-12 #1 NOWE transit-a awaria od 00:01Z, teraz 3/3 bez odpowiedzi: brama. gw brak odpowiedzi."
expect 11:08 ada "waw-12 #1 UPDATE transit-a down since 00:01Z, now 3/3 lost beyond gw: upstream. gw ok."
expect 11:10 bob "waw-12 #1 NOWE transit-a awaria od 00:01Z, teraz 3/3 bez odpowiedzi za gw: u dostawcy. gw ok."
expect 14:08 ada "waw-12 #1 UPDATE transit-a down since 00:01Z, now 3/3 lost: gateway. gw no answer."
expect 14:10 bob "waw-12 #1 NOWE transit-a awaria od 00:01Z, teraz 3/3 bez odpowiedzi: brama. gw brak odpowiedzi."
expect 24:04 ada "waw-12 #2 ALL CLEAR transit-b up 00:23Z, was down 21 min (00:01Z-00:23Z). Still down: transit-a."
expect 24:06 bob "waw-12 #2 KONIEC ALARMU transit-b dziala 00:23Z, awaria trwala 21 min (00:01Z-00:23Z). Nadal awaria: transit-a."
expect 47:08 ada "waw-12 3 changes since 00:17Z, now DOWN: transit-a. Next text 01:17Z."
expect 47:10 bob "waw-12 3 zmiany od 00:17Z, teraz AWARIA: transit-a. Nastepny SMS 01:17Z."
expect 1:11:04 ada "waw-12 #1 ALL CLEAR transit-a up 01:10Z, was down 1 h 9 min (00:01Z-01:10Z)."
expect 1:11:06 bob "waw-12 #1 KONIEC ALARMU transit-a dziala 01:10Z, awaria trwala 1 h 9 min (00:01Z-01:10Z)."
