# One of two modems hangs in a text to a subscriber: nothing else waits for it, and the alarm goes by the other.
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
at 00:30 hang lte0
at 01:00 bulk 5 "Planned work tonight 01:00-03:00."
expect 01:02 +48700000002 "Planned work tonight 01:00-03:00."
expect 01:04 +48700000003 "Planned work tonight 01:00-03:00."
at 01:05 transit-a fails
expect 01:06 +48700000004 "Planned work tonight 01:00-03:00."
expect 01:08 +48700000005 "Planned work tonight 01:00-03:00."
expect 01:26 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 04:10 free lte0
at 05:00 text ada "ack"
expect 05:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 06:00 bulk 2 "Planned work is over."
expect 06:02 +48700000007 "Planned work is over."
expect 06:02 +48700000006 "Planned work is over."
