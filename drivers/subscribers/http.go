package subscribers

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
)

const (
	longestPage = 4 << 20 // bytes
	mostPages   = 20_000
	usualPage   = time.Minute // for one page
	tries       = 4           // of a page
	pause       = 5 * time.Second
)

// Listing is a system that lists subscribers as JSON, on one page or several.
type Listing struct {
	URL    string // of the first page; begins with https://
	Token  string // bearer token; empty: User and Secret, or nothing
	User   string
	Secret string

	Items string // JSON pointer (RFC 6901) to the list in a page; empty is the page itself
	Next  string // JSON pointer to the next page's address; empty: the Link header tells (RFC 8288)

	Timeout time.Duration // for one page; zero is a minute

	// Dial connects to host:port and resolves the name by itself.
	Dial https.Dial
	TLS  *tls.Config // nil: the system's roots
}

func (l *Listing) check() error {
	if l.Timeout == 0 {
		l.Timeout = usualPage
	}
	_, ok := https.Secure(l.URL)
	switch {
	case !ok:
		return errors.New("subscribers: url: write a whole address that begins with https://")
	case l.Token != "" && l.User != "":
		return errors.New("subscribers: write token, or user and secret")
	case l.Items != "" && l.Items[0] != '/' || l.Next != "" && l.Next[0] != '/':
		return errors.New("subscribers: items and next begin with a slash, as in /data/rows")
	case l.Timeout < 0 || l.Dial == nil:
		return errors.New("subscribers: it needs a Dial, and time")
	}
	return nil
}

// HTTP reads a list page by page. A page that does not come is asked for
// again, three times; if it never comes the list cannot be read, and what was
// given of it is not the whole. Items are counted from 1, as lines are.
func HTTP(ctx context.Context, l Listing, o Options) error {
	if err := errors.Join(l.check(), o.check()); err != nil {
		return err
	}
	r := &pages{l: l, o: o, known: map[string]guess{}, client: https.New(https.Options{
		Dial: l.Dial, TLS: l.TLS, Whom: "the list of subscribers", Secrets: []string{l.Token, l.Secret}, Longest: longestPage,
		Advice: map[int]string{
			0:                       "the address is refused: see subscribers.from.http in the configuration",
			http.StatusUnauthorized: "the token or password is refused: put a new one in its file",
			http.StatusForbidden:    "the account may not read subscribers: ask for that right",
			http.StatusNotFound:     "there is no list at this address: see subscribers.from.http.url",
		},
	})}
	defer r.client.HangUp()
	return r.all(ctx)
}

// pages is a list that is being read.
type pages struct {
	l      Listing
	o      Options
	client *https.Client
	items  int
	known  map[string]guess // what keys are likely to mean
}

type guess struct {
	place, rank int
	ok          bool
}

func (r *pages) all(ctx context.Context) error {
	at := r.l.URL
	seen := map[string]bool{}
	for n := 1; at != ""; n++ {
		switch {
		case n > mostPages:
			return fmt.Errorf("the list of subscribers has more than %d pages: ask for larger ones", mostPages)
		case seen[at]:
			return fmt.Errorf("page %d of the list of subscribers leads back to an earlier one", n-1)
		}
		seen[at] = true
		items, next, err := r.fetch(ctx, at)
		if err != nil {
			return fmt.Errorf("page %d of the list of subscribers: %w", n, err)
		}
		for _, item := range items {
			if err := r.item(item); err != nil {
				return err
			}
		}
		at = next
	}
	return nil
}

// fetch gets a page, if need be by several tries.
func (r *pages) fetch(ctx context.Context, at string) (items []json.RawMessage, next string, err error) {
	for try := 1; ; try++ {
		a, e := r.ask(ctx, at)
		if e == nil {
			items, next, e = r.page(a, at)
		}
		if e == nil {
			return items, next, nil
		}
		if final := e.Fate != delivery.Retry || e.Advice != "" || try == tries; final || ctx.Err() != nil {
			return nil, "", advised(e)
		}
		wait := time.NewTimer(max(e.After, pause))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return nil, "", advised(e)
		}
	}
}

// advised puts what to do behind what is wrong.
func advised(e *delivery.Error) error {
	if e.Advice == "" {
		return e
	}
	return fmt.Errorf("%w: %s", e, e.Advice)
}

func (r *pages) ask(ctx context.Context, at string) (*https.Answer, *delivery.Error) {
	ctx, cancel := context.WithTimeout(ctx, r.l.Timeout)
	defer cancel()
	header := map[string]string{"Accept": "application/json"}
	switch {
	case r.l.Token != "":
		header["Authorization"] = "Bearer " + r.l.Token
	case r.l.User != "":
		header["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(r.l.User+":"+r.l.Secret))
	}
	return r.client.Ask(ctx, https.Request{Method: http.MethodGet, URL: at, Header: header})
}

// page reads an answer.
func (r *pages) page(a *https.Answer, at string) ([]json.RawMessage, string, *delivery.Error) {
	speaks := !a.Page() && json.Valid(a.Text)
	switch {
	case len(a.Text) >= longestPage && a.Torn != nil:
		return nil, "", &delivery.Error{Fate: delivery.Never, Err: a.Torn, Advice: "ask for smaller pages, as in ?limit=500"}
	case a.Code != http.StatusOK:
		return nil, "", a.Judge(speaks, a.Said())
	case a.Torn != nil:
		return nil, "", a.Unread(a.Torn)
	case a.Page():
		return nil, "", a.Between(a.Said())
	case !speaks:
		return nil, "", a.Unread(errors.New("it is no JSON, or not all of it"))
	}
	list, ok := descend(a.Text, r.l.Items)
	var items []json.RawMessage
	if !ok || json.Unmarshal(list, &items) != nil {
		where := "it"
		if r.l.Items != "" {
			where = "what it has at " + r.l.Items
		}
		return nil, "", asWrong(fmt.Errorf("%s is no list: see subscribers.from.http.items; it begins %s", where, a.Said()))
	}
	to, err := r.following(a)
	if err != nil || to == "" {
		return items, "", asWrong(err)
	}
	next, err := resolve(at, to)
	return items, next, asWrong(err)
}

func asWrong(err error) *delivery.Error {
	if err == nil {
		return nil
	}
	return &delivery.Error{Fate: delivery.Never, Err: err}
}

// following is the address of the next page as it is written; empty at the end.
func (r *pages) following(a *https.Answer) (string, error) {
	if r.l.Next == "" {
		return linked(strings.Join(a.Header.Values("Link"), ", ")), nil
	}
	value, ok := descend(a.Text, r.l.Next)
	var to *string
	if !ok {
		return "", nil
	}
	if err := json.Unmarshal(value, &to); err != nil {
		return "", fmt.Errorf("what it has at %s is no address: %.40s", r.l.Next, value)
	}
	if to == nil {
		return "", nil
	}
	return *to, nil
}

// resolve keeps to the host that the secret is for.
func resolve(at, to string) (string, error) {
	from, err := url.Parse(at)
	if err != nil {
		return "", err
	}
	next, err := from.Parse(to)
	if err != nil {
		return "", errors.New("the address of its next page cannot be used")
	}
	if next.Scheme != from.Scheme || next.Host != from.Host || next.User != nil {
		return "", fmt.Errorf("its next page is on %s: only pages of %s are read, for it is they that may have the password", next.Host, from.Host)
	}
	return next.String(), nil
}

// linked is the target of rel="next" in a Link header (RFC 8288 §3).
func linked(header string) string {
	for {
		_, rest, ok := strings.Cut(header, "<")
		if !ok {
			return ""
		}
		target, params, ok := strings.Cut(rest, ">")
		if !ok {
			return ""
		}
		header = params
		params, _, _ = strings.Cut(params, "<")
		for _, p := range strings.FieldsFunc(params, func(r rune) bool { return r == ';' || r == ',' }) {
			name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			if strings.EqualFold(name, "rel") && slices.Contains(strings.Fields(strings.ToLower(strings.Trim(value, `"`))), "next") {
				return target
			}
		}
	}
}

// descend follows a JSON pointer without reading what lies beside its way.
func descend(text json.RawMessage, pointer string) (json.RawMessage, bool) {
	for _, step := range steps(pointer) {
		var object map[string]json.RawMessage
		var list []json.RawMessage
		if json.Unmarshal(text, &object) == nil && object != nil {
			below, ok := object[step]
			if !ok {
				return nil, false
			}
			text = below
			continue
		}
		n, err := strconv.Atoi(step)
		if json.Unmarshal(text, &list) != nil || err != nil || n < 0 || n >= len(list) {
			return nil, false
		}
		text = list[n]
	}
	return text, true
}

func steps(pointer string) []string {
	if pointer == "" {
		return nil
	}
	all := strings.Split(pointer[1:], "/")
	for i, s := range all {
		all[i] = strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~")
	}
	return all
}

// item understands one.
func (r *pages) item(text json.RawMessage) error {
	r.items++
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil || object == nil {
		r.o.Note(Note{Line: r.items, Text: fmt.Sprintf("is no subscriber: %.40q", text)})
		return nil
	}
	var row raw
	for i, f := range fields {
		for _, name := range r.o.Columns[f.name] {
			row[i] = append(row[i], cells(name, find(object, name))...)
		}
	}
	keys := slices.Sorted(maps.Keys(object))
	for i, at := range r.o.assign(keys, r.named(keys), r.usual) {
		for _, n := range at {
			row[i] = append(row[i], cells(keys[n], []any{object[keys[n]]})...)
		}
	}
	return r.o.read(r.items, &row)
}

// named are the keys that the configuration gives to some field.
func (r *pages) named(keys []string) map[int]bool {
	taken := map[int]bool{}
	for _, names := range r.o.Columns {
		for _, name := range names {
			if at := slices.Index(keys, name); at >= 0 {
				taken[at] = true
			}
		}
	}
	return taken
}

const mostKeys = 10_000 // that are remembered

func (r *pages) usual(key string) (place, rank int, ok bool) {
	g, known := r.known[key]
	if !known {
		g.place, g.rank, g.ok = usual(key)
		if len(r.known) < mostKeys {
			r.known[key] = g
		}
	}
	return g.place, g.rank, g.ok
}

// find is what an item has under a key, or at a JSON pointer in which * stands
// for each entry of a list.
func find(object map[string]any, name string) []any {
	if !strings.HasPrefix(name, "/") {
		return []any{object[name]}
	}
	at := []any{object}
	for _, step := range steps(name) {
		var below []any
		for _, value := range at {
			below = append(below, under(value, step)...)
		}
		at = below
	}
	return at
}

func under(value any, step string) []any {
	switch v := value.(type) {
	case map[string]any:
		if below, ok := v[step]; ok {
			return []any{below}
		}
		if step == "*" {
			var all []any
			for _, key := range slices.Sorted(maps.Keys(v)) {
				all = append(all, v[key])
			}
			return all
		}
	case []any:
		if step == "*" {
			return v
		}
		if n, err := strconv.Atoi(step); err == nil && n >= 0 && n < len(v) {
			return v[n : n+1]
		}
	}
	return nil
}

// cells are the texts of values. Of a thing with a name it is the name.
func cells(column string, values []any) []cell {
	var all []cell
	for _, value := range values {
		switch v := value.(type) {
		case string:
			all = append(all, cell{column, v})
		case json.Number:
			all = append(all, cell{column, v.String()})
		case bool:
			all = append(all, cell{column, strconv.FormatBool(v)})
		case []any:
			all = append(all, cells(column, v)...)
		case map[string]any:
			for _, key := range []string{"name", "label", "number", "address", "value"} {
				if text, ok := v[key].(string); ok {
					all = append(all, cell{column, text})
					break
				}
			}
		}
	}
	return all
}
