# What fails is tried again after ten minutes before it is told, then hourly and quietly; it stays in STATUS, and its mending is told once.
site: waw-12
modems: [{name: lte0, port: /dev/none, number: "+48600100200", credit: {ussd: "*101#", match: '([0-9.]+) EUR', low: 5}}]
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
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
selftest: {tell: [ada], every: "00:10"}
---
at 05:00 inspect credit 1.20
at 05:00 refuse mail 535
at 10:00 selftest
at 15:00 deliver mail
at 40:00 text ada "status"
at 1:10:00 inspect credit 21.20
at 1:40:00 text ada "status"
expect 20:11 ada "waw-12 selftest NOT OK: credit 1.20 low. loop 4.0 s, -71 dBm, mail ok 1.0 s, queue 0, last send never, 81% free, 45 C. Up: transit-a."
expect 40:02 ada "waw-12: Nothing open. lte0 credit 1.20 low, lte0, queue 0. Up: transit-a."
expect 1:20:12 ada mail over primary "[waw-12] News of the box"
expect 1:20:13 ada "waw-12 BOX 01:20Z: credit of lte0: works again"
expect 1:40:02 ada "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
