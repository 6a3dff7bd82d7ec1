# TEST MODEM sends a text round by the modem's own number and asks the operator what the SIM has left.
site: waw-12
modems: [{name: lte0, port: /dev/none, number: "+48600100200", credit: {ussd: "*101#", match: '([0-9.]+) EUR', low: 5}}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    every: 2s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    down: {after: 10}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
oncall: [{who: [ada]}]
selftest: {tell: [ada]}
---
at 01:00 order "test modem"
expect 01:08 ada "waw-12 selftest ok: loop … s, … dBm, credit …, audit …."
