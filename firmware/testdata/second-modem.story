# One of two modems is away: the other carries everything, and after ten minutes tells of it.
site: waw-12
modems: [{name: lte0, port: /dev/modem, number: "+48600100200"}, {name: lte1, port: /dev/modem1, number: "+48600100203"}]
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
  - {who: [bob], after: 5m}
---
at 00:10 modem lte0 port lost
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text ada "ack"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 03:00 transit-a passes
expect 04:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:03Z, was down 2 min (00:01Z-00:03Z)."
expect 10:12 ada "waw-12 BOX 00:10Z: lte0 cannot send since 00:00Z: port lost; check its cable"
at 11:00 text ada "status"
expect 11:02 ada "waw-12: Nothing open. lte0 port lost, lte1, queue 0. Up: transit-a."
