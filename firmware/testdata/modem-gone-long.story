# The only modem is away for two hours: one reminder is enough then.
site: waw-12
modems: [{name: lte0, port: /dev/modem, number: "+48600100200"}]
uplinks:
  - name: transit-a
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10, quorum: 1}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [ada], every: 30m}
selftest: off
---
at 00:10 modem lte0 port lost
at 01:00 transit-a fails
at 120:00 modem lte0 ready
expect 2:00:02 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost: upstream. Reply ACK 1"
expect 2:00:04 ada "waw-12 BOX 00:10Z: lte0 cannot send since 00:00Z: port lost; check its cable"
expect 2:00:06 ada "waw-12 #1 STILL DOWN transit-a since 00:01Z (1 h 30 min), nobody has it. 2/2 lost: upstream. Reply ACK 1"
at 121:00 text ada "ack"
expect 2:01:02 ada "waw-12 #1 yours. Quiet till all-clear."
at 125:00 transit-a passes
expect 2:06:04 ada "waw-12 #1 ALL CLEAR transit-a up 02:05Z, was down 2 h 4 min (00:01Z-02:05Z)."
