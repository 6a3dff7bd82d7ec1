# While the clock cannot be believed a TOTP says nothing: a code comes back instead.
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
at 01:00 clock +10y
at 02:00 text ada "open billing card payments fail {totp}"
expect 02:02 ada "waw-12 my clock is not to be trusted yet. Send the command without a TOTP or a time of day: ETR 7 +2h."
at 03:00 text ada "open billing card payments fail"
expect 03:02 ada "waw-12 code … carries out: OPEN billing card payments fail. Reply … within 5 min. Not you? Do nothing."
at 03:10 text ada "{code}"
expect 03:12 ada "waw-12 #1 OPENED billing now by ada: card payments fail. Reply ACK 1"
expect 03:14 ada "waw-12 #1 opened: billing."
at 04:00 text ada "ack"
expect 04:02 ada "waw-12 #1 yours. Quiet till all-clear."
