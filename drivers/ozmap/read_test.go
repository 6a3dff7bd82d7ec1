package ozmap_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"heliograph/drivers/ozmap"
	"heliograph/drivers/ozmap/ozmaptest"
	"heliograph/drivers/webhook/webhooktest"
)

func TestEverybodyAndWhereTheyLive(t *testing.T) {
	r := newRig(t)
	r.oz.AddTag(outage, "client")
	r.expect("the list", r.list(), everybody)
	r.oz.Old = true
	r.expect("from an older OZmap", r.list(), everybody)
}

// What an installation has added is taken; a second home is another name for
// the same client; the tag of an outage is news, no place.
func TestMoreOfAClient(t *testing.T) {
	r := newRig(t)
	hit := r.oz.AddTag("Massive outage", "client")
	r.oz.Set(r.ids["nomad"], "phone", "+39 0444 123456; 333 1234567")
	r.oz.Set(r.ids["nomad"], "emails", []any{"nomad@isp.example"})
	r.oz.Set(r.ids["nomad"], "tags", []any{hit, r.ids["vip"]})
	r.oz.Set(r.ids["nomad"], "code", 4711)
	r.oz.AddHome(r.ids["nomad"], r.ids["CTO-2"])
	r.oz.AddHome(r.ids["nomad"], r.ids["CTO-3"])
	got := ""
	if err := r.driver.Each(t.Context(), func(s ozmap.Subscriber) error {
		if s.Name == "Nomad" {
			got = fmt.Sprintf("%s %s %s %v %q %q", s.Code, s.Region, s.Box, s.Tags, s.Phones, s.Mails)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	r.expect("nomad", got, `4711 Nord CTO-2 [CTO-3 Sud VIP] ["+39 0444 123456" "333 1234567"] ["nomad@isp.example"]`)
}

// Each page comes to grief once, in every way, and nobody is lost or doubled.
func TestTroublesWhileReading(t *testing.T) {
	for name, f := range map[string]ozmaptest.Fault{
		"too many, in a second": {Status: 429, Header: http.Header{"Retry-After": {"0"}}, Type: "application/json", Body: `{"message":"slow"}`},
		"gateway":               {Status: 502, Body: "<html>502</html>"},
		"ill":                   {Status: 500, Type: "application/json", Body: `{"message":"ouch"}`},
		"cut":                   {Cut: true},
		"half an answer":        {Torn: true},
		"cut in the middle":     {Short: true},
		"captive portal":        {Status: 200, Body: "<html>Your data is used up</html>"},
		"redirect":              {Status: 302, Header: http.Header{"Location": {"https://portal.example/"}}},
		"some other JSON":       {Status: 200, Type: "application/json", Body: `{"data":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			for _, on := range []string{"GET tags", "GET boxes", "GET regions", "GET properties", "GET properties", "GET ftth-clients", "GET ftth-clients"} {
				f.On = on
				r.oz.Fail(f)
			}
			r.expect("the list", r.list(), everybody)
		})
	}
}

func TestWhatEndsTheReading(t *testing.T) {
	const json = "application/json"
	for name, c := range map[string]struct {
		fault ozmaptest.Fault
		times int
		want  string
	}{
		"key":       {ozmaptest.Fault{Status: 401, Type: json, Body: `{"message":"no ` + key + `"}`}, 1, "retry HTTP 401: no …, worker"},
		"forbidden": {ozmaptest.Fault{Status: 403, Type: json, Body: `{"message":"no"}`}, 1, "retry HTTP 403: no, worker"},
		"nowhere":   {ozmaptest.Fault{Status: 404, Type: json, Body: `{"message":"no"}`}, 1, "retry HTTP 404: no, worker"},
		"ill":       {ozmaptest.Fault{Status: 503, Header: http.Header{"Retry-After": {"0"}}, Body: "<html>later</html>"}, 4, "retry HTTP 503: <html>later</html>"},
		"an hour":   {ozmaptest.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}, Body: "later"}, 1, "retry HTTP 429: later after 1h0m0s"},
		"portal":    {ozmaptest.Fault{Status: 511, Body: "log in"}, 4, "retry HTTP 511: something between answered: log in, worker"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			c.fault.On = "GET ftth-clients"
			for range c.times {
				r.oz.Fail(c.fault)
			}
			r.expect("the end", r.list(), c.want)
			r.expect("and then", r.list(), everybody)
		})
	}
}

func TestWhoReadsMayStop(t *testing.T) {
	r := newRig(t)
	enough := errors.New("enough")
	n := 0
	err := r.driver.Each(t.Context(), func(ozmap.Subscriber) error { n++; return enough })
	if err != enough || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = r.driver.Each(ctx, func(ozmap.Subscriber) error { cancel(); return nil })
	if err == nil || ctx.Err() == nil {
		t.Errorf("given up: %v", err)
	}
	r.o.Most = 3
	r.restart()
	r.expect("more than fit", r.list(), "never: OZmap has more than 3 properties of this kind")
}

// TestAListThatChangesMeanwhile takes somebody away, and adds somebody, between
// two pages: who was shifted out of sight is found all the same.
func TestAListThatChangesMeanwhile(t *testing.T) {
	r := newRig(t)
	r.o.Rows = 3
	r.restart()
	seen, clients := 0, 0
	err := r.driver.Each(t.Context(), func(s ozmap.Subscriber) error {
		if clients++; clients == 3 { // between the first page of clients and the second
			r.oz.Remove(r.ids["adam.jones"])
			r.oz.AddClient("zoe.new", "Zoe", r.ids["CTO-3"])
		}
		if s.Code == "carl.orr" {
			seen++
		}
		return nil
	})
	if err != nil || seen != 1 {
		t.Errorf("carl was seen %d times: %v", seen, err)
	}
	oldest := []string{r.ids["beth.kim"], r.ids["carl.orr"], r.ids["dora.vey"], r.ids["emil.zak"]}
	r.oz.Before = func(n int) {
		r.oz.Remove(oldest[0])
		oldest = append(oldest[1:], r.oz.AddClient(fmt.Sprint("new", n), "", ""))
	}
	r.expect("a list that never stands still", r.list(), "retry: OZmap's list of ftth-clients changes faster than it can be read after 1m0s")
}

func TestSilence(t *testing.T) {
	r := newRig(t)
	r.o.Answer = 50 * time.Millisecond
	r.restart()
	r.line.Next(webhooktest.Silence)
	r.expect("one page was never answered", r.list(), everybody)
}

func TestCheckDisturbsNobody(t *testing.T) {
	r := newRig(t)
	if err := r.driver.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.expect("it asked", r.requests(), "GET ftth-clients, GET tags")
	r.oz.Fail(ozmaptest.Fault{On: "GET tags", Status: 403, Type: "application/json", Body: `{"message":"forbidden"}`})
	r.expect("a key without rights", r.fate(r.driver.Check(t.Context())), "retry HTTP 403: forbidden, worker")
	r.line.Cut(true)
	r.driver.Close()
	r.expect("no way there", r.fate(r.driver.Check(t.Context())), "retry: no route to host, worker")
}

func TestOptions(t *testing.T) {
	r := newRig(t)
	good := r.o
	for want, spoil := range map[string]func(*ozmap.Options){
		"<nil>": func(o *ozmap.Options) { o.URL = "https://isp.example:9994/api/v2/" },
		"ozmap: url: give an address that begins with https://, such as https://isp.ozmap.com.br:9994": func(o *ozmap.Options) { o.URL = "http://isp.example" },
		"ozmap: token: give an API key, without spaces or line ends":                                   func(o *ozmap.Options) { o.Token = "a b" },
		"ozmap: on: the tag goes on clients or on boxes":                                               func(o *ozmap.Options) { o.On = "cables" },
		"ozmap: rate, rows, most, answer, timeout and pause must not be negative":                      func(o *ozmap.Options) { o.Rows = -1 },
		"ozmap: it needs a Dial": func(o *ozmap.Options) { o.Dial = nil },
	} {
		o := good
		spoil(&o)
		if _, err := ozmap.New(o); fmt.Sprint(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
