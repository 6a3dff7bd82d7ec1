# What waits for the morning goes at once when a reload ends the quiet; an all-clear that waits when the trouble is back is never said.
site: waw-12
brand: Example Net
modems: [{name: lte0, port: /dev/modem}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
services: [{name: tv, manual: true, serves: [lodz]}, {name: voice, manual: true, serves: [kutno]}]
people:
  - {name: ada, sms: "+48600100201"}
oncall: [{who: [ada]}]
subscribers: {from: {csv: /var/lib/list.csv}, after: 1m, quiet: {from: "22:00", to: "02:00"}}
silence: off
selftest: off
---
site: waw-12
brand: Example Net
modems: [{name: lte0, port: /dev/modem}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
services: [{name: tv, manual: true, serves: [lodz]}, {name: voice, manual: true, serves: [kutno]}]
people:
  - {name: ada, sms: "+48600100201"}
oncall: [{who: [ada]}]
subscribers: {from: {csv: /var/lib/list.csv}, after: 1m, quiet: off}
silence: off
selftest: off
---
at 00:00 subscriber K-1 +48600100401 region waw
at 00:00 subscriber K-2 +48600100402 region lodz
at 00:00 subscriber K-3 +48600100403 region kutno language pl
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 01:30 text ada "ack 1"
expect 01:32 ada "waw-12 #1 yours. Quiet till all-clear."
expect 02:22 K-1 "Example Net: no Internet in waw since 00:01. We are working on it. We will text you when it is back."
at 05:00 transit-a passes
expect 05:08 ada "waw-12 #1 ALL CLEAR transit-a up 00:05Z, was down 4 min (00:01Z-00:05Z)."
at 08:00 transit-a fails
expect 08:22 ada "waw-12 #1 DOWN AGAIN transit-a 00:08Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 09:00 text ada "ack 1"
expect 09:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 22:00 order "open tv no picture"
expect 22:02 ada "waw-12 #2 OPENED tv 00:22Z by root: no picture. Reply ACK 2. Also down: transit-a."
at 25:00 order "say 2 the encoder is changed"
expect 25:02 ada "waw-12 #2 UPDATE tv since 00:22Z: the encoder is changed."
at 30:00 reload
expect 30:02 K-1 "Example Net: still disturbed in waw since 00:01."
expect 30:04 K-2 "Example Net: disturbed service in lodz since 00:22: the encoder is changed. We are working on it. We will text you when it is over."
at 40:00 order "clear 2"
expect 40:02 ada "waw-12 #2 ALL CLEAR tv 00:40Z, lasted 18 min (00:22Z-00:40Z). Still down: transit-a."
expect 40:04 K-2 "Example Net: your Internet in lodz works again since 00:40. If yours does not, switch your router off and on. We are sorry."
expect 40:06 ada "waw-12 #2 closed: 1 told, 1 cleared."
at 45:00 transit-a passes
expect 45:08 ada "waw-12 #1 ALL CLEAR transit-a up 00:45Z, was down 44 min (00:01Z-00:45Z)."
expect 45:10 K-1 "Example Net: your Internet in waw works again since 00:45. If yours does not, switch your router off and on. We are sorry."
expect 45:12 ada "waw-12 #1 closed: 1 told, 1 cleared."
