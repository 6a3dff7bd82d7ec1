package control

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/firmware/event"
)

// desk takes reports and remembers the last one.
type desk struct {
	got   event.Alarmed
	taken int
}

func (d *desk) take(_ context.Context, f event.Alarmed) (event.Answer, error) {
	d.got = f
	d.taken++
	return event.Answer{OK: f.ID != "refused", Text: "opened as #7", Incident: 7}, nil
}

func (d *desk) handler() http.Handler {
	return Intake([]Sender{{"adtran", "0123456789abcdef"}, {"other", "fedcba9876543210"}}, d.take)
}

func report(h http.Handler, token, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/v1/incidents", strings.NewReader(body))
	r.RemoteAddr = "192.0.2.77:5555"
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// What another system reports is read as one outage: what is named is whom it
// is about, and the narrowest that is named counts.
func TestWhatAReportMeans(t *testing.T) {
	t.Parallel()
	etr := time.Date(2026, 11, 21, 6, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		body string
		want event.Alarmed
	}{
		{`{"id": "x", "service": "sms-gateway", "title": "no MT", "severity": "major"}`,
			event.Alarmed{ID: "x", Subject: "sms-gateway", Scope: []string{"sms-gateway"}, Title: "no MT", Severity: "major"}},
		{`{"id": "x", "regions": ["waw", " lodz", "waw"], "boxes": ["OLT-3", ""], "say": "a crew is on its way", "etr": "2026-11-21T07:30:00+01:00"}`,
			event.Alarmed{ID: "x", Subject: "lodz", Regions: []string{"lodz", "waw"}, Hit: []string{"OLT-3"}, Say: "a crew is on its way", ETR: etr}},
		{`{"id": "x", "boxes": ["OLT-3"], "lines": ["PPPOE-1"], "affected_subscribers": ["K-1", {"code": "K-2"}, {"line": "PPPOE-2"}]}`,
			event.Alarmed{ID: "x", Subject: "OLT-3", Hit: []string{"code:K-1", "code:K-2", "line:PPPOE-1", "line:PPPOE-2"}}},
		{`{"id": "x", "uplinks": ["transit-a"], "status": "UPDATE"}`, event.Alarmed{ID: "x", Subject: "transit-a", Scope: []string{"transit-a"}}},
		{`{"id": "x", "status": "resolved"}`, event.Alarmed{ID: "x", Over: true}},
		{`{"id": "x", "affected_subscribers": ["K-1"]}`, event.Alarmed{ID: "x", Subject: "lines", Hit: []string{"code:K-1"}}},
		{`{"issue": "pon-outage", "timestamp": "2026-11-21T04:02:00Z", "tenant": null, "outage_status": "cleared", "affected_subscribers": [
			{"account_id": "K-1", "onu_serial_number": "ADTN1", "city": "Vicenza", "pon_port": "1/0/1@1/1/1"}, {"account_id": "", "onu_serial_number": "ADTN2", "city": null, "pon_port": "1/0/1@1/1/1"}]}`,
			event.Alarmed{ID: "pon-outage//1/0/1@1/1/1", Over: true, Subject: "Vicenza", Regions: []string{"Vicenza"}, Hit: []string{"code:K-1", "line:ADTN2"}}},
	} {
		d := &desk{}
		w := report(d.handler(), "0123456789abcdef", c.body)
		c.want.By, c.want.From = "adtran", "192.0.2.77"
		d.got.ETR = d.got.ETR.UTC()
		c.want.ETR = c.want.ETR.UTC()
		if w.Code != http.StatusOK || !reflect.DeepEqual(d.got, c.want) {
			t.Errorf("%s\nis %d %s\nread as %+v\nwant    %+v", c.body, w.Code, w.Body, d.got, c.want)
		}
	}
}

// Whoever gets it wrong is told what would be right, and nothing is taken.
func TestReportsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		token, body string
		code        int
		want        string
	}{
		{"", `{"id": "x"}`, 401, "Authorization: Bearer"},
		{"0123456789abcdeF", `{"id": "x"}`, 401, "a token is needed"},
		{"fedcba9876543210", `{"id": "x"`, 400, "is no JSON object as"},
		{"fedcba9876543210", `[]`, 400, "is no JSON object as"},
		{"fedcba9876543210", "{\"id\": \"\xff\"}", 400, "not UTF-8"},
		{"fedcba9876543210", `{"regions": ["waw"]}`, 422, "id is missing"},
		{"fedcba9876543210", `{"id": "x", "status": "maybe"}`, 422, "write open, update or resolved"},
		{"fedcba9876543210", `{"id": "x", "regions": ["*"]}`, 422, "is no name"},
		{"fedcba9876543210", `{"id": "x", "boxes": ["set:7-ab"]}`, 422, "is no name"},
		{"fedcba9876543210", `{"id": "x", "lines": ["a\u0000b"]}`, 422, "a control character"},
		{"fedcba9876543210", `{"id": "x", "title": "` + strings.Repeat("x", 501) + `"}`, 422, "at most 500"},
		{"fedcba9876543210", `{"id": "x", "boxes": ["` + strings.Repeat("x", 301) + `"]}`, 422, "at most 300"},
		{"fedcba9876543210", `{"id": "x", "affected_subscribers": [{"city": "Vicenza"}]}`, 400, "is a code, or"},
		{"fedcba9876543210", `{"id": "x", "title": "` + strings.Repeat("x", 1<<20) + `"}`, 413, "name boxes or regions instead"},
		{"fedcba9876543210", `{"id": "x", "regions": ["r0"` + regions(40) + `]}`, 422, "41 regions are more than 40: name boxes"},
		{"fedcba9876543210", `{"id": "refused"}`, 409, "opened as #7"},
	} {
		d := &desk{}
		w := report(d.handler(), c.token, c.body)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) || c.code != 409 && d.taken > 0 {
			t.Errorf("%.60s: %d %s, want %d %s; taken %d", c.body, w.Code, w.Body, c.code, c.want, d.taken)
		}
	}
	for _, c := range []struct {
		method, path string
		code         int
	}{{"GET", "/v1/incidents", 404}, {"GET", "/v1/status", 404}, {"POST", "/v1/orders", 404}} {
		w := httptest.NewRecorder()
		(&desk{}).handler().ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.code {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.code)
		}
	}
}

func regions(n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, `, "r%d"`, i+1)
	}
	return all.String()
}

// Keys that mean nothing here are named, so that a misspelt one is found.
func TestKeysThatMeanNothing(t *testing.T) {
	t.Parallel()
	w := report((&desk{}).handler(), "0123456789abcdef", `{"id": "x", "region": ["waw"], "colour": 3, "boxes": ["B"]}`)
	if got, want := strings.TrimSpace(w.Body.String()), `{"incident":7,"text":"opened as #7","named":1,"ignored":["colour","region"]}`; got != want {
		t.Errorf("the answer is %s, want %s", got, want)
	}
}

// A system gone mad is held back, and the others are not.
func TestASystemGoneMad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		h := d.handler()
		post := func(token string) int {
			w := report(h, token, `{"id": "x"}`)
			if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "2" {
				t.Errorf("it is told to wait %q s", w.Header().Get("Retry-After"))
			}
			return w.Code
		}
		var codes []int
		for range burst + 1 {
			codes = append(codes, post("0123456789abcdef"))
		}
		if codes[burst-1] != 200 || codes[burst] != 429 || d.taken != burst {
			t.Fatalf("of %d in a row %d were taken: %v", burst+1, d.taken, codes)
		}
		if code := post("fedcba9876543210"); code != 200 {
			t.Errorf("another sender is told %d", code)
		}
		time.Sleep(refill)
		if fmt.Sprint(post("0123456789abcdef"), post("0123456789abcdef")) != "200 429" {
			t.Error("after a pause one more goes, and one only")
		}
		time.Sleep(time.Hour)
		codes = nil
		for range burst + 1 {
			codes = append(codes, post("0123456789abcdef"))
		}
		if codes[burst-1] != 200 || codes[burst] != 429 {
			t.Errorf("after an hour: %v", codes)
		}
	})
}
