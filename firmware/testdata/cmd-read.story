# What anybody listed may ask: STATUS, SIG, QUEUE, WHO, LOG, HELP and a word of it.
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
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
  - {name: dan, sms: "+48600100204", role: viewer}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text dan "status"
expect 02:02 dan "waw-12: transit-a DOWN 00:01Z. Open #1 transit-a. lte0, queue 0."
at 02:10 text dan "sig"
expect 02:12 dan "waw-12 lte0."
at 02:20 text dan "queue"
expect 02:22 dan "waw-12 queue 0, nothing failed."
at 02:30 text dan "who"
expect 02:32 dan "waw-12 on call: ada, bob after 5 min."
at 02:40 text dan "log 1"
expect 02:42 dan "waw-12 #1 …down to ada by lte0, reference 1…"
at 02:50 text dan "help"
expect 02:52 dan "waw-12 STATUS LOG WHO QUEUE SIG. HELP STATUS explains STATUS."
at 03:00 text dan "help say"
expect 03:02 dan "waw-12 SAY 7 splicing has begun = your words to all who were told of #7. It asks for a code first."
at 03:10 text dan "?"
expect 03:12 dan "waw-12 STATUS LOG WHO QUEUE SIG. HELP STATUS explains STATUS."
at 03:20 text dan "log"
expect 03:22 dan "waw-12 …answer to dan…"
at 03:30 text dan "q"
expect 03:32 dan "waw-12 queue 0, nothing failed."
at 03:40 text dan "log 9"
expect 03:42 dan "waw-12 #9 nothing is written of it."
expect 06:22 bob "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
