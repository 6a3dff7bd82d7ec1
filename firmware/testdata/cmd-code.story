# A command that changes something comes back as a code; the code carries out exactly that, once.
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
at 02:00 text ada "ack 1"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 03:00 text ada "say 1 splicing has begun"
expect 03:02 ada "waw-12 code … carries out: SAY 1 splicing has begun. Reply … within 5 min. Not you? Do nothing."
at 03:10 text ada "{code}"
expect 03:12 ada "waw-12 #1: on its way to those who were told."
expect 03:14 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing has begun."
at 03:30 text ada "code {code}"
expect 03:32 ada "waw-12 that code is wrong, used up or too old. Send the command again."
