# TEST sends a text round by the modem's own number and asks what the SIM has left; the next one tells the trend. BALANCE asks at most once a minute.
site: waw-12
modems: [{name: lte0, port: /dev/none, number: "+48600100200", credit: {ussd: "*101#", match: '([0-9.]+) EUR', low: 5}}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 2s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    down: {after: 10}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202", language: pl}
oncall: [{who: [ada]}]
selftest: {tell: [ada]}
---
at 01:00 order "selftest"
at 20:00 inspect credit 12.20
at 20:00 inspect signal -73
at 21:00 text bob "test modem"
at 21:10 text bob "{code}"
at 25:00 text bob "balance"
at 25:20 inspect credit 11.80
at 25:30 text ada "balance"
at 26:30 text ada "balance"
at 30:00 order "test mail"
expect 01:08 ada "waw-12 selftest ok: loop 4.0 s, -71 dBm, credit 12.40, queue 0, last send never, 81% free, 45 C, audit …. Up: transit-a."
expect 21:02 bob "waw-12 kod …"
expect 21:12 bob "waw-12 autotest ruszyl; wynik przyjdzie SMS-em."
expect 21:20 ada "waw-12 selftest ok: loop 4.0 s (4.0), -73 dBm (-71), credit 12.20 (12.40), audit …."
expect 21:22 bob "waw-12 autotest ok: petla 4.0 s (4.0), -73 dBm (-71), konto 12.20 (12.40), audyt …."
expect 25:05 bob "waw-12 konto 12.20 EUR na lte0."
expect 25:32 ada "waw-12 credit 12.20 EUR on lte0."
expect 26:35 ada "waw-12 credit 11.80 EUR on lte0."
