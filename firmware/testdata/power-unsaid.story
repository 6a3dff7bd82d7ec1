# The power fails while the modem is away: when it is back, so is the power, and only that is told.
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
board: {power_fail: gpiochip0/20}
---
at 09:00 modem lte0 port lost
at 10:00 power fails
at 12:00 power returns
at 14:00 modem lte0 ready
expect 14:02 ada "waw-12 SITE POWER BACK 00:12Z, was dark 2 min."
expect 14:04 bob "waw-12 ZASILANIE WROCILO 00:12Z, nie bylo 2 min."
