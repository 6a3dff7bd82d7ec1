# In the quiet of the night subscribers read one text in the morning with what is true by then: the newest of an outage that they know of, the first word with the words that came since, and nothing of what is over.
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
subscribers: {from: {csv: /var/lib/list.csv}, after: 1m, quiet: {from: "22:00", to: "00:30"}}
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
at 02:00 order "open tv no picture"
expect 02:02 ada "waw-12 #2 OPENED tv 00:02Z by root: no picture. Reply ACK 2. Also down: transit-a."
expect 02:22 K-1 "Example Net: no Internet in waw since 00:01. We are working on it. We will text you when it is back."
at 03:00 order "open voice no dial tone"
expect 03:02 ada "waw-12 #3 OPENED voice 00:03Z by root: no dial tone. Reply ACK 3. Also down: transit-a."
at 05:00 order "say 1 the cut is found"
expect 05:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: the cut is found."
at 06:00 order "etr 1 00:20Z"
expect 06:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: expected to end 00:20Z."
at 08:00 order "say 2 the encoder is changed"
expect 08:02 ada "waw-12 #2 UPDATE tv since 00:02Z: the encoder is changed."
at 10:00 order "say 1 splicing has begun"
expect 10:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing has begun."
at 12:00 kill
at 15:00 order "say 3 a card is changed"
expect 15:02 ada "waw-12 #3 UPDATE voice since 00:03Z: a card is changed."
at 20:00 order "clear 3"
expect 20:02 ada "waw-12 #1: 1 Jan 00:20Z was promised and has passed. Send ETR 1 +1h or SAY 1 and the news."
expect 20:04 ada "waw-12 #3 ALL CLEAR voice 00:20Z, lasted 17 min (00:03Z-00:20Z). Still down: transit-a."
expect 30:02 K-1 "Example Net: still disturbed in waw since 00:01. Splicing has begun."
expect 30:04 K-2 "Example Net: disturbed service in lodz since 00:02: the encoder is changed. We are working on it. We will text you when it is over."
at 40:00 order "clear 2"
expect 40:02 ada "waw-12 #2 ALL CLEAR tv 00:40Z, lasted 38 min (00:02Z-00:40Z). Still down: transit-a."
expect 40:04 K-2 "Example Net: your Internet in lodz works again since 00:40. If yours does not, switch your router off and on. We are sorry."
expect 40:06 ada "waw-12 #2 closed: 1 told, 1 cleared."
at 45:00 transit-a passes
expect 45:08 ada "waw-12 #1 ALL CLEAR transit-a up 00:45Z, was down 44 min (00:01Z-00:45Z)."
expect 45:10 K-1 "Example Net: your Internet in waw works again since 00:45. If yours does not, switch your router off and on. We are sorry."
expect 45:12 ada "waw-12 #1 closed: 1 told, 1 cleared."
