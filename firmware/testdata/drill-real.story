# Something real ends a drill at once: its alarm goes first. With something real open there is no drill, and DRILL END ends one.
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
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
  slack: {channel: war-room, token: {env: SLACK}}
  statuspage: {page: abcd1234, token: {env: PAGE}, components: {waw: c1}}
partners: [{name: wholesale, hears: [transit-a], after: 0s, mail: [noc@partner.example]}]
selftest: off
---
at 01:00 order "drill"
at 01:05 transit-a fails
at 02:00 order "drill"
at 02:10 text ada "ack"
at 03:00 transit-a passes
at 05:00 order "drill"
at 05:30 order "drill"
at 05:40 order "drill end"
at 06:30 order "drill end"
expect 01:01 ada mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 01:02 ada "waw-12 DRILL #1 OPENED drill 00:01Z by root. Reply ACK 1"
expect 01:02 bob mail over primary "[waw-12 #1] ĆWICZENIA: Problem: drill"
expect 01:25 ada mail over primary "[waw-12 #2] No connection: transit-a"
expect 01:25 statuspage over primary "identified: Connections to the Internet interrupted"
expect 01:25 slack over primary "identified: transit-a: no connection"
expect 01:26 ada "waw-12 #2 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
expect 01:26 bob mail over primary "[waw-12 #2] Brak połączenia: transit-a"
expect 01:27 ada mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 01:28 ada "waw-12 DRILL #1 BROKEN OFF 00:01Z: a real incident is open. Forget the drill."
expect 01:28 bob mail over primary "[waw-12 #1] ĆWICZENIA: Problem: drill"
expect 01:29 wholesale mail over primary "[waw-12 #2] No connection: transit-a"
expect 02:11 ada mail over primary "[waw-12 #2] No connection: transit-a"
expect 02:11 slack over primary "identified: transit-a: no connection"
expect 02:12 ada "waw-12 #2 yours. Quiet till all-clear."
expect 02:12 bob mail over primary "[waw-12 #2] Brak połączenia: transit-a"
expect 04:03 ada mail over primary "[waw-12 #2] No connection: transit-a"
expect 04:03 statuspage over primary "resolved: Connections to the Internet interrupted"
expect 04:03 slack over primary "resolved: transit-a: no connection"
expect 04:04 ada "waw-12 #2 ALL CLEAR transit-a up 00:03Z, was down 1 min (00:01Z-00:03Z)."
expect 04:04 bob mail over primary "[waw-12 #2] Brak połączenia: transit-a"
expect 04:05 wholesale mail over primary "[waw-12 #2] No connection: transit-a"
expect 04:08 ada "waw-12 #2 closed: 1 told, 1 cleared."
expect 05:01 ada mail over primary "[waw-12 #3] DRILL: Trouble: drill"
expect 05:02 ada "waw-12 DRILL #3 OPENED drill 00:05Z by root. Reply ACK 3"
expect 05:02 bob mail over primary "[waw-12 #3] ĆWICZENIA: Problem: drill"
expect 05:41 ada mail over primary "[waw-12 #3] DRILL: Trouble: drill"
expect 05:42 ada "waw-12 DRILL #3 ALL CLEAR drill 00:05Z, lasted 40 s (00:05Z-00:05Z)."
expect 05:42 bob mail over primary "[waw-12 #3] ĆWICZENIA: Problem: drill"
expect 05:45 ada "waw-12 DRILL #3 done: first text 2.0 s, mail 1.0 s, all-clear 41 s. No ACK: ada."
expect 05:47 bob "waw-12 CWICZENIA #3 koniec: pierwszy SMS 2.0 s, mail 1.0 s, odwolanie 41 s. Bez ACK: ada."
