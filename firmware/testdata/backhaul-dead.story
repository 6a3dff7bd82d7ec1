# The cellular connection does not come up: texts go on, people hear what waits, and it goes out late when it does.
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
at 00:30 path cell dead
at 01:00 transit-a fails
at 05:00 text ada "ack 1"
at 20:00 path cell works
at 40:00 transit-a passes
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 05:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 06:22 ada "waw-12 BOX 00:06Z: cell does not connect: the network refused the call; look at the SIM. Mail and pages wait, texts go on"
expect 20:25 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 20:25 statuspage over cell "identified: waw: connections to the Internet interrupted"
expect 20:25 slack over cell "identified: transit-a: no connection"
expect 20:26 ada "waw-12 BOX 00:20Z: cell is connected; what waited for it goes out now"
expect 20:26 ada mail over cell "[waw-12] News of the box"
expect 20:27 ada mail over cell "[waw-12] News of the box"
expect 20:28 wholesale mail over cell "[waw-12 #1] No connection: transit-a"
expect 41:03 ada mail over primary "[waw-12 #1] No connection: transit-a"
expect 41:03 statuspage over primary "resolved: waw: connections to the Internet interrupted"
expect 41:03 slack over primary "resolved: transit-a: no connection"
expect 41:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:40Z, was down 39 min (00:01Z-00:40Z)."
expect 41:04 wholesale mail over primary "[waw-12 #1] No connection: transit-a"
expect 41:07 ada "waw-12 #1 closed: 1 told, 1 cleared."
