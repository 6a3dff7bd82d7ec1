# Locked out of codes by somebody else, the real person goes on with a TOTP.
# exact: an authenticator is not rehearsed
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
  - {name: ada, sms: "+48600100201", totp: {env: TOTP}}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 00:20 spoof ada "mute"
expect 00:22 ada "waw-12 code … carries out: MUTE. Reply … within 5 min. Not you? Do nothing."
at 00:30 spoof ada "test"
expect 00:32 ada "waw-12 code … carries out: TEST. Reply … within 5 min. Not you? Do nothing."
at 00:40 spoof ada "drill"
expect 00:42 ada "waw-12 code … carries out: DRILL. Reply … within 5 min. Not you? Do nothing."
at 00:50 spoof ada "mute"
expect 00:52 bob "waw-12 CAREFUL 00:00Z: too many codes were asked for or guessed in the name of ada. If it is not ada, somebody fakes that number. ACK and STATUS go on"
expect 00:54 ada "waw-12 too many codes for this number: MUTE waits until 01:00Z, or add a TOTP. ACK and STATUS work as ever."
at 02:00 text ada "open billing card payments fail {totp}"
expect 02:02 ada "waw-12 #1 OPENED billing 00:02Z by ada: card payments fail. Reply ACK 1"
expect 02:04 ada "waw-12 #1 opened: billing."
at 03:00 text ada "clear 1 {totp}"
expect 03:02 ada "waw-12 #1: the all-clear is on its way to those who were told."
expect 03:04 ada "waw-12 #1 ALL CLEAR billing 00:03Z, lasted 1 min (00:02Z-00:03Z)."
