# The tenth outage in a row is told over the backhaul like the first.
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
selftest: off
---
at 0:01:00 transit-a fails
at 0:02:00 text ada "ack 1"
at 0:05:00 transit-a passes
at 0:41:00 transit-a fails
at 0:42:00 text ada "ack 2"
at 0:45:00 transit-a passes
at 1:21:00 transit-a fails
at 1:22:00 text ada "ack 3"
at 1:25:00 transit-a passes
at 2:01:00 transit-a fails
at 2:02:00 text ada "ack 4"
at 2:05:00 transit-a passes
at 2:41:00 transit-a fails
at 2:42:00 text ada "ack 5"
at 2:45:00 transit-a passes
at 3:21:00 transit-a fails
at 3:22:00 text ada "ack 6"
at 3:25:00 transit-a passes
at 4:01:00 transit-a fails
at 4:02:00 text ada "ack 7"
at 4:05:00 transit-a passes
at 4:41:00 transit-a fails
at 4:42:00 text ada "ack 8"
at 4:45:00 transit-a passes
at 5:21:00 transit-a fails
at 5:22:00 text ada "ack 9"
at 5:25:00 transit-a passes
at 6:01:00 transit-a fails
at 6:02:00 text ada "ack 10"
at 6:05:00 transit-a passes
expect 01:21 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 02:01 ada mail over cell "[waw-12 #1] No connection: transit-a"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 06:03 ada mail over primary "[waw-12 #1] No connection: transit-a"
expect 06:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:05Z, was down 4 min (00:01Z-00:05Z)."
expect 41:21 ada mail over cell "[waw-12 #2] No connection: transit-a"
expect 41:22 ada "waw-12 #2 DOWN transit-a 00:41Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
expect 42:01 ada mail over cell "[waw-12 #2] No connection: transit-a"
expect 42:02 ada "waw-12 #2 yours. Quiet till all-clear."
expect 46:03 ada mail over primary "[waw-12 #2] No connection: transit-a"
expect 46:04 ada "waw-12 #2 ALL CLEAR transit-a up 00:45Z, was down 4 min (00:41Z-00:45Z)."
expect 1:21:21 ada mail over cell "[waw-12 #3] No connection: transit-a"
expect 1:21:22 ada "waw-12 #3 DOWN transit-a 01:21Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 3"
expect 1:22:01 ada mail over cell "[waw-12 #3] No connection: transit-a"
expect 1:22:02 ada "waw-12 #3 yours. Quiet till all-clear."
expect 1:26:03 ada mail over primary "[waw-12 #3] No connection: transit-a"
expect 1:26:04 ada "waw-12 #3 ALL CLEAR transit-a up 01:25Z, was down 4 min (01:21Z-01:25Z)."
expect 2:01:21 ada mail over cell "[waw-12 #4] No connection: transit-a"
expect 2:01:22 ada "waw-12 #4 DOWN transit-a 02:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 4"
expect 2:02:01 ada mail over cell "[waw-12 #4] No connection: transit-a"
expect 2:02:02 ada "waw-12 #4 yours. Quiet till all-clear."
expect 2:06:03 ada mail over primary "[waw-12 #4] No connection: transit-a"
expect 2:06:04 ada "waw-12 #4 ALL CLEAR transit-a up 02:05Z, was down 4 min (02:01Z-02:05Z)."
expect 2:41:21 ada mail over cell "[waw-12 #5] No connection: transit-a"
expect 2:41:22 ada "waw-12 #5 DOWN transit-a 02:41Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 5"
expect 2:42:01 ada mail over cell "[waw-12 #5] No connection: transit-a"
expect 2:42:02 ada "waw-12 #5 yours. Quiet till all-clear."
expect 2:46:03 ada mail over primary "[waw-12 #5] No connection: transit-a"
expect 2:46:04 ada "waw-12 #5 ALL CLEAR transit-a up 02:45Z, was down 4 min (02:41Z-02:45Z)."
expect 3:21:21 ada mail over cell "[waw-12 #6] No connection: transit-a"
expect 3:21:22 ada "waw-12 #6 DOWN transit-a 03:21Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 6"
expect 3:22:01 ada mail over cell "[waw-12 #6] No connection: transit-a"
expect 3:22:02 ada "waw-12 #6 yours. Quiet till all-clear."
expect 3:26:03 ada mail over primary "[waw-12 #6] No connection: transit-a"
expect 3:26:04 ada "waw-12 #6 ALL CLEAR transit-a up 03:25Z, was down 4 min (03:21Z-03:25Z)."
expect 4:01:21 ada mail over cell "[waw-12 #7] No connection: transit-a"
expect 4:01:22 ada "waw-12 #7 DOWN transit-a 04:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 7"
expect 4:02:01 ada mail over cell "[waw-12 #7] No connection: transit-a"
expect 4:02:02 ada "waw-12 #7 yours. Quiet till all-clear."
expect 4:06:03 ada mail over primary "[waw-12 #7] No connection: transit-a"
expect 4:06:04 ada "waw-12 #7 ALL CLEAR transit-a up 04:05Z, was down 4 min (04:01Z-04:05Z)."
expect 4:41:21 ada mail over cell "[waw-12 #8] No connection: transit-a"
expect 4:41:22 ada "waw-12 #8 DOWN transit-a 04:41Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 8"
expect 4:42:01 ada mail over cell "[waw-12 #8] No connection: transit-a"
expect 4:42:02 ada "waw-12 #8 yours. Quiet till all-clear."
expect 4:46:03 ada mail over primary "[waw-12 #8] No connection: transit-a"
expect 4:46:04 ada "waw-12 #8 ALL CLEAR transit-a up 04:45Z, was down 4 min (04:41Z-04:45Z)."
expect 5:21:21 ada mail over cell "[waw-12 #9] No connection: transit-a"
expect 5:21:22 ada "waw-12 #9 DOWN transit-a 05:21Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 9"
expect 5:22:01 ada mail over cell "[waw-12 #9] No connection: transit-a"
expect 5:22:02 ada "waw-12 #9 yours. Quiet till all-clear."
expect 5:26:03 ada mail over primary "[waw-12 #9] No connection: transit-a"
expect 5:26:04 ada "waw-12 #9 ALL CLEAR transit-a up 05:25Z, was down 4 min (05:21Z-05:25Z)."
expect 6:01:21 ada mail over cell "[waw-12 #10] No connection: transit-a"
expect 6:01:22 ada "waw-12 #10 DOWN transit-a 06:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 10"
expect 6:02:01 ada mail over cell "[waw-12 #10] No connection: transit-a"
expect 6:02:02 ada "waw-12 #10 yours. Quiet till all-clear."
expect 6:06:03 ada mail over primary "[waw-12 #10] No connection: transit-a"
expect 6:06:04 ada "waw-12 #10 ALL CLEAR transit-a up 06:05Z, was down 4 min (06:01Z-06:05Z)."
