package config

import (
	"maps"
	"math"
	"net/netip"
	"strings"
	"time"

	"heliograph/firmware/event"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// whole file; the keys stand in the order of the reference.
func (r *reader) config(v value) Config {
	c := defaults.Config
	c.Subscribers.Approve = defaults.Subscribers.Approve // partners may be many, too
	r.mapping(v, fields{
		"site":        func(v value) { c.Site = r.site(v) },
		"brand":       func(v value) { c.Brand = r.brand(v) },
		"timezone":    func(v value) { c.Timezone = r.zone(v) },
		"language":    func(v value) { c.Language = r.oneOf(v, languages...) },
		"data":        func(v value) { c.Data = r.filePath(v) },
		"asn":         func(v value) { c.ASN = uint32(r.whole(v, 1, math.MaxUint32-1)) },
		"prefixes":    func(v value) { c.Prefixes = r.prefixes(v) },
		"callback":    func(v value) { c.CallBack = r.phone(v, false) },
		"modems":      func(v value) { r.list(v, func(v value) { c.Modems = append(c.Modems, r.modem(v)) }) },
		"backhaul":    func(v value) { r.list(v, func(v value) { c.Backhaul = append(c.Backhaul, r.backhaul(v)) }) },
		"uplinks":     func(v value) { r.list(v, func(v value) { c.Uplinks = append(c.Uplinks, r.uplink(v)) }) },
		"services":    func(v value) { r.list(v, func(v value) { c.Services = append(c.Services, r.service(v)) }) },
		"people":      func(v value) { r.list(v, func(v value) { c.People = append(c.People, r.person(v)) }) },
		"silence":     func(v value) { c.Silence = r.silence(v) },
		"rota":        func(v value) { r.list(v, func(v value) { c.Rotas = append(c.Rotas, r.rota(v)) }) },
		"oncall":      func(v value) { r.list(v, func(v value) { c.OnCall = append(c.OnCall, r.step(v)) }) },
		"channels":    func(v value) { c.Channels = r.channels(v) },
		"partners":    func(v value) { r.list(v, func(v value) { c.Partners = append(c.Partners, r.partner(v)) }) },
		"subscribers": func(v value) { c.Subscribers = r.subscribers(v) },
		"maintenance": func(v value) { c.Maintenance = r.maintenance(v) },
		"selftest":    func(v value) { c.Selftest = r.selftest(v) },
		"peers":       func(v value) { r.list(v, func(v value) { c.Peers = append(c.Peers, r.peer(v)) }) },
		"heartbeat":   func(v value) { c.Heartbeat = r.heartbeat(v) },
		"proxy":       func(v value) { c.Proxy = r.proxy(v) },
		"intake":      func(v value) { c.Intake = r.intake(v) },
		"control":     func(v value) { c.Control = r.control(v) },
		"board":       func(v value) { c.Board = r.board(v) },
		"clock":       func(v value) { c.Clock = r.clock(v) },
		"limits":      func(v value) { c.Limits = r.limits(v) },
		"drill":       func(v value) { c.Drill = r.drill(v) },
		"quiet":       func(v value) { c.Quiet = r.hours(v) },
		"blackbox": func(v value) {
			r.mapping(v, fields{"numbers": func(v value) { c.BlackBox.Numbers = r.yes(v) }})
		},
		"texts":     func(v value) { c.Texts = r.texts(v) },
		"retention": func(v value) { c.Retention = r.span(v, time.Hour, 10*year) },
	})
	return c
}

func (r *reader) site(v value) string {
	s, ok := r.text(v)
	if ok && !sites.MatchString(s) {
		r.fault(v, shown(s)+" cannot begin every text", "use 1 to 12 letters, digits, - and _")
	}
	return s
}

// brand is what a text to a subscriber begins with: short, so that there is
// room for what has happened.
func (r *reader) brand(v value) string {
	s, ok := r.text(v)
	s = strings.TrimSpace(s)
	if ok && (s == "" || len([]rune(s)) > 24 || strings.ContainsAny(s, "\r\n")) {
		r.fault(v, shown(s)+" cannot begin a text to subscribers", "write the name that they know you by, in 24 characters at most")
		return ""
	}
	return s
}

func (r *reader) zone(v value) *time.Location {
	s, ok := r.text(v)
	if !ok {
		return time.UTC
	}
	zone, err := time.LoadLocation(s)
	if err != nil || s == "Local" {
		r.fault(v, shown(s)+" is not a timezone that this box knows", "write it as in Europe/Warsaw or UTC")
		return time.UTC
	}
	return zone
}

func (r *reader) modem(v value) Modem {
	m := defaults.Modem
	if !r.mapping(v, fields{
		"name":      func(v value) { m.Name = r.name(v) },
		"port":      func(v value) { m.Port = r.filePath(v) },
		"number":    func(v value) { m.Number = r.phone(v, false) },
		"pin":       func(v value) { m.PIN = r.pin(v) },
		"min_tries": func(v value) { m.MinTries = int(r.whole(v, 1, 3)) },
		"smsc":      func(v value) { m.SMSC = r.phone(v, false) },
		"country":   func(v value) { m.Country = r.country(v) },
		"fallback":  func(v value) { m.Fallback = r.yes(v) },
		"credit":    func(v value) { m.Credit = r.credit(v) },
		"limits": func(v value) {
			r.mapping(v, fields{
				"sms":     func(v value) { m.Limits.SMS = r.rate(v) },
				"reserve": func(v value) { m.Limits.Reserve = r.share(v, 0, 0.9) },
				"price":   func(v value) { m.Limits.Price = r.price(v) },
			})
		},
		"power": func(v value) {
			if r.mapping(v, fields{"gpio": func(v value) { m.Power.GPIO = r.gpio(v) }}) {
				r.required(v, "gpio")
			}
		},
	}) {
		return m
	}
	r.required(v, "name", "port")
	return m
}

func (r *reader) pin(v value) Secret {
	s := r.secret(v, vital)
	if s.Given() && !pins.MatchString(s.Reveal()) {
		r.fault(v, "what it points to is not a PIN", "a PIN is four to eight digits and nothing else")
		return Secret{}
	}
	return s
}

func (r *reader) gpio(v value) string {
	s, ok := r.text(v)
	if ok && !gpios.MatchString(s) {
		r.fault(v, shown(s)+" is not a line of a GPIO chip", "write it as in gpiochip0/17, or \"gpiochip0/17 low\" if it is active when low")
	}
	return s
}

func (r *reader) backhaul(v value) Backhaul {
	b := defaults.Backhaul
	if !r.mapping(v, fields{
		"name":      func(v value) { b.Name = r.name(v) },
		"modem":     func(v value) { b.Modem = r.name(v) },
		"via":       func(v value) { b.Via = r.oneOf(v, "ppp", "netdev", "interface") },
		"port":      func(v value) { b.Port = r.filePath(v) },
		"interface": func(v value) { b.Interface = r.device(v) },
		"apn":       func(v value) { b.APN, _ = r.text(v) },
		"user":      func(v value) { b.User, _ = r.text(v) },
		"password":  func(v value) { b.Password = r.secret(v, later) },
		"roaming":   func(v value) { b.Roaming = r.yes(v) },
		"gateway":   func(v value) { b.Gateway = r.addr(v) },
		"mtu":       func(v value) { b.MTU = int(r.whole(v, 576, 9000)) },
		"check":     func(v value) { b.Check = r.link(v, "http", "https") },
		"idle":      func(v value) { b.Idle = r.span(v, 0, day) },
		"budget": func(v value) {
			r.mapping(v, fields{
				"data":    func(v value) { b.Budget.Bytes, b.Budget.Per = r.volume(v) },
				"reserve": func(v value) { b.Budget.Reserve = r.share(v, 0, 0.9) },
			})
		},
	}) {
		return b
	}
	r.required(v, "name", "via")
	switch b.Via {
	case "ppp":
		r.required(v, "modem", "port", "apn")
	case "netdev":
		r.required(v, "modem", "apn", "interface")
	case "interface":
		r.required(v, "interface")
	}
	return b
}

func (r *reader) device(v value) string {
	s, ok := r.text(v)
	if ok && !devices.MatchString(s) {
		r.fault(v, shown(s)+" cannot be a network interface", "write its name as in `ip link`: eth0, enp1s0.20; 15 characters at most")
		return ""
	}
	return s
}

func (r *reader) uplink(v value) Uplink {
	u := Uplink{Watch: defaults.Uplink}
	f := fields{
		"name":      func(v value) { u.Name = r.name(v) },
		"interface": func(v value) { u.Interface = r.device(v) },
		"gateway":   func(v value) { u.Gateway = r.addr(v) },
		"source":    func(v value) { u.Source = r.addr(v) },
		"mark":      func(v value) { u.Mark = uint32(r.whole(v, 1, math.MaxUint32)) },
		"parent":    func(v value) { u.Parent = r.name(v) },
		"carrier": func(v value) {
			r.mapping(v, fields{
				"name":    func(v value) { u.Carrier.Name, _ = r.text(v) },
				"asn":     func(v value) { u.Carrier.ASN = uint32(r.whole(v, 1, math.MaxUint32-1)) },
				"mail":    func(v value) { u.Carrier.Mail = r.mailbox(v, false) },
				"circuit": func(v value) { u.Carrier.Circuit, _ = r.text(v) },
				"account": func(v value) { u.Carrier.Account, _ = r.text(v) },
			})
		},
		"serves": func(v value) { u.Serves = r.words(v, r.name) },
	}
	maps.Copy(f, r.watch(&u.Watch))
	if !r.mapping(v, f) {
		return u
	}
	r.required(v, "name", "probes")
	r.settle(v.key, &u.Watch)
	if u.Gateway.IsLinkLocalUnicast() && u.Gateway.Zone() == "" {
		u.Gateway = u.Gateway.WithZone(u.Interface)
	}
	return u
}

func (r *reader) service(v value) Service {
	s := Service{Watch: defaults.Service}
	f := fields{
		"name":   func(v value) { s.Name = r.name(v) },
		"manual": func(v value) { s.Manual = r.yes(v) },
		"serves": func(v value) { s.Serves = r.words(v, r.name) },
	}
	maps.Copy(f, r.watch(&s.Watch))
	if !r.mapping(v, f) {
		return s
	}
	r.required(v, "name")
	switch {
	case s.Manual && len(s.Probes) > 0:
		r.fault(v, "is opened by hand and has probes", "keep manual: true or the probes, not both")
	case s.Manual:
		s.Watch = Watch{}
	case !r.has(v.key + ".probes"):
		r.fault(v, "has nothing that says when it is down", "give it probes, or write manual: true")
	default:
		r.settle(v.key, &s.Watch)
	}
	return s
}

// watch are the keys that uplinks and services share.
func (r *reader) watch(w *Watch) fields {
	return fields{
		"every":   func(v value) { w.Every = r.span(v, 100*time.Millisecond, time.Hour) },
		"doubt":   func(v value) { w.Doubt = r.span(v, 50*time.Millisecond, time.Hour) },
		"timeout": func(v value) { w.Timeout = r.span(v, 50*time.Millisecond, time.Minute) },
		"probes":  func(v value) { r.list(v, func(v value) { w.Probes = append(w.Probes, r.probe(v)) }) },
		"down": func(v value) {
			r.mapping(v, fields{
				"after":  func(v value) { w.Down.After = int(r.whole(v, 1, 1000)) },
				"quorum": func(v value) { w.Down.Quorum = int(r.whole(v, 1, 100)) },
			})
		},
		"up": func(v value) {
			r.mapping(v, fields{
				"after": func(v value) { w.Up.After = int(r.whole(v, 1, 1000)) },
				"hold":  func(v value) { w.Up.Hold = r.span(v, time.Second, day) },
			})
		},
		"degraded": func(v value) { r.degraded(v, &w.Degraded) },
		"flap": func(v value) {
			r.mapping(v, fields{
				"changes": func(v value) { w.Flap.Changes = int(r.whole(v, 2, 100)) },
				"over":    func(v value) { w.Flap.Over = r.span(v, time.Second, 7*day) },
				"calm":    func(v value) { w.Flap.Calm = r.span(v, time.Second, 7*day) },
			})
		},
	}
}

func (r *reader) degraded(v value, d *Degraded) {
	if off(v) {
		*d = Degraded{Off: true}
		return
	}
	r.mapping(v, fields{
		"loss":    func(v value) { d.Loss = r.share(v, 0.01, 1) },
		"latency": func(v value) { d.Latency = r.span(v, time.Millisecond, time.Minute) },
		"over":    func(v value) { d.Over = r.span(v, time.Second, day) },
		"leave": func(v value) {
			r.mapping(v, fields{
				"loss":    func(v value) { d.LeaveLoss = r.share(v, 0.001, 1) },
				"latency": func(v value) { d.LeaveLatency = r.span(v, time.Millisecond, time.Minute) },
			})
		},
	})
}

func (r *reader) probe(v value) Probe {
	var p Probe
	before := len(r.faults)
	if !r.mapping(v, fields{
		"icmp": func(v value) { p.Kind, p.Addr = event.ICMP, r.addr(v) },
		"tcp":  func(v value) { p.Kind, p.Target = event.TCP, r.addrPort(v, 0) },
		"dns":  func(v value) { p = r.dns(v) },
		"http": func(v value) { p = r.http(v) },
	}) {
		return p
	}
	pairs, _ := pairsOf(v.node)
	switch {
	case len(r.faults) > before:
	case len(pairs) > 1:
		r.fault(v, "has several checks in one probe", "begin each check with a \"- \" of its own")
	case len(pairs) == 0:
		r.fault(v, "is empty", "write one of icmp, tcp, dns, http")
	}
	return p
}

func (r *reader) dns(v value) Probe {
	p := Probe{Kind: event.DNS, Type: defaults.DNSType}
	if r.mapping(v, fields{
		"name":   func(v value) { p.Name = r.host(v) },
		"server": func(v value) { p.Target = r.addrPort(v, 53) },
		"type":   func(v value) { p.Type = r.oneOf(v, "A", "AAAA", "NS", "SOA", "MX", "TXT", "PTR", "CNAME") },
	}) {
		r.required(v, "name", "server")
	}
	return p
}

func (r *reader) host(v value) string {
	s, ok := r.text(v)
	if ok && (!hosts.MatchString(s) || len(s) > 253) {
		r.fault(v, shown(s)+" is not a name that can be looked up", "write it as in example.com")
	}
	return s
}

func (r *reader) http(v value) Probe {
	p := Probe{Kind: event.HTTP, Expect: defaults.HTTPStatus}
	if r.mapping(v, fields{
		"url":    func(v value) { p.URL = r.link(v, "http", "https") },
		"expect": func(v value) { p.Expect = int(r.whole(v, 100, 599)) },
		"body":   func(v value) { p.Body, _ = r.text(v) },
	}) {
		r.required(v, "url")
	}
	return p
}

func (r *reader) person(v value) Person {
	p := defaults.Person
	if !r.mapping(v, fields{
		"name":     func(v value) { p.Name = r.name(v) },
		"sms":      func(v value) { p.SMS = r.phone(v, true) },
		"also":     func(v value) { p.Also = r.phone(v, true) },
		"mail":     func(v value) { p.Mail = r.mailbox(v, false) },
		"role":     func(v value) { p.Role = Role(r.oneOf(v, string(Viewer), string(Operator), string(Approver))) },
		"language": func(v value) { p.Language = r.oneOf(v, languages...) },
		"totp":     func(v value) { p.TOTP = r.totp(v) },
		"ring":     func(v value) { p.Ring = r.yes(v) },
		"quiet":    func(v value) { p.Quiet = r.hours(v) },
	}) {
		return p
	}
	r.required(v, "name")
	if !r.has(v.key+".sms") && !r.has(v.key+".mail") {
		r.fault(v, "has neither a number nor a mail address", `add sms: "+48600100201"`)
	}
	if !r.has(v.key+".sms") && r.has(v.key+".also") {
		r.faultAt(v.key+".also", "is a second number without a first", "call it sms")
	}
	return p
}

func (r *reader) step(v value) Step {
	var s Step
	if !r.mapping(v, fields{
		"who":   func(v value) { s.Who = r.words(v, r.name) },
		"after": func(v value) { s.After = r.span(v, 0, 7*day) },
		"every": func(v value) { s.Every = r.span(v, time.Second, 7*day) },
	}) {
		return s
	}
	r.required(v, "who")
	if s.Every > 0 && !r.has(v.key+".after") {
		s.After = s.Every
	}
	return s
}

func (r *reader) partner(v value) Partner {
	p := defaults.Partner
	if !r.mapping(v, fields{
		"name":     func(v value) { p.Name = r.name(v) },
		"hears":    func(v value) { p.Hears = r.words(v, r.name) },
		"after":    func(v value) { p.After = r.span(v, 0, 7*day) },
		"cap":      func(v value) { p.Cap = int(r.whole(v, 1, 60)) },
		"mail":     func(v value) { p.Mail = r.words(v, func(v value) string { return r.mailbox(v, false) }) },
		"sms":      func(v value) { p.SMS = r.words(v, func(v value) string { return r.phone(v, true) }) },
		"language": func(v value) { p.Language = r.oneOf(v, languages...) },
	}) {
		return p
	}
	r.required(v, "name", "hears")
	if !r.has(v.key+".sms") && !r.has(v.key+".mail") {
		r.fault(v, "cannot be told anything", "add mail: [noc@partner.example] or sms: [\"+48600100300\"]")
	}
	return p
}

func (r *reader) heartbeat(v value) Heartbeat {
	h := Heartbeat{Every: defaults.Heartbeat}
	if r.mapping(v, fields{
		"url":   func(v value) { h.URL = r.link(v, "https") },
		"every": func(v value) { h.Every = r.span(v, 10*time.Second, day) },
	}) {
		r.required(v, "url")
	}
	return h
}

func (r *reader) proxy(v value) Proxy {
	p := defaults.Proxy
	address := v
	if r.mapping(v, fields{
		"address": func(v value) { address, p.Address = v, r.addrPort(v, 0) },
		"tls": func(v value) {
			if r.mapping(v, fields{
				"cert": func(v value) { p.Cert = r.readable(v, false) },
				"key":  func(v value) { p.Key = r.readable(v, true) },
			}) {
				r.required(v, "cert", "key")
			}
		},
		"users": func(v value) { p.Users = r.secret(v, vital) },
		"hosts": func(v value) { p.Hosts = r.words(v, r.hostOrBelow) },
		"limit": func(v value) { p.Limit = r.amount(v) },
	}) {
		r.required(v, "address", "tls", "users", "hosts")
	}
	if p.Address.IsValid() && p.Address.Addr().IsUnspecified() {
		r.fault(address, "would listen on every interface, the cellular one included", "write the one address on the LAN that it shall listen on, as in 192.0.2.10:3128")
	}
	return p
}

// hostOrBelow reads a host's name, or *.NAME for all that lie below one.
func (r *reader) hostOrBelow(v value) string {
	s, ok := r.text(v)
	if name := strings.TrimPrefix(s, "*."); ok && (!hosts.MatchString(name) || len(name) > 253) {
		r.fault(v, shown(s)+" is not a host's name", "write it as in mail.example.org, or *.example.org for all below it")
		return ""
	}
	return s
}

func (r *reader) control(v value) Control {
	c := defaults.Config.Control
	r.mapping(v, fields{
		"socket":  func(v value) { c.Socket = r.filePath(v) },
		"metrics": func(v value) { c.Metrics = r.metrics(v) },
	})
	if len(c.Socket) > 107 { // sun_path of unix(7)
		r.faultAt(v.key+".socket", "is longer than the 107 characters that a socket's path may have", "choose a shorter one")
	}
	return c
}

// metrics reads an address, or one with a certificate and a token. Nothing
// listens on the cellular side, so every address is named.
func (r *reader) metrics(v value) Metrics {
	var m Metrics
	address := v
	if _, plainly := raw(v.node); plainly {
		m.Address = r.addrPort(v, 0)
	} else if r.mapping(v, fields{
		"address": func(v value) { address, m.Address = v, r.addrPort(v, 0) },
		"tls": func(v value) {
			if r.mapping(v, fields{
				"cert": func(v value) { m.Cert = r.readable(v, false) },
				"key":  func(v value) { m.Key = r.readable(v, true) },
			}) {
				r.required(v, "cert", "key")
			}
		},
		"token": func(v value) { m.Token = r.secret(v, vital) },
	}) {
		r.required(v, "address")
	}
	r.exposed(address, v, m.Address)
	return m
}

func (r *reader) exposed(address, v value, at netip.AddrPort) {
	switch {
	case !at.IsValid() || at.Addr().IsLoopback():
	case at.Addr().IsUnspecified():
		r.fault(address, "would listen on every interface, the cellular one included", "write the one address it shall listen on, as in 127.0.0.1:9477")
	case !r.has(v.key+".tls") || !r.has(v.key+".token"):
		r.fault(address, "can be reached from other machines", "add tls: {cert: FILE, key: FILE} and token: {file: FILE}, or listen on 127.0.0.1")
	}
}

// readable reads the path of a file that must be there.
func (r *reader) readable(v value, private bool) string {
	s, ok := r.text(v)
	if ok {
		_, ok = r.readFile(v, s, vital, private)
	}
	if !ok {
		return ""
	}
	return "/" + r.inside(s)
}

// required reports keys that must be there.
func (r *reader) required(v value, keys ...string) {
	for _, key := range keys {
		if !r.has(join(v.key, key)) {
			r.fault(v, key+" is missing", "add "+key+": "+examples[key])
		}
	}
}

// examples are values for keys that have no default.
var examples = map[string]string{
	"site": "waw-12", "name": "a short name", "port": "/dev/serial/by-id/…", "gpio": "gpiochip0/17", "via": "ppp",
	"modem": "lte0", "apn": "internet", "interface": "eth0", "probes": "[icmp: 9.9.9.9]", "server": "8.8.8.8",
	"url": "https://www.example.org/", "who": "[ada]", "hears": "[transit-a]", "address": "127.0.0.1:9477",
	"cert": "/etc/heliograph/tls.crt", "key": "/etc/heliograph/tls.key", "from": "noc@example.org",
	"modems": "[{name: lte0, port: /dev/ttyUSB2}]", "people": `[{name: ada, sms: "+48600100201"}]`,
	"uplinks": "[{name: transit-a, interface: eth0, gateway: 192.0.2.1, probes: [icmp: 9.9.9.9]}]",
	"title":   "Example Net", "put": "{url: https://www.example.org/status/}", "folder": "/var/www/status", "host_key": "SHA256:…",
	"tls": "{cert: FILE, key: FILE}", "match": "'([0-9]+[.,][0-9]{2})'", "to": `"8080"`, "say": "SALDO", "number": `"+48600100200"`, "users": "{file: /etc/heliograph/proxy.users}", "hosts": "[mail.example.org]", "secret": "{file: /etc/heliograph/NAME}", "user": "noc",
	"page": "abcd1234", "token": "{file: /etc/heliograph/NAME}", "channel": "noc-war-room", "path": "/data/heliograph/subscribers.csv",
}
