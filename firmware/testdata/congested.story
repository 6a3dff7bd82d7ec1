# The network is congested: subscribers are held back, further apart at each refusal, short texts first; people on call are tried on.
site: waw-12
modems: [{name: lte0, port: /dev/modem}]
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
at 00:59 congest
at 01:00 bulk 4 "Planned work tonight 01:00-03:00."
at 01:00 bulk 1 "Planned work tonight between 01:00 and 03:00: the ring in the south is taken apart for new fibre, and lines there may be down for minutes at a time. No call is needed, they come back by themselves."
at 01:10 transit-a fails
at 01:50 text bob "status"
at 02:35 free lte0
expect 02:40 bob "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 02:42 bob "waw-12: transit-a DOWN 00:01Z. Open #1 transit-a. lte0 congested, subscribers held back, lte0, queue 6."
at 03:20 text ada "ack"
expect 03:22 ada "waw-12 #1 yours. Quiet till all-clear."
expect 03:24 bob "waw-12 #1 transit-a: ada has it."
expect 03:26 +48700000002 "Planned work tonight 01:00-03:00."
expect 04:28 +48700000003 "Planned work tonight 01:00-03:00."
expect 05:30 +48700000004 "Planned work tonight 01:00-03:00."
expect 06:32 +48700000001 "Planned work tonight 01:00-03:00."
expect 07:25 +48700000005 "Planned work tonight between 01:00 and 03:00: the ring in the south is taken apart for new fibre, and lines there may be down for minutes at a time. No call is needed, they come back by themselves."
at 20:00 text ada "status"
expect 20:02 ada "waw-12: transit-a DOWN 00:01Z. Open #1 transit-a (ada). lte0, queue 0."
