# The uplink looks well and carries nothing: in an incident the first failed connect moves everything to the backhaul.
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
at 00:30 path primary dead
at 01:00 order "open billing cards fail"
at 04:00 text ada "ack 1"
at 05:00 path primary works
at 20:00 order "clear 1"
expect 01:02 ada "waw-12 #1 OPENED billing 00:01Z by root: cards fail. Reply ACK 1"
expect 01:16 ada mail over cell "[waw-12 #1] Trouble: billing"
expect 01:16 statuspage over cell "identified: Service disruption"
expect 01:16 slack over cell "identified: billing: trouble"
expect 04:01 ada mail over cell "[waw-12 #1] Trouble: billing"
expect 04:01 slack over cell "identified: billing: trouble"
expect 04:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 20:01 ada mail over primary "[waw-12 #1] Trouble: billing"
expect 20:01 statuspage over primary "resolved: Service disruption"
expect 20:01 slack over primary "resolved: billing: trouble"
expect 20:02 ada "waw-12 #1 ALL CLEAR billing 00:20Z, lasted 19 min (00:01Z-00:20Z)."
