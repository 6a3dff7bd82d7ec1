# The budget is used up to its reserve: the war room and staff hear, the page and partners wait.
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
at 00:30 spent cell 50
at 00:40 spent cell 80
at 01:00 transit-a fails
at 05:00 text ada "ack 1"
at 20:00 spent cell 100
at 20:10 text ada "status"
at 30:00 transit-a passes
expect 00:31 ada mail over primary "[waw-12] News of the box"
expect 00:32 ada "waw-12 BOX 00:00Z: cell has used 50 % of its 500 MB"
expect 00:41 ada mail over primary "[waw-12] News of the box"
expect 00:42 ada "waw-12 BOX 00:00Z: cell has used 80 % of its 500 MB: the rest is for you and all-clears, other mail and pages wait"
expect 01:21 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 01:21 slack over cell "identified: transit-a: no connection"
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 05:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 05:05 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 05:05 slack over cell "identified: transit-a: no connection"
expect 20:02 ada "waw-12 BOX 00:20Z: cell has used 100 % of its 500 MB: all used up. Mail and pages wait for the next period, or set backhaul budget higher"
expect 20:12 ada "waw-12: transit-a DOWN 00:01Z. Open #1 transit-a (ada). lte0, queue 3."
expect 31:03 ada mail over primary "[waw-12] News of the box"
expect 31:03 slack over primary "resolved: transit-a: no connection"
expect 31:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:30Z, was down 29 min (00:01Z-00:30Z)."
expect 31:04 ada mail over primary "[waw-12 #1] No connection: transit-a"
