# Three codes an hour: then none is sent to that number, the others hear of it, and ACK and STATUS go on.
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
at 02:20 spoof ada "cancel 1"
expect 02:22 ada "waw-12 code … carries out: CANCEL 1. Reply … within 5 min. Not you? Do nothing."
at 02:40 spoof ada "mute 24h"
expect 02:42 ada "waw-12 code … carries out: MUTE 24h. Reply … within 5 min. Not you? Do nothing."
at 03:00 spoof ada "clear 1"
expect 03:02 bob "waw-12 CAREFUL 00:03Z: too many codes were asked for or guessed in the name of ada. If it is not ada, somebody fakes that number. ACK and STATUS go on"
expect 03:04 ada "waw-12 too many codes for this number: CLEAR waits until 01:02Z, or add a TOTP. ACK and STATUS work as ever."
at 03:20 spoof ada "mute"
expect 03:22 ada "waw-12 too many codes for this number: MUTE waits until 01:02Z, or add a TOTP. ACK and STATUS work as ever."
at 04:00 text ada "ack 1"
expect 04:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 04:30 text ada "status"
expect 04:32 ada "waw-12: transit-a DOWN 00:01Z. Open #1 transit-a (ada). lte0, queue 0."
