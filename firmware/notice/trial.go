package notice

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"heliograph/firmware/event"
)

// Trial is what a self-test has shown.
type Trial struct {
	Figures []Figure
	Whole   bool   // it was the whole test: the text speaks of the box, too
	Audit   string // head of the audit log, eight hex digits; empty: there is none
}

// Figure is one thing that was looked at, and what it was the last time.
type Figure struct {
	event.Finding
	Was   float64
	Known bool // there was a last time
}

// Money is a SIM's credit as it was told last.
type Money struct {
	event.Finding
	At event.Stamp // when it was told; zero: it is not known
}

// Why a part failed, where the language of the text says it. Other reasons
// are said as they stand.
const (
	NotBack  = "sent, not back in 10 min"
	NotSent  = "not sent in 10 min"
	NoAnswer = "no answer"
	Low      = "low"
	Ends     = "ends soon"
)

// As is the same facts for another kind of text.
func (f Facts) As(kind event.Kind) Facts {
	f.Kind = kind
	return f
}

// trialWords are how a language says the parts of a self-test.
type trialWords struct {
	loop, credit, up, off, free string
	lastSend, audit             string
	ends, until, on, unknown    string
	asOf                        string            // before the day of an older word
	whys                        map[string]string // of the reasons above
}

// figure is a piece of the text; those with the highest rank go first when
// there is no room.
type figure struct {
	text string
	rank int
}

const (
	rankNeeded = iota // never
	rankLoop
	rankSignal
	rankCredit
	rankMail
	rankQueue
	rankPath
	rankChannel
	rankSend
	rankNetwork
	rankDisk
	rankHeat
	rankUp
)

// figures are what a text about a self-test says besides what is wrong.
func (t *language) figures(lang string, f Facts, b Board) []figure {
	var all []figure
	trial := f.Trial
	if trial == nil {
		trial = &Trial{Whole: true}
	}
	list := trial.byRank()
	heard := false
	var last []figure
	for _, x := range list {
		text := t.figure(x, alone(list, x))
		if !x.OK || text == "" {
			continue
		}
		heard = heard || x.Part == event.Signal
		if x.Part == event.Disk || x.Part == event.Heat {
			last = append(last, figure{text, rankOf(x.Part)})
			continue
		}
		all = append(all, figure{text, rankOf(x.Part)})
	}
	if trial.Whole {
		all = append(all, t.ofBox(lang, f, b, heard)...)
	}
	all = append(all, last...)
	if trial.Audit != "" {
		all = append(all, figure{t.trial.audit + " " + trial.Audit, rankNeeded})
	}
	return all
}

// byRank are the figures, what matters most first.
func (t *Trial) byRank() []Figure {
	list := slices.Clone(t.Figures)
	slices.SortStableFunc(list, func(a, b Figure) int { return rankOf(a.Part) - rankOf(b.Part) })
	return list
}

// ofBox is what is said of the box besides what was tested.
func (t *language) ofBox(lang string, f Facts, b Board, heard bool) []figure {
	var all []figure
	if m := modems(quieter(b.Modems, heard), true); m != "" {
		rank := rankNetwork
		if !heard {
			rank = rankSignal
		}
		all = append(all, figure{m, rank})
	}
	last := t.never
	if !b.LastSend.IsZero() {
		last = fmt.Sprintf(t.ago, Length(lang, f.Now.Box.Sub(b.LastSend)))
	}
	return append(all, figure{t.queue + " " + strconv.Itoa(b.Queue), rankQueue}, figure{t.trial.lastSend + " " + last, rankSend})
}

// quieter leaves out the signal of modems when it is told with its trend, and
// then those of which nothing else is known.
func quieter(list []Modem, told bool) []Modem {
	if !told {
		return list
	}
	var rest []Modem
	for _, m := range list {
		m.Signal = ""
		if m.Operator != "" || m.Network != "" {
			rest = append(rest, m)
		}
	}
	return rest
}

func rankOf(part string) int {
	switch part {
	case "loop":
		return rankLoop
	case event.Signal:
		return rankSignal
	case event.Credit:
		return rankCredit
	case event.Mail:
		return rankMail
	case "path":
		return rankPath
	case event.Disk:
		return rankDisk
	case event.Heat:
		return rankHeat
	}
	return rankChannel
}

// alone says that a part has one figure, so that it needs no name.
func alone(list []Figure, x Figure) bool {
	n := 0
	for _, o := range list {
		if o.Part == x.Part {
			n++
		}
	}
	return n == 1
}

// figure is one part that works: "loop 6.1 s (4.2)".
func (t *language) figure(x Figure, alone bool) string {
	name := ""
	if !alone {
		name = clip(x.Of, 12) + " "
	}
	switch x.Part {
	case "loop":
		return name + t.trial.loop + " " + x.trend("%.1f", " s")
	case event.Signal:
		if x.Value == 0 {
			return ""
		}
		return name + x.trend("%.0f", " dBm")
	case event.Credit:
		return name + t.trial.credit + " " + x.trend("%.2f", "")
	case "path":
		return fmt.Sprintf("%s %s %.1f s", clip(x.Of, 12), t.trial.up, x.Value)
	case event.Disk:
		return fmt.Sprintf("%.0f%% %s", math.Floor(100*x.Value), t.trial.free)
	case event.Heat:
		return fmt.Sprintf("%.0f C", x.Value)
	case event.Clock:
		return ""
	}
	return fmt.Sprintf("%s ok %.1f s", x.Part, x.Value)
}

// trend is a value with its unit, and in brackets what it was.
func (x Figure) trend(format, unit string) string {
	s := fmt.Sprintf(format, x.Value) + unit
	if x.Known {
		s += " (" + fmt.Sprintf(format, x.Was) + ")"
	}
	return s
}

// troubles are the parts that failed, as the text says them.
func (t *language) troubles(trial *Trial) []string {
	if trial == nil {
		return nil
	}
	var list []string
	for _, x := range trial.byRank() {
		if !x.OK {
			list = append(list, t.trouble(x.Finding, alone(trial.Figures, x)))
		}
	}
	return list
}

func (t *language) trouble(x event.Finding, alone bool) string {
	name := ""
	if !alone && x.Part != "path" {
		name = clip(x.Of, 12) + " "
	}
	why := x.Why
	if said, ok := t.trial.whys[why]; ok {
		why = said
	}
	switch {
	case x.Part == event.Credit && x.Why == Low:
		return fmt.Sprintf("%s%s %.2f %s", name, t.trial.credit, x.Value, why)
	case x.Part == event.Credit && x.Why == Ends:
		return fmt.Sprintf("%s%s %s %s", name, t.trial.credit, t.trial.ends, t.day2(x))
	}
	return name + t.partName(x) + ": " + why
}

// day2 is the day on which credit ends: "1 Feb 2027".
func (t *language) day2(x event.Finding) string {
	return fmt.Sprintf("%d %s %d", x.Until.Day(), t.months[x.Until.Month()-1], x.Until.Year())
}

func (t *language) partName(x event.Finding) string {
	switch x.Part {
	case "loop":
		return t.trial.loop
	case event.Credit:
		return t.trial.credit
	case "path":
		return x.Of
	}
	return x.Part
}

// Trouble is a part that failed in short English words, for STATUS.
func Trouble(x event.Finding) string { return english.trouble(x, x.Of == "") }

// PartName names a part in English: "loop of lte0", "mail", "the spare path cell".
func PartName(x event.Finding) string {
	switch {
	case x.Part == "path":
		return "the spare path " + x.Of
	case x.Of != "":
		return english.partName(x) + " of " + x.Of
	}
	return english.partName(x)
}

// cramped takes from a text about a self-test until it has room: what matters
// least first, then of what is wrong all but the beginning.
func (v said) cramped(say func(said) (string, error)) (string, bool) {
	rooms := func(v said) (string, bool) {
		text, err := say(v)
		n, _ := Septets(text)
		return text, err == nil && n <= segment
	}
	if v.Up != "" {
		v.Up = ""
		if text, ok := rooms(v); ok {
			return text, true
		}
	}
	for rank := rankUp; rank > rankNeeded; rank-- {
		for i := len(v.figures) - 1; i >= 0; i-- {
			if v.figures[i].rank != rank {
				continue
			}
			v.figures = slices.Delete(slices.Clone(v.figures), i, i+1)
			v.Figures = joinFigures(v.figures)
			if text, ok := rooms(v); ok {
				return text, true
			}
		}
	}
	for bad := v.bad; len(bad) > 1; {
		bad = bad[:len(bad)-1]
		v.Faults = strings.Join(bad, "; ") + fmt.Sprintf("; +%d", len(v.bad)-len(bad))
		if text, ok := rooms(v); ok {
			return text, true
		}
	}
	return "", false
}

func joinFigures(list []figure) string {
	var texts []string
	for _, x := range list {
		texts = append(texts, x.text)
	}
	return strings.Join(texts, ", ")
}

// Verdict is what a self-test's text says, without the site: the title of a
// letter.
func (w Wording) Verdict(lang string, f Facts) string {
	text := w.Text(lang, f.As(event.Selftest))
	return strings.TrimSuffix(strings.TrimPrefix(text, Transliterate(lead(f.Site, 0))), ".")
}

// Credit answers BALANCE: "credit 12.40 EUR until 1 Feb 2027 on lte0".
func (w Wording) Credit(lang, site string, list []Money, now event.Stamp) string {
	t := tongue(lang)
	var parts []string
	for _, m := range list {
		s := t.credited(m.Finding)
		if !m.At.Box.IsZero() && now.Box.Sub(m.At.Box) > older {
			s += " (" + t.trial.asOf + " " + Clock(lang, m.At, now) + ")"
		}
		parts = append(parts, s)
	}
	return Fit(clip(site, 24)+" "+strings.Join(parts, ", ")+".", segment)
}

// older is from when on a word about credit says of when it is.
const older = 5 * time.Minute

func (t *language) credited(x event.Finding) string {
	if x.Why == NoAnswer {
		return t.trial.credit + " " + t.trial.unknown + " " + t.trial.on + " " + x.Of
	}
	s := strings.TrimSpace(fmt.Sprintf("%s %.2f %s", t.trial.credit, x.Value, x.Unit))
	if !x.Until.IsZero() {
		s += " " + t.trial.until + " " + t.day2(x)
	}
	if x.Why == Low {
		s += ", " + t.trial.whys[Low]
	}
	return s + " " + t.trial.on + " " + x.Of
}

// CreditWords say what a SIM has left.
func CreditWords(lang string, x event.Finding) string { return tongue(lang).credited(x) }
