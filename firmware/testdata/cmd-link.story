# LINK makes one incident part of another: one ACK is enough, each has its own all-clear.
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
  - name: transit-b
    gateway: 192.0.2.129
    interface: eth1
    every: 2s
    probes: [{icmp: 9.9.9.7}, {tcp: "1.1.1.7:443"}, {dns: {name: example.com, server: 8.8.8.7}}]
    down: {after: 10, quorum: 2}
    up: {after: 10, hold: 60s}
    degraded: {loss: 20%, latency: 400ms, over: 60s}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 01:40 transit-b fails
expect 02:02 ada "waw-12 #2 DOWN transit-b 00:01Z, 3/3 lost beyond gw: upstream. eth1 ok gw ok. Reply ACK 2. Also down: transit-a."
at 02:10 text ada "link 1 2"
expect 02:12 ada "waw-12 code … carries out: LINK 1 2. Reply … within 5 min. Not you? Do nothing."
at 02:20 text ada "{code}"
expect 02:22 ada "waw-12 #2 is part of #1 now: it calls nobody by itself."
at 03:00 text ada "ack 1"
expect 03:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 04:00 text ada "link 2 1"
expect 04:02 ada "waw-12 code … carries out: LINK 2 1. Reply … within 5 min. Not you? Do nothing."
at 04:10 text ada "{code}"
expect 04:12 ada "waw-12 #2 is part of #1 now: it calls nobody by itself."
at 05:00 transit-b passes
expect 06:04 ada "waw-12 #2 ALL CLEAR transit-b up 00:05Z, was down 3 min (00:01Z-00:05Z). Still down: transit-a."
at 07:00 transit-a passes
expect 08:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:07Z, was down 6 min (00:01Z-00:07Z)."
