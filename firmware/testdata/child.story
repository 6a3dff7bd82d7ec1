# A separate uplink declared a child is excused while its parent is down; what remains is its own.
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
  - name: lodz-feed
    parent: transit-a
    interface: eth1
    every: 3s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 7, quorum: 1}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 transit-a fails
at 01:00 lodz-feed fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text ada "ack"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 04:00 transit-a passes
expect 05:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:04Z, was down 3 min (00:01Z-00:04Z)."
expect 05:23 ada "waw-12 #2 DOWN lodz-feed 00:05Z, 2/2 lost: upstream. eth1 ok. Reply ACK 2"
at 10:00 lodz-feed passes
expect 10:23 bob "waw-12 #2 DOWN lodz-feed 00:05Z, 2/2 lost: upstream. eth1 ok. Reply ACK 2"
expect 11:05 ada "waw-12 #2 ALL CLEAR lodz-feed up 00:10Z, was down 5 min (00:05Z-00:10Z)."
expect 11:07 bob "waw-12 #2 ALL CLEAR lodz-feed up 00:10Z, was down 5 min (00:05Z-00:10Z)."
