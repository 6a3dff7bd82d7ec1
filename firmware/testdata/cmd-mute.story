# MUTE: an outage inside is recorded and nobody hears of it; what is still true goes out when it ends.
# exact: ten minutes of MUTE are ten minutes, however fast the clock is told to run.
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
at 01:00 text ada "mute 10m"
expect 01:02 ada "waw-12 code … carries out: MUTE 10m. Reply … within 5 min. Not you? Do nothing."
at 01:10 text ada "{code}"
expect 01:12 bob "waw-12 MUTED by ada until 00:11Z: all is recorded, nothing is sent. UNMUTE ends it."
expect 01:14 ada "waw-12 MUTED until 00:11Z: all is recorded, nothing is sent. UNMUTE ends it."
at 02:00 transit-a fails
at 04:00 transit-b fails
at 05:00 text bob "status"
expect 05:02 bob "waw-12: MUTED until 00:11Z by ada, transit-a DOWN 00:02Z, transit-b DOWN 00:04Z. Open #1 transit-a, #2 transit-b. lte0, queue 2."
at 06:00 transit-b passes
expect 11:12 ada "waw-12 #1 DOWN transit-a 00:02Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 11:14 bob "waw-12 #1 DOWN transit-a 00:02Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 11:16 ada "waw-12 no longer muted (its time is up). What is still true goes out now."
expect 11:18 bob "waw-12 no longer muted (its time is up). What is still true goes out now."
at 20:00 transit-a passes
expect 21:04 ada "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 18 min (00:02Z-00:20Z)."
expect 21:06 bob "waw-12 #1 ALL CLEAR transit-a up 00:20Z, was down 18 min (00:02Z-00:20Z)."
