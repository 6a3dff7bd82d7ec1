# Half the answers are lost: it works badly. Then it breaks, which needs a new ACK.
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
at 02:00 transit-a loses half
expect 02:25 ada "waw-12 #1 DEGRADED transit-a 00:02Z, loss 21%, 10 ms: upstream. eth0 ok gw ok. Reply ACK 1"
at 04:00 text ada "ack"
expect 04:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 08:00 transit-a fails
expect 08:21 ada "waw-12 #1 DOWN transit-a 00:08Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 10:00 text ada "ack"
expect 10:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 12:00 transit-a passes
expect 13:03 ada "waw-12 #1 ALL CLEAR transit-a up 00:12Z, was down 9 min (00:02Z-00:12Z)."
