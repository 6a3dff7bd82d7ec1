# A hand-over tells both what is open and promised; SWAP and TAKE change who has duty until it ends.
# exact: the hour of a hand-over is one of the clock on the wall
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
  - {who: [duty], after: 0s}
  - {who: [bob], after: 5m}
rota:
  - {name: duty, turns: [ada, bob], handover: "01:00", from: 2000-01-01}
selftest: off
---
at 01:00 text ada "who"
expect 01:02 ada "waw-12 on call: bob, bob after 5 min. duty until 01:00Z."
at 02:00 transit-a fails
expect 02:22 bob "waw-12 #1 DOWN transit-a 00:02Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 03:00 text bob "ack"
expect 03:02 bob "waw-12 #1 yours. Quiet till all-clear."
at 04:00 text bob "etr 1 03:00"
expect 04:02 bob "waw-12 code … carries out: ETR 1 03:00. Reply … within 5 min. Not you? Do nothing."
at 04:10 text bob "{code}"
expect 04:12 bob "waw-12 #1: on its way to those who were told."
expect 04:14 bob "waw-12 #1 UPDATE transit-a down since 00:02Z: expected to end 03:00Z."
expect 1:00:02 ada "waw-12 DUTY ada, was bob until 2 Jan 01:00Z. Open #1 transit-a (bob, told 1, 03:00Z)."
expect 1:00:04 bob "waw-12 DUTY ada, was bob until 2 Jan 01:00Z. Open #1 transit-a (bob, told 1, 03:00Z)."
at 1:30:00 transit-a passes
expect 1:31:04 bob "waw-12 #1 ALL CLEAR transit-a up 01:30Z, was down 1 h 28 min (00:02Z-01:30Z)."
at 2:00:00 text ada "who"
expect 2:00:02 ada "waw-12 on call: ada, bob after 5 min. duty until 2 Jan 01:00Z."
at 2:01:00 text ada "swap bob"
expect 2:01:02 ada "waw-12 code … carries out: SWAP bob. Reply … within 5 min. Not you? Do nothing."
at 2:01:10 text ada "{code}"
expect 2:01:12 ada "waw-12 bob has duty until 2 Jan 01:00Z."
expect 2:01:14 ada "waw-12 DUTY bob, was ada until 3 Jan 01:00Z. Nothing open."
expect 2:01:16 bob "waw-12 DUTY bob, was ada until 3 Jan 01:00Z. Nothing open."
at 2:02:00 text ada "who"
expect 2:02:02 ada "waw-12 on call: bob, bob after 5 min. duty until 3 Jan 01:00Z."
at 2:03:00 text ada "take"
expect 2:03:02 ada "waw-12 code … carries out: TAKE. Reply … within 5 min. Not you? Do nothing."
at 2:03:10 text ada "{code}"
expect 2:03:12 ada "waw-12 ada has duty until 3 Jan 01:00Z."
expect 2:03:14 ada "waw-12 DUTY ada, was bob until 4 Jan 01:00Z. Nothing open."
expect 2:03:16 bob "waw-12 DUTY ada, was bob until 4 Jan 01:00Z. Nothing open."
at 2:04:00 text bob "swap ada"
expect 2:04:02 bob "waw-12 code … carries out: SWAP ada. Reply … within 5 min. Not you? Do nothing."
at 2:04:10 text bob "{code}"
expect 2:04:12 bob "waw-12 bob has no duty now. WHO tells who has."
at 2:10:00 transit-a fails
expect 2:10:22 ada "waw-12 #2 DOWN transit-a 02:10Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
at 2:11:00 text ada "ack"
expect 2:11:02 ada "waw-12 #2 yours. Quiet till all-clear."
at 2:12:00 transit-a passes
expect 2:13:04 ada "waw-12 #2 ALL CLEAR transit-a up 02:12Z, was down 2 min (02:10Z-02:12Z)."
