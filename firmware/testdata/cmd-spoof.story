# Somebody with ada's number orders the all-clear: a code goes to ada, and nothing else happens.
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
at 02:00 spoof ada "clear 1"
expect 02:02 ada "waw-12 code … carries out: CLEAR 1. Reply … within 5 min. Not you? Do nothing."
at 02:30 spoof ada "0000"
expect 02:32 ada "waw-12 that code is wrong, used up or too old. Send the command again."
at 03:00 text ada "ack"
expect 03:02 ada "waw-12 #1 yours. Quiet till all-clear."
