# A viewer reads and does nothing else; an operator approves nothing, erases nothing and restarts nothing.
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
at 02:00 text dan "ack 1"
expect 02:02 dan "waw-12 ACK needs the role operator. Ask one who has it, or send HELP."
at 02:10 text dan "hold 1"
expect 02:12 dan "waw-12 HOLD needs the role operator. Ask one who has it, or send HELP."
at 02:20 text dan "clear 1"
expect 02:22 dan "waw-12 CLEAR needs the role operator. Ask one who has it, or send HELP."
at 02:30 text ada "reboot"
expect 02:32 ada "waw-12 REBOOT needs the role approver. Ask one who has it, or send HELP."
at 02:40 text ada "erase +48600999999"
expect 02:42 ada "waw-12 ERASE needs the role approver. Ask one who has it, or send HELP."
at 02:50 text ada "approve 4F7"
expect 02:52 ada "waw-12 APPROVE needs the role approver. Ask one who has it, or send HELP."
at 03:00 text dan "deny"
expect 03:02 dan "waw-12 DENY needs the code of the plan, as texted. Send DENY 4F7."
at 03:10 text ada "stop"
expect 03:12 ada "waw-12 STOP is for subscribers. To keep words from going outside: HOLD. To silence me: MUTE 2h"
at 03:20 text ada "start"
expect 03:22 ada "waw-12 START is for subscribers. To keep words from going outside: HOLD. To silence me: MUTE 2h"
expect 06:22 bob "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
