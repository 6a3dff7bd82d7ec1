# MAINT: what fails in its window wakes nobody; what lasts beyond it does.
# exact: an hour of maintenance is an hour, however fast the clock is told to run.
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
at 01:00 text ada "maint start transit-a 10m new optics"
expect 01:02 ada "waw-12 code … carries out: MAINT START transit-a 10m new optics. Reply … within 5 min. Not you? Do nothing."
at 01:10 text ada "{code}"
expect 01:12 ada "waw-12 transit-a: maintenance until 00:11Z, its probes wake nobody. MAINT END transit-a ends it."
at 02:00 transit-a fails
at 03:00 text ada "status"
expect 03:02 ada "waw-12: maintenance transit-a until 00:11Z, transit-a DOWN 00:02Z. Nothing open. lte0, queue 0."
expect 11:12 ada "waw-12 #1 DOWN transit-a 00:02Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 15:00 text ada "ack"
expect 15:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 16:00 transit-a passes
expect 17:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:16Z, was down 14 min (00:02Z-00:16Z)."
