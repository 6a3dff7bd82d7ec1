package splynx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
	"heliograph/drivers/https/pace"
)

// What is read.
const (
	tokens    = "admin/auth/tokens"
	customers = "admin/customers/customer"
	services  = "admin/customers/customer/0/internet-services"
	locations = "admin/administration/locations"
	partners  = "admin/administration/partners"
	routers   = "admin/networking/routers"
	sectors   = "admin/networking/routers-sectors"
)

const (
	largest = 4 << 20 // bytes of an answer that are read
	tries   = 4
	longest = 2 * time.Minute // that a wait may be
)

// wire makes requests, one at a time.
type wire struct {
	*https.Client
	o     Options
	pace  *pace.Pace
	nonce *counter
	token token
}

const (
	renew  = "Splynx refuses the API key: compare key and secret with Administration, API keys; see whether it wants unsecure access or a signature, and whether both clocks are right"
	enable = "enable view of customers, internet services, locations, partners, routers and sectors in the API key's permissions"
)

var advice = map[int]string{
	http.StatusUnauthorized: renew, http.StatusForbidden: enable, http.StatusMethodNotAllowed: enable,
	http.StatusNotFound: "there is no Splynx (API 2.0) at this address: compare it with the browser's",
	0:                   "Splynx did not understand what it was asked",
}

func newWire(o Options, nonce *counter) *wire {
	return &wire{o: o, nonce: nonce, pace: pace.New(pace.Options{Rate: o.Rate, Tries: tries, Pause: o.Pause, Wait: longest}),
		Client: https.New(https.Options{Dial: o.Dial, TLS: o.TLS, Whom: "Splynx", Secrets: []string{o.Secret, o.Key}, Longest: largest, Advice: advice})}
}

// refusal is a request that did not end well.
type refusal struct {
	delivery.Error
	status int    // of HTTP; zero: no answer
	code   string // Splynx's own
}

func stranger(what string) *refusal {
	return &refusal{Error: delivery.Error{Fate: delivery.Retry, Worker: true, Err: errors.New("something between answered: " + what)}}
}

// get reads a list with patience. A token that Splynx no longer takes is
// replaced once.
func (w *wire) get(ctx context.Context, path, query string, out any) (no *refusal) {
	renewed := false
	last := w.pace.Keep(ctx, func() *delivery.Error {
		if no = w.signed(ctx, path, query, out); no != nil && w.o.Auth == "token" && stale[no.code] && !renewed {
			renewed = true
			if no.code != "EXPIRED_ACCESS_TOKEN" {
				w.token = token{} // the other one is bound to the same address
			}
			w.token.Access = ""
			no = w.signed(ctx, path, query, out)
		}
		if no == nil {
			return nil
		}
		if no.Fate == delivery.Unsure { // a log-in, which may be made twice
			no.Fate, no.Worker = delivery.Retry, true
		}
		return &no.Error
	})
	switch {
	case last == nil:
		return nil
	case no == nil || last != &no.Error: // there was no time to ask
		return &refusal{Error: *last}
	}
	return no
}

func (w *wire) signed(ctx context.Context, path, query string, out any) *refusal {
	proof, no := w.prove(ctx)
	if no != nil {
		return no
	}
	return w.once(ctx, http.MethodGet, path+"?"+query, proof, nil, out)
}

func (w *wire) once(ctx context.Context, method, path, proof string, body []byte, out any) *refusal {
	ctx, cancel := context.WithTimeout(ctx, w.o.Answer)
	defer cancel()
	r := https.Request{Method: method, URL: w.o.URL + "/api/2.0/" + path, Header: map[string]string{}, Body: body}
	if proof != "" {
		r.Header["Authorization"] = proof
	}
	a, failed := w.Ask(ctx, r)
	if failed != nil {
		return &refusal{Error: *failed}
	}
	if speaks := a.JSON(); a.Code < 200 || a.Code > 299 || !speaks {
		said, code := w.excerpt(a)
		return &refusal{Error: *a.Judge(speaks, said), status: a.Code, code: code}
	}
	err := a.Torn
	if err == nil {
		err = json.Unmarshal(a.Text, out)
	}
	if err != nil {
		return &refusal{Error: *a.Unread(err)}
	}
	if v, ok := out.(interface{ odd() string }); ok && v.odd() != "" {
		return stranger(v.odd())
	}
	return nil
}

// excerpt is what an answer says, in one short line without tokens, and
// Splynx's code for it.
func (w *wire) excerpt(a *https.Answer) (said, code string) {
	var e struct {
		Error struct {
			Message string
			Code    string `json:"internal_code"`
		}
	}
	said = a.Said()
	if a.JSON() && json.Unmarshal(a.Text, &e) == nil && e.Error.Code != "" {
		said, code = w.Line(strings.TrimSpace(e.Error.Code+" "+e.Error.Message)), e.Error.Code
	}
	for _, secret := range []string{w.token.Access, w.token.Refresh} {
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "…")
		}
	}
	return said, code
}

// after asks for the rows behind an id, in the order of ids: who comes and goes
// meanwhile shifts nobody out of sight.
func after(id whole, limit int) string {
	return url.Values{
		"main_attributes[id][0]": {">"}, "main_attributes[id][1]": {strconv.FormatInt(int64(id), 10)},
		"order[id]": {"ASC"}, "limit": {strconv.Itoa(limit)},
	}.Encode()
}

// each hands on every row of a list, page by page.
func each[T interface{ id() whole }](ctx context.Context, w *wire, list string, take func(T) *refusal) *refusal {
	last := whole(0)
	for n := 0; ; {
		var rows []T
		if no := w.get(ctx, list, after(last, w.o.Rows), &rows); no != nil {
			return no
		}
		before := last
		for _, r := range rows {
			if r.id() <= last { // twice, or not asked for
				continue
			}
			if n++; n > w.o.Most {
				return &refusal{Error: delivery.Error{Fate: delivery.Never, Err: fmt.Errorf("more than %d rows in %s", w.o.Most, list)}}
			}
			last = r.id()
			if no := take(r); no != nil {
				return no
			}
		}
		switch {
		case len(rows) == 0:
			return nil
		case last == before:
			return &refusal{Error: delivery.Error{Fate: delivery.Retry, Worker: true, Advice: "this Splynx does not search its lists as its API says: read the subscribers from a CSV",
				Err: fmt.Errorf("the list %s holds what was not asked for", list)}}
		}
	}
}
