# Each in their own language, in plain letters that fit one text.
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
  - {name: bob, sms: "+48600100202", language: it}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 AWARIA transit-a 00:01Z, 3/3 bez odpowiedzi za gw: u dostawcy. eth0 ok gw ok. Odpisz ACK 1"
at 02:00 text ada "stan"
expect 02:02 ada "waw-12: transit-a AWARIA 00:01Z. Otwarte #1 transit-a. lte0, kolejka 0."
expect 06:22 bob "waw-12 #1 GUASTO transit-a 00:01Z, 3/3 persi oltre il gw: a monte. eth0 ok gw ok. Rispondi ACK 1"
at 07:00 text bob "ack"
expect 07:02 bob "waw-12 #1 è tuo. Silenzio fino al cessato allarme."
expect 07:04 ada "waw-12 #1 transit-a: zajmuje sie tym bob."
at 09:00 transit-a passes
expect 10:04 ada "waw-12 #1 KONIEC ALARMU transit-a dziala 00:09Z, awaria trwala 8 min (00:01Z-00:09Z)."
expect 10:06 bob "waw-12 #1 CESSATO ALLARME transit-a ok 00:09Z, guasto durato 8 min (00:01Z-00:09Z)."
