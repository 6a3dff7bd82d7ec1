# Two uplinks that everybody hangs on fail together, and the one that went last is back first: that ends it for subscribers, until both are down again.
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
at 14:00 transit-b passes
expect 14:08 ada "waw-12 #3 ALL CLEAR transit-b up 00:14Z, was down 3 min (00:10Z-00:14Z). Still down: transit-a."
expect 14:10 K-1 "Example Net: your Internet works again since 00:14. If yours does not, switch your router off and on. We are sorry."
expect 14:12 K-2 "Example Net: your Internet works again since 00:14. If yours does not, switch your router off and on. We are sorry."
expect 14:14 K-3 "Example Net: your Internet works again since 00:14. If yours does not, switch your router off and on. We are sorry."
at 16:00 text K-3 "?"
expect 16:02 K-3 "Example Net: no outage is known on your line. If it does not work, switch your router off and on, or call us."
at 17:00 order "say 2 the cut is found"
expect 17:02 ada "waw-12 #2 UPDATE transit-a down since 00:10Z: the cut is found."
at 18:00 transit-b fails
expect 18:22 ada "waw-12 #4 DOWN transit-b 00:18Z, 2/2 lost beyond gw: upstream. eth1 ok gw ok. Reply ACK 4. Also down: transit-a."
expect 18:24 K-1 "Example Net: no Internet again since 00:18. We are working on it. We will text you when it is back."
expect 18:26 K-2 "Example Net: no Internet again since 00:18. We are working on it. We will text you when it is back."
expect 18:28 K-3 "Example Net: no Internet again since 00:18. We are working on it. We will text you when it is back."
at 22:00 transit-b passes
expect 22:08 ada "waw-12 #4 ALL CLEAR transit-b up 00:22Z, was down 4 min (00:18Z-00:22Z). Still down: transit-a."
expect 22:10 K-1 "Example Net: your Internet works again since 00:22. If yours does not, switch your router off and on. We are sorry."
expect 22:12 K-2 "Example Net: your Internet works again since 00:22. If yours does not, switch your router off and on. We are sorry."
expect 22:14 K-3 "Example Net: your Internet works again since 00:22. If yours does not, switch your router off and on. We are sorry."
at 30:00 transit-a passes
expect 30:08 ada "waw-12 #2 ALL CLEAR transit-a up 00:30Z, was down 20 min (00:10Z-00:30Z)."
expect 30:10 ada "waw-12 #2 closed: 3 told, 3 cleared."
