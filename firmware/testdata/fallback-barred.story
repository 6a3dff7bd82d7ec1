# The first SIM is barred and says so at each text: the alarm goes by the second SIM within moments.
site: waw-12
modems: [{name: lte0, port: /dev/modem}, {name: lte1, port: /dev/modem1, fallback: true}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}, {dns: {name: example.com, server: 8.8.8.8}}]
    down: {after: 10, quorum: 2}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 30m}
selftest: off
---
at 00:30 bar lte0
at 01:00 transit-a fails
expect 01:24 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 02:00 text ada "ack"
expect 02:04 ada "waw-12 #1 yours. Quiet till all-clear."
at 03:00 free lte0
at 04:00 text ada "status"
expect 04:02 ada "waw-12: transit-a DOWN 00:01Z. Open #1 transit-a (ada). lte0 fails: CMS 50, lte0, lte1, queue 0."
at 14:00 transit-a passes
expect 15:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:14Z, was down 13 min (00:01Z-00:14Z)."
