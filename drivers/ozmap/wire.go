package ozmap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
	"heliograph/drivers/https/pace"
)

const (
	largest = 4 << 20 // bytes of an answer that are read: a page of regions with all their corners
	tries   = 4
	longest = 2 * time.Minute // that a wait may be
)

// wire makes requests, one at a time.
type wire struct {
	*https.Client
	pace  *pace.Pace
	wait  time.Duration // for an answer
	base  string
	token string
}

const renew = "OZmap refuses the API key: make a new one for its user, who may see clients, properties, boxes, regions, projects and tags, and put it into the token's file"

var advice = map[int]string{
	http.StatusUnauthorized: renew, http.StatusForbidden: renew,
	http.StatusNotFound: "there is no OZmap (API v2) at this address: compare the address with the browser's, port included",
	0:                   "OZmap did not take this: set the tag by hand",
}

func newWire(o Options) *wire {
	return &wire{base: o.URL + "/api/v2/", token: o.Token, wait: o.Answer, pace: pace.New(pace.Options{Rate: o.Rate, Tries: tries, Pause: o.Pause, Wait: longest}),
		Client: https.New(https.Options{Dial: o.Dial, TLS: o.TLS, Whom: "OZmap", Secrets: []string{o.Token}, Longest: largest, Advice: advice})}
}

// refusal is a request that did not end well.
type refusal struct {
	delivery.Error
	status int // of HTTP; zero: no answer
	said   string
}

func broken(e *delivery.Error) *refusal { return &refusal{Error: *e} }

func stranger(what string) *refusal {
	return broken(&delivery.Error{Fate: delivery.Retry, Worker: true, Err: errors.New("something between answered: " + what)})
}

// do makes a request with patience and reads the answer into out, which may be
// nil. Patching puts what it puts, and may be done twice.
func (w *wire) do(ctx context.Context, method, path string, in, out any) (no *refusal) {
	r := https.Request{Method: method, URL: w.base + path, Header: map[string]string{"Authorization": w.token}, Harmless: method == http.MethodPatch}
	if in != nil {
		body, err := json.Marshal(in)
		if err != nil {
			return broken(&delivery.Error{Fate: delivery.Never, Err: err})
		}
		r.Body = body
	}
	last := w.pace.Keep(ctx, func() *delivery.Error {
		if no = w.once(ctx, r, out); no == nil {
			return nil
		}
		return &no.Error
	})
	switch {
	case last == nil:
		return nil
	case no == nil || last != &no.Error: // there was no time to ask
		return broken(last)
	}
	return no
}

func (w *wire) once(ctx context.Context, r https.Request, out any) *refusal {
	ctx, cancel := context.WithTimeout(ctx, w.wait)
	defer cancel()
	a, no := w.Ask(ctx, r)
	if no != nil {
		return broken(no)
	}
	said, speaks := w.excerpt(a), a.JSON()
	if a.Code < 200 || a.Code > 299 || !speaks && (out != nil || len(a.Text) > 0 && a.Page()) {
		return &refusal{Error: *a.Judge(speaks, said), status: a.Code, said: said}
	}
	err := a.Torn
	if err == nil && out != nil {
		err = json.Unmarshal(a.Text, out)
	}
	if err != nil {
		return broken(a.Unread(err))
	}
	if list, ok := out.(interface{ odd() string }); ok && list.odd() != "" {
		return stranger(list.odd())
	}
	return nil
}

// excerpt is what an answer says, in one short line.
func (w *wire) excerpt(a *https.Answer) string {
	var e struct{ Message, Error any }
	if a.JSON() && json.Unmarshal(a.Text, &e) == nil {
		for _, v := range []any{e.Message, e.Error} {
			if v != nil {
				return w.Line(fmt.Sprint(v))
			}
		}
	}
	return a.Said()
}

// filter is a condition on a list; all of several must hold.
type filter struct {
	Property string `json:"property"`
	Operator string `json:"operator"`
	Value    any    `json:"value"`
}

// ask is what is wanted of a list. The client's own library sends filters in
// the body of a GET, which proxies drop; the address holds them as well.
type ask struct {
	filters  []filter
	selects  string
	populate string
	limit    int
}

func (a ask) query(page int) string {
	q := url.Values{"page": {strconv.Itoa(page)}, "limit": {strconv.Itoa(a.limit)}, "select": {a.selects}}
	if a.populate != "" {
		q.Set("populate", a.populate)
	}
	if len(a.filters) > 0 {
		text, _ := json.Marshal(a.filters) // of strings: it cannot fail
		q.Set("filter", string(text))
	}
	return q.Encode()
}

// page is one page of a list.
type page[T any] struct {
	Total int
	Limit int
	Rows  *[]T
	More  *bool `json:"hasNextPage"`
}

func (p *page[T]) odd() string {
	if p.Rows == nil {
		return "a list without rows"
	}
	return ""
}

// ends tells whether nothing comes after this page, which ends before row to.
func (p *page[T]) ends(to, limit int) bool {
	switch {
	case p.More != nil:
		return !*p.More
	case p.Total > 0:
		return to >= p.Total
	}
	return len(*p.Rows) < limit
}

func get[T any](ctx context.Context, w *wire, route string, a ask, number int) (page[T], *refusal) {
	var p page[T]
	no := w.do(ctx, http.MethodGet, route+"?"+a.query(number), nil, &p)
	return p, no
}

// window is the page that goes on at a row, and how long it is: such that it
// shows the row before too, wherever the numbers allow it, and much more.
func window(row, longest int) (number, limit int) {
	if row == 0 {
		return 1, longest
	}
	best := 0
	for n := longest; n > best+1; n-- {
		if more := n - 1 - (row-1)%n; more > best {
			best, limit, number = more, n, (row-1)/n+1
		}
	}
	if best == 0 { // row is a multiple of everything
		return row/longest + 1, longest
	}
	return number, limit
}

// passes is how often a list is read that changes meanwhile.
const passes = 4

// each hands on every row of a list once, page by page. Rows are counted from
// the beginning, so whoever deletes one meanwhile shifts another out of sight:
// a page that does not show the last row where it was means that the list is
// read once more, and what is new then is handed on.
func each[T interface{ id() string }](ctx context.Context, w *wire, route string, a ask, most int, take func([]T) *refusal) *refusal {
	seen := map[string]bool{}
	for range passes {
		before := len(seen)
		calm, no := pass(ctx, w, route, a, func(rows []T) *refusal {
			var fresh []T
			for _, row := range rows {
				if id := row.id(); !seen[id] {
					seen[id] = true
					fresh = append(fresh, row)
				}
			}
			if len(seen) > most {
				return tooMany(route, most)
			}
			return take(fresh)
		})
		if no != nil || calm || before > 0 && before == len(seen) {
			return no
		}
	}
	return broken(&delivery.Error{Fate: delivery.Retry, After: time.Minute, Err: fmt.Errorf("OZmap's list of %s changes faster than it can be read", route)})
}

// pass reads a list from its beginning to its end.
func pass[T interface{ id() string }](ctx context.Context, w *wire, route string, a ask, take func([]T) *refusal) (calm bool, no *refusal) {
	calm = true
	longest, row, last := a.limit, 0, ""
	for {
		var number int
		number, a.limit = window(row, longest)
		p, no := get[T](ctx, w, route, a, number)
		if no != nil {
			return false, no
		}
		if p.Limit > 0 && p.Limit < a.limit && p.Limit < longest { // so many, it says, and no more
			longest = p.Limit
			continue
		}
		rows, from := *p.Rows, (number-1)*a.limit
		for _, r := range rows {
			if r.id() == "" {
				return false, stranger("a row without an id")
			}
		}
		if had := row - from; had > 0 {
			calm = calm && len(rows) >= had && rows[had-1].id() == last
		}
		if no := take(rows); no != nil {
			return false, no
		}
		to := from + len(rows)
		if to <= row || p.ends(to, a.limit) {
			return calm, nil
		}
		row, last = to, rows[len(rows)-1].id()
	}
}

// heedless is a list that holds what was not asked for. Whoever took it for
// the answer would tag everybody.
func heedless(route string) *refusal {
	return broken(&delivery.Error{Fate: delivery.Retry, Worker: true, Advice: "this OZmap does not filter its lists as its API says: set the tag by hand",
		Err: fmt.Errorf("OZmap's list of %s holds what was not asked for", route)})
}

func tooMany(route string, most int) *refusal {
	return broken(&delivery.Error{Fate: delivery.Never, Advice: "name smaller regions or boxes, or set the tag by hand",
		Err: fmt.Errorf("OZmap has more than %d %s of this kind", most, route)})
}
