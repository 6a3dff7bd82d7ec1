# The alarm got no answer, and before its marked repeat the fault moved: the news says all of it, for it may be the first that ada reads.
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
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada, bob], after: 0s}
selftest: off
---
at 00:00 lose ada
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
expect 01:24 bob "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 01:30 deliver ada
at 01:40 transit-a loses link
expect 01:48 ada "waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost: own port. eth0 no carrier, gw no answer. Reply ACK 1"
expect 01:50 bob "waw-12 #1 UPDATE transit-a down since 00:01Z, now 3/3 lost: own port. eth0 no carrier, gw no answer."
