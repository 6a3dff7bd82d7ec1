# What can wait waits for whoever sleeps: the self-test of the schedule, and that half of the budget is used up. A test that was asked for, mail, news that is urgent and alarms do not; who has no quiet hours gets all at once.
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
  - {name: bob, sms: "+48600100202", quiet: off}
  - {name: eve, sms: "+48600100203", quiet: {from: "00:10", to: "00:20"}}
oncall: [{who: [ada, bob, eve]}]
quiet: {from: "22:00", to: "00:30"}
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
  slack: {channel: war-room, token: {env: SLACK}}
  statuspage: {page: abcd1234, token: {env: PAGE}, components: {waw: c1}}
selftest: off
---
at 05:00 selftest
at 08:00 spent cell 50
at 11:00 order "selftest"
at 15:00 spent cell 85
at 25:00 transit-a fails
at 26:00 text bob "ack"
at 40:00 transit-a passes
expect 05:09 bob "waw-12 selftest ok: -71 dBm, mail ok 1.0 s, cell up 4.0 s, slack ok 1.0 s, statuspage ok 1.0 s, queue 0, last send never, 81% free, 45 C. Up: transit-a."
expect 05:11 eve "waw-12 selftest ok: -71 dBm, mail ok 1.0 s, cell up 4.0 s, slack ok 1.0 s, statuspage ok 1.0 s, queue 0, last send never, 81% free, 45 C. Up: transit-a."
expect 08:01 ada mail over primary "[waw-12] News of the box"
expect 08:02 bob "waw-12 BOX 00:08Z: cell has used 50 % of its 500 MB"
expect 08:04 eve "waw-12 BOX 00:08Z: cell has used 50 % of its 500 MB"
expect 11:09 ada "waw-12 selftest ok: -71 dBm (-71), mail ok 1.0 s, cell up 4.0 s, slack ok 1.0 s, statuspage ok 1.0 s, queue 2, last send 3 min ago, 81% free, audit …"
expect 11:11 bob "waw-12 selftest ok: -71 dBm (-71), mail ok 1.0 s, cell up 4.0 s, slack ok 1.0 s, statuspage ok 1.0 s, queue 2, last send 3 min ago, 81% free, audit …"
expect 11:13 eve "waw-12 selftest ok: -71 dBm (-71), mail ok 1.0 s, cell up 4.0 s, slack ok 1.0 s, statuspage ok 1.0 s, queue 2, last send 3 min ago, 81% free, audit …"
expect 15:01 ada mail over primary "[waw-12] News of the box"
expect 15:02 ada "waw-12 BOX 00:15Z: cell has used 85 % of its 500 MB: the rest is for you and all-clears, other mail and pages wait"
expect 15:04 bob "waw-12 BOX 00:15Z: cell has used 85 % of its 500 MB: the rest is for you and all-clears, other mail and pages wait"
expect 15:06 eve "waw-12 BOX 00:15Z: cell has used 85 % of its 500 MB: the rest is for you and all-clears, other mail and pages wait"
expect 25:21 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 25:21 slack over cell "identified: transit-a: no connection"
expect 25:22 ada "waw-12 #1 DOWN transit-a 00:25Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 25:24 bob "waw-12 #1 DOWN transit-a 00:25Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 25:26 eve "waw-12 #1 DOWN transit-a 00:25Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 26:01 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 26:01 slack over cell "identified: transit-a: no connection"
expect 26:02 bob "waw-12 #1 yours. Quiet till all-clear."
expect 26:04 ada "waw-12 #1 transit-a: bob has it."
expect 26:06 eve "waw-12 #1 transit-a: bob has it."
expect 30:02 ada "waw-12 BOX 00:08Z: cell has used 50 % of its 500 MB"
expect 30:04 ada "waw-12 selftest ok: -71 dBm, mail ok 1.0 s, cell up 4.0 s, slack ok 1.0 s, statuspage ok 1.0 s, queue 0, last send never, 81% free, 45 C. Up: transit-a."
expect 41:03 ada mail over primary "[waw-12 #1] No connection: transit-a"
expect 41:03 slack over primary "resolved: transit-a: no connection"
expect 41:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:40Z, was down 15 min (00:25Z-00:40Z)."
expect 41:06 bob "waw-12 #1 ALL CLEAR transit-a up 00:40Z, was down 15 min (00:25Z-00:40Z)."
expect 41:08 eve "waw-12 #1 ALL CLEAR transit-a up 00:40Z, was down 15 min (00:25Z-00:40Z)."
