// Package story reads nights as an operator would write them down: a
// configuration, a line "---", and then what happens and what is expected,
// with exact times since the start. The tests play them in exact time, and
// `heliograph rehearse --story` against the real appliance.
//
//	at 00:10 transit-a fails            its targets answer no more
//	at 00:10 transit-a loses gateway    and its gateway does not either
//	at 00:10 transit-a loses link       likewise: half (of the answers), names, ping
//	at 02:00 transit-a passes
//	at 00:40 text ada "ack 1"           ada texts the box; "ring ada" calls it
//	at 00:50 text ada "{code}"          the code that was texted to ada last; {code bob} is bob's, {plan} that of a plan,
//	                                    {totp} what her authenticator shows
//	at 00:40 spoof ada "clear 1"        somebody with ada's number texts the box, and reads none of what comes back
//	at 00:40 order "open billing x"     on the box's own command line
//	at 00:05 refuse ada CMS 38          texts to ada are refused for now; "never" for good
//	at 00:05 lose ada                   texts to ada get no answer; "deliver ada" ends either
//	at 01:00 modem lte0 port lost       likewise "ready"
//	at 01:00 congest                    the network refuses all texts with CMS 42; "congest lte0" those of one modem
//	at 01:00 bar lte0                   likewise with CMS 50, for the modem's own reasons; "free lte0" ends either
//	at 01:00 hang lte0                  it gives no answer for 180 s
//	at 01:00 bulk 20 "work tonight"     a text to so many subscribers, +48700000001 and so on
//	at 00:00 list waw:1604 lodz:1604    the list of subscribers: so many in each region; another list replaces it
//	at 00:00 subscriber K-1 +48… region waw box olt-7 language pl mail k@home.example
//	                                    and one more in it, by code and number
//	at 01:00 tags box:olt-7 K-1         somebody else gives these boxes and clients the tag of an outage in OZmap; "tags nothing" takes it away
//	at 01:00 kill                       power cut: the store is all that is left; on again at once
//	at 01:00 dark 10m                   likewise, and on again ten minutes later, with the site's power
//	at 00:05 lose statuspage            likewise of a channel: mail, statuspage, slack, push, webhook, site
//	at 00:05 path cell dead             a backhaul does not connect, or "primary" carries nothing; "path cell works" ends it
//	at 00:05 spent cell 80              so many percent of a backhaul's budget are used up
//	at 01:00 power fails                the power-fail input of the box; "power returns" ends it
//	at 01:00 press button               the button on the box; "hold button" is three seconds long
//	at 01:00 clock +10y                 the clock on the wall jumps; +10y, -50y, +1h
//	at 01:00 shows incident relay       these outputs of the box are active and no others: up, incident, unacknowledged, modem, relay, nothing
//	at 01:00 inspect credit 1.20        what a look at the box shows from now on: credit, signal -90, disk full, clock wrong, heat 90;
//	                                    "inspect loop lost": texts to the box itself do not come back, "inspect loop back" ends it
//	at 01:00 selftest                   the schedule's self-test is due
//	at 01:00 reload                     the configuration after the next "---" is put in force
//	expect 00:32 ada "waw-12 #1 DOWN …" a text, exact; … stands for anything
//	expect 06:00 1604 subscribers "…"   a text to so many of the list; the time is that of the first
//	expect 06:00 K-1 "…"                a text to the subscriber of this code
//	expect 00:40 ada mail over cell "…" the subject of a mail, by the path it took
//	expect 00:40 slack over cell "…"    likewise of another channel: how far the incident is, and its title
//	expect 00:40 ada rings "…"          the box calls ada; nothing is said
//	expect 00:40 board "…"              the board is restarted
//
// Every text must be expected: silence is checked. A line "# exact: why" at the
// head says that a story can be played in exact time only; a line "# online"
// that its mails and what it tags can be rehearsed, too.
package story

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Story is one night.
type Story struct {
	Name    string
	About   string   // the comment at its head
	Online  bool     // its mails and tags can be rehearsed, too
	Exact   string   // why it can only be played in exact time; empty: it need not be
	Configs []string // the first is in force at the start, the others at each reload
	Lines   []Line   // in the order of the file
}

// Line is something that happens or is expected.
type Line struct {
	At     time.Duration
	Expect bool
	Verb   string   // of what happens; "" for what a subject does
	Who    string   // a person, a modem, or the subject; of an expectation, who gets the text
	Words  []string // the rest, without what is quoted
	Quoted string
	Number int // in the file
}

var (
	timed  = regexp.MustCompile(`^(at|expect)\s+(\d+):(\d\d)(?::(\d\d))?\s+(.*?)(?:\s*"(.*)")?\s*$`)
	verbs  = []string{"text", "spoof", "ring", "order", "refuse", "lose", "deliver", "modem", "congest", "bar", "free", "hang", "bulk", "list", "subscriber", "tags", "kill", "dark", "reload", "power", "press", "hold", "clock", "shows", "path", "spent", "inspect", "selftest"}
	states = []string{"fails", "passes", "loses gateway", "loses link", "loses half", "loses names", "loses ping"}
)

// Parse reads a story. Every line that is not understood is named.
func Parse(name, text string) (Story, error) {
	s := Story{Name: name}
	var part strings.Builder
	var faults []string
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch m := timed.FindStringSubmatch(line); {
		case line == "---":
			s.Configs = append(s.Configs, part.String())
			part.Reset()
		case m != nil:
			l, err := lineOf(m)
			if err != nil {
				faults = append(faults, fmt.Sprintf("%s:%d: %v", name, n+1, err))
			}
			l.Number = n + 1
			s.Lines = append(s.Lines, l)
		default:
			if n == 0 && strings.HasPrefix(line, "#") {
				s.About = strings.TrimSpace(strings.TrimLeft(line, "#"))
			}
			s.Online = s.Online || line == "# online"
			if why, ok := strings.CutPrefix(line, "# exact: "); ok {
				s.Exact = why
			}
			if len(s.Configs) > 0 && len(s.Lines) > 0 && strings.HasPrefix(line, "at") {
				faults = append(faults, fmt.Sprintf("%s:%d: %q is no line of a story: write it like: at 01:00 transit-a fails", name, n+1, line))
			}
			part.WriteString(line + "\n")
		}
	}
	if len(s.Configs) == 0 {
		faults = append(faults, name+": a story begins with a configuration and a line ---")
	}
	if len(faults) > 0 {
		return s, errors.New(strings.Join(faults, "\n"))
	}
	return s, nil
}

func lineOf(m []string) (Line, error) {
	at := m[2] + "m" + m[3] + "s"
	if m[4] != "" {
		at = m[2] + "h" + m[3] + "m" + m[4] + "s"
	}
	d, err := time.ParseDuration(at)
	words := strings.Fields(m[5])
	if err != nil || len(words) == 0 {
		return Line{}, fmt.Errorf("%q is not understood: write it like: at 01:00 transit-a fails", m[0])
	}
	l := Line{At: d, Expect: m[1] == "expect", Quoted: m[6]}
	if l.Expect {
		l.Who, l.Words = words[0], words[1:]
		if l.Quoted == "" {
			return l, fmt.Errorf("%q expects nothing: write it like: expect 01:22 ada \"… DOWN …\"", m[0])
		}
		return l, nil
	}
	return happening(l, words)
}

// happening sorts out what a line says.
func happening(l Line, words []string) (Line, error) {
	if !slices.Contains(verbs, words[0]) {
		l.Who, l.Words = words[0], words[1:]
		if how := strings.Join(l.Words, " "); !slices.Contains(states, how) {
			return l, fmt.Errorf("%q: a story knows %s, and that something %s", strings.Join(words, " "), strings.Join(verbs, ", "), strings.Join(states, ", "))
		}
		return l, nil
	}
	l.Verb, l.Words = words[0], words[1:]
	if len(l.Words) > 0 {
		l.Who, l.Words = l.Words[0], l.Words[1:]
	}
	whose := map[string]bool{"order": false, "kill": false, "reload": false, "congest": false, "selftest": false}
	if needs, listed := whose[l.Verb]; (needs || !listed) && l.Who == "" {
		return l, fmt.Errorf("%s: of whom or what? Write it like: %s ada", l.Verb, l.Verb)
	}
	if slices.Contains([]string{"text", "spoof", "order", "bulk"}, l.Verb) && l.Quoted == "" {
		return l, fmt.Errorf("%s: what is said stands in quotes at the end of the line", l.Verb)
	}
	if l.Verb == "list" || l.Verb == "subscriber" {
		if _, err := l.Rows(); err != nil {
			return l, err
		}
	}
	if l.Verb == "spoof" && Reads(l.Quoted) {
		return l, errors.New("spoof: who only pretends to have a number reads no code that was texted to it")
	}
	return l, nil
}

// Happenings are what happens, by time; what is expected is left out.
func (s Story) Happenings() []Line {
	all := slices.DeleteFunc(slices.Clone(s.Lines), func(l Line) bool { return l.Expect })
	slices.SortStableFunc(all, func(a, b Line) int { return int(a.At - b.At) })
	return all
}

// Expected are the texts that are expected, in the order of the file.
func (s Story) Expected() []Line {
	return slices.DeleteFunc(slices.Clone(s.Lines), func(l Line) bool { return !l.Expect })
}

// Length is the time of the last line.
func (s Story) Length() time.Duration {
	var end time.Duration
	for _, l := range s.Lines {
		end = max(end, l.At)
	}
	return end
}

// Stamp writes a time as stories do.
func Stamp(d time.Duration) string {
	d = d.Round(time.Second)
	if d >= time.Hour {
		return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%02d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

// Like compares what came with what was expected; … stands for anything.
func Like(got, want string) bool {
	parts := strings.Split(want, "…")
	if len(parts) == 1 {
		return got == want
	}
	for i, p := range parts {
		at := strings.Index(got, p)
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		got = got[at+len(p):]
	}
	return got == "" || parts[len(parts)-1] == ""
}

var (
	day     = `\d{1,2} \p{L}{3,12}`
	instant = `(?:` + day + ` )?\d\d:\d\dZ?`
	length  = `(?:\d+(?:\.\d+)?|…) (?:s|min|h|d|sek|godz|ore?|giorn[oi]|dni)\b(?: \d+ (?:s|min|h|d|godz|ore?))*`
	// from till, since when, how long ago: what a text says of time differs when
	// a story is played faster than it is told.
	span = regexp.MustCompile(` ?\(` + instant + `-` + instant + `\)`)
	when = regexp.MustCompile(`(?:\b(?:since|for|until|by|alle|od|do|dal|da|dalle|przez|fino alle|fino al|fino a|per) )?(?:` + instant + `|` + length + `)|\b(?:now|teraz|ora|adesso)\b|(?:list of|lista z|elenco del) ` + day)
)

// Timeless is a text without its times and lengths: … stands for each.
func Timeless(text string) string {
	return when.ReplaceAllString(span.ReplaceAllString(text, ""), "…")
}
