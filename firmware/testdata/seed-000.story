# A cable break that the field has tagged in OZmap: after a yes it is an incident, and the tagged clients are told. An outage that the box sees tags clients itself, until the all-clear.
# online
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
at 00:00 subscriber eve.smith +48600100302 region south box box-7
at 00:00 subscriber bob.brown +48600100303 region north box box-2
at 01:00 tags adam.jones
expect 01:02 ada "waw-12 OZmap: tagged Massive Outage: 1 (adam.jones). Open an incident. APPROVE … / DENY"
at 01:30 tags adam.jones eve.smith
at 03:00 text ada "approve {plan}"
expect 03:02 ada "waw-12 #1 OPENED Massive Outage 00:03Z by OZmap: tagged in OZmap: 2. Reply ACK 1"
expect 03:04 ada "waw-12 approved: it goes out now."
at 03:20 text ada "ack 1"
expect 03:22 ada "waw-12 #1 yours. Quiet till all-clear."
expect 04:02 adam.jones "Example Net: disturbed service since 00:03. We are working on it. We will text you when it is over."
expect 04:04 eve.smith "Example Net: disturbed service since 00:03. We are working on it. We will text you when it is over."
at 05:00 text adam.jones "?"
expect 05:02 adam.jones "Example Net: your line is hit by an outage since 00:03. We are working on it. We will text you when it is over."
at 05:10 text bob.brown "?"
expect 05:12 bob.brown "Example Net: no outage is known on your line. If it does not work, switch your router off and on, or call us."
at 05:30 tags nothing
expect 05:32 ada "waw-12 BOX 00:05Z: OZmap shows the tag of #1 no more. CLEAR 1 ends it"
at 06:30 order "clear 1"
expect 06:32 ada "waw-12 #1 ALL CLEAR Massive Outage 00:06Z, lasted 3 min (00:03Z-00:06Z)."
expect 06:34 adam.jones "Example Net: your Internet works again since 00:06. If yours does not, switch your router off and on. We are sorry."
expect 06:36 eve.smith "Example Net: your Internet works again since 00:06. If yours does not, switch your router off and on. We are sorry."
expect 06:38 ada "waw-12 #1 closed: 2 told, 2 cleared."
at 07:00 transit-a fails
expect 07:21 ozmap over cell "identified: transit-a: no connection"
expect 07:22 ada "waw-12 #2 DOWN transit-a 00:07Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
expect 08:22 bob.brown "Example Net: no Internet in north since 00:07. We are working on it. We will text you when it is back."
at 09:00 text ada "ack 2"
expect 09:02 ada "waw-12 #2 yours. Quiet till all-clear."
at 10:00 transit-a passes
expect 10:07 ozmap over primary "resolved: transit-a: no connection"
expect 10:08 ada "waw-12 #2 ALL CLEAR transit-a up 00:10Z, was down 3 min (00:07Z-00:10Z)."
expect 10:10 bob.brown "Example Net: your Internet in north works again since 00:10. If yours does not, switch your router off and on. We are sorry."
expect 10:12 ada "waw-12 #2 closed: 1 told, 1 cleared."
