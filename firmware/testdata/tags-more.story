# OZmap shows more clients after the first yes: they are asked about and told, too; after a DENY the same is not asked about again.
site: waw-12
brand: Example Net
modems: [{name: lte0, port: /dev/modem}]
backhaul: [{name: cell, via: interface, interface: wwan0}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    serves: [north]
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
people:
  - {name: ada, sms: "+48600100201", role: approver}
oncall:
  - {who: [ada]}
channels:
  ozmap: {url: "https://isp.ozmap.example:9994", token: {env: OZMAP}, tag: Massive Outage, rate: 100}
subscribers:
  from: {csv: /var/lib/list.csv}
  after: 1m
  quiet: off
selftest: off
---
at 00:00 subscriber adam.jones +48600100301 region south box box-7
at 00:00 subscriber eve.smith +48600100302 region south box box-8
at 00:00 subscriber bob.brown +48600100303 region north box box-2
at 01:00 tags box:box-7
expect 01:02 ada "waw-12 OZmap: tagged Massive Outage: 1 (box-7). Open an incident. APPROVE … / DENY"
at 02:00 text ada "deny {plan}"
expect 02:02 ada "waw-12 denied: nothing is done."
at 03:00 tags box:box-7
at 04:00 tags nothing
at 05:00 tags box:box-7
expect 05:02 ada "waw-12 OZmap: tagged Massive Outage: 1 (box-7). Open an incident. APPROVE … / DENY"
at 06:00 text ada "approve {plan}"
expect 06:02 ada "waw-12 #1 OPENED box-7 00:06Z by OZmap: tagged in OZmap: 1. Reply ACK 1"
expect 06:04 ada "waw-12 approved: it goes out now."
at 07:00 text ada "ack 1"
expect 07:02 adam.jones "Example Net: disturbed service since 00:06. We are working on it. We will text you when it is over."
expect 07:04 ada "waw-12 #1 yours. Quiet till all-clear."
at 10:00 tags box:box-7 eve.smith
expect 10:02 ada "waw-12 #1 box-7: OZmap: tagged Massive Outage: 2 (box-7, eve.smith). Take them in. APPROVE … / DENY"
at 11:00 text ada "approve {plan}"
expect 11:02 ada "waw-12 approved: it goes out now."
expect 11:04 ada "waw-12 #1 UPDATE box-7 since 00:06Z: tagged in OZmap: 2."
expect 11:06 eve.smith "Example Net: disturbed service since 00:06. We are working on it. We will text you when it is over."
at 14:00 tags box:box-7
at 15:00 order "clear 1"
expect 15:02 ada "waw-12 #1 ALL CLEAR box-7 00:15Z, lasted 9 min (00:06Z-00:15Z)."
expect 15:04 adam.jones "Example Net: your Internet works again since 00:15. If yours does not, switch your router off and on. We are sorry."
expect 15:06 eve.smith "Example Net: your Internet works again since 00:15. If yours does not, switch your router off and on. We are sorry."
expect 15:08 ada "waw-12 #1 closed: 2 told, 2 cleared."
