# Another box's self-test texts come here and are never orders; when none comes for too long it is told once, and stays in STATUS until one does.
site: waw-12
modems: [{name: lte0, port: /dev/none, number: "+48600100200"}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 2s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    down: {after: 10}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
oncall: [{who: [ada]}]
selftest: {tell: [ada], every: "00:30"}
peers: [{name: lodz-3, number: "+48600100400", every: 2h}]
---
at 05:00 order "open billing card payments fail"
at 10:00 text +48600100400 "lodz-3 selftest ok: loop 5.0 s."
at 11:00 text +48600100400 "ack 1"
at 12:00 text ada "clear 1"
at 30:00 selftest
at 2:20:00 text ada "status"
at 2:40:00 text +48600100400 "lodz-3 selftest ok: loop 5.1 s."
at 2:50:00 text ada "status"
expect 05:02 ada "waw-12 #1 OPENED billing 00:05Z by root: card payments fail. Reply ACK 1"
expect 12:02 ada "waw-12 code … carries out: CLEAR 1. Reply … within 5 min. Not you? Do nothing."
expect 30:08 ada "waw-12 selftest ok: loop 4.0 s, -71 dBm, queue 0, last send 18 min ago, 81% free, 45 C, audit …. Up: transit-a."
expect 30:10 +48600100400 "waw-12 selftest ok: loop 4.0 s, -71 dBm, queue 0, last send 18 min ago, 81% free, 45 C, audit …. Up: transit-a."
expect 2:11:02 ada "waw-12 BOX 02:11Z: no self-test from lodz-3 since 00:11Z"
expect 2:20:02 ada "waw-12: Open #1 billing. no self-test from lodz-3 since 00:11Z, lte0, queue 0. Up: transit-a."
expect 2:40:02 ada "waw-12 BOX 02:40Z: lodz-3 is heard of again"
expect 2:50:02 ada "waw-12: Open #1 billing. lte0, queue 0. Up: transit-a."
