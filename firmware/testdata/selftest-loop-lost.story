# The text to its own number does not come back: the box texts out all the same and says so, twice tried, and again when it does.
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
  - {name: ada, sms: "+48600100201", mail: ada@noc.example}
oncall: [{who: [ada]}]
selftest: {tell: [ada]}
---
at 05:00 inspect loop lost
at 10:00 selftest
at 45:00 text ada "status"
at 50:00 inspect loop back
at 1:50:00 inspect loop back
expect 40:02 ada "waw-12 selftest NOT OK: loop: sent, not back in 10 min. -71 dBm, queue 0, last send never, 81% free, 45 C. Up: transit-a."
expect 45:02 ada "waw-12: Nothing open. lte0 loop: sent, not back in 10 min, lte0, queue 0. Up: transit-a."
expect 1:40:08 ada "waw-12 BOX 01:40Z: loop of lte0: works again"
