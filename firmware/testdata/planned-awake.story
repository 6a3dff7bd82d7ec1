# The end of planned work in the night is told in the night, where the configuration says so; its announcement still waits for the day.
site: waw-12
brand: Example Net
timezone: Europe/Warsaw
modems: [{name: lte0, port: /dev/none}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 10s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    down: {after: 10}
    up: {after: 3, hold: 60s}
  - name: transit-b
    interface: eth1
    gateway: 192.0.2.5
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
people:
  - {name: ada, sms: "+48600100201"}
oncall: [{who: [ada]}]
selftest: off
subscribers: {from: {csv: /list.csv}, approve: {over: 2000}, quiet: {except: [maintenance-completed]}}
maintenance: [{name: splice, uplinks: [transit-a], regions: [waw], from: "2000-01-02 04:00", to: "2000-01-02 04:30", text: {en: new optics}, tell: {subscribers: [26h]}}]
---
at 00:00 subscriber K-1 +48600100401 region waw language en
at 00:00 subscriber K-2 +48600100402 region lodz language en
expect 5:00:02 K-1 "Example Net: planned work in waw, 2 Jan 04:00-04:30: new optics. Your Internet may not work then. We will text you when it is over."
at 27:05:00 transit-a fails
at 27:20:00 transit-a passes
expect 27:30:02 K-1 "Example Net: planned work in waw is over since 04:30. If your Internet does not work, switch your router off and on."
