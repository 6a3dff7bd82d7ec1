# A landline takes no texts: its owner is told by mail, and cleared by mail; who has a second number that works is told there alone.
site: waw-12
brand: Example Net
modems: [{name: lte0, port: /dev/modem}]
backhaul: [{name: cell, via: interface, interface: wwan0}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    serves: [waw]
    every: 10s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 2}
    up: {after: 3, hold: 4s}
people:
  - {name: ada, sms: "+48600100201"}
oncall:
  - {who: [ada]}
silence: off
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
subscribers: {from: {csv: /var/lib/list.csv}, after: 1m, quiet: off}
selftest: off
---
at 00:00 subscriber A-1 +48600100301 region waw mail a@home.example
at 00:00 subscriber L-2 +48221234567 region waw mail l@home.example
at 00:00 subscriber N-3 +48221234568 region waw
at 00:30 refuse L-2 never
at 00:30 refuse N-3 never
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 02:23 l@home.example mail over cell "Example Net: Connections to the Internet interrupted"
expect 02:26 A-1 "Example Net: no Internet in waw since 00:01. We are working on it. We will text you when it is back."
at 03:00 order "ack 1"
expect 03:02 ada "waw-12 #1 transit-a: root has it."
at 10:00 order "say 1 the cut is found"
expect 10:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: the cut is found."
expect 10:04 A-1 "Example Net: still disturbed in waw since 00:01. The cut is found."
expect 10:05 l@home.example mail over cell "Example Net: Connections to the Internet interrupted"
at 20:00 transit-a passes
expect 20:31 l@home.example mail over primary "Example Net: Connections to the Internet interrupted"
expect 20:32 ada "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 19 min (00:01Z-00:20Z)."
expect 20:34 A-1 "Example Net: your Internet in waw works again since 00:20. If yours does not, switch your router off and on. We are sorry."
expect 20:36 ada "waw-12 #1 closed: 2 told, 2 cleared, 1 unreachable."
