package notice

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"heliograph/firmware/event"
)

// said is what templates may name: every field is a string in the language of
// the text, and empty when there is nothing to say.
type said struct {
	Subject  string // "transit-a", "transit-a +2"
	Number   string // "7"
	At       string // "04:02Z", "21 Nov 04:02Z", "for 4 min"
	Since    string // "since 04:02Z", "for 4 min"
	State    string // "down"
	Still    string // "STILL DOWN"
	Cause    string // "3/3 lost beyond gw: upstream"
	Place    string // "upstream"
	Links    string // "eth0 ok gw ok"
	Changes  string // "7 changes"
	Lasted   string // "1 h 8 min"
	Span     string // "04:02Z-05:10Z"
	Was      string // "was down"
	Title    string // an operator's words, or a sentence about the box
	By       string // "ada"
	Ask      string // "Reply ACK 7"
	Also     string // "Also down: transit-b"
	Tail     string // " Reply ACK 7. Also down: transit-b."
	Affected string // " Affected: transit-a, branch-1."
	Faults   string // "lte1 port lost, transit-a down"
	Modems   string // "T-Mobile LTE home -71 dBm"
	Queue    string // "0"
	LastSend string // "6 h ago"
	Up       string // "transit-a, transit-b"
	Expect   string // "expected to end 06:30Z"
	Plan     string // "tell 41 by mail, 412 by SMS, 22 min on lte0, reserve kept"
	Code     string // "4F7"
	Now      string // who has duty: "bob"
	Open     string // "Open #7 transit-a (ada, told 41, 06:30Z)"
	Until    string // "until 23 Nov 08:00Z"
	Told     string // how many outside were told: "41"
	Cleared  string // and know that it is over
	Missed   string // and could not be reached; empty: none
	When     string // of planned work: "1 Dec 01:00-05:00Z"
	Times    string // of a storm all of it; of a drill: "first text 4.0 s, ada ACK 1 min 12 s, all-clear 10 min"

	Figures string // "loop 6.1 s (4.2), -71 dBm (-73), queue 0"

	lead    string   // "waw-12 #7 "
	figures []figure // of Figures
	bad     []string // of Faults
}

func view(lang string, f Facts) said {
	t := tongue(lang)
	f = f.worded(Partner, lang)
	at := f.at()
	v := said{
		Subject: f.subject(), Title: strings.TrimRight(f.Title, ". "), By: f.By, lead: t.lead(f),
		At: Clock(lang, at, f.Now), Since: since(lang, at, f.Now),
		Place: t.places[f.Verdict.Place], State: t.conditions[f.Verdict.Condition],
		Still: t.still[f.Verdict.Condition], Changes: t.changes(f.Verdict.Changes),
		Was: t.was[f.Was.Condition], Links: t.links(f.Verdict.Evidence), Cause: joined(", ", t.leftDown(f), t.cause(f.Verdict)),
		Lasted: Length(lang, f.over().Box.Sub(f.opened().Box)), Span: span(lang, f.opened(), f.over(), f.Now),
	}
	if v.Still == "" {
		v.Still = t.still[""]
	}
	if v.Was == "" {
		v.Was = t.was[""]
	}
	if f.Incident > 0 {
		v.Number = strconv.Itoa(f.Incident)
	}
	if f.Kind == event.PowerBack && f.Opened.Box.IsZero() {
		v.Lasted = "" // the clock does not tell how long the box was off
	}
	if f.Kind == event.Reply {
		v.Title = f.Title // whole sentences, not one of the text's own
	}
	v.Told, v.Cleared = strconv.Itoa(f.Sum.Told), strconv.Itoa(f.Sum.Cleared)
	if f.Sum.Unreachable > 0 {
		v.Missed = strconv.Itoa(f.Sum.Unreachable)
	}
	v.Expect, v.Plan, v.Code = t.expect(lang, f), t.planned(f.Plan, lang, f.By, f.Now), f.Plan.Code
	if f.Kind == event.Duty {
		v.Now, v.By, v.Open = orNobody(t, strings.Join(f.Duty.Who, "+")), strings.Join(f.Duty.Was, "+"), t.handed(lang, f.Duty, f.Now)
		if !f.Duty.Until.IsZero() {
			v.Until = t.until + " " + wallClock(lang, f.Duty.Until, f.Now)
		}
	}
	v.Times, v.When = t.times(lang, f.Rehearsal), f.when(lang)
	if f.Kind == event.Digest {
		n, _ := Septets(Transliterate(v.lead))
		v.Times = t.digest(lang, f.Digest, f.Now, segment-n)
	}
	v = t.tail(v, f)
	return t.tally(v, lang, f)
}

// lead is what every text begins with.
func (t *language) lead(f Facts) string {
	if f.Drill {
		return lead(f.Site+" "+t.drill, f.Incident)
	}
	return lead(f.Site, f.Incident)
}

func lead(site string, incident int) string {
	if incident == 0 {
		return site + " "
	}
	return fmt.Sprintf("%s #%d ", site, incident)
}

func (f Facts) subject() string {
	switch len(f.Scope) {
	case 0:
		return ""
	case 1:
		return f.Scope[0]
	}
	return fmt.Sprintf("%s +%d", f.Scope[0], len(f.Scope)-1)
}

// at is the instant that a kind speaks of.
func (f Facts) at() event.Stamp {
	switch f.Kind {
	case event.Down, event.Degraded, event.Reopened, event.Unwelled:
		return began(f.Verdict, f.opened())
	case event.Unstable:
		return flaps(f.Verdict, f.opened())
	case event.Opened, event.Update, event.Reminder:
		return f.opened()
	case event.AllClear, event.PowerBack:
		return f.over()
	}
	return f.Now
}

func (f Facts) opened() event.Stamp {
	if f.Opened.Box.IsZero() {
		return began(f.Verdict, f.Now)
	}
	return f.Opened
}

// over is when it ended: when the good time began, not when that was believed.
func (f Facts) over() event.Stamp {
	if (f.Kind == event.AllClear || f.Kind == event.PowerBack) && f.Verdict.Condition == event.IsUp {
		return began(f.Verdict, f.Now)
	}
	return f.Now
}

func began(v event.Verdict, otherwise event.Stamp) event.Stamp {
	if v.Since.IsZero() {
		return otherwise
	}
	return event.Stamp{Box: v.Since, Wall: v.SinceWall, Trusted: v.Trusted}
}

// flaps is since when a verdict is unstable; its wall time follows from that
// of its last change.
func flaps(v event.Verdict, otherwise event.Stamp) event.Stamp {
	if v.Unstable.IsZero() {
		return began(v, otherwise)
	}
	return event.Stamp{Box: v.Unstable, Wall: v.SinceWall.Add(v.Unstable.Sub(v.Since)), Trusted: v.Trusted}
}

// cause is what was seen and where that puts the fault.
func (t *language) cause(v event.Verdict) string {
	e, place := v.Evidence, t.places[v.Place]
	var seen []string
	switch {
	case v.Condition == event.IsDown && e.Of > 0:
		how := t.lost
		if e.Gateway != "" && v.Place == event.PlaceUpstream {
			how = t.lostBeyond
		}
		seen = append(seen, fmt.Sprintf("%d/%d %s", e.Lost, e.Of, how))
	case v.Condition == event.IsDegraded && v.Place != event.PlaceNames:
		if e.Loss >= 0.005 {
			seen = append(seen, fmt.Sprintf("%s %d%%", t.loss, int(math.Round(100*e.Loss))))
		}
		if e.Latency > 0 {
			seen = append(seen, fmt.Sprintf("%d ms", e.Latency.Milliseconds()))
		}
	}
	s := strings.Join(seen, ", ")
	if s != "" && place != "" {
		s += ": "
	}
	return s + place
}

func (t *language) links(e event.Evidence) string {
	// A long reason belongs in the timeline; the text has room for its beginning.
	e.Link, e.Gateway = clip(e.Link, 32), clip(e.Gateway, 32)
	gap := " "
	if !strings.HasSuffix(e.Link, " ok") && e.Link != "" && e.Gateway != "" {
		gap = ", "
	}
	return t.phrases.Replace(strings.TrimSpace(e.Link + gap + e.Gateway))
}

// tail is what follows the news: what to do, then what else is down. The
// shortening takes the latter first.
func (t *language) tail(v said, f Facts) said {
	if f.Incident > 0 && !f.Unasked && f.Kind != event.AllClear {
		v.Ask = t.ask + " " + v.Number
		v.Tail = " " + v.Ask
	}
	if others := strings.Join(f.Others, ", "); others != "" {
		v.Also = t.alsoDown + ": " + others
		if f.Kind == event.AllClear {
			v.Also = t.stillDown + ": " + others
		}
		if v.Ask != "" {
			v.Tail += "."
		}
		v.Tail += " " + v.Also + "."
	}
	if len(f.Scope) > 1 {
		v.Affected = " " + t.affected + ": " + strings.Join(f.Scope, ", ") + "."
	}
	return v
}

// tally is the box's proof of life: bad news first.
func (t *language) tally(v said, lang string, f Facts) said {
	b := f.Board
	v.Queue, v.LastSend = strconv.Itoa(b.Queue), t.never
	if !b.LastSend.IsZero() {
		v.LastSend = fmt.Sprintf(t.ago, Length(lang, f.Now.Box.Sub(b.LastSend)))
	}
	faults := slices.Clone(b.Faults)
	var up []string
	for _, l := range b.Subjects {
		if l.Verdict.Condition == event.IsUp {
			up = append(up, l.Name)
		} else {
			faults = append(faults, l.Name+" "+t.state(l.Verdict))
		}
	}
	if b.Dead > 0 {
		faults = append(faults, fmt.Sprintf("%s: %d", t.givenUp, b.Dead))
	}
	v.Modems, v.Up = modems(b.Modems, true), strings.Join(up, ", ")
	faults = append(unfit(b.Modems), faults...)
	if f.Kind != event.Selftest {
		v.Faults = strings.Join(faults, ", ")
		return v
	}
	v.bad = append(t.troubles(f.Trial), faults...)
	v.figures = t.figures(lang, f, b)
	v.Faults, v.Figures = strings.Join(v.bad, "; "), joinFigures(v.figures)
	return v
}

func (t *language) state(v event.Verdict) string {
	if s, ok := t.conditions[v.Condition]; ok {
		return s
	}
	return t.conditions[event.IsUnknown]
}

// modems names those that can send; the only one needs no name.
func modems(list []Modem, lone bool) string {
	var words []string
	for _, m := range list {
		if !m.Fit {
			continue
		}
		w := strings.Join(strings.Fields(m.Operator+" "+m.Network+" "+m.Signal), " ")
		if !lone || len(list) > 1 || w == "" {
			w = strings.TrimSpace(m.Name + " " + w)
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

func unfit(list []Modem) []string {
	var words []string
	for _, m := range list {
		if !m.Fit {
			words = append(words, strings.TrimSpace(m.Name+" "+m.State))
		}
	}
	return words
}

// fact is something that must be in front.
type fact struct{ field, text string }

// facts are what a text of this kind must have in front.
func (v said) facts(kind event.Kind) []fact {
	subject := fact{"{{.Subject}}", v.Subject}
	switch kind {
	case event.Asking:
		return []fact{{"the site", strings.TrimSpace(v.lead)}}
	case event.Reply, event.Selftest, event.BoxNews, event.Duty, event.Warned, event.Nag, event.Rehearsed, event.Closed, event.Digest:
		return []fact{{"the site", strings.TrimSpace(v.lead)}}
	case event.Maintenance, event.Begun, event.Moved, event.Overran, event.Completed, event.CalledOff:
		return []fact{{"the site and number", v.lead}, subject}
	case event.PowerLost, event.PowerBack:
		return []fact{{"the site", strings.TrimSpace(v.lead)}, {"{{.At}}", v.At}}
	case event.AckedBy:
		return []fact{{"the site and number", v.lead}, subject, {"{{.By}}", v.By}}
	case event.Update, event.Unstable, event.Reminder:
		return []fact{{"the site and number", v.lead}, subject, {"{{.Since}}", v.Since}}
	}
	return []fact{{"the site and number", v.lead}, subject, {"{{.At}}", v.At}}
}

// given is everything in a text that is not the template's.
func (v said) given() string {
	return strings.Join([]string{v.lead, v.Subject, v.Title, v.By, v.Links, v.Also, v.Affected, v.Faults, v.Figures, v.Modems, v.Up, v.Plan, v.Open, v.Now, v.Times}, "\n")
}

// clipped is the facts with names no longer than so many septets.
func (f Facts) clipped(limit int) Facts {
	f.Site, f.By = clip(f.Site, limit), clip(f.By, limit)
	if len(f.Scope) > 0 {
		f.Scope = slices.Clone(f.Scope)
		f.Scope[0] = clip(f.Scope[0], limit)
	}
	return f
}

// clip shortens a name in its middle: names of a family differ at their ends.
func clip(name string, limit int) string {
	name = Transliterate(name)
	if n, _ := Septets(name); n <= limit {
		return name
	}
	const gap = ".."
	half := (limit - len(gap)) / 2
	head := name[:within(name, limit-len(gap)-half)]
	tail := name
	for n, _ := Septets(tail); n > half; n, _ = Septets(tail) {
		_, size := utf8.DecodeRuneInString(tail)
		tail = tail[size:]
	}
	return head + gap + tail
}

// samples are facts that an owner's template is tried on: full ones and bare
// ones, each with and without a clock.
func samples(kind event.Kind) []Facts {
	wall := time.Date(2024, 11, 21, 5, 10, 0, 0, time.UTC)
	now := event.Stamp{Box: wall, Wall: wall, Trusted: true}
	began := event.Stamp{Box: wall.Add(-time.Hour), Wall: wall.Add(-time.Hour), Trusted: true}
	full := Facts{
		Site: "site", Incident: 7, Kind: kind, Scope: []string{"transit-a", "transit-b"}, Opened: began, Now: now,
		Title: "a sentence", By: "ada", Others: []string{"transit-c"}, Was: event.Verdict{Condition: event.IsDown},
		Verdict: event.Verdict{
			Condition: event.IsDown, Place: event.PlaceUpstream, Since: began.Box, SinceWall: began.Wall, Trusted: true, Changes: 7,
			Evidence: event.Evidence{Lost: 3, Of: 3, Link: "eth0 ok", Gateway: "gw ok"},
		},
		Board: Board{Modems: []Modem{{Name: "lte0", Fit: true, Operator: "Net"}, {Name: "lte1", State: "port lost"}}, Dead: 1},
	}
	bare := Facts{Site: "site", Incident: 7, Kind: kind, Scope: []string{"transit-a"}, Now: event.Stamp{Box: wall}, By: "ada"}
	bare.Opened = event.Stamp{Box: began.Box}
	return []Facts{full, bare}
}
