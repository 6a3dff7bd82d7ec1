# RESEND says the same words again to whom they could not be delivered.
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
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 00:30 refuse bob never
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 08:00 text ada "queue"
expect 08:02 ada "waw-12 queue 0, not delivered 1: 2 down bob #1 (CMS 1). RESEND 2"
at 09:00 deliver bob
at 09:10 text ada "resend 2"
expect 09:12 ada "waw-12 code … carries out: RESEND 2. Reply … within 5 min. Not you? Do nothing."
at 09:20 text ada "{code}"
expect 09:22 bob "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 09:24 ada "waw-12 delivery 2 goes again."
at 09:50 text ada "resend 3"
expect 09:52 ada "waw-12 code … carries out: RESEND 3. Reply … within 5 min. Not you? Do nothing."
at 10:00 text ada "{code}"
expect 10:02 ada "waw-12 3 is no delivery that failed and is still true. QUEUE lists them."
at 11:00 text ada "ack"
expect 11:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 11:04 bob "waw-12 #1 transit-a: ada has it."
at 12:00 transit-a passes
expect 13:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:12Z, was down 11 min (00:01Z-00:12Z)."
expect 13:06 bob "waw-12 #1 ALL CLEAR transit-a up 00:12Z, was down 11 min (00:01Z-00:12Z)."
