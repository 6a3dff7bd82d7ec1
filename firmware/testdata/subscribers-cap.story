# Subscribers hear twice an hour what is new, and always that it takes longer or is over.
site: waw-12
brand: Example Net
modems: [{name: lte0, port: /dev/modem}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    serves: [waw]
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
  - {name: transit-b, gateway: 198.51.100.1, interface: eth1, serves: [lodz], every: 2s, probes: [{icmp: 149.112.112.112}, {tcp: "1.0.0.1:443"}], down: {after: 10}}
people:
  - {name: ada, sms: "+48600100201"}
oncall:
  - {who: [ada]}
silence: off
subscribers:
  from: {csv: /var/lib/list.csv}
  after: 1m
  quiet: off
limits: {recipient: 100/hour}
selftest: off
---
at 00:00 subscriber K-1 +48600100301 region waw
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 01:40 text ada "ack 1"
expect 01:42 ada "waw-12 #1 yours. Quiet till all-clear."
expect 02:22 K-1 "Example Net: no Internet in waw since 00:01. We are working on it. We will text you when it is back."
at 04:00 order "say 1 the cut is found"
expect 04:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: the cut is found."
expect 04:04 K-1 "Example Net: still disturbed in waw since 00:01. The cut is found."
at 10:00 order "etr 1 02:00Z"
expect 10:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: expected to end 02:00Z."
expect 10:04 K-1 "Example Net: still disturbed in waw since 00:01, should be over by 02:00."
at 20:00 order "say 1 splicing begins"
expect 20:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing begins."
at 30:00 order "etr 1 01:30Z"
expect 30:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: expected to end 01:30Z."
at 40:00 order "etr 1 03:00Z"
expect 40:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: expected to end 03:00Z."
expect 40:04 K-1 "Example Net: still disturbed in waw since 00:01, should be over by 03:00."
at 50:00 text ada "say 1 half is done"
expect 50:02 ada "waw-12 code 6577 carries out: SAY 1 half is done. Reply 6577 within 5 min. Not you? Do nothing."
at 51:00 text ada "{code}"
expect 51:02 ada "waw-12 #1: subscribers had their updates of this hour: none goes to them until 01:10Z. The others are told."
expect 51:04 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: half is done."
at 1:05:00 order "say 1 nearly done"
expect 1:05:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: nearly done."
at 1:06:00 transit-a passes
expect 1:06:08 ada "waw-12 #1 ALL CLEAR transit-a up 01:06Z, was down 1 h 5 min (00:01Z-01:06Z)."
expect 1:06:10 K-1 "Example Net: your Internet in waw works again since 01:06. If yours does not, switch your router off and on. We are sorry."
expect 1:06:12 ada "waw-12 #1 closed: 1 told, 1 cleared."
