# The box is killed while it tells the Internet: what was in flight is looked for, nothing is lost.
site: waw-12
modems: [{name: lte0, port: /dev/none}]
backhaul: [{name: cell, via: interface, interface: wwan0, budget: {data: 500MB/month, reserve: 20%}}]
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
at 01:21 kill
at 02:00 text ada "ack 1"
at 30:00 transit-a passes
expect 01:40 statuspage over cell again "identified: waw: connections to the Internet interrupted"
expect 01:40 slack over cell again "identified: transit-a: no connection"
expect 02:01 slack over cell "identified: transit-a: no connection"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 03:21 ada mail over cell again "[waw-12 #1] No connection: transit-a"
expect 03:22 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 16:25 wholesale mail over cell "[waw-12 #1] No connection: transit-a"
expect 31:02 ada mail over primary "[waw-12 #1] No connection: transit-a"
expect 31:02 statuspage over primary "resolved: waw: connections to the Internet interrupted"
expect 31:02 slack over primary "resolved: transit-a: no connection"
expect 31:03 ada "waw-12 #1 ALL CLEAR transit-a up 00:30Z, was down 28 min (00:01Z-00:30Z)."
expect 31:03 wholesale mail over primary "[waw-12 #1] No connection: transit-a"
expect 31:06 ada "waw-12 #1 closed: 1 told, 1 cleared."
