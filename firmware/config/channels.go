package config

import (
	"strings"

	"heliograph/firmware/event"
)

func (r *reader) channels(v value) Channels {
	var c Channels
	r.mapping(v, fields{
		"mail":       func(v value) { c.Mail = r.mail(v) },
		"statuspage": func(v value) { c.Statuspage = r.statuspage(v) },
		"slack":      func(v value) { c.Slack = r.slack(v) },
		"push":       func(v value) { r.list(v, func(v value) { c.Push = append(c.Push, r.push(v)) }) },
		"webhook":    func(v value) { r.list(v, func(v value) { c.Webhook = append(c.Webhook, r.webhook(v)) }) },
		"site":       func(v value) { c.Site = r.ownSite(v) },
		"ozmap":      func(v value) { c.OZmap = r.tagging(v) },
	})
	return c
}

func (r *reader) mail(v value) Mail {
	var m Mail
	if r.mapping(v, fields{
		"from": func(v value) { m.From = r.mailbox(v, true) },
		"smtp": func(v value) { m.SMTP = r.smtp(v) },
	}) {
		r.required(v, "from", "smtp")
	}
	return m
}

func (r *reader) smtp(v value) SMTP {
	s := SMTP{Auth: "plain"}
	if !r.mapping(v, fields{
		"server": func(v value) { s.Server = r.hostPort(v) },
		"user":   func(v value) { s.User, _ = r.text(v) },
		"auth":   func(v value) { s.Auth = r.oneOf(v, "plain", "login", "cram-md5", "xoauth2", "none") },
		"secret": func(v value) { s.Secret = r.secret(v, later) },
	}) {
		return s
	}
	r.required(v, "server")
	if s.Auth != "none" {
		r.required(v, "user", "secret")
	}
	return s
}

func (r *reader) statuspage(v value) Statuspage {
	var s Statuspage
	if r.mapping(v, fields{
		"page":       func(v value) { s.Page = r.word(v) },
		"token":      func(v value) { s.Token = r.secret(v, later) },
		"components": func(v value) { s.Components = r.components(v) },
	}) {
		r.required(v, "page", "token")
	}
	return s
}

// components are keyed by region or uplink, so any name can stand there.
func (r *reader) components(v value) map[string]string {
	all := map[string]string{}
	f := fields{}
	pairs, _ := pairsOf(v.node)
	for _, pair := range pairs {
		name := pair.Key.GetToken().Value
		f[name] = func(v value) { all[name] = r.word(v) }
	}
	if r.mapping(v, f) {
		r.forget(v.key, f)
	}
	return all
}

// forget keeps names that users chose out of the keys that can be read.
func (r *reader) forget(parent string, f fields) {
	for name := range f {
		delete(r.known, plain(join(parent, name)))
	}
}

// word reads an identifier that some other system gave out.
func (r *reader) word(v value) string {
	s, ok := r.text(v)
	if ok && (strings.ContainsAny(s, " \t\r\n") || len(s) > 100) {
		r.fault(v, shown(s)+" is not a single word", "copy the identifier without spaces")
		return ""
	}
	return s
}

func (r *reader) slack(v value) Slack {
	var s Slack
	if r.mapping(v, fields{
		"channel": func(v value) { s.Channel = r.word(v) },
		"token":   func(v value) { s.Token = r.secret(v, later) },
		"webhook": func(v value) { s.Webhook = r.secret(v, later) },
	}) && !r.has(v.key+".webhook") {
		r.required(v, "channel", "token")
	}
	return s
}

func (r *reader) webhook(v value) Webhook {
	var w Webhook
	if r.mapping(v, fields{
		"name":   func(v value) { w.Name = r.name(v) },
		"url":    func(v value) { w.URL = r.link(v, "https") },
		"secret": func(v value) { w.Secret = r.secret(v, later) },
		"token":  func(v value) { w.Token = r.secret(v, later) },
	}) {
		r.required(v, "name", "url", "secret")
	}
	return w
}

func (r *reader) ownSite(v value) Site {
	s := defaults.Site
	if !r.mapping(v, fields{
		"title": func(v value) { s.Title, _ = r.text(v) },
		"url":   func(v value) { s.URL = r.link(v, "https", "http") },
		"days":  func(v value) { s.Days = int(r.whole(v, 1, 90)) },
		"put": func(v value) {
			if r.mapping(v, fields{
				"url":    func(v value) { s.Put.URL = r.link(v, "https") },
				"user":   func(v value) { s.Put.User, _ = r.text(v) },
				"secret": func(v value) { s.Put.Secret = r.secret(v, later) },
			}) {
				r.required(v, "url", "secret")
			}
		},
		"sftp": func(v value) {
			if r.mapping(v, fields{
				"server":   func(v value) { s.SFTP.Server = r.hostPort(v) },
				"user":     func(v value) { s.SFTP.User, _ = r.text(v) },
				"key":      func(v value) { s.SFTP.Key = r.secret(v, later) },
				"host_key": func(v value) { s.SFTP.HostKey, _ = r.text(v) },
				"folder":   func(v value) { s.SFTP.Folder = r.filePath(v) },
			}) {
				r.required(v, "server", "user", "key", "host_key", "folder")
			}
		},
	}) {
		return s
	}
	r.required(v, "title", "url")
	if r.has(v.key+".put") == r.has(v.key+".sftp") {
		r.fault(v, "must be put somewhere, and in one way", "write put: {url: …} or sftp: {server: …}")
	}
	return s
}

// push reads a service with its URL, in the clear for those that hold no
// password.
func (r *reader) push(v value) Push {
	var p Push
	if r.mapping(v, fields{
		"name": func(v value) { p.Name = r.name(v) },
		"url":  func(v value) { p.URL = r.pushURL(v) },
	}) {
		r.required(v, "name", "url")
	}
	return p
}

func (r *reader) pushURL(v value) Secret {
	s, plainly := raw(v.node)
	if !plainly {
		return r.secret(v, later)
	}
	scheme, rest, ok := strings.Cut(s, "://")
	switch {
	case !ok || scheme == "" || rest == "":
		r.fault(v, "is not the address of a push service", "write it as in ntfy://ntfy.sh/TOPIC, or {file: …} if it holds a password")
	case strings.Contains(rest, "@"):
		r.fault(v, "the address holds a password or token", neverHere)
	default:
		return Secret{s}
	}
	return Secret{}
}

func (r *reader) quiet(v value, q Quiet) Quiet {
	if off(v) {
		return Quiet{}
	}
	wake := kinds()
	for _, kind := range event.Works() {
		wake = append(wake, string(kind))
	}
	r.mapping(v, fields{
		"from":   func(v value) { q.From = r.clockTime(v) },
		"to":     func(v value) { q.To = r.clockTime(v) },
		"except": func(v value) { q.Except = r.words(v, func(v value) string { return r.oneOf(v, wake...) }) },
	})
	return q
}
