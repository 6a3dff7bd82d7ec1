# A TOTP at the end carries a command out at once, once; a wrong one does not, and never costs an ACK.
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
at 01:00 text ada "open billing card payments fail {totp}"
expect 01:02 ada "waw-12 #1 OPENED billing 00:01Z by ada: card payments fail. Reply ACK 1"
expect 01:04 ada "waw-12 #1 opened: billing."
at 01:10 text ada "say 1 the bank is on it {totp}"
expect 01:12 ada "waw-12 that TOTP is wrong or was used before. Wait for the next, or send the command without one: a code comes back."
at 02:00 text ada "say 1 the bank is on it {totp}"
expect 02:02 ada "waw-12 #1: on its way to those who were told."
expect 02:04 ada "waw-12 #1 UPDATE billing since 00:01Z: the bank is on it."
at 03:00 spoof ada "clear 1 123456"
expect 03:02 ada "waw-12 that TOTP is wrong or was used before. Wait for the next, or send the command without one: a code comes back."
at 03:30 text ada "ack 1 123456"
expect 03:32 ada "waw-12 #1 yours. Quiet till all-clear."
at 04:00 text bob "clear 1 123456"
expect 04:02 bob "waw-12 CLEAR takes nothing more than this. Send CLEAR 1."
at 05:00 text ada "clear 1 {totp}"
expect 05:02 ada "waw-12 #1: the all-clear is on its way to those who were told."
expect 05:04 ada "waw-12 #1 ALL CLEAR billing 00:05Z, lasted 4 min (00:01Z-00:05Z)."
