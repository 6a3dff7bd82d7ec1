# A competitor's number learns nothing; a customer hears by the operator's own modem, hears what is new, and may say STOP.
# online
site: waw-12
brand: Example Net
modems: [{name: lte0, port: /dev/modem, number: "+48600100200"}]
backhaul: [{name: cell, via: interface, interface: wwan0}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    serves: [waw]
    every: 2s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
  - name: transit-b
    gateway: 198.51.100.1
    interface: eth1
    serves: [lodz]
    every: 2s
    probes: [{icmp: 149.112.112.112}, {tcp: "1.0.0.1:443"}]
    down: {after: 10}
    up: {after: 3, hold: 4s}
people:
  - {name: ada, sms: "+48600100201"}
oncall:
  - {who: [ada]}
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
subscribers:
  from: {csv: /var/lib/list.csv}
  after: 1m
  quiet: off
selftest: off
---
at 00:00 subscriber K-1 +48600100301 region waw
at 00:00 subscriber K-2 +48600100302 region waw language pl
at 00:00 subscriber K-4 - mail kim@home.example region waw
at 00:00 subscriber K-3 +48600100303 region lodz
at 01:00 transit-a fails
expect 01:22 ada "waw-12 #1 DOWN transit-a 00:01Z, 2/2 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"
at 01:40 text ada "ack 1"
expect 01:42 ada "waw-12 #1 yours. Quiet till all-clear."
at 02:00 text +48600100999 "?"
at 02:05 text +48600100999 "status"
at 02:10 ring +48600100999
expect 02:21 K-4 mail over primary "Example Net: Connections to the Internet interrupted"
expect 02:22 K-1 "Example Net: no Internet in waw since 00:01. We are working on it. We will text you when it is back."
expect 02:24 K-2 "Example Net: brak internetu (waw) od 00:01. Pracujemy nad tym. Damy znac SMS-em, gdy wroci."
at 04:00 text ada "say 1 the cut is found, splicing begins"
expect 04:02 ada "waw-12 code … carries out: SAY 1 the cut is found, splicing begins. Reply … within 5 min. Not you? Do nothing."
at 04:30 text ada "{code}"
expect 04:31 K-4 mail over primary "Example Net: Connections to the Internet interrupted"
expect 04:32 ada "waw-12 #1: on its way to those who were told."
expect 04:34 ada "waw-12 #1 UPDATE transit-a down since 00:01Z: the cut is found, splicing begins."
expect 04:36 K-1 "Example Net: still disturbed in waw since 00:01. The cut is found, splicing begins."
expect 04:38 K-2 "Example Net: zaklocenia (waw) trwaja od 00:01. The cut is found, splicing begins."
at 06:00 text K-2 "stop"
expect 06:02 K-2 "Example Net: nie dostaniesz wiecej SMS-ow o awariach. START je przywraca."
at 08:00 text K-3 "?"
expect 08:02 K-3 "Example Net: no outage is known on your line. If it does not work, switch your router off and on, or call us."
at 09:00 transit-b fails
expect 09:22 ada "waw-12 #2 DOWN transit-b 00:09Z, 2/2 lost beyond gw: upstream. eth1 ok gw ok. Reply ACK 2. Also down: transit-a."
expect 10:22 K-3 "Example Net: no Internet in lodz since 00:09. We are working on it. We will text you when it is back."
at 12:00 transit-a passes
expect 12:07 K-4 mail over primary "Example Net: Connections to the Internet interrupted"
expect 12:08 ada "waw-12 #1 ALL CLEAR transit-a up 00:12Z, was down 11 min (00:01Z-00:12Z). Still down: transit-b."
expect 12:10 K-1 "Example Net: your Internet in waw works again since 00:12. If yours does not, switch your router off and on. We are sorry."
expect 12:12 K-2 "Example Net: internet (waw) znow dziala od 00:12. Jesli u Ciebie nie, wylacz i wlacz router. Przepraszamy."
expect 12:14 ada "waw-12 #1 closed: 3 told, 3 cleared."
at 14:00 transit-b passes
expect 14:08 ada "waw-12 #2 ALL CLEAR transit-b up 00:14Z, was down 5 min (00:09Z-00:14Z)."
expect 14:10 K-3 "Example Net: your Internet in lodz works again since 00:14. If yours does not, switch your router off and on. We are sorry."
expect 14:12 ada "waw-12 #2 closed: 1 told, 1 cleared."
