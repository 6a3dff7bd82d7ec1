package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Selftest is the periodic proof of life.
type Selftest struct {
	Off   bool
	Every Schedule
	Tell  []string
	Peers bool // its text goes to the peers, too
}

// Peer is another box, whose self-test texts come here.
type Peer struct {
	Name   string
	Number string        // E.164
	Every  time.Duration // so long none may come before people are told
}

// Credit is how a SIM tells what it has left.
type Credit struct {
	USSD    string  // service code; empty: by text
	To, Say string  // short number and keyword
	Match   string  // RE2 pattern; its first group is the amount
	Expiry  string  // likewise the day on which the credit ends; empty: it is not told
	Low     float64 // less is too little
}

// Given says whether there is a way to ask.
func (c Credit) Given() bool { return c.Match != "" }

const (
	patternMost = 200  // characters of a pattern
	answerMost  = 1000 // and of an answer that is looked at
)

var (
	services = regexp.MustCompile(`^[*#][0-9*#]{1,30}#$`)
	currency = regexp.MustCompile(`^\pL{1,8}$|^\p{Sc}$`)
)

// dayForms are how operators write a day.
var dayForms = []string{"02.01.2006", "2006-01-02", "02-01-2006", "02/01/2006", "2006.01.02", "2006/01/02", "02.01.06", "02-01-06", "02/01/06"}

// Read finds the amount, its currency as far as the pattern takes it in, and
// the day on which it ends.
func (c Credit) Read(answer string) (amount float64, unit string, until time.Time, ok bool) {
	answer = answer[:min(len(answer), answerMost)]
	match, err := regexp.Compile(c.Match)
	if err != nil || c.Match == "" {
		return 0, "", time.Time{}, false
	}
	at := match.FindStringSubmatchIndex(answer)
	if len(at) < 4 || at[2] < 0 {
		return 0, "", time.Time{}, false
	}
	amount, err = strconv.ParseFloat(decimal(answer[at[2]:at[3]]), 64)
	if err != nil || amount < -1e6 || amount > 1e6 {
		return 0, "", time.Time{}, false
	}
	for _, rest := range []string{answer[at[3]:at[1]], answer[at[0]:at[2]]} {
		if rest = strings.TrimSpace(rest); currency.MatchString(rest) {
			unit = rest
			break
		}
	}
	return amount, unit, c.ends(answer), true
}

// decimal is a number as it is written anywhere, with a point before its
// fraction: "1.234,50", "1 234.50".
func decimal(s string) string {
	s = strings.NewReplacer(" ", "", "\u00a0", "", "'", "").Replace(s)
	if i := strings.LastIndexAny(s, ".,"); i >= 0 {
		s = strings.NewReplacer(".", "", ",", "").Replace(s[:i]) + "." + s[i+1:]
	}
	return s
}

func (c Credit) ends(answer string) time.Time {
	if c.Expiry == "" {
		return time.Time{}
	}
	match, err := regexp.Compile(c.Expiry)
	if err != nil {
		return time.Time{}
	}
	if m := match.FindStringSubmatch(answer); len(m) > 1 {
		for _, form := range dayForms {
			if day, err := time.Parse(form, strings.TrimSpace(m[1])); err == nil {
				return day
			}
		}
	}
	return time.Time{}
}

func (r *reader) selftest(v value) Selftest {
	s := defaults.Config.Selftest
	if off(v) {
		return Selftest{Off: true}
	}
	r.mapping(v, fields{
		"every": func(v value) { s.Every = r.schedule(v) },
		"tell":  func(v value) { s.Tell = r.words(v, r.name) },
		"peers": func(v value) { s.Peers = r.yes(v) },
	})
	return s
}

func (r *reader) peer(v value) Peer {
	p := defaults.Peer
	if r.mapping(v, fields{
		"name":   func(v value) { p.Name = r.name(v) },
		"number": func(v value) { p.Number = r.phone(v, false) },
		"every":  func(v value) { p.Every = r.span(v, time.Hour, 60*day) },
	}) {
		r.required(v, "name", "number")
	}
	return p
}

func (r *reader) credit(v value) Credit {
	var c Credit
	if !r.mapping(v, fields{
		"ussd": func(v value) { c.USSD = r.dialled(v) },
		"text": func(v value) {
			if r.mapping(v, fields{
				"to":  func(v value) { c.To = r.phone(v, true) },
				"say": func(v value) { c.Say = r.keyword(v) },
			}) {
				r.required(v, "to", "say")
			}
		},
		"match":  func(v value) { c.Match = r.pattern(v) },
		"expiry": func(v value) { c.Expiry = r.pattern(v) },
		"low":    func(v value) { c.Low = r.money(v) },
	}) {
		return c
	}
	r.required(v, "match")
	if r.has(v.key+".ussd") == r.has(v.key+".text") {
		r.fault(v, "must be asked for in one way", `write ussd: "*101#", or text: {to: "8080", say: SALDO}`)
	}
	return c
}

func (r *reader) keyword(v value) string {
	s, ok := r.text(v)
	if ok && (len(s) > 140 || strings.ContainsAny(s, "\r\n")) {
		r.fault(v, "is too long for a keyword", "write what a phone would text, as in SALDO")
	}
	return s
}

func (r *reader) dialled(v value) string {
	s, ok := r.text(v)
	if ok && !services.MatchString(s) {
		r.fault(v, shown(s)+" is not a service code", `write it as it is dialled, in quotes: "*101#"`)
		return ""
	}
	return s
}

// pattern reads an RE2 pattern with a group that holds what is wanted. It runs
// in time linear to the answer, so only its size is bounded.
func (r *reader) pattern(v value) string {
	s, ok := r.text(v)
	if !ok {
		return ""
	}
	const want = `write it as RE2 in single quotes, with what is wanted in brackets: '([0-9]+[.,][0-9]{2}) *zl'`
	if len(s) > patternMost {
		r.fault(v, fmt.Sprintf("is longer than %d characters", patternMost), want)
		return ""
	}
	match, err := regexp.Compile(s)
	switch {
	case err != nil:
		r.fault(v, shown(s)+" is no pattern: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "), want)
	case match.NumSubexp() == 0:
		r.fault(v, shown(s)+" has nothing in brackets", want)
	default:
		return s
	}
	return ""
}

func (r *reader) money(v value) float64 {
	s, ok := r.scalar(v, "an amount is wanted, as in 5.00")
	if !ok {
		return 0
	}
	amount, err := strconv.ParseFloat(decimal(s), 64)
	if err != nil || amount < 0 || amount > 1e6 {
		r.fault(v, shown(s)+" is not an amount", "write it as in 5.00")
		return 0
	}
	return amount
}

// checkPeers sees that a peer's number is nobody else's: what comes from it is
// never an order.
func (r *reader) checkPeers(c Config, owner map[string]string) {
	seen := map[string]string{}
	for i, p := range c.Peers {
		r.own(owner, at("peers", i, "number"), p.Number, "peer "+p.Name)
		r.unique(seen, at("peers", i, "name"), p.Name, "peer")
	}
}

// wakes warns of a self-test whose hour is in the night: its text is a text
// like any other to a phone.
func (w *warner) wakes() {
	fields := strings.Fields(w.c.Selftest.Every.Cron)
	if w.c.Selftest.Off || len(fields) != 5 {
		return
	}
	hour, err := strconv.Atoi(fields[1])
	if err == nil && (hour < 6 || hour >= 22) {
		w.say("selftest.every", "the self-test text comes at night and wakes whoever gets it; choose an hour of the day")
	}
}

func (p *plan) selftest(c Config) {
	if c.Selftest.Off || len(c.Selftest.Tell) == 0 {
		p.line("There is no self-test text.")
	} else {
		p.line("The self-test text goes to %s %s %s.", listed(c.Whoever(c.Selftest.Tell)), c.Selftest.Every.Words(), c.Timezone)
		p.proves(c)
	}
	for _, x := range c.Peers {
		p.line("A self-test text of %s (%s) must come every %s, else people are told.", x.Name, x.Number, written(x.Every))
	}
	if c.Selftest.Peers && !c.Selftest.Off && len(c.Peers) > 0 {
		p.line("Ours goes to %s, too.", listed(peerNames(c)))
	}
}

// proves says what the self-test sends round, and what it cannot.
func (p *plan) proves(c Config) {
	var round, not, credit []string
	for _, m := range c.Modems {
		if m.Number != "" {
			round = append(round, m.Name)
		} else {
			not = append(not, m.Name)
		}
		if m.Credit.Given() {
			credit = append(credit, m.Name)
		}
	}
	if len(round) > 0 {
		p.line("  It sends a text through the network and back by %s.", listed(round))
	}
	if len(not) > 0 {
		p.line("  No text goes round by %s: no number is given.", listed(not))
	}
	if len(credit) > 0 {
		p.line("  It asks for the credit of %s.", listed(credit))
	}
}

func peerNames(c Config) []string {
	var names []string
	for _, p := range c.Peers {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}
