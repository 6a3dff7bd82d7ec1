# The only modem is away: what is decided waits for it, and it says that it was away.
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
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
---
at 00:10 modem lte0 port lost
at 01:00 transit-a fails
at 12:00 modem lte0 ready
expect 12:02 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 12:04 bob "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 12:06 ada "waw-12 BOX 00:10Z: lte0 cannot send since 00:00Z: port lost; check its cable"
at 13:00 text ada "ack"
expect 13:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 13:04 bob "waw-12 #1 transit-a: ada has it."
at 15:00 transit-a passes
expect 16:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:15Z, was down 14 min (00:01Z-00:15Z)."
expect 16:06 bob "waw-12 #1 ALL CLEAR transit-a up 00:15Z, was down 14 min (00:01Z-00:15Z)."
