# SCOPE says whom an incident concerns, in the names that the configuration knows.
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
    serves: [waw, lodz]
services: [{name: billing, manual: true}]
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 text ada "open billing card payments fail"
expect 01:02 ada "waw-12 code … carries out: OPEN billing card payments fail. Reply … within 5 min. Not you? Do nothing."
at 01:10 text ada "{code}"
expect 01:12 ada "waw-12 #1 OPENED billing 00:01Z by ada: card payments fail. Reply ACK 1"
expect 01:14 ada "waw-12 #1 opened: billing."
at 02:00 text ada "scope 1 krakow"
expect 02:02 ada "waw-12 nothing here is called "krakow". There are: billing, lodz, transit-a, waw"
at 03:00 text ada "scope 1 waw,LODZ"
expect 03:02 ada "waw-12 code … carries out: SCOPE 1 waw,LODZ. Reply … within 5 min. Not you? Do nothing."
at 03:10 text ada "{code}"
expect 03:12 ada "waw-12 #1 concerns waw, lodz from now on."
at 04:00 text ada "clear 1"
expect 04:02 ada "waw-12 code … carries out: CLEAR 1. Reply … within 5 min. Not you? Do nothing."
at 04:10 text ada "{code}"
expect 04:12 ada "waw-12 #1: the all-clear is on its way to those who were told."
expect 04:14 ada "waw-12 #1 ALL CLEAR billing 00:04Z, lasted 3 min (00:01Z-00:04Z)."
