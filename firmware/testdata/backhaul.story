# A cut: the people on call are texted, then the box dials out and tells staff, war room, page and a partner.
site: waw-12
modems: [{name: lte0, port: /dev/none}]
backhaul: [{name: cell, via: interface, interface: wwan0}]
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
  slack: {channel: war-room, token: {env: SLACK}}
  statuspage: {page: abcd1234, token: {env: PAGE}, components: {waw: c1}}
partners: [{name: wholesale, hears: [transit-a], after: 15m, mail: [noc@partner.example]}]
selftest: off
---
at 01:00 transit-a fails
at 05:00 text ada "ack 1"
at 30:00 transit-a passes
expect 01:21 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 01:21 statuspage over cell "identified: waw: connections to the Internet interrupted"
expect 01:21 slack over cell "identified: transit-a: no connection"
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 05:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 05:05 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 05:05 slack over cell "identified: transit-a: no connection"
expect 16:25 wholesale mail over cell "[waw-12 #1] No connection: transit-a"
expect 31:03 ada mail over primary "[waw-12 #1] No connection: transit-a"
expect 31:03 statuspage over primary "resolved: waw: connections to the Internet interrupted"
expect 31:03 slack over primary "resolved: transit-a: no connection"
expect 31:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:30Z, was down 29 min (00:01Z-00:30Z)."
expect 31:04 wholesale mail over primary "[waw-12 #1] No connection: transit-a"
expect 31:07 ada "waw-12 #1 closed: 1 told, 1 cleared."
