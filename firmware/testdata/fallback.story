# The second SIM carries only what the first cannot: an alarm at once, subscribers after a quarter of an hour; when the first is back, it stays quiet.
site: waw-12
modems: [{name: lte0, port: /dev/modem}, {name: lte1, port: /dev/modem1, fallback: true}]
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
at 00:30 bulk 2 "Planned work tonight 01:00-03:00."
expect 00:32 +48700000001 "Planned work tonight 01:00-03:00."
expect 00:34 +48700000002 "Planned work tonight 01:00-03:00."
at 01:00 modem lte0 port lost
at 01:10 bulk 3 "Planned work is put off."
at 02:00 transit-a fails
expect 02:22 ada "waw-12 #1 DOWN transit-a 00:02Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 03:00 text ada "ack"
expect 03:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 11:02 ada "waw-12 BOX 00:11Z: lte0 cannot send since 00:01Z: port lost; check its cable"
expect 16:02 +48700000003 "Planned work is put off."
expect 16:04 +48700000004 "Planned work is put off."
expect 16:06 +48700000005 "Planned work is put off."
at 17:00 modem lte0 ready
at 18:00 bulk 2 "Planned work is over."
expect 18:02 +48700000006 "Planned work is over."
expect 18:04 +48700000007 "Planned work is over."
at 20:00 transit-a passes
expect 21:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 18 min (00:02Z-00:20Z)."
