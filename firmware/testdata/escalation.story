# Nobody answers: the next person after 5 min, a reminder after 30; then bob takes it and ada hears so.
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
expect 06:22 bob "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 31:22 ada "waw-12 #1 STILL DOWN transit-a since 00:01Z (30 min), nobody has it. 3/3 lost beyond gw: upstream. Reply ACK 1"
expect 31:24 bob "waw-12 #1 STILL DOWN transit-a since 00:01Z (30 min), nobody has it. 3/3 lost beyond gw: upstream. Reply ACK 1"
at 40:00 text bob "ACK"
expect 40:02 bob "waw-12 #1 yours. Quiet till all-clear."
expect 40:04 ada "waw-12 #1 transit-a: bob has it."
at 50:00 transit-a passes
expect 51:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:50Z, was down 49 min (00:01Z-00:50Z)."
expect 51:06 bob "waw-12 #1 ALL CLEAR transit-a up 00:50Z, was down 49 min (00:01Z-00:50Z)."
