# Words with a hole in them do not go outside; without it they do. A ticket's number stays in the house.
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
services: [{name: billing, manual: true}]
partners:
  - {name: wholesale, hears: [transit-a], after: 1m, sms: ["+48600100301"]}
people:
  - {name: ada, sms: "+48600100201", role: approver}
oncall:
  - {who: [ada], after: 0s}
---
at 00:02 transit-a fails
at 01:00 text ada "ack 1"
at 05:00 order "say 1 back in ??? hours"
at 06:00 order "open billing TODO: ask"
at 07:00 order "say 1 splicing has begun"
at 08:00 order "say 1 see INC-4711"
expect 00:24 ada "waw-12 #1 DOWN transit-a 00:00Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 01:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 01:24 +48600100301 "waw-12 #1 DOWN transit-a 00:00Z, upstream."
expect 07:02 ada "waw-12 #1 UPDATE transit-a down since 00:00Z: splicing has begun."
expect 07:04 +48600100301 "waw-12 #1 UPDATE transit-a down since 00:00Z: splicing has begun."
expect 08:02 ada "waw-12 #1 UPDATE transit-a down since 00:00Z: see INC-4711."
expect 08:04 +48600100301 "waw-12 #1 UPDATE transit-a down since 00:00Z, now upstream."
