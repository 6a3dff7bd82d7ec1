# The site's power fails, the box dies with it twelve minutes later, and tells for how long it was dark.
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
selftest: off
board: {power_fail: gpiochip0/20}
---
at 10:00 power fails
expect 10:02 ada "waw-12 SITE POWER LOST 00:10Z…"
expect 10:04 bob "waw-12 BRAK ZASILANIA 00:10Z…"
at 11:00 dark 12m
expect 23:32 ada "waw-12 SITE POWER BACK 00:23Z, was dark 13 min."
expect 23:34 bob "waw-12 ZASILANIE WROCILO 00:23Z, nie bylo 13 min."
at 40:00 power fails
expect 40:02 ada "waw-12 SITE POWER LOST 00:40Z…"
expect 40:04 bob "waw-12 BRAK ZASILANIA 00:40Z…"
at 41:00 power returns
at 41:10 power fails
at 41:20 power returns
expect 41:52 ada "waw-12 SITE POWER BACK 00:41Z, was dark 1 min."
expect 41:54 bob "waw-12 ZASILANIE WROCILO 00:41Z, nie bylo 1 min."
