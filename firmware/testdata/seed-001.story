# 4,812 subscribers in three regions: an upstream fails, the region that hangs on it is told after a yes, and those who were told are cleared.
site: waw-12
brand: Example Net
timezone: Europe/Warsaw
modems: [{name: lte0, port: /dev/modem, number: "+48600100200", limits: {sms: 20000/day, price: 0.02 EUR}}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    serves: [waw]
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}, {dns: {name: example.com, server: 8.8.8.8}}]
    down: {after: 10, quorum: 2}
    up: {after: 3, hold: 4s}
  - name: transit-b
    gateway: 198.51.100.1
    interface: eth1
    serves: [lodz, krakow]
    every: 2s
    probes: [{icmp: 149.112.112.112}, {tcp: "1.0.0.1:443"}]
    down: {after: 10}
people:
  - {name: ada, sms: "+48600100201", role: approver}
oncall:
  - {who: [ada]}
subscribers:
  from: {csv: /var/lib/list.csv}
  after: 5m
  quiet: off
selftest: off
---
at 00:00 list waw:1604 lodz:1604 krakow:1604
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text ada "ack 1"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 06:22 ada "waw-12 #1 transit-a: tell 1604 by SMS in transit-a, waw, list of 1 Jan, 1 h 25 min on lte0, 32.08 EUR, reserve kept. APPROVE … / DENY"
at 07:00 text ada "approve {plan}"
expect 07:02 ada "waw-12 approved: it goes out now."
expect 07:04 40 subscribers "Example Net: no Internet in waw since 01:01. We are working on it. We will text you when it is back."
at 08:16 transit-a passes
expect 08:24 ada "waw-12 #1 ALL CLEAR transit-a up 00:08Z, was down 7 min (00:01Z-00:08Z)."
expect 08:26 40 subscribers "Example Net: your Internet in waw works again since 01:08. If yours does not, switch your router off and on. We are sorry."
expect 09:46 ada "waw-12 #1 closed: 40 told, 40 cleared."
