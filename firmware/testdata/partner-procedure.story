# Partners hear of what concerns them after a quarter of an hour: by text, and by mail over the box's own way out; progress, a new ETR and the end hold what was said before. Words with a leftover do not go.
site: waw-12
brand: Example Net
timezone: Europe/Warsaw
modems: [{name: lte0, port: /dev/none}]
backhaul: [{name: cell, via: interface, interface: wwan0}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    every: 2s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    down: {after: 10}
    up: {after: 10, hold: 60s}
services: [{name: sms-gateway, manual: true}, {name: direct-billing, manual: true}]
people: [{name: ada, sms: "+48600100201", role: operator}]
oncall: [{who: [ada]}]
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
partners:
  - {name: mps, hears: [sms-gateway], after: 15m, mail: [mps@partner.example], sms: ["+48600100301"], language: pl}
  - {name: oneshots, hears: [direct-billing], after: 15m, mail: [one@partner.example]}
selftest: off
---
at 01:00 order "open sms-gateway no notices about billing"
at 01:30 text ada "ack 1"
at 20:00 order "etr 1 2h"
at 30:00 order "say 1 a crew is at the ??? junction"
at 31:00 order "say 1 the gateway is being restarted"
at 40:00 order "clear 1"
at 45:00 order "open direct-billing slow"
at 50:00 order "clear 2"
expect 01:02 ada "waw-12 #1 OPENED sms-gateway 00:01Z by root: no notices about billing. Reply ACK 1"
expect 01:32 ada "waw-12 #1 yours. Quiet till all-clear."
expect 16:01 mps mail over primary "[waw-12 #1] Problem: sms-gateway"
expect 16:02 +48600100301 "waw-12 #1 ZGLOSZENIE sms-gateway 00:01Z: no notices about billing."
expect 20:01 mps mail over primary "[waw-12 #1] Problem: sms-gateway"
expect 20:02 ada "waw-12 #1 UPDATE sms-gateway since 00:01Z: expected to end 02:20Z."
expect 20:04 +48600100301 "waw-12 #1 NOWE sms-gateway od 00:01Z: koniec spodziewany 02:20Z."
expect 31:01 mps mail over primary "[waw-12 #1] Problem: sms-gateway"
expect 31:02 ada "waw-12 #1 UPDATE sms-gateway since 00:01Z: the gateway is being restarted."
expect 31:04 +48600100301 "waw-12 #1 NOWE sms-gateway od 00:01Z: the gateway is being restarted."
expect 40:01 mps mail over primary "[waw-12 #1] Problem: sms-gateway"
expect 40:02 ada "waw-12 #1 ALL CLEAR sms-gateway 00:40Z, lasted 39 min (00:01Z-00:40Z)."
expect 40:04 +48600100301 "waw-12 #1 KONIEC ALARMU sms-gateway 00:40Z, trwalo 39 min (00:01Z-00:40Z)."
expect 40:06 ada "waw-12 #1 closed: 2 told, 2 cleared."
expect 45:02 ada "waw-12 #2 OPENED direct-billing 00:45Z by root: slow. Reply ACK 2"
expect 50:02 ada "waw-12 #2 ALL CLEAR direct-billing 00:50Z, lasted 5 min (00:45Z-00:50Z)."
