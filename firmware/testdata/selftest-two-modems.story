# Each modem proves itself, also the one that carries texts only when no other can; one that cannot send is found out.
site: waw-12
modems: [{name: lte0, port: /dev/none, number: "+48600100200"}, {name: lte1, port: /dev/other, number: "+48600100210", fallback: true}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    every: 2s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    down: {after: 10}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
oncall: [{who: [ada]}]
selftest: {tell: [ada]}
---
at 01:00 order "test modem"
at 05:00 bar lte1
at 06:00 order "test modem"
at 18:00 free lte1
expect 01:09 ada "waw-12 selftest ok: lte0 loop 4.0 s, lte1 loop 4.0 s, lte0 -71 dBm, lte1 -71 dBm, audit …."
expect 16:02 ada "waw-12 selftest NOT OK: lte1 loop: CMS 50. lte0 loop 4.0 s (4.0), lte0 -71 dBm (-71), lte1 -71 dBm (-71), audit …."
