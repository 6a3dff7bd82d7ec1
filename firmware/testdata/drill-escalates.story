# A drill escalates as an outage does; a minute after all who were called have sent ACK it is over.
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
at 01:00 text ada "drill"
at 01:30 text ada "{code}"
at 06:40 text bob "ack"
at 07:00 text ada "ack 1"
at 09:30 text bob "drill end"
at 10:00 text bob "{code}"
expect 01:02 ada "waw-12 code … carries out: DRILL. Reply … within 5 min. Not you? Do nothing."
expect 01:31 ada mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 01:32 ada "waw-12 DRILL #1 OPENED drill 00:01Z by ada. Reply ACK 1"
expect 01:32 bob mail over primary "[waw-12 #1] ĆWICZENIA: Problem: drill"
expect 01:34 ada "waw-12 DRILL #1 begins now for ada, bob; at most 10 min. DRILL END ends it."
expect 06:32 bob "waw-12 CWICZENIA #1 ZGLOSZENIE drill 00:01Z (ada). Odpisz ACK 1"
expect 06:41 ada mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 06:42 bob "waw-12 CWICZENIA #1 Twoje. Cisza do konca alarmu."
expect 06:42 bob mail over primary "[waw-12 #1] ĆWICZENIA: Problem: drill"
expect 06:44 ada "waw-12 DRILL #1 drill: bob has it."
expect 07:02 ada "waw-12 DRILL #1 bob has it, and now you too."
expect 08:01 ada mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 08:02 ada "waw-12 DRILL #1 ALL CLEAR drill 00:08Z, lasted 6 min (00:01Z-00:08Z)."
expect 08:02 bob mail over primary "[waw-12 #1] ĆWICZENIA: Problem: drill"
expect 08:04 bob "waw-12 CWICZENIA #1 KONIEC ALARMU drill 00:08Z, trwalo 6 min (00:01Z-00:08Z)."
expect 08:06 ada "waw-12 DRILL #1 done: first text 2.0 s, bob ACK 5 min 10 s, ada ACK 5 min 30 s, mail 1.0 s, all-clear 6 min."
expect 08:08 bob "waw-12 CWICZENIA #1 koniec: pierwszy SMS 2.0 s, bob ACK 5 min 10 s, ada ACK 5 min 30 s, mail 1.0 s, odwolanie 6 min."
expect 09:32 bob "waw-12 kod … wykona: DRILL END. Odpisz … w ciagu 5 min. To nie Ty? Nic nie rob."
expect 10:02 bob "waw-12 nie ma cwiczen. DRILL je zaczyna."
