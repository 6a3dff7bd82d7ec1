# The fault moves nearer: those who were told hear it.
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
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text ada "ack"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 03:00 transit-a loses gateway
expect 03:08 ada "waw-12 #1 UPDATE transit-a down since 00:01Z, now 3/3 lost: gateway. eth0 ok gw no answer."
at 05:00 transit-a loses link
expect 05:08 ada "waw-12 #1 UPDATE transit-a down since 00:01Z, now 3/3 lost: own port. eth0 no carrier, gw no answer."
at 07:00 transit-a passes
expect 08:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:07Z, was down 6 min (00:01Z-00:07Z)."
