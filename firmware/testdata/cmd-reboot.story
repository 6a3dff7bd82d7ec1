# REBOOT takes two people: the second has a code of their own.
# exact: a restart of the board is not rehearsed
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
  - {name: bob, sms: "+48600100202", role: approver}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 text ada "reboot"
expect 01:02 ada "waw-12 code … carries out: REBOOT. Reply … within 5 min. Not you? Do nothing."
at 01:10 text ada "{code}"
expect 01:12 bob "waw-12 reboot the box, asked by ada. APPROVE … / DENY"
expect 01:14 ada "waw-12 the others are asked: a reboot needs a second person's yes."
at 02:00 spoof ada "approve 000"
expect 02:02 ada "waw-12 that code is wrong, used up or too old. Send the command again."
at 03:00 text bob "approve {plan}"
expect 03:00 board "restarts, by order of ada"
expect 03:02 bob "waw-12 approved: it goes out now."
