# An incident that no probe sees: opened, told on, cleared by hand.
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
at 01:00 order "open billing card payments fail"
expect 01:02 ada "waw-12 #1 OPENED billing 00:01Z by root: card payments fail. Reply ACK 1"
at 02:00 text ada "ack 1"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 03:00 order "say 1 the bank is on it, next news 06:30Z"
expect 03:02 ada "waw-12 #1 UPDATE billing since 00:01Z: the bank is on it, next news 06:30Z."
at 10:00 order "clear 1"
expect 10:02 ada "waw-12 #1 ALL CLEAR billing 00:10Z, lasted 9 min (00:01Z-00:10Z)."
