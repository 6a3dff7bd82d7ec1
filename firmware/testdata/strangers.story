# Known numbers get a plain answer, strangers silence.
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
at 01:00 text ada "status"
expect 01:02 ada "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
at 02:00 text bob "Help"
expect 02:02 bob "waw-12 ACK 7 = I have it, or call me. STATUS SAY ETR NACK DENY HOLD GO CLEAR CANCEL OPEN SCOPE LINK LOG WHO. HELP STATUS explains STATUS; HELP MORE: the rest."
at 03:00 text ada "what is going on?"
expect 03:02 ada "waw-12 "WHAT" is not a word I know. Send ACK, STATUS or HELP."
at 04:00 text +48600999999 "ack 1"
at 05:00 text ada "akc 1"
expect 05:02 ada "waw-12 Not understood: AKC. Did you mean ACK 1?"
at 06:00 text ada "ack 1"
expect 06:02 ada "waw-12 nothing to acknowledge: no incident is open."
at 07:00 text bob "cancel 1"
expect 07:02 bob "waw-12 no incident #1 is open. Open: -"
