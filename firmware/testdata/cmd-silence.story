# Nothing is heard from whoever has the incident for two hours: asked once, then the calls begin anew.
# exact: what waits ten minutes for an answer waits so long however fast the clock is told to run
site: waw-12
silence: 2h
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
expect 2:02:02 ada "waw-12 #1 is still open and yours, and nothing was heard of you. Send ACK 1 or SAY 1 and the news, or I call again."
expect 2:12:02 ada "waw-12 #1 STILL DOWN transit-a since 00:01Z (2 h 10 min), nobody has it. 3/3 lost beyond gw: upstream. Reply ACK 1"
at 2:13:00 text bob "ack 1"
expect 2:13:02 bob "waw-12 #1 yours. Quiet till all-clear."
expect 2:13:04 ada "waw-12 #1 transit-a: bob has it."
at 2:20:00 transit-a passes
expect 2:21:04 ada "waw-12 #1 ALL CLEAR transit-a up 02:20Z, was down 2 h 19 min (00:01Z-02:20Z)."
