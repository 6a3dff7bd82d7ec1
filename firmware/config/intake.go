package config

import "net/netip"

// Intake is where other systems on the LAN report outages; Address is invalid
// if nowhere.
type Intake struct {
	Address netip.AddrPort
	Cert    string   // PEM file
	Key     string   // PEM file
	Senders []Sender // at least one, no two with the same token
}

// Sender is a system that may report.
type Sender struct {
	Name  string
	Token Secret
}

// shortestToken is how many characters a token has at least: whoever has one
// can wake people.
const shortestToken = 16

// intake reads an address with a certificate, and a token or several.
func (r *reader) intake(v value) Intake {
	var in Intake
	address := v
	one := value{}
	if r.mapping(v, fields{
		"address": func(v value) { address, in.Address = v, r.addrPort(v, 0) },
		"tls": func(v value) {
			if r.mapping(v, fields{
				"cert": func(v value) { in.Cert = r.readable(v, false) },
				"key":  func(v value) { in.Key = r.readable(v, true) },
			}) {
				r.required(v, "cert", "key")
			}
		},
		"token":   func(v value) { one = v; in.Senders = append(in.Senders, Sender{"lan", r.token(v)}) },
		"senders": func(v value) { r.list(v, func(v value) { in.Senders = append(in.Senders, r.sender(v)) }) },
	}) {
		r.required(v, "address", "tls")
	}
	switch {
	case !r.has(v.key+".token") && !r.has(v.key+".senders"):
		r.fault(v, "names nobody who may report", "add token: {file: FILE}, or senders: [{name: NAME, token: {file: FILE}}]")
	case r.has(v.key+".token") && r.has(v.key+".senders"):
		r.fault(one, "stands beside senders", "keep one of the two")
	}
	if in.Address.IsValid() && in.Address.Addr().IsUnspecified() {
		r.fault(address, "would listen on every interface, the cellular one included", "write the one address on the LAN that it shall listen on, as in 192.0.2.10:8443")
	}
	r.unlike(v, in.Senders)
	return in
}

func (r *reader) sender(v value) Sender {
	var s Sender
	if r.mapping(v, fields{
		"name":  func(v value) { s.Name = r.name(v) },
		"token": func(v value) { s.Token = r.token(v) },
	}) {
		r.required(v, "name", "token")
	}
	return s
}

func (r *reader) token(v value) Secret {
	s := r.secret(v, vital)
	if s.Given() && len(s.Reveal()) < shortestToken {
		r.fault(v, "what it points to is too short to be a token", "make one: openssl rand -hex 24")
		return Secret{}
	}
	return s
}

// unlike wants the name and the token of each sender to be its own: the token
// says who reports.
func (r *reader) unlike(v value, all []Sender) {
	names, tokens := map[string]bool{}, map[string]bool{}
	for _, s := range all {
		if s.Name != "" && names[s.Name] {
			r.fault(v, "has two senders called "+s.Name, "give each a name of its own")
		}
		if s.Token.Given() && tokens[s.Token.Reveal()] {
			r.fault(v, "has the same token for two senders", "make one for each: openssl rand -hex 24")
		}
		names[s.Name], tokens[s.Token.Reveal()] = true, true
	}
}
