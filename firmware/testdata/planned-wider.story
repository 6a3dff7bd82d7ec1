# Planned work was announced to one region and has left down an uplink that serves two: the second is told of an outage, the first that the work takes longer, and each hears its own end.
site: waw-12
brand: Example Net
timezone: Europe/Warsaw
modems: [{name: lte0, port: /dev/none}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw, lodz]
    every: 10s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    down: {after: 3}
    up: {after: 3, hold: 60s}
  - name: transit-b
    interface: eth1
    gateway: 192.0.2.5
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
people:
  - {name: ada, sms: "+48600100201"}
oncall: [{who: [ada]}]
selftest: off
subscribers: {from: {csv: /list.csv}, after: 1m, quiet: off}
maintenance: [{name: splice, uplinks: [transit-a], regions: [waw], from: "2000-01-01 12:00", to: "2000-01-01 12:30", tell: {subscribers: [1h]}}]
---
at 00:00 subscriber K-1 +48600100401 region waw
at 00:00 subscriber K-2 +48600100402 region lodz
at 00:00 subscriber K-3 +48600100403 region krakow
expect 10:00:02 K-1 "Example Net: planned work in waw, 1 Jan 12:00-12:30. Your Internet may not work then. We will text you when it is over."
at 11:05:00 transit-a fails
expect 11:30:02 ada "waw-12 #2 DOWN transit-a 11:05Z, planned work #1 overran, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
expect 11:30:04 K-1 "Example Net: planned work in waw takes longer than we said. We will text you when it is over. We are sorry."
at 11:31:00 order "ack 2"
expect 11:31:02 K-2 "Example Net: no Internet in waw, lodz since 12:05. We are working on it. We will text you when it is back."
expect 11:31:04 ada "waw-12 #2 transit-a: root has it."
at 11:50:00 transit-a passes
expect 11:51:12 ada "waw-12 #2 ALL CLEAR transit-a up 11:50Z, was down 45 min (11:05Z-11:50Z)."
expect 11:51:14 K-2 "Example Net: your Internet in waw, lodz works again since 12:50. If yours does not, switch your router off and on. We are sorry."
expect 11:51:16 K-1 "Example Net: planned work in waw is over since 12:51. If your Internet does not work, switch your router off and on."
expect 11:51:18 ada "waw-12 #2 closed: 1 told, 1 cleared."
