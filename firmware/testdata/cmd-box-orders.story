# Orders about the box, in three languages: HELP and the rest of it, LTE and PROXY where there is none, BALANCE, TAKE and SWAP without a rota.
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
  - {name: zoe, sms: "+48600100203", language: pl}
  - {name: eve, sms: "+48600100204", language: it}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: off
---
at 01:00 text ada "lte on"
expect 01:02 ada "waw-12 there is no backhaul in the configuration."
at 02:00 text ada "proxy on"
expect 02:02 ada "waw-12 there is no proxy in the configuration."
at 03:00 text ada "take"
expect 03:02 ada "waw-12 there is no rota here: oncall in the configuration says who is called."
at 04:00 text ada "swap bob"
expect 04:02 ada "waw-12 there is no rota here: oncall in the configuration says who is called."
at 05:00 text ada "lte"
expect 05:02 ada "waw-12 LTE takes AUTO, OFF, ON. Send LTE AUTO."
at 06:00 text ada "link 1 2"
expect 06:02 ada "waw-12 no incident #1 is open. Open: -"
at 07:00 text zoe "lte on"
expect 07:02 zoe "waw-12 w konfiguracji nie ma lacza zapasowego."
at 07:10 text zoe "proxy off"
expect 07:12 zoe "waw-12 w konfiguracji nie ma proxy."
at 07:20 text zoe "help"
expect 07:22 zoe "waw-12 ACK 7 = biore to (lub zadzwon). STATUS SAY ETR NACK DENY HOLD GO CLEAR CANCEL OPEN SCOPE LINK LOG WHO. HELP STATUS objasnia STATUS; HELP MORE: reszta."
at 07:30 text zoe "help więcej"
expect 07:32 zoe "waw-12 QUEUE SIG BALANCE MUTE UNMUTE MAINT RESEND TEST DRILL. HELP STATUS objasnia STATUS."
at 08:00 text eve "lte on"
expect 08:02 eve "waw-12 nella configurazione non c'è una linea di riserva."
at 08:10 text eve "proxy off"
expect 08:12 eve "waw-12 nella configurazione non c'è un proxy."
at 08:30 text eve "altro"
expect 08:32 eve "waw-12 WHO QUEUE SIG BALANCE MUTE UNMUTE MAINT RESEND TEST DRILL. HELP STATUS spiega STATUS."
at 09:00 text ada "more"
expect 09:02 ada "waw-12 QUEUE SIG BALANCE MUTE UNMUTE MAINT RESEND TEST DRILL. HELP STATUS explains STATUS."
