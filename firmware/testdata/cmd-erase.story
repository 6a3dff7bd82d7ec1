# ERASE takes a number out of all that is kept; one that is configured has to leave there first.
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
  - {name: ada, sms: "+48600100201", role: approver}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 text ada "erase +48600100202"
expect 01:02 ada "waw-12 code … carries out: ERASE ...202. Reply … within 5 min. Not you? Do nothing."
at 01:10 text ada "{code}"
expect 01:12 ada "waw-12 ...202 stands in the configuration: take it out there first."
at 02:00 text ada "erase +48600999999"
expect 02:02 ada "waw-12 code … carries out: ERASE ...999. Reply … within 5 min. Not you? Do nothing."
at 02:10 text ada "{code}"
expect 02:12 ada "waw-12 the number ...999 is taken out of all that I keep. Backups are yours to erase."
at 03:00 text ada "erase 600999999"
expect 03:02 ada "waw-12 ERASE needs a full phone number with + and country. Send ERASE +48600100201."
