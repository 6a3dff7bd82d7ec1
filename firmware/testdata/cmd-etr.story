# ETR promises an end; when the time has passed, whoever has the incident is asked for news.
# exact: the hour that was promised is one of the clock on the wall.
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
at 03:00 text ada "etr 1 00:30"
expect 03:02 ada "waw-12 code … carries out: ETR 1 00:30. Reply … within 5 min. Not you? Do nothing."
at 03:10 text ada "{code}"
expect 03:12 ada "waw-12 #1: on its way to those who were told."
expect 03:14 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: expected to end 00:30Z."
expect 30:02 ada "waw-12 #1: 1 Jan 00:30Z was promised and has passed. Send ETR 1 +1h or SAY 1 and the news."
at 35:00 text ada "etr 1 ?"
expect 35:02 ada "waw-12 code … carries out: ETR 1 ?. Reply … within 5 min. Not you? Do nothing."
at 35:10 text ada "{code}"
expect 35:12 ada "waw-12 #1: on its way to those who were told."
expect 35:14 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: nobody knows yet when it ends."
at 36:00 transit-a passes
expect 37:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:36Z, was down 35 min (00:01Z-00:36Z)."
