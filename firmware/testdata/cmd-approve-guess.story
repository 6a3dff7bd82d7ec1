# Somebody with ada's number guesses the code of a plan: three tries, and nothing goes out.
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
partners:
  - {name: wholesale, hears: [transit-a], after: 1m, sms: ["+48600100301", "+48600100302", "+48600100303"]}
subscribers: {approve: {over: 2}}
people:
  - {name: ada, sms: "+48600100201", role: approver}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text ada "ack 1"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 02:22 ada "waw-12 #1 transit-a: tell 3 by SMS, 9 s on lte0, reserve kept. APPROVE … / DENY"
at 03:00 spoof ada "approve 000"
expect 03:02 ada "waw-12 that code is wrong, used up or too old. Send the command again."
at 03:20 spoof ada "approve 111"
expect 03:22 ada "waw-12 that code is wrong, used up or too old. Send the command again."
at 03:40 spoof ada "approve 222"
expect 03:42 bob "waw-12 CAREFUL 00:03Z: too many codes were asked for or guessed in the name of ada. If it is not ada, somebody fakes that number. ACK and STATUS go on"
expect 03:44 ada "waw-12 that code is wrong, used up or too old. Send the command again."
at 04:00 spoof ada "approve 333"
expect 04:02 ada "waw-12 too many codes for this number: APPROVE waits until 01:03Z, or add a TOTP. ACK and STATUS work as ever."
at 05:00 text ada "approve {plan}"
expect 05:02 ada "waw-12 too many codes for this number: APPROVE waits until 01:03Z, or add a TOTP. ACK and STATUS work as ever."
at 08:00 transit-a passes
expect 09:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:08Z, was down 7 min (00:01Z-00:08Z)."
