# A dead number never delays: second number at once, then the next person at once.
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
  - {name: ada, sms: "+48600100201", also: "+48600100209"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 00:00 refuse ada never
at 00:00 refuse ada-also never
at 01:00 transit-a fails
expect 01:26 bob "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 05:00 text bob "ack 1"
expect 05:02 bob "waw-12 #1 yours. Quiet till all-clear."
at 06:00 transit-a passes
expect 07:04 bob "waw-12 #1 ALL CLEAR transit-a up 00:06Z, was down 5 min (00:01Z-00:06Z)."
