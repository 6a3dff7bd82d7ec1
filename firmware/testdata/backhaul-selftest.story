# The self-test dials the spare path and has each channel prove itself over both paths; what fails is told, and told again when it works.
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
selftest: off
---
at 01:00 order "selftest"
at 05:00 refuse mail 535
at 06:00 order "selftest"
at 10:00 deliver mail
at 11:00 order "selftest"
at 15:00 path cell dead
at 16:00 order "selftest"
at 22:00 text ada "status"
expect 01:09 ada "waw-12 selftest ok: -71 dBm, mail ok 1.0 s, cell up 4.0 s, slack ok 1.0 s, statuspage ok 1.0 s, queue 0, last send never, 81% free, 45 C, audit …."
expect 06:09 ada "waw-12 selftest NOT OK: mail: the login was refused; cell: mail: the login was refused. -71 dBm (-71), slack ok 1.0 s, queue 0, audit …."
expect 11:09 ada "waw-12 selftest ok: -71 dBm (-71), mail ok 1.0 s, cell up 4.0 s, slack ok 1.0 s, statuspage ok 1.0 s, queue 0, last send 4 min ago, 81% free, audit …."
expect 19:02 ada "waw-12 selftest NOT OK: cell: did not connect in 3 min: the network refused the call; look at the SIM. -71 dBm (-71), mail ok 1.0 s, queue 0, audit …."
expect 22:02 ada "waw-12: Nothing open. cell failed its test: did not connect in 3 min: the network refused the call; look at the SIM, lte0, queue 0. Up: transit-a."
