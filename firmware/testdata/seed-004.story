# The platform fails with the network: after 15 minutes four partner groups are told by mail, which goes by modem because there is no Internet.
# online
site: waw-12
brand: Example Pay
callback: "+48221234567"
modems: [{name: lte0, port: /dev/modem}]
backhaul: [{name: cell, via: interface, interface: wwan0}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    serves: [platform]
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
people:
  - {name: ada, sms: "+48600100201"}
oncall:
  - {who: [ada]}
channels:
  mail: {from: "noc@noc.example", smtp: {server: "smtp.noc.example:587", auth: none}}
partners:
  - {name: mps, hears: [transit-a], after: 15m, mail: [mps@partner.example]}
  - {name: subscriptions, hears: [platform], after: 15m, mail: [sub@partner.example], language: pl}
  - {name: oneshots, hears: [transit-a], after: 15m, mail: [one@partner.example, two@partner.example]}
  - {name: brazil, hears: [transit-a], after: 15m, mail: [br@partner.example]}
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text ada "ack 1"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 16:25 mps mail over cell "[waw-12 #1] No connection: transit-a"
expect 16:26 subscriptions mail over cell "[waw-12 #1] Brak połączenia: transit-a"
expect 16:27 oneshots mail over cell "[waw-12 #1] No connection: transit-a"
expect 16:28 brazil mail over cell "[waw-12 #1] No connection: transit-a"
at 17:00 order "say 1 &^ is unreachable"
at 18:00 order "say 1 a cut fibre, splicing at 01:00"
expect 18:01 mps mail over cell "[waw-12 #1] No connection: transit-a"
expect 18:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: a cut fibre, splicing at 01:00."
expect 18:02 subscriptions mail over cell "[waw-12 #1] Brak połączenia: transit-a"
expect 18:03 oneshots mail over cell "[waw-12 #1] No connection: transit-a"
expect 18:04 brazil mail over cell "[waw-12 #1] No connection: transit-a"
at 20:00 transit-a passes
expect 20:07 mps mail over primary "[waw-12 #1] No connection: transit-a"
expect 20:08 ada "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 19 min (00:01Z-00:20Z)."
expect 20:08 subscriptions mail over primary "[waw-12 #1] Brak połączenia: transit-a"
expect 20:09 oneshots mail over primary "[waw-12 #1] No connection: transit-a"
expect 20:10 brazil mail over primary "[waw-12 #1] No connection: transit-a"
expect 20:13 ada "waw-12 #1 closed: 4 told, 4 cleared."
