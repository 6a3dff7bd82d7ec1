package control

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"heliograph/firmware/event"
)

// Sender is a system that may report outages, told by its token.
type Sender struct{ Name, Token string }

// Intake serves POST /v1/incidents to other systems on the LAN. take returns
// when what it was given is remembered.
func Intake(senders []Sender, take func(context.Context, event.Alarmed) (event.Answer, error)) http.Handler {
	in := &intake{take: take, room: make(chan struct{}, atOnce)}
	for _, s := range senders {
		in.senders = append(in.senders, &sender{name: s.Name, token: sha256.Sum256([]byte(s.Token)), left: burst})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/incidents", in.post)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, errors.New("outages are reported with POST /v1/incidents, and nothing else is here"))
	})
	return mux
}

const (
	longestReport = 1 << 20 // bytes: some 20,000 subscribers
	atOnce        = 4       // reports that are read at the same time: each may be of that length
	burst         = 30      // reports of one sender in a row,
	refill        = 2 * time.Second
	longestName   = 300 // bytes
	longestWords  = 500
	mostRegions   = 40 // of one outage: each is kept by name, and told
)

type intake struct {
	senders []*sender
	take    func(context.Context, event.Alarmed) (event.Answer, error)
	room    chan struct{}
}

// sender is one system, and how many reports it may still make at once.
type sender struct {
	name  string
	token [sha256.Size]byte

	mu   sync.Mutex
	left int
	at   time.Time // since when left counts
}

// may takes one report from what is left, or says how long to wait.
func (s *sender) may(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := int(now.Sub(s.at) / refill); s.at.IsZero() || s.left+n >= burst {
		s.left, s.at = burst, now
	} else {
		s.left, s.at = s.left+n, s.at.Add(time.Duration(n)*refill)
	}
	if s.left == 0 {
		return refill - now.Sub(s.at)
	}
	s.left--
	return 0
}

// who finds the sender by its token; all are compared, so that the time tells
// nothing.
func (in *intake) who(r *http.Request) (found *sender) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	sum := sha256.Sum256([]byte(token))
	for _, s := range in.senders {
		if subtle.ConstantTimeCompare(sum[:], s.token[:]) == 1 && ok {
			found = s
		}
	}
	return found
}

// Report is the answer to a report.
type Report struct {
	Incident int      `json:"incident,omitempty"` // zero: none is open under this id
	Text     string   `json:"text"`
	Named    int      `json:"named,omitempty"`   // subscribers, lines and boxes that were named
	Ignored  []string `json:"ignored,omitempty"` // keys that mean nothing here
}

func (in *intake) post(w http.ResponseWriter, r *http.Request) {
	s := in.who(r)
	if s == nil {
		w.Header().Set("WWW-Authenticate", "Bearer")
		fail(w, http.StatusUnauthorized, errors.New("a token is needed: Authorization: Bearer …"))
		return
	}
	wait := s.may(time.Now())
	select {
	case in.room <- struct{}{}:
		defer func() { <-in.room }()
	default:
		wait = max(wait, time.Second)
	}
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		fail(w, http.StatusTooManyRequests, fmt.Errorf("too many reports: %d in a row are taken, and then one every %s", burst, refill))
		return
	}
	f, ignored, code, err := read(w, r)
	if err != nil {
		fail(w, code, err)
		return
	}
	f.By = s.name
	f.From, _, _ = net.SplitHostPort(r.RemoteAddr)
	a, err := in.take(r.Context(), f)
	switch {
	case err != nil:
		fail(w, http.StatusServiceUnavailable, err)
	case !a.OK:
		fail(w, http.StatusConflict, errors.New(a.Text))
	default:
		reply(w, Report{Incident: a.Incident, Text: a.Text, Named: len(f.Hit), Ignored: ignored}, nil)
	}
}

// body is a report as it is sent. The keys after the gap are those of Adtran's
// outage notifications, which have no id of their own.
type body struct {
	ID       string    `json:"id"`
	Status   string    `json:"status"`
	Title    string    `json:"title"`
	Severity string    `json:"severity"`
	Say      string    `json:"say"`
	ETR      time.Time `json:"etr"`
	Service  string    `json:"service"`
	Uplinks  []string  `json:"uplinks"`
	Services []string  `json:"services"`
	Regions  []string  `json:"regions"`
	Boxes    []string  `json:"boxes"`
	Lines    []string  `json:"lines"`

	Affected []affected `json:"affected_subscribers"`
	Issue    string     `json:"issue"`
	Stamp    string     `json:"timestamp"`
	Tenant   string     `json:"tenant"`
	Outage   string     `json:"outage_status"`
}

var keys = []string{"id", "status", "title", "severity", "say", "etr", "service", "uplinks", "services", "regions", "boxes", "lines",
	"affected_subscribers", "issue", "timestamp", "tenant", "outage_status"}

// affected is a subscriber: a code, or an object with a code or a line.
type affected struct{ code, line, city, port string }

func (a *affected) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &a.code)
	}
	var o struct {
		Code    string `json:"code"`
		Account string `json:"account_id"`
		Line    string `json:"line"`
		Serial  string `json:"onu_serial_number"`
		City    string `json:"city"`
		Port    string `json:"pon_port"`
	}
	if err := json.Unmarshal(b, &o); err != nil {
		return err
	}
	*a = affected{code: first(o.Code, o.Account), line: first(o.Line, o.Serial), city: o.City, port: o.Port}
	if a.code == "" && a.line == "" {
		return errors.New(`an entry of affected_subscribers is a code, or {"code": …} or {"line": …}; account_id and onu_serial_number are the same`)
	}
	return nil
}

func first(words ...string) string {
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" {
			return w
		}
	}
	return ""
}

// read takes a report apart; the error says what would be right.
func read(w http.ResponseWriter, r *http.Request) (f event.Alarmed, ignored []string, code int, err error) {
	all, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestReport))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return f, nil, http.StatusRequestEntityTooLarge, fmt.Errorf("the report has more than %d bytes: name boxes or regions instead of each subscriber", longestReport)
	case err != nil:
		return f, nil, http.StatusBadRequest, fmt.Errorf("read the report: %w", err)
	case !utf8.Valid(all):
		return f, nil, http.StatusBadRequest, errors.New("the report is not UTF-8")
	}
	var b body
	var given map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(all, &b), json.Unmarshal(all, &given)); err != nil {
		return f, nil, http.StatusBadRequest, fmt.Errorf(`the report is no JSON object as {"id": "x", "status": "open", "regions": ["waw"], "title": "fibre cut"}: %w`, err)
	}
	for key := range given {
		if !slices.Contains(keys, key) {
			ignored = append(ignored, key)
		}
	}
	slices.Sort(ignored)
	if f, err = b.alarm(); err != nil {
		return f, nil, http.StatusUnprocessableEntity, err
	}
	return f, ignored, 0, nil
}

// phases are the words for where an outage stands; what is not over is open.
var phases = map[string]bool{
	"": false, "open": false, "update": false, "updated": false, "new": false, "active": false, "ongoing": false, "raised": false, "detected": false, "started": false,
	"resolved": true, "cleared": true, "closed": true, "ended": true, "restored": true,
}

// alarm is what a report means.
func (b body) alarm() (event.Alarmed, error) {
	phase := strings.ToLower(first(b.Status, b.Outage))
	over, known := phases[phase]
	if !known {
		return event.Alarmed{}, fmt.Errorf("status %q is not known: write open, update or resolved", phase)
	}
	f := event.Alarmed{
		ID: first(b.ID, b.nameless()), Over: over, Title: b.Title, Severity: b.Severity, Say: b.Say, ETR: b.ETR,
		Scope: tidy(append(append([]string{b.Service}, b.Services...), b.Uplinks...)), Regions: tidy(b.Regions),
	}
	if f.ID == "" {
		return f, errors.New("id is missing: an id of your own for this outage, the same in each report of it")
	}
	f.Hit = b.hit()
	if len(f.Regions) == 0 {
		f.Regions = b.cities()
	}
	if all := append(slices.Clone(f.Scope), append(slices.Clone(f.Regions), tidy(b.Boxes)...)...); len(all) > 0 {
		f.Subject = first(b.Service, all[0])
	} else if len(f.Hit) > 0 {
		f.Subject = "lines"
	}
	return f, sound(f)
}

// hit is whom it is about: those who are named one by one, or else the boxes.
func (b body) hit() []string {
	var all []string
	for _, a := range b.Affected {
		if a.code != "" {
			all = append(all, "code:"+a.code)
		} else {
			all = append(all, "line:"+a.line)
		}
	}
	for _, l := range tidy(b.Lines) {
		all = append(all, "line:"+l)
	}
	if all = tidy(all); len(all) > 0 {
		return all
	}
	return tidy(b.Boxes)
}

// placesMost is how many towns of those affected are told to them as the
// place of an outage.
const placesMost = 4

func (b body) cities() []string {
	var all []string
	for _, a := range b.Affected {
		all = append(all, a.city)
	}
	if all = tidy(all); len(all) > placesMost {
		return nil
	}
	return all
}

// nameless is an id for a report that has none: the ports that are out, or
// when it was registered.
func (b body) nameless() string {
	if b.Issue == "" {
		return ""
	}
	var ports []string
	for _, a := range b.Affected {
		ports = append(ports, a.port)
	}
	return strings.Join([]string{b.Issue, b.Tenant, first(strings.Join(tidy(ports), " "), b.Stamp)}, "/")
}

// tidy is a list in order, without blanks and repeats.
func tidy(list []string) []string {
	var all []string
	for _, s := range list {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// sound refuses what would mean something else further on.
func sound(f event.Alarmed) error {
	if n := len(f.Regions); n > mostRegions {
		return fmt.Errorf("%d regions are more than %d: name boxes, of which there may be thousands", n, mostRegions)
	}
	for _, name := range slices.Concat(f.Scope, f.Regions, f.Hit, []string{f.ID}) {
		switch {
		case name == event.Everybody || strings.HasPrefix(name, event.SetOf):
			return fmt.Errorf("%q is no name: regions, boxes, lines and codes are named one by one", name)
		case len(name) > longestName:
			return fmt.Errorf("%.40q… has %d bytes: a name has at most %d", name, len(name), longestName)
		case strings.ContainsFunc(name, unicode.IsControl):
			return fmt.Errorf("%.40q holds a control character", name)
		}
	}
	for _, words := range []string{f.Title, f.Severity, f.Say} {
		if len(words) > longestWords {
			return fmt.Errorf("%.40q… has %d bytes: title, severity and say have at most %d", words, len(words), longestWords)
		}
	}
	return nil
}
