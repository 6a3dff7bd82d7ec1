# A reload in an outage takes away the backhaul that is up, the war room and a partner: the other backhaul takes over, and who was told is cleared where there is still a way.
site: waw-12
modems: [{name: lte0, port: /dev/none}]
backhaul: [{name: cell, via: interface, interface: wwan0}, {name: stick, via: interface, interface: wwan1}]
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
partners: [{name: wholesale, hears: [transit-a], after: 2m, mail: [noc@partner.example]}]
selftest: off
---
site: waw-12
modems: [{name: lte0, port: /dev/none}]
backhaul: [{name: stick, via: interface, interface: wwan1}]
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
selftest: off
---
at 01:00 transit-a fails
at 10:00 reload
at 10:10 text ada "ack 1"
at 30:00 transit-a passes
at 33:00 text ada "status"
expect 01:21 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 01:21 slack over cell "identified: transit-a: no connection"
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 03:21 noc@partner.example mail over cell "[waw-12 #1] No connection: transit-a"
expect 10:12 ada "waw-12 #1 yours. Quiet till all-clear."
expect 10:15 ada mail over stick "[waw-12 #1] No connection: transit-a"
expect 31:03 ada mail over primary "[waw-12 #1] No connection: transit-a"
expect 31:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:30Z, was down 29 min (00:01Z-00:30Z)."
expect 31:04 noc@partner.example mail over primary "[waw-12 #1] No connection: transit-a"
expect 31:07 ada "waw-12 #1 closed: 1 told, 1 cleared."
expect 33:02 ada "waw-12: Nothing open. lte0, queue 0. Up: transit-a."
