# Hospitals are told before all others, and at night too: what others hear in the morning they have heard, and nothing of it twice.
site: waw-12
brand: Example Net
modems: [{name: lte0, port: /dev/modem}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    serves: [waw]
    every: 10s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 2}
    up: {after: 3, hold: 4s}
  - {name: transit-b, gateway: 198.51.100.1, interface: eth1, serves: [lodz], every: 10s, probes: [{icmp: 149.112.112.112}, {tcp: "1.0.0.1:443"}], down: {after: 2}, up: {after: 3, hold: 4s}}
people:
  - {name: ada, sms: "+48600100201", role: approver}
oncall:
  - {who: [ada]}
silence: off
subscribers:
  from: {csv: /var/lib/list.csv}
  after: 1m
  first: [Hospital]
  quiet: {from: "00:30", to: "02:00", except: [cancelled]}
  awake: [Hospital]
selftest: off
---
at 00:00 subscriber A-1 +48600100301 region waw
at 00:00 subscriber H-2 +48600100302 region waw class hospital
at 00:00 subscriber L-3 +48600100303 region lodz
at 00:00 subscriber L-4 +48600100304 region lodz class hospital
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 02:22 H-2 "Example Net: no Internet in waw since 00:01. We are working on it. We will text you when it is back."
expect 02:24 A-1 "Example Net: no Internet in waw since 00:01. We are working on it. We will text you when it is back."
at 03:00 order "ack 1"
expect 03:02 ada "waw-12 #1 transit-a: root has it."
at 10:00 order "say 1 the cut is found"
expect 10:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: the cut is found."
expect 10:04 A-1 "Example Net: still disturbed in waw since 00:01. The cut is found."
expect 10:06 H-2 "Example Net: still disturbed in waw since 00:01. The cut is found."
at 40:00 order "say 1 splicing"
expect 40:02 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: splicing."
expect 40:04 H-2 "Example Net: still disturbed in waw since 00:01. Splicing."
at 45:00 transit-b fails
expect 45:22 ada "waw-12 #2 DOWN transit-b 00:45Z, 2/2 lost beyond gw: upstream. eth1 ok gw ok. Reply ACK 2. Also down: transit-a."
expect 46:22 L-4 "Example Net: no Internet in lodz since 00:45. We are working on it. We will text you when it is back."
at 48:00 order "ack 2"
expect 48:02 ada "waw-12 #2 transit-b: root has it."
at 1:00:00 transit-b passes
expect 1:00:32 ada "waw-12 #2 ALL CLEAR transit-b up 01:00Z, was down 15 min (00:45Z-01:00Z). Still down: transit-a."
expect 1:00:34 L-4 "Example Net: your Internet in lodz works again since 01:00. If yours does not, switch your router off and on. We are sorry."
expect 1:00:36 ada "waw-12 #2 closed: 1 told, 1 cleared."
at 1:30:00 transit-a passes
expect 1:30:32 ada "waw-12 #1 ALL CLEAR transit-a up 01:30Z, was down 1 h 29 min (00:01Z-01:30Z)."
expect 1:30:34 H-2 "Example Net: your Internet in waw works again since 01:30. If yours does not, switch your router off and on. We are sorry."
expect 2:00:02 A-1 "Example Net: your Internet in waw works again since 01:30. If yours does not, switch your router off and on. We are sorry."
expect 2:00:04 ada "waw-12 #1 closed: 2 told, 2 cleared."
at 2:05:00 order "who"
