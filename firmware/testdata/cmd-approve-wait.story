# Nobody answers the plan: with then: send it goes out after the wait.
site: waw-12
modems: [{name: lte0, port: /dev/modem, number: "+48600100200"}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}, {dns: {name: example.com, server: 8.8.8.8}}]
    down: {after: 10, quorum: 2}
    up: {after: 10, hold: 60s}
    degraded: {loss: 20%, latency: 400ms, over: 60s}
partners:
  - {name: wholesale, hears: [transit-a], after: 1m, sms: ["+48600100301", "+48600100302", "+48600100303"]}
subscribers: {approve: {over: 2, wait: 10m, then: send}}
people:
  - {name: ada, sms: "+48600100201", role: approver}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text ada "ack 1"
expect 02:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 02:22 ada "waw-12 #1 transit-a: tell 3 by SMS, 9 s on lte0, reserve kept, goes at 00:12Z unless denied. APPROVE … / DENY"
expect 12:22 +48600100301 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 12:24 +48600100302 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
expect 12:26 +48600100303 "waw-12 #1 DOWN transit-a 00:01Z, upstream."
at 20:00 transit-a passes
expect 21:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 19 min (00:01Z-00:20Z)."
expect 21:06 +48600100301 "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 19 min (00:01Z-00:20Z)."
expect 21:08 +48600100302 "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 19 min (00:01Z-00:20Z)."
expect 21:10 +48600100303 "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 19 min (00:01Z-00:20Z)."
expect 21:12 ada "waw-12 #1 closed: 3 told, 3 cleared."
