# MAINT END ends the window; a mistyped name is answered, and nothing is down.
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
at 01:00 text ada "maint start transit-x 2h"
expect 01:02 ada "waw-12 nothing named "transit-x" is watched here. STATUS lists the names."
at 02:00 text ada "maint start TRANSIT-A 2h"
expect 02:02 ada "waw-12 code … carries out: MAINT START TRANSIT-A 2h. Reply … within 5 min. Not you? Do nothing."
at 02:10 text ada "{code}"
expect 02:12 ada "waw-12 transit-a: maintenance until 02:02Z, its probes wake nobody. MAINT END transit-a ends it."
at 03:00 transit-a fails
at 05:00 transit-a passes
at 07:00 text ada "maint end"
expect 07:02 ada "waw-12 code … carries out: MAINT END. Reply … within 5 min. Not you? Do nothing."
at 07:10 text ada "{code}"
expect 07:12 ada "waw-12 maintenance is over. What is down is told from now on."
at 08:00 text bob "maint end"
expect 08:02 bob "waw-12 code … carries out: MAINT END. Reply … within 5 min. Not you? Do nothing."
at 08:10 text bob "{code}"
expect 08:12 bob "waw-12 there is no such maintenance. Begin one: MAINT START transit-a 2h"
