# Two boxes that answer each other stop after five; who asks STATUS now and then is always answered.
# exact: the same text twice within one second is one text to a modem.
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
at 01:00 text +48600100202 "Your message was received. We will call you back."
expect 01:02 bob "waw-12 "YOUR" is not a word I know. Send ACK, STATUS or HELP."
at 01:10 text +48600100202 "Your message was received. We will call you back."
expect 01:12 bob "waw-12 "YOUR" is not a word I know. Send ACK, STATUS or HELP."
at 01:20 text +48600100202 "Your message was received. We will call you back."
expect 01:22 bob "waw-12 "YOUR" is not a word I know. Send ACK, STATUS or HELP."
at 01:30 text +48600100202 "Your message was received. We will call you back."
expect 01:32 bob "waw-12 "YOUR" is not a word I know. Send ACK, STATUS or HELP."
at 01:40 text +48600100202 "Your message was received. We will call you back."
expect 01:42 bob "waw-12 "YOUR" is not a word I know. Send ACK, STATUS or HELP."
at 01:50 text +48600100202 "Your message was received. We will call you back."
at 02:00 text +48600100202 "Your message was received. We will call you back."
at 02:10 text +48600100202 "Your message was received. We will call you back."
at 04:00 text bob "status"
expect 04:02 bob "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
at 20:00 text bob "status"
expect 20:02 bob "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
at 30:00 text bob "status"
expect 30:02 bob "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
at 40:00 text bob "status"
expect 40:02 bob "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
at 50:00 text bob "status"
expect 50:02 bob "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
at 55:00 text bob "status"
expect 55:02 bob "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
at 58:00 text bob "status"
expect 58:02 bob "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
