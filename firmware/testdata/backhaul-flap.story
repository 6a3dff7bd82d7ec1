# A line that flaps, with a page and mail: each thread keeps its title.
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
  statuspage: {page: abcd1234, token: {env: PAGE}, components: {waw: c1}}
selftest: off
---
at 01:00 transit-a fails
at 02:00 transit-a passes
at 03:00 transit-a fails
at 04:00 transit-a passes
at 05:00 transit-a fails
at 06:00 transit-a passes
at 07:00 transit-a fails
at 20:00 transit-a passes
expect 01:21 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 01:21 statuspage over cell "identified: waw: connections to the Internet interrupted"
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 21:02 ada mail over primary "[waw-12 #1] No connection: transit-a"
expect 21:02 statuspage over primary "resolved: waw: connections to the Internet interrupted"
expect 21:03 ada "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 18 min (00:01Z-00:20Z)."
