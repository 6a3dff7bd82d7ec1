package config

import (
	"strings"
	"time"
)

// Subscribers says where the list of subscribers comes from and how mass
// notices are treated; From.Kind is empty if there are none.
type Subscribers struct {
	From     Directory
	Columns  map[string][]string // field -> columns of a CSV, or keys and JSON pointers of http; fields left out go by their usual names
	Encoding string              // of a CSV: "windows-1250" or "windows-1252"; empty is UTF-8
	Every    time.Duration       // how often it is read anew
	After    time.Duration       // they are told so long after an incident has opened
	Cap      int                 // updates an hour of one incident; first words, all-clears and a later end do not count
	First    []string            // classes of service that are told before all others
	Approve  Approve
	Quiet    Quiet
	Awake    []string // classes of service for whom there are no quiet hours
}

// Directory is a source of subscribers.
type Directory struct {
	Kind   string // "csv", "http", "ozmap" or "splynx"
	Path   string // csv
	URL    string // http, ozmap, splynx
	Token  Secret // ozmap; of http the bearer token, if User is empty
	Key    string // splynx: an API key
	Auth   string // splynx: "signature", "basic" or "token"
	User   string // http
	Secret Secret // http: the user's password; splynx: the key's secret
	Items  string // http: JSON pointer to the list of subscribers in an answer; empty is the answer itself
	Next   string // http: JSON pointer to the next page's address; empty: the Link header tells
	Join   Join   // ozmap: the list that knows how its clients are reached, by their codes
}

// Join is a second list beside one that has no contacts; Kind is empty if there
// is none.
type Join struct {
	Kind   string // "csv" or "splynx"
	Path   string
	URL    string
	Key    string
	Auth   string
	Secret Secret
}

// Columns are the fields of a subscriber that a source may name otherwise.
func Columns() []string {
	return []string{"code", "name", "phone", "mail", "language", "region", "municipality", "box", "uplink", "line", "tags", "channels", "class", "partner"}
}

func (r *reader) subscribers(v value) Subscribers {
	s, partnersOnly := defaults.Subscribers, false
	if r.mapping(v, fields{
		"from":    func(v value) { s.From = r.directory(v) },
		"columns": func(v value) { s.Columns = r.columns(v) },
		"encoding": func(v value) {
			if s.Encoding = r.oneOf(v, "utf-8", "windows-1250", "windows-1252"); s.Encoding == "utf-8" {
				s.Encoding = ""
			}
		},
		"every": func(v value) { s.Every = r.span(v, time.Minute, 7*day) },
		"after": func(v value) { s.After = r.span(v, 0, 7*day) },
		"cap":   func(v value) { s.Cap = int(r.whole(v, 1, 60)) },
		"approve": func(v value) {
			partnersOnly = true // without a list it is still for them
			r.mapping(v, fields{
				"over": func(v value) { s.Approve.Over = int(r.whole(v, 0, 10_000_000)) },
				"two":  func(v value) { s.Approve.Two = int(r.whole(v, 1, 10_000_000)) },
				"wait": func(v value) { s.Approve.Wait = r.span(v, 0, 7*day) },
				"then": func(v value) { s.Approve.Then = r.oneOf(v, "hold", "send") },
			})
		},
		"first": func(v value) { s.First = r.classes(v) },
		"quiet": func(v value) { s.Quiet = r.quiet(v, s.Quiet) },
		"awake": func(v value) { s.Awake = r.classes(v) },
	}) && !partnersOnly {
		r.required(v, "from")
	}
	return s
}

// classes reads classes of service, as the list has them.
func (r *reader) classes(v value) []string {
	return r.words(v, func(v value) string { s, _ := r.text(v); return s })
}

// columns reads which columns hold a field; one or several of them.
func (r *reader) columns(v value) map[string][]string {
	all := map[string][]string{}
	f := fields{}
	for _, field := range Columns() {
		f[field] = func(v value) {
			if _, plainly := raw(v.node); !plainly {
				all[field] = r.words(v, func(v value) string { s, _ := r.text(v); return s })
			} else if s, ok := r.text(v); ok {
				all[field] = []string{s}
			}
		}
	}
	r.mapping(v, f)
	return all
}

func (r *reader) directory(v value) Directory {
	var d Directory
	r.mapping(v, fields{
		"csv":    func(v value) { d.Kind, d.Path = "csv", r.filePath(v) },
		"http":   func(v value) { r.listing(v, &d) },
		"ozmap":  func(v value) { r.ozmap(v, &d) },
		"splynx": func(v value) { r.splynx(v, &d) },
	})
	if pairs, ok := pairsOf(v.node); ok && len(pairs) != 1 {
		r.fault(v, "must name one source", "write one of csv, http, ozmap, splynx")
	}
	return d
}

func (r *reader) ozmap(v value, d *Directory) {
	d.Kind = "ozmap"
	if r.mapping(v, fields{
		"url":   func(v value) { d.URL = r.link(v, "https") },
		"token": func(v value) { d.Token = r.secret(v, later) },
		"join":  func(v value) { d.Join = r.contacts(v) },
	}) {
		r.required(v, "url", "token")
	}
}

// contacts reads where the contacts of OZmap's clients stand.
func (r *reader) contacts(v value) Join {
	var d Directory
	r.mapping(v, fields{
		"csv":    func(v value) { d.Kind, d.Path = "csv", r.filePath(v) },
		"splynx": func(v value) { r.splynx(v, &d) },
	})
	if pairs, ok := pairsOf(v.node); ok && len(pairs) != 1 {
		r.fault(v, "must name one list", "write csv or splynx")
	}
	return Join{Kind: d.Kind, Path: d.Path, URL: d.URL, Key: d.Key, Auth: d.Auth, Secret: d.Secret}
}

func (r *reader) splynx(v value, d *Directory) {
	d.Kind, d.Auth = "splynx", "signature"
	if !r.mapping(v, fields{
		"url":    func(v value) { d.URL = r.link(v, "https") },
		"key":    func(v value) { d.Key, _ = r.text(v) },
		"secret": func(v value) { d.Secret = r.secret(v, later) },
		"auth":   func(v value) { d.Auth = r.oneOf(v, "signature", "basic", "token") },
	}) {
		return
	}
	r.required(v, "url", "secret")
	if !r.has(join(v.key, "key")) {
		r.fault(v, "key is missing", "add key: as Splynx shows it under Administration, API keys")
	}
}

// listing reads any system that lists subscribers as JSON.
func (r *reader) listing(v value, d *Directory) {
	d.Kind = "http"
	if !r.mapping(v, fields{
		"url":    func(v value) { d.URL = r.link(v, "https") },
		"token":  func(v value) { d.Token = r.secret(v, later) },
		"user":   func(v value) { d.User, _ = r.text(v) },
		"secret": func(v value) { d.Secret = r.secret(v, later) },
		"items":  func(v value) { d.Items = r.pointer(v) },
		"next":   func(v value) { d.Next = r.pointer(v) },
	}) {
		return
	}
	r.required(v, "url")
	switch token, user, secret := r.has(v.key+".token"), r.has(v.key+".user"), r.has(v.key+".secret"); {
	case token && (user || secret):
		r.fault(v, "has two ways to log in", "write token, or user and secret")
	case user != secret:
		r.fault(v, "user and secret belong together", "write both, or token instead")
	}
}

// pointer reads an RFC 6901 pointer into an answer.
func (r *reader) pointer(v value) string {
	s, ok := r.text(v)
	if ok && !strings.HasPrefix(s, "/") {
		r.fault(v, shown(s)+" is not a path into the answer", "begin it with a slash, as in /data/rows")
		return ""
	}
	return s
}
