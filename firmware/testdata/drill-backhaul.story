# A drill over the spare path: the backhaul is dialled though the uplink works, and only the test page and the test room hear of it.
site: waw-12
modems: [{name: lte0, port: /dev/none}]
backhaul: [{name: cell, via: interface, interface: wwan0}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 2s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
people:
  - {name: ada, sms: "+48600100201", mail: ada@noc.example}
  - {name: bob, sms: "+48600100202", mail: bob@noc.example, role: viewer}
oncall: [{who: [ada, bob]}]
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
  statuspage: {page: abcd1234, token: {env: PAGE}, components: {waw: c1}}
partners: [{name: wholesale, hears: [transit-a], after: 0s, mail: [noc@partner.example]}]
drill:
  tell: [ada]
  for: 5m
  backhaul: true
  statuspage: {page: te5tpage, components: {waw: c2}}
  slack: {channel: noc-drill, token: {env: SLACK}}
selftest: off
---
at 01:00 order "drill"
at 01:03 shows up
at 01:30 text ada "etr 1 ?"
at 01:40 text ada "{code}"
at 03:00 order "say 1 this is a rehearsal"
at 07:00 shows up
at 10:00 order "say 1 too late"
expect 01:02 ada "waw-12 DRILL #1 OPENED drill 00:01Z by root. Reply ACK 1"
expect 01:05 ada mail over cell "[waw-12 #1] DRILL: Trouble: drill"
expect 01:05 drill:te5tpage over cell "identified: DRILL: waw: service disruption"
expect 01:05 drill:noc-drill over cell "identified: drill: trouble"
expect 01:32 ada "waw-12 code … carries out: ETR 1 ?. Reply … within 5 min. Not you? Do nothing."
expect 01:41 ada mail over cell "[waw-12 #1] DRILL: Trouble: drill"
expect 01:41 drill:te5tpage over cell "identified: DRILL: waw: service disruption"
expect 01:41 drill:noc-drill over cell "identified: drill: trouble"
expect 01:42 ada "waw-12 DRILL #1: on its way to those who were told."
expect 01:44 ada "waw-12 DRILL #1 UPDATE drill since 00:01Z: nobody knows yet when it ends."
expect 03:01 ada mail over cell "[waw-12 #1] DRILL: Trouble: drill"
expect 03:01 drill:te5tpage over cell "identified: DRILL: waw: service disruption"
expect 03:01 drill:noc-drill over cell "identified: drill: trouble"
expect 03:02 ada "waw-12 DRILL #1 UPDATE drill since 00:01Z: this is a rehearsal."
expect 06:01 ada mail over primary "[waw-12 #1] DRILL: Trouble: drill"
expect 06:01 drill:te5tpage over primary "resolved: DRILL: waw: service disruption"
expect 06:01 drill:noc-drill over primary "resolved: drill: trouble"
expect 06:02 ada "waw-12 DRILL #1 ALL CLEAR drill 00:06Z, lasted 5 min (00:01Z-00:06Z)."
expect 06:04 ada "waw-12 DRILL #1 done: first text 2.0 s, mail 5.0 s, page 5.0 s, chat 5.0 s, cellular 4.0 s, all-clear 5 min. No ACK: ada."
