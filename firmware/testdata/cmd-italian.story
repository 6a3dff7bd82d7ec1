# In italiano: silenzio, sospeso, avanti.
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
  - {name: ada, sms: "+48600100201", language: it}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 GUASTO transit-a 00:01Z, 3/3 persi oltre il gw: a monte. eth0 ok gw ok. Rispondi ACK 1"
at 02:00 text ada "preso"
expect 02:02 ada "waw-12 #1 è tuo. Silenzio fino al cessato allarme."
at 03:00 text ada "silenzio 1h"
expect 03:02 ada "waw-12 il codice … esegue: MUTE 1h. Rispondi … entro 5 min. Non sei tu? Non fare nulla."
at 03:10 text ada "{code}"
expect 03:12 bob "waw-12 MUTED by ada until 01:03Z: all is recorded, nothing is sent. UNMUTE ends it."
expect 03:14 ada "waw-12 MUTO fino alle 01:03Z: registro tutto, non invio nulla. UNMUTE lo termina."
at 04:00 text ada "riattiva"
expect 04:02 ada "waw-12 il codice … esegue: UNMUTE. Rispondi … entro 5 min. Non sei tu? Non fare nulla."
at 04:10 text ada "{code}"
expect 04:12 bob "waw-12 no longer muted (ada). What is still true goes out now."
expect 04:14 ada "waw-12 non più muto. Quel che è ancora vero parte ora."
at 05:00 text ada "aspetta 1"
expect 05:02 ada "waw-12 #1 sospeso: niente esce fino a GO 1."
at 06:00 text ada "vai 1"
expect 06:02 ada "waw-12 il codice … esegue: GO 1. Rispondi … entro 5 min. Non sei tu? Non fare nulla."
at 06:10 text ada "{code}"
expect 06:12 ada "waw-12 #1 riprende: ciò che aspettava parte."
at 07:00 text ada "aiuto"
expect 07:02 ada "waw-12 ACK 7 = me ne occupo io (o chiama). STATUS SAY ETR NACK DENY HOLD GO CLEAR CANCEL OPEN SCOPE LINK LOG. HELP STATUS spiega STATUS; HELP MORE: il resto."
