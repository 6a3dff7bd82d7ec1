package config

import "time"

// OZmap is the map in which clients carry a tag while an outage hits them, which
// is what a provider's chatbot asks for; URL is empty if there is none.
type OZmap struct {
	URL    string
	Token  Secret
	Tag    string
	On     string              // what carries it: "clients" or "boxes"
	Covers map[string][]string // uplink, service or region -> names in OZmap
	Read   bool                // what others have tagged is looked at, and asked about
	Every  time.Duration       // so often
	Write  bool                // incidents tag what they hit
	Rate   int                 // requests a second
}

func (r *reader) tagging(v value) OZmap {
	o := defaults.OZmap
	if r.mapping(v, fields{
		"url":    func(v value) { o.URL = r.link(v, "https") },
		"token":  func(v value) { o.Token = r.secret(v, later) },
		"tag":    func(v value) { o.Tag, _ = r.text(v) },
		"on":     func(v value) { o.On = r.oneOf(v, "clients", "boxes") },
		"covers": func(v value) { o.Covers = r.covers(v) },
		"read":   func(v value) { o.Read = r.yes(v) },
		"every":  func(v value) { o.Every = r.span(v, 10*time.Second, day) },
		"rate":   func(v value) { o.Rate = int(r.whole(v, 1, 100)) },
		"write":  func(v value) { o.Write = r.yes(v) },
	}) {
		r.required(v, "url", "token")
	}
	return o
}

// covers are keyed by uplink, service or region, so any name can stand there.
func (r *reader) covers(v value) map[string][]string {
	all := map[string][]string{}
	f := fields{}
	pairs, _ := pairsOf(v.node)
	for _, pair := range pairs {
		name := pair.Key.GetToken().Value
		f[name] = func(v value) { all[name] = r.words(v, func(v value) string { s, _ := r.text(v); return s }) }
	}
	if r.mapping(v, f) {
		r.forget(v.key, f)
	}
	return all
}

// tagging says what goes to and comes from the map.
func (p *plan) tagging(o OZmap) {
	if o.URL == "" {
		return
	}
	if o.Write {
		p.line("In OZmap, %s that an incident hits carry the tag %s until the all-clear.", o.On, o.Tag)
	}
	if o.Read {
		p.line("What somebody else gives the tag %s in OZmap is looked at every %s, and asked about: an APPROVE opens an incident.", o.Tag, length(o.Every))
	}
}
