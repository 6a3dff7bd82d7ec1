# Po polsku: kod, wiadomosc dla powiadomionych, falszywy alarm.
site: waw-12
modems: [{name: lte0, port: /dev/modem, number: "+48600100200"}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}, {dns: {name: example.com, server: 8.8.8.8}}]
    down: {after: 10, quorum: 2}
    up: {after: 10, hold: 60s}
    degraded: {loss: 20%, latency: 400ms, over: 60s}
people:
  - {name: ada, sms: "+48600100201", language: pl}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 AWARIA transit-a 00:01Z, 3/3 bez odpowiedzi za gw: u dostawcy. eth0 ok gw ok. Odpisz ACK 1"
at 02:00 text ada "biore 1"
expect 02:02 ada "waw-12 #1 Twoje. Cisza do konca alarmu."
at 03:00 text ada "powiedz 1 spawanie trwa"
expect 03:02 ada "waw-12 kod … wykona: SAY 1 spawanie trwa. Odpisz … w ciagu 5 min. To nie Ty? Nic nie rob."
at 03:10 text ada "{code}"
expect 03:12 ada "waw-12 #1: idzie do tych, ktorzy wiedza."
expect 03:14 ada "waw-12 #1 NOWE transit-a awaria od 00:01Z: spawanie trwa."
at 04:00 text ada "kto"
expect 04:02 ada "waw-12 dyzur: ada, bob po 5 min."
at 05:00 text ada "anuluj 1"
expect 05:02 ada "waw-12 kod … wykona: CANCEL 1. Odpisz … w ciagu 5 min. To nie Ty? Nic nie rob."
at 05:10 text ada "{code}"
expect 05:12 ada "waw-12 #1: odwolanie idzie do tych, ktorzy wiedza."
expect 05:14 ada "waw-12 #1 ODWOLANE transit-a 00:05Z: falszywy alarm (ada)."
