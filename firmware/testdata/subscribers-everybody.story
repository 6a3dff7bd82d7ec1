# Two uplinks that everybody hangs on: of one that fails no subscriber hears, of both everybody does, once.
site: waw-12
brand: Example Net
modems: [{name: lte0, port: /dev/modem}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
  - name: transit-b
    gateway: 198.51.100.1
    interface: eth1
    every: 2s
    probes: [{icmp: 149.112.112.112}, {tcp: "1.0.0.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
people:
  - {name: ada, sms: "+48600100201"}
oncall:
  - {who: [ada]}
subscribers:
  from: {csv: /var/lib/list.csv}
  after: 1m
  quiet: off
selftest: off
---
at 00:00 subscriber K-1 +48600100301 region waw
at 00:00 subscriber K-2 +48600100302 region lodz
at 00:00 subscriber K-3 +48600100303 region krakow
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 04:00 transit-a passes
expect 04:08 ada "waw-12 #1 ALL CLEAR transit-a up 00:04Z, was down 3 min (00:01Z-00:04Z)."
at 10:00 transit-a fails
at 10:11 transit-b fails
expect 10:22 ada "waw-12 #2 DOWN transit-a 00:10Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 2"
expect 10:32 ada "waw-12 #3 DOWN transit-b 00:10Z, 2/2 lost beyond gw: upstream. eth1 ok gw ok. Reply ACK 3. Also down: transit-a."
expect 11:22 K-1 "Example Net: no Internet since 00:10. We are working on it. We will text you when it is back."
expect 11:24 K-2 "Example Net: no Internet since 00:10. We are working on it. We will text you when it is back."
expect 11:26 K-3 "Example Net: no Internet since 00:10. We are working on it. We will text you when it is back."
at 13:00 text K-3 "?"
expect 13:02 K-3 "Example Net: your line is hit by an outage since 00:10. We are working on it. We will text you when it is over."
at 14:00 transit-a passes
expect 14:08 ada "waw-12 #2 ALL CLEAR transit-a up 00:14Z, was down 4 min (00:10Z-00:14Z). Still down: transit-b."
expect 14:10 K-1 "Example Net: your Internet works again since 00:14. If yours does not, switch your router off and on. We are sorry."
expect 14:12 K-2 "Example Net: your Internet works again since 00:14. If yours does not, switch your router off and on. We are sorry."
expect 14:14 K-3 "Example Net: your Internet works again since 00:14. If yours does not, switch your router off and on. We are sorry."
expect 14:16 ada "waw-12 #2 closed: 3 told, 3 cleared."
at 14:21 transit-b passes
expect 14:28 ada "waw-12 #3 ALL CLEAR transit-b up 00:14Z, was down 4 min (00:10Z-00:14Z)."
