# A night with everything in it: ada's first number is dead, her second works, bob is next; bob takes it;
# the fibre comes back and goes again before all are cleared; all-clears to both. Carl's texts are refused until all is over: he must hear nothing.
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
people:
  - {name: ada, sms: "+48600100201", also: "+48600100211"}
  - {name: bob, sms: "+48600100202"}
  - {name: carl, sms: "+48600100203"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [carl], after: 6m}
  - {who: [ada, bob], every: 30m}
---
at 00:30 refuse ada never
at 00:30 refuse carl CMS 38
at 01:00 transit-a fails
at 03:00 transit-a loses gateway
at 08:00 text bob "ack"
at 09:00 deliver ada
at 10:00 refuse bob CMS 38
at 10:00 transit-a passes
at 11:40 transit-a fails
at 12:30 deliver bob
at 14:00 text ada "ack 1"
at 16:00 transit-a passes
at 18:00 deliver carl
