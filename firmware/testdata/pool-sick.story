# One of two modems is barred by its network and refuses all: what it had goes by the other at once, and it does not take the alarm while the other is busy.
site: waw-12
modems: [{name: lte0, port: /dev/modem}, {name: lte1, port: /dev/modem1}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}, {dns: {name: example.com, server: 8.8.8.8}}]
    down: {after: 10, quorum: 2}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 30m}
selftest: off
---
at 00:30 bar lte0
at 01:01 bulk 14 "Planned work tonight 01:00-03:00."
expect 01:03 +48700000002 "Planned work tonight 01:00-03:00."
expect 01:05 +48700000003 "Planned work tonight 01:00-03:00."
at 01:05 transit-a fails
expect 01:07 +48700000005 "Planned work tonight 01:00-03:00."
expect 01:09 +48700000006 "Planned work tonight 01:00-03:00."
expect 01:11 +48700000007 "Planned work tonight 01:00-03:00."
expect 01:13 +48700000009 "Planned work tonight 01:00-03:00."
expect 01:15 +48700000010 "Planned work tonight 01:00-03:00."
expect 01:17 +48700000011 "Planned work tonight 01:00-03:00."
expect 01:19 +48700000012 "Planned work tonight 01:00-03:00."
expect 01:21 +48700000013 "Planned work tonight 01:00-03:00."
expect 01:23 +48700000014 "Planned work tonight 01:00-03:00."
expect 01:25 +48700000004 "Planned work tonight 01:00-03:00."
expect 01:27 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 01:29 +48700000008 "Planned work tonight 01:00-03:00."
expect 01:31 +48700000001 "Planned work tonight 01:00-03:00."
at 02:30 text ada "status"
expect 02:32 ada "waw-12: transit-a DOWN 00:01Z. Open #1 transit-a. lte0 fails: CMS 50, lte0, lte1, queue 0."
