package notice

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"heliograph/firmware/event"
)

// letterView is what the templates of letters may name: strings, empty when
// there is nothing to say.
type letterView struct {
	Subject string // "transit-a", "transit-a +2", for a carrier "circuit ABC-123"
	What    string // for the public: "connections to the Internet"
	Where   string // for the public: "waw, lodz"
	Since   string // "since 22 Nov 2024 04:02 UTC (05:02 CET)", "for 4 min"
	At      string // "on 22 Nov 2024 04:02 UTC", "4 min ago"
	Lasted  string // "1 h 8 min"
	Was     string // "was down"
	State   string // "down"
	Changes string // "7 changes"
	When    string // of planned work: "from 1 Dec 2026 01:00 UTC to 1 Dec 2026 05:00 UTC"
	Title   string // an operator's words, as far as this reader may have them
	By      string // "ada"
	Faults  string // of the self-test
	Down    bool   // it is down at this moment
	All     bool   // everything is
}

func (d draft) view() letterView {
	f, t := d.f, d.t
	v := letterView{
		Subject: f.subject(), What: d.internet, Where: strings.Join(f.Regions, ", "),
		Since: d.since(d.told().at()), At: d.at(d.told().at()), Lasted: Length(d.lang, f.over().Box.Sub(f.opened().Box)),
		Was: t.was[f.Was.Condition], State: t.conditions[f.Verdict.Condition], Changes: t.changes(f.Verdict.Changes),
		Title: strings.TrimRight(d.spoken(), ". "), By: f.By, Faults: view(d.lang, f).Faults,
		Down: f.Verdict.Condition == event.IsDown, All: f.Critical,
	}
	if v.Was == "" {
		v.Was = t.was[""]
	}
	v.When = d.when()
	if f.first() == event.Opened {
		v.What = d.services
	}
	if d.to.outside() {
		v.Subject = d.thing() // what else it hit is our own affair
	}
	if f.Kind == event.PowerBack && f.Opened.Box.IsZero() {
		v.Lasted = "" // the clock does not tell how long the box was off
	}
	if f.Kind == event.Reply {
		v.Title = f.Title
	}
	return v
}

// told is the facts as this reader hears of them.
func (d draft) told() Facts {
	f := d.f
	f.Kind = d.kind()
	return f
}

// since is from when on something has been so; the length of it while no clock
// can be trusted.
func (d draft) since(st event.Stamp) string {
	if timed(st, d.f.Now) {
		return d.dated(d.letters.since, st.Wall)
	}
	if ago := d.f.Now.Box.Sub(st.Box); ago >= time.Second {
		return fill(d.lasting, "length", Length(d.lang, ago))
	}
	return d.sinceNow
}

// at is when something was.
func (d draft) at(st event.Stamp) string {
	if timed(st, d.f.Now) {
		return d.dated(d.on, st.Wall)
	}
	if ago := d.f.Now.Box.Sub(st.Box); ago >= time.Second {
		return fill(d.ago, "length", Length(d.lang, ago))
	}
	return d.justNow
}

// zone is the site's own for those who live by it; carriers work in UTC.
func (d draft) zone() *time.Location {
	if d.to == CarrierNOC {
		return nil
	}
	return d.f.Zone
}

// dated puts date and clock into a sentence as this reader has them: those who
// live by the site's clock need no other beside it.
func (d draft) dated(sentence string, at time.Time) string {
	if zone := d.zone(); d.to == Subscriber && zone != nil {
		here := at.In(zone)
		return fill(sentence, "date", d.letters.date(here), "clock", here.Format("15:04"))
	}
	return d.letters.dated(sentence, at, d.zone(), d.to == CarrierNOC)
}

// dated puts date and clock into a sentence. Exact is how machines and tickets
// write it, to the second.
func (l *letters) dated(sentence string, at time.Time, zone *time.Location, exact bool) string {
	at = at.UTC()
	if exact {
		return fill(sentence, "date", at.Format(time.DateOnly), "clock", at.Format("15:04:05")+" UTC")
	}
	return fill(sentence, "date", l.date(at), "clock", at.Format("15:04")+" UTC"+l.local(at, zone))
}

func (l *letters) date(at time.Time) string {
	return fmt.Sprintf("%d %s %d", at.Day(), l.months[at.Month()-1], at.Year())
}

// local is the site's own clock beside UTC: " (05:02 CET)".
func (l *letters) local(at time.Time, zone *time.Location) string {
	if zone == nil {
		return ""
	}
	here := at.In(zone)
	name, offset := here.Zone()
	if offset == 0 {
		return ""
	}
	if name == "" || name[0] == '+' || name[0] == '-' {
		name = "UTC" + name
	}
	if here.Day() != at.Day() {
		return fmt.Sprintf(" (%s, %s %s)", l.date(here), here.Format("15:04"), name)
	}
	return fmt.Sprintf(" (%s %s)", here.Format("15:04"), name)
}

// expected is when it is to end.
func (d draft) expected() string {
	if d.to.outside() && d.to != CarrierNOC && d.f.Promised && d.f.ETR.IsZero() && !d.over() {
		return capital(d.t.outer.unknown) + "."
	}
	switch {
	case d.f.ETR.IsZero() || d.over() || !d.f.Now.Trusted && !d.f.Promised:
		return ""
	case !d.f.Now.Trusted:
		return fill(d.etr, "when", d.f.endsIn(d.lang))
	}
	return fill(d.etr, "when", d.dated(d.on, d.f.ETR))
}

func (d draft) drilled() string {
	if !d.f.Drill {
		return ""
	}
	return d.drillLine
}

// fromTo is the whole trouble in one line, for the end of it.
func (d draft) fromTo() string {
	from, to := d.f.opened(), d.f.over()
	if !timed(from, d.f.Now) || !timed(to, d.f.Now) {
		return ""
	}
	exact := d.to == CarrierNOC
	moment := func(at time.Time) string { return d.letters.dated("{date} {clock}", at, d.zone(), exact) }
	return fill(d.letters.fromTo, "from", moment(from.Wall), "to", moment(to.Wall))
}

// spoken is an operator's words. Outside they are said only if nothing in them
// belongs to the inside, and only where a person has spoken.
func (d draft) spoken() string {
	if !d.to.outside() {
		return d.f.Title
	}
	if !slices.Contains([]event.Kind{event.Opened, event.Update, event.Cancelled}, d.f.Kind) && !isWork(d.f.Kind) || placeholder(d.f.Title, "") != "" {
		return ""
	}
	if Leftover(d.f.Title) != "" || d.bars(d.f.Title) != "" {
		return ""
	}
	return d.f.Title
}

// inner are the names that this reader must not meet in an operator's words.
func (d draft) inner() []string {
	f := d.f
	link, _, _ := strings.Cut(f.Verdict.Evidence.Link, " ")
	names := append([]string{link}, f.Others...)
	for _, l := range f.Board.Subjects {
		names = append(names, l.Name)
	}
	for _, m := range f.Board.Modems {
		names = append(names, m.Name, m.Operator)
	}
	for _, i := range f.Board.Open {
		names = append(append(names, i.By), i.Scope...)
	}
	if !d.to.everybody() {
		names = slices.Concat(names, f.Scope[min(1, len(f.Scope)):], f.Private)
		return slices.DeleteFunc(names, func(s string) bool { return s == d.thing() || len(f.Scope) > 0 && s == f.Scope[0] })
	}
	c := f.Carrier
	names = append(names, f.By, f.Acked, c.Name, c.Circuit, c.Account, f.Peers.Ours, f.Peers.Theirs, f.CallBack)
	return slices.Concat(names, f.Scope, f.Private)
}

// mentions finds a name as a word of its own, in capitals or not.
func mentions(words, name string) bool {
	words, name = strings.ToLower(words), strings.ToLower(name)
	if name == "" {
		return false
	}
	for i := 0; ; {
		at := strings.Index(words[i:], name)
		if at < 0 {
			return false
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(words[:at])
		after, _ := utf8.DecodeRuneInString(words[at+len(name):])
		if !letter(before) && !letter(after) {
			return true
		}
		i = at + len(name)
	}
}

func letter(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// technical is what no subscriber should read: AS numbers, interfaces, mail
// addresses, telephone numbers.
var technical = regexp.MustCompile(`(?i)\bAS ?\d{2,}|\b(eth|en[ospx]|ppp|wwan|usb|bond|vlan)\d|@|\+\d(?:[ ().-]{0,2}\d){5}`)

// ticket is the number of somebody's ticket: INC-4711, "TT 88123", #4711. It
// says nothing to whoever cannot open it, and shows how many there are.
var ticket = regexp.MustCompile(`\b[A-Z][A-Z0-9]+-\d+\b|` + ticketed.String())

// ticketed is such a number that can be no street cabinet's.
var ticketed = regexp.MustCompile(`#\d+|(?i:\b(?:INC|TT|RT|SR|CHG|REQ|ticket)[ :#-]{0,2}\d{3,})`)

// tells finds a technical name or an address in words.
func tells(words string) string {
	if found := technical.FindString(words); found != "" {
		return found
	}
	apart := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("(),;=<>\"'", r) }
	for _, w := range strings.FieldsFunc(words, apart) {
		host, _, _ := strings.Cut(strings.TrimRight(w, ".!?:"), "/")
		_, bare := netip.ParseAddr(host)
		_, port := netip.ParseAddrPort(host)
		if bare == nil || port == nil {
			return host
		}
	}
	return ""
}

// seenIn is the newest evidence in one line, for those inside.
func (d draft) seenIn() string {
	v := d.f.Verdict
	return joined("; ", d.t.leftDown(d.f), d.t.cause(v), d.t.phrases.Replace(joined(", ", v.Evidence.Link, v.Evidence.Gateway)))
}

// seenOut is what was seen, without what it was seen with.
func (d draft) seenOut() string {
	v := d.f.Verdict
	e := v.Evidence
	var counts []string
	switch {
	case v.Condition == event.IsDown && e.Of > 0:
		counts = append(counts, fill(d.checks, "lost", strconv.Itoa(e.Lost), "of", strconv.Itoa(e.Of)))
	case v.Condition == event.IsDegraded && v.Place != event.PlaceNames:
		if e.Loss >= 0.005 {
			counts = append(counts, fill(d.loss, "n", strconv.Itoa(int(math.Round(100*e.Loss)))))
		}
		if e.Latency > 0 {
			counts = append(counts, fill(d.latency, "n", strconv.FormatInt(e.Latency.Milliseconds(), 10)))
		}
	}
	return joined("; ", append(counts, d.places[v.Place])...)
}

// failed are the checks that fail, a line each.
func (d draft) failed() string {
	if len(d.f.Verdict.Evidence.Failing) == 0 {
		return ""
	}
	list := []string{d.failing}
	for _, s := range d.f.Verdict.Evidence.Failing {
		list = append(list, "- "+d.t.phrases.Replace(line(s)))
	}
	return block(list...)
}

// labelled is "Label: words", or nothing.
func labelled(label, words string) string {
	if words == "" {
		return ""
	}
	return label + ": " + words
}

func asn(n uint32) string {
	if n == 0 {
		return ""
	}
	return "AS" + strconv.FormatUint(uint64(n), 10)
}
