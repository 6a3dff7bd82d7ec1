# Somebody at the rack presses the button, leans on it, and holds it.
site: waw-12
modems: [{name: lte0, port: /dev/modem, number: "+48600100200"}]
uplinks:
  - name: transit-a
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10, quorum: 1}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202", language: pl}
oncall:
  - {who: [ada, bob], after: 0s}
selftest: {tell: [ada]}
board: {button: gpiochip0/21 low}
---
at 05:00 press button
expect 05:08 ada "waw-12 selftest ok: loop 4.0 s, -71 dBm, queue 0, last send never, 81% free, 45 C. Up: transit-a."
at 05:03 press button
at 05:05 hold button
at 06:00 hold button
expect 06:02 ada "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
expect 06:04 bob "waw-12: Nic otwartego. lte0, kolejka 0. Dziala: transit-a."
