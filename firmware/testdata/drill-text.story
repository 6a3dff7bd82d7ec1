# A drill by text: the drill list is called as in an outage, and at the end everybody reads how it went; who wears no phone is named.
site: waw-12
modems: [{name: lte0, port: /dev/none}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    every: 2s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
people:
  - {name: ada, sms: "+48600100201", mail: ada@noc.example, language: en}
  - {name: bob, sms: "+48600100202", mail: bob@noc.example, language: pl}
  - {name: eve, sms: "+48600100203", mail: eve@noc.example}
oncall:
  - {who: [ada, bob], after: 0s}
  - {who: [eve], after: 5m}
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
  slack: {channel: war-room, token: {env: SLACK}}
  statuspage: {page: abcd1234, token: {env: PAGE}, components: {waw: c1}}
partners: [{name: wholesale, hears: [transit-a], after: 0s, mail: [noc@partner.example]}]
selftest: off
---
at 00:50 refuse bob never
at 01:00 order "drill"
at 01:30 shows up
at 02:12 text ada "ack"
at 11:30 shows up
expect 01:01 ada mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 01:02 ada "waw-12 DRILL #1 OPENED drill 00:01Z by root. Reply ACK 1"
expect 01:02 bob mail over primary "[waw-12 #1] ĆWICZENIA: Problem: drill"
expect 01:03 eve mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 01:06 eve "waw-12 DRILL #1 OPENED drill 00:01Z by root. Reply ACK 1"
expect 02:13 ada mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 02:14 ada "waw-12 DRILL #1 yours. Quiet till all-clear."
expect 02:14 bob mail over primary "[waw-12 #1] ĆWICZENIA: Problem: drill"
expect 02:15 eve mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 02:16 eve "waw-12 DRILL #1 drill: ada has it."
expect 11:01 ada mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 11:02 ada "waw-12 DRILL #1 ALL CLEAR drill 00:11Z, lasted 10 min (00:01Z-00:11Z)."
expect 11:02 bob mail over primary "[waw-12 #1] ĆWICZENIA: Problem: drill"
expect 11:03 eve mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 11:04 eve "waw-12 DRILL #1 ALL CLEAR drill 00:11Z, lasted 10 min (00:01Z-00:11Z)."
expect 11:06 ada "waw-12 DRILL #1 done: first text 2.0 s, ada ACK 1 min 12 s, mail 1.0 s, all-clear 10 min. Not reached: bob. No ACK: eve."
expect 11:10 eve "waw-12 DRILL #1 done: first text 2.0 s, ada ACK 1 min 12 s, mail 1.0 s, all-clear 10 min. Not reached: bob. No ACK: eve."
