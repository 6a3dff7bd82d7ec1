# A stranger who writes the box's own number into a text gets nothing done: no order is taken from it, and no wrong token counts.
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
selftest: {tell: [ada]}
---
at 01:00 order "open billing card payments fail"
at 02:00 text +48600100200 "ack 1"
at 02:10 text +48600100200 "status"
at 03:00 inspect loop lost
at 03:00 order "test modem"
at 03:30 text +48600100200 "waw-12 loop 0000"
at 04:00 text +48600100200 "waw-12 loop"
expect 01:02 ada "waw-12 #1 OPENED billing 00:01Z by root: card payments fail. Reply ACK 1"
expect 13:02 ada "waw-12 selftest NOT OK: loop: sent, not back in 10 min. -71 dBm, audit …."
