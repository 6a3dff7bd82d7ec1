# Bob sends the code that ada was asked for: it is hers alone.
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
at 01:00 text ada "mute 2h"
expect 01:02 ada "waw-12 code … carries out: MUTE 2h. Reply … within 5 min. Not you? Do nothing."
at 01:30 text bob "{code ada}"
expect 01:32 bob "waw-12 that code is wrong, used up or too old. Send the command again."
at 02:00 text ada "{code}"
expect 02:02 bob "waw-12 MUTED by ada until 02:02Z: all is recorded, nothing is sent. UNMUTE ends it."
expect 02:04 ada "waw-12 MUTED until 02:02Z: all is recorded, nothing is sent. UNMUTE ends it."
