package splynx_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/splynx"
	"heliograph/drivers/splynx/splynxtest"
	"heliograph/drivers/webhook/webhooktest"
)

const (
	key    = "a1b2c3d4e5f6"
	secret = "s3cr3t-of-the-key"

	customers = "admin/customers/customer"
	services  = "admin/customers/customer/0/internet-services"
	locations = "admin/administration/locations"
	routers   = "admin/networking/routers"
)

// rig is a provider with two places, a driver and what lies between.
type rig struct {
	*testing.T
	bss    *splynxtest.Splynx
	line   *webhooktest.Line
	memory *webhooktest.Memory
	now    time.Time
	o      splynx.Options
	driver *splynx.Splynx
}

type row = splynxtest.Row

func newRig(t *testing.T) *rig {
	t.Parallel()
	r := &rig{T: t, memory: &webhooktest.Memory{}, bss: &splynxtest.Splynx{Key: key, Secret: secret}, now: time.Date(2026, 11, 22, 4, 2, 0, 0, time.UTC)}
	r.bss.Now = func() time.Time { return r.now }
	r.bss.Add(locations, row{"name": "Vicenza"})
	r.bss.Add(locations, row{"name": "Padova"})
	r.bss.Add("admin/administration/partners", row{"name": "Main"})
	r.bss.Add(routers, row{"title": "edge1", "location_id": 1})
	r.bss.Add(routers, row{"title": "edge2", "location_id": 2})
	r.bss.Add("admin/networking/routers-sectors", row{"title": "edge1 north", "router_id": 1})
	r.customer("ada", 1, "active", row{"phone": "+39 0444 1234, 333 1234567", "email": "ada@isp.example,ops@ada.example", "customer_labels": []any{row{"id": 1, "label": "VIP", "color": "#357bf2"}}},
		row{"router_id": 1, "sector_id": 1})
	r.customer("bea", 1, "active", row{"category": "company", "additional_attributes": row{"language": "it", "municipality": "Schio", "vip": "0"}},
		row{"router_id": 1, "sector_id": 0}, row{"router_id": 2, "login": "bea-2"})
	r.customer("cyd", 2, "blocked", row{}, row{"router_id": 2})
	r.customer("dan", 2, "active", row{}, row{"router_id": 2, "status": "stopped"})
	r.customer("eve", 2, "active", row{"login": ""})
	r.line = webhooktest.NewLine(r.bss)
	r.o = splynx.Options{URL: "https://" + webhooktest.Host + "/", Key: key, Secret: secret, Rate: 100_000, Rows: 2, Pause: time.Millisecond,
		TLS: r.line.TLS(), Dial: r.line.Dial, Memory: r.memory, Now: r.bss.Now}
	r.restart()
	t.Cleanup(func() {
		r.line.Close()
		if left := r.bss.Unused(); len(left) > 0 {
			t.Errorf("faults that nothing met: %+v", left)
		}
	})
	return r
}

// customer adds one with services, whose login is theirs.
func (r *rig) customer(login string, location int, status string, more row, lines ...row) int {
	c := row{"login": login, "status": status, "partner_id": 1, "location_id": location, "name": strings.ToUpper(login), "email": "", "phone": "", "category": "person",
		"city": "Town", "customer_labels": []any{}, "additional_attributes": []any{}}
	for name, v := range more {
		c[name] = v
	}
	id := r.bss.Add(customers, c)
	for _, l := range lines {
		s := row{"customer_id": id, "status": "active", "login": login, "sector_id": 0}
		for name, v := range l {
			s[name] = v
		}
		r.bss.Add(services, s)
	}
	return id
}

func (r *rig) restart() {
	r.Helper()
	driver, err := splynx.New(r.o)
	if err != nil {
		r.Fatal(err)
	}
	r.driver = driver
}

func (r *rig) expect(what, got, want string) {
	r.Helper()
	if got != want {
		r.Errorf("%s:\n  %s\nwant:\n  %s", what, got, want)
	}
}

func (r *rig) fate(err error) string {
	r.Helper()
	if err == nil {
		return ""
	}
	var e *delivery.Error
	if !errors.As(err, &e) {
		r.Fatalf("an error without a fate: %v", err)
	}
	for _, s := range []string{secret, key, "access-0", "refresh-0"} {
		if strings.Contains(err.Error()+e.Advice, s) {
			r.Errorf("a secret stands in %q", err)
		}
	}
	said := e.Error()
	if e.Worker {
		said += ", worker"
	}
	if e.After > 0 {
		said += " after " + e.After.String()
	}
	return said
}

// list is everybody as Each hands them over.
func (r *rig) list() string {
	r.Helper()
	var all []string
	err := r.driver.Each(r.Context(), func(s splynx.Subscriber) error {
		all = append(all, fmt.Sprintf("%s %s %q %q %s|%s/%s/%s/%s %s %s %q", s.Code, s.Name, s.Phones, s.Mails, s.Language, s.Region, s.Municipality, s.Box, s.Line, s.Class, s.Partner, s.Tags))
		return nil
	})
	if err != nil {
		return r.fate(err)
	}
	return strings.Join(all, "\n")
}

const everybody = `ada ADA ["+39 0444 1234" "333 1234567"] ["ada@isp.example" "ops@ada.example"] |Vicenza/Town/edge1 north/ada home Main ["VIP" "edge1"]
bea BEA [] [] it|Vicenza/Schio/edge1/bea business Main ["edge2" "bea-2"]
5 EVE [] [] |Padova/Town// home Main []`

// Blocked cyd is not told; dan's only service is stopped; eve has telephone
// only, and lives where she lives.
func TestWhoHasALine(t *testing.T) {
	r := newRig(t)
	r.expect("signed", r.list(), everybody)
	r.bss.Texts, r.bss.Half = true, 1
	r.expect("from an older Splynx that cuts its pages", r.list(), everybody)
	r.bss.Texts, r.bss.Half = false, 0
	r.o.Auth = "token"
	r.restart()
	r.expect("by token", r.list(), everybody)
	r.o.Auth, r.bss.Unsecure = "basic", true
	r.restart()
	r.expect("basic", r.list(), everybody)
	r.o.Statuses = []string{"blocked"}
	r.restart()
	r.expect("the blocked", strings.Fields(r.list())[0], "cyd")
}

// A nonce is never used again, whatever the clock does.
func TestNonces(t *testing.T) {
	r := newRig(t)
	r.expect("the first night", r.list(), everybody)
	r.restart()
	r.now = r.now.Add(-48 * time.Hour)
	r.expect("the clock went back", r.list(), everybody)
	r.o.Memory = &webhooktest.Memory{}
	r.restart()
	r.expect("and nothing is remembered", r.list(), "retry HTTP 401: UNAUTHORIZED Unauthorized, worker")
	r.now = r.now.Add(49 * time.Hour)
	r.expect("until it is right", r.list(), everybody)
}

// Half an hour is over, or somebody ended the log-in: a new one, and nobody is
// lost.
func TestTokensEnd(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*rig)
		want string
	}{
		"it nears its end": {func(r *rig) { r.now = r.now.Add(29*time.Minute + 30*time.Second) }, "GET admin/auth/tokens/…"},
		"it is banned":     {func(r *rig) { r.bss.Ban() }, "POST admin/auth/tokens"},
		"a day went by":    {func(r *rig) { r.now = r.now.Add(25 * time.Hour) }, "POST admin/auth/tokens"},
		"the address changed": {func(r *rig) {
			r.bss.Fail(splynxtest.Fault{On: "GET " + customers, Status: 401, Type: "application/json", Body: `{"error":{"message":"IP changed","code":401,"internal_code":"IP_CHANGED"}}`})
		}, "POST admin/auth/tokens"},
		"it ended early": {func(r *rig) {
			r.bss.Fail(splynxtest.Fault{On: "GET " + customers, Status: 401, Type: "application/json", Body: `{"error":{"message":"of access-00000001","code":401,"internal_code":"EXPIRED_ACCESS_TOKEN"}}`})
		}, "GET admin/auth/tokens/…"},
		"the log-in is lost": {func(r *rig) {
			r.bss.Ban()
			r.bss.Fail(splynxtest.Fault{On: "POST admin/auth/tokens", Cut: true, Commit: true})
		}, "POST admin/auth/tokens"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.o.Auth = "token"
			r.restart()
			n := 0
			r.bss.Before = func(int) {
				if n++; n == 9 {
					r.bss.Requests()
					c.end(r)
				}
			}
			r.expect("the list", r.list(), everybody)
			if log := strings.Join(r.bss.Requests(), ", "); !strings.Contains(log, c.want) {
				t.Errorf("it asked %s", log)
			}
		})
	}
}

func TestTroublesWhileReading(t *testing.T) {
	for name, f := range map[string]splynxtest.Fault{
		"too many, in a second": {Status: 429, Header: http.Header{"Retry-After": {"0"}}, Type: "application/json", Body: `{}`},
		"gateway":               {Status: 502, Body: "<html>502</html>"},
		"ill":                   {Status: 500, Type: "application/json", Body: `{"error":{"message":"ouch","code":500,"internal_code":"SERVER_ERROR"}}`},
		"cut":                   {Cut: true},
		"half an answer":        {Torn: true},
		"cut in the middle":     {Short: true},
		"captive portal":        {Status: 200, Body: "<html>Your data is used up</html>"},
		"redirect":              {Status: 302, Header: http.Header{"Location": {"https://portal.example/"}}},
		"some other JSON":       {Status: 200, Type: "application/json", Body: `{"data":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			for _, on := range []string{"GET " + locations, "GET " + routers, "GET " + services, "GET " + customers, "GET " + customers} {
				f.On = on
				r.bss.Fail(f)
			}
			r.expect("the list", r.list(), everybody)
		})
	}
}

func TestWhatEndsTheReading(t *testing.T) {
	r := newRig(t)
	r.bss.Fail(splynxtest.Fault{On: "GET " + services, Status: 429, Header: http.Header{"Retry-After": {"3600"}}, Body: "later"})
	r.expect("an hour", r.list(), "retry HTTP 429: later after 1h0m0s")
	r.bss.Disabled = []string{services}
	r.expect("not enabled", r.list(), "retry HTTP 405: METHOD_DISABLED Method is disabled!, worker")
	r.expect("and the check knows", r.fate(r.driver.Check(t.Context())), "retry HTTP 405: METHOD_DISABLED Method is disabled!, worker")
	r.bss.Disabled, r.bss.Deaf = nil, true
	if got := r.list(); !strings.HasSuffix(got, "holds what was not asked for, worker") {
		t.Errorf("a Splynx that does not search: %s", got)
	}
	r.bss.Deaf = false
	r.o.Auth = "basic"
	r.restart()
	r.expect("a key without unsecure access", r.list(), "retry HTTP 401: UNAUTHORIZED Unauthorized, worker")
	r.o.Auth, r.o.Most = "", 2
	r.restart()
	r.expect("more than fit", r.list(), "never: more than 2 rows in "+services)
	r.line.Cut(true)
	r.expect("no way there", r.list(), "retry: no route to host, worker")
}

// Who goes while the list is read shifts nobody out of sight, and who comes is
// there.
func TestAListThatChangesMeanwhile(t *testing.T) {
	r := newRig(t)
	var seen []string
	err := r.driver.Each(t.Context(), func(s splynx.Subscriber) error {
		if seen = append(seen, s.Code); s.Code == "bea" {
			r.bss.Remove(customers, 1)
			r.bss.Remove(customers, 2)
			r.customer("zoe", 1, "active", row{})
		}
		return nil
	})
	r.expect("seen", fmt.Sprint(seen, err), "[ada bea 5 zoe] <nil>")
}

func TestCheckDisturbsNobody(t *testing.T) {
	r := newRig(t)
	r.expect("the check", r.fate(r.driver.Check(t.Context())), "")
	for _, q := range r.bss.Requests() {
		if !strings.HasPrefix(q, "GET ") {
			t.Errorf("it asked %s", q)
		}
	}
}

func TestWhoReadsMayStop(t *testing.T) {
	r := newRig(t)
	enough := errors.New("enough")
	if err := r.driver.Each(t.Context(), func(splynx.Subscriber) error { return enough }); err != enough {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.expect("given up", r.fate(r.driver.Each(ctx, func(splynx.Subscriber) error { return nil })), "retry: context canceled, worker")
	r.o.Answer = 50 * time.Millisecond
	r.restart()
	r.line.Next(webhooktest.Silence)
	r.expect("one page was never answered", r.list(), everybody)
}

func TestOptions(t *testing.T) {
	r := newRig(t)
	good := r.o
	for want, spoil := range map[string]func(*splynx.Options){
		"<nil>": func(o *splynx.Options) { o.URL = "https://bss.example/api/2.0/" },
		"splynx: url: give an address that begins with https://, such as https://bss.isp.example": func(o *splynx.Options) { o.URL = "http://bss.example" },
		"splynx: key, secret: give those of an API key, without spaces or line ends":              func(o *splynx.Options) { o.Secret = "a\n" },
		"splynx: auth: it is signature, basic or token":                                           func(o *splynx.Options) { o.Auth = "oauth" },
		"splynx: rate, rows, most, answer and pause must not be negative":                         func(o *splynx.Options) { o.Rate = -1 },
		"splynx: it needs a Dial and a Memory":                                                    func(o *splynx.Options) { o.Memory = nil },
	} {
		o := good
		spoil(&o)
		if _, err := splynx.New(o); fmt.Sprint(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
