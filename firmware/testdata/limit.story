# The SIM may send six texts an hour, two of them kept for operators: the seventh waits, and people are told once.
site: waw-12
modems: [{name: lte0, port: /dev/modem, limits: {sms: 6/hour, reserve: 34%}}]
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
at 00:10 bulk 6 "Planned work tonight 01:00-03:00."
expect 00:12 +48700000001 "Planned work tonight 01:00-03:00."
expect 00:14 +48700000002 "Planned work tonight 01:00-03:00."
expect 00:16 +48700000003 "Planned work tonight 01:00-03:00."
expect 00:18 +48700000004 "Planned work tonight 01:00-03:00."
expect 00:20 ada "waw-12 BOX 00:00Z: lte0 has used up its limit, 4 of 6 texts in 1 h; the 2 are for you and all-clears. The rest waits until 01:02Z"
at 00:50 text ada "status"
expect 00:52 ada "waw-12: Nothing open. lte0 limit used up until 01:02Z, lte0, queue 2. Up: transit-a."
expect 01:02:32 +48700000005 "Planned work tonight 01:00-03:00."
expect 01:02:34 +48700000006 "Planned work tonight 01:00-03:00."
at 01:05:00 bulk 1 "Planned work is over."
expect 01:05:02 +48700000007 "Planned work is over."
