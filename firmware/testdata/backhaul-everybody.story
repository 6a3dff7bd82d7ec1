# Every channel at once, a partner and the carrier's desk: each hears in its own words, and all of them are closed.
site: waw-12
asn: 64501
callback: "+48221234567"
modems: [{name: lte0, port: /dev/none}]
backhaul: [{name: cell, via: interface, interface: wwan0}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    carrier: {name: Example Transit, asn: 64500, mail: noc@transit.example, circuit: ABC-123}
    serves: [waw, lodz]
    every: 2s
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, icmp: 8.8.8.8]
    down: {after: 10}
    up: {after: 10, hold: 60s}
  - name: transit-b
    interface: eth1
    serves: [krakow]
    every: 2s
    probes: [icmp: 149.112.112.112]
people:
  - {name: ada, sms: "+48600100201", mail: ada@noc.example}
  - {name: bob, sms: "+48600100202", mail: bob@noc.example, language: pl}
oncall: [{who: [ada, bob]}]
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
  slack: {channel: war-room, token: {env: SLACK}}
  statuspage: {page: abcd1234, token: {env: PAGE}, components: {waw: c1}}
  push: [{name: duty, url: "ntfy://ntfy.sh/x"}]
  webhook: [{name: tickets, url: "https://tickets.example.org/x", secret: {env: HOOK}}]
  site: {title: Example Net, url: "https://status.example.org/", put: {url: "https://www.example.org/status/", secret: {env: SITE}}}
partners:
  - {name: wholesale, hears: [waw], after: 15m, mail: [noc@partner.example, duty@partner.example], sms: ["+48600100300"], language: it}
  - {name: elsewhere, hears: [krakow], after: 1m, mail: [noc@other.example]}
selftest: off
---
at 00:50 transit-b fails
at 01:00 transit-a loses gateway
at 01:40 transit-a fails
at 05:00 text ada "ack 1"
at 18:00 order "say 1 splicing has begun, two hours"
at 20:00 transit-b passes
at 30:00 transit-a passes
expect 01:12 ada "waw-12 #1 DOWN transit-b 00:00Z, 1/1 lost: upstream. eth1 ok. Reply ACK 1"
expect 01:13 ada mail over cell "[waw-12 #1] No connection: transit-b"
expect 01:13 statuspage over cell "identified: krakow: connections to the Internet interrupted"
expect 01:13 slack over cell "identified: transit-b: no connection"
expect 01:13 push over cell "identified: transit-b: no connection"
expect 01:13 webhook over cell "identified: transit-b: no connection"
expect 01:13 site over cell "identified: krakow: connections to the Internet interrupted"
expect 01:14 bob "waw-12 #1 AWARIA transit-b 00:00Z, 1/1 bez odpowiedzi: u dostawcy. eth1 ok. Odpisz ACK 1"
expect 01:14 bob mail over cell "[waw-12 #1] Brak połączenia: transit-b"
expect 01:21 ada mail over cell "[waw-12 #2] No connection: transit-a"
expect 01:21 statuspage over cell "identified: waw, lodz: connections to the Internet interrupted"
expect 01:21 slack over cell "identified: transit-a: no connection"
expect 01:21 push over cell "identified: transit-a: no connection"
expect 01:21 webhook over cell "identified: transit-a: no connection"
expect 01:21 site over cell "identified: waw, lodz: connections to the Internet interrupted"
expect 01:22 ada "waw-12 #2 DOWN transit-a 00:01Z, 3/3 lost: gateway. eth0 ok gw no answer. Reply ACK 2. Also down: transit-b."
expect 01:22 bob mail over cell "[waw-12 #2] Brak połączenia: transit-a"
expect 01:23 noc@transit.example mail over cell "[waw-12 #2] No connection: circuit ABC-123"
expect 01:24 bob "waw-12 #2 AWARIA transit-a 00:01Z, 3/3 bez odpowiedzi: brama. eth0 ok gw brak odpowiedzi. Odpisz ACK 2. Awaria takze: transit-b."
expect 01:47 ada mail over cell "[waw-12 #2] No connection: transit-a"
expect 01:47 statuspage over cell "identified: waw, lodz: connections to the Internet interrupted"
expect 01:47 slack over cell "identified: transit-a: no connection"
expect 01:47 push over cell "identified: transit-a: no connection"
expect 01:47 webhook over cell "identified: transit-a: no connection"
expect 01:47 site over cell "identified: waw, lodz: connections to the Internet interrupted"
expect 01:48 ada "waw-12 #2 UPDATE transit-a down since 00:01Z, now 3/3 lost beyond gw: upstream. eth0 ok gw ok."
expect 01:48 bob mail over cell "[waw-12 #2] Brak połączenia: transit-a"
expect 01:49 noc@transit.example mail over cell "[waw-12 #2] No connection: circuit ABC-123"
expect 01:50 bob "waw-12 #2 NOWE transit-a awaria od 00:01Z, teraz 3/3 bez odpowiedzi za gw: u dostawcy. eth0 ok gw ok."
expect 02:11 elsewhere mail over cell "[waw-12 #1] No connection: transit-b"
expect 05:02 ada "waw-12 #1 yours. Quiet till all-clear."
expect 05:04 bob "waw-12 #1 transit-b: zajmuje sie tym ada."
expect 05:05 ada mail over cell "[waw-12 #1] No connection: transit-b"
expect 05:05 slack over cell "identified: transit-b: no connection"
expect 05:05 webhook over cell "identified: transit-b: no connection"
expect 05:06 bob mail over cell "[waw-12 #1] Brak połączenia: transit-b"
expect 16:22 +48600100300 "waw-12 #2 GUASTO transit-a 00:01Z, a monte."
expect 16:25 wholesale mail over cell "[waw-12 #2] Connessione assente: transit-a"
expect 18:01 ada mail over cell "[waw-12 #1] No connection: transit-b"
expect 18:01 statuspage over cell "identified: krakow: connections to the Internet interrupted"
expect 18:01 slack over cell "identified: transit-b: no connection"
expect 18:01 push over cell "identified: transit-b: no connection"
expect 18:01 webhook over cell "identified: transit-b: no connection"
expect 18:01 site over cell "identified: krakow: connections to the Internet interrupted"
expect 18:02 ada "waw-12 #1 UPDATE transit-b down since 00:00Z: splicing has begun, two hours."
expect 18:02 bob mail over cell "[waw-12 #1] Brak połączenia: transit-b"
expect 18:03 elsewhere mail over cell "[waw-12 #1] No connection: transit-b"
expect 18:04 bob "waw-12 #1 NOWE transit-b awaria od 00:00Z: splicing has begun, two hours."
expect 21:03 ada mail over primary "[waw-12 #1] No connection: transit-b"
expect 21:03 statuspage over primary "resolved: krakow: connections to the Internet interrupted"
expect 21:03 slack over primary "resolved: transit-b: no connection"
expect 21:03 push over primary "resolved: transit-b: no connection"
expect 21:03 webhook over primary "resolved: transit-b: no connection"
expect 21:03 site over primary "resolved: krakow: connections to the Internet interrupted"
expect 21:04 ada "waw-12 #1 ALL CLEAR transit-b up 00:20Z, was down 19 min (00:00Z-00:20Z). Still down: transit-a."
expect 21:04 bob mail over primary "[waw-12 #1] Brak połączenia: transit-b"
expect 21:05 elsewhere mail over primary "[waw-12 #1] No connection: transit-b"
expect 21:06 bob "waw-12 #1 KONIEC ALARMU transit-b dziala 00:20Z, awaria trwala 19 min (00:00Z-00:20Z). Nadal awaria: transit-a."
expect 21:08 ada "waw-12 #1 closed: 1 told, 1 cleared."
expect 31:03 ada mail over primary "[waw-12 #2] No connection: transit-a"
expect 31:03 statuspage over primary "resolved: waw, lodz: connections to the Internet interrupted"
expect 31:03 slack over primary "resolved: transit-a: no connection"
expect 31:03 push over primary "resolved: transit-a: no connection"
expect 31:03 webhook over primary "resolved: transit-a: no connection"
expect 31:03 site over primary "resolved: waw, lodz: connections to the Internet interrupted"
expect 31:04 ada "waw-12 #2 ALL CLEAR transit-a up 00:30Z, was down 29 min (00:01Z-00:30Z)."
expect 31:04 bob mail over primary "[waw-12 #2] Brak połączenia: transit-a"
expect 31:05 noc@transit.example mail over primary "[waw-12 #2] No connection: circuit ABC-123"
expect 31:06 bob "waw-12 #2 KONIEC ALARMU transit-a dziala 00:30Z, awaria trwala 29 min (00:01Z-00:30Z)."
expect 31:06 wholesale mail over primary "[waw-12 #2] Connessione assente: transit-a"
expect 31:08 +48600100300 "waw-12 #2 CESSATO ALLARME transit-a ok 00:30Z, guasto durato 29 min (00:01Z-00:30Z)."
expect 31:10 ada "waw-12 #2 closed: 2 told, 2 cleared."
expect 31:12 bob "waw-12 #2 zamkniete: powiadomieni 2, odwolanie dostali 2."
