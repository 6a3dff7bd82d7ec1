# A storm that ends while the uplink is still down: one text more says so. Reminders wait with the changes; who was not told yet hears the whole alarm.
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
oncall: [{who: [ada]}, {who: [bob], after: 12m}, {who: [ada], every: 10m}]
limits: {news: 2/hour}
selftest: off
---
at 01:00 transit-a loses gateway
at 03:00 transit-a fails
at 05:00 transit-a loses gateway
at 07:00 transit-a fails
at 80:00 transit-a passes
at 90:00 order "status"
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost: gateway. gw no answer. Reply ACK 1"
expect 03:08 ada "waw-12 #1 UPDATE transit-a down since 00:01Z, now 3/3 lost beyond gw: upstream. gw ok."
expect 05:08 ada "waw-12 #1 UPDATE transit-a down since 00:01Z, now 3/3 lost: gateway. gw no answer."
expect 13:22 bob "waw-12 #1 AWARIA transit-a 00:01Z, 3/3 bez odpowiedzi za gw: u dostawcy. gw ok. Odpisz ACK 1"
expect 37:08 ada "waw-12 1 change since 00:07Z, now DOWN: transit-a. Next text 01:07Z."
expect 1:07:08 ada "waw-12 no change since 00:37Z, now DOWN: transit-a. Texts as usual again."
expect 1:11:22 ada "waw-12 #1 STILL DOWN transit-a since 00:01Z (1 h 10 min), nobody has it. 3/3 lost beyond gw: upstream. Reply ACK 1"
expect 1:21:04 ada "waw-12 #1 ALL CLEAR transit-a up 01:20Z, was down 1 h 19 min (00:01Z-01:20Z)."
expect 1:21:06 bob "waw-12 #1 KONIEC ALARMU transit-a dziala 01:20Z, awaria trwala 1 h 19 min (00:01Z-01:20Z)."
