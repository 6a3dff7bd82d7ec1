# One target that fails is its own fault and nobody is woken; names that fail are told.
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
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 transit-a loses ping
at 10:00 transit-a loses names
expect 10:22 ada "waw-12 #1 DEGRADED transit-a 00:10Z, name service only. eth0 ok gw ok. Reply ACK 1"
at 12:00 text ada "status"
expect 12:02 ada "waw-12: transit-a degraded 00:10Z. Open #1 transit-a. lte0, queue 0."
at 13:00 transit-a passes
expect 14:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:13Z, was degraded 3 min (00:10Z-00:13Z)."
