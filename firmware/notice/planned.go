package notice

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"heliograph/firmware/event"
)

// Work is planned work; From is zero where there is none.
type Work struct {
	From, To time.Time         // wall time
	Text     map[string]string // language -> what is done; "" is for the house only
	Begun    bool
	Revision int    // rises with every change
	Impact   string // in the words of MAINTNOTE
	Account  string // the audience that is told: "partner:wholesale"
}

// Given says that the facts are about planned work.
func (w Work) Given() bool { return !w.From.IsZero() }

// plannedWords are how one language speaks of planned work.
type plannedWords struct {
	texts, outer, inside, partner, public map[event.Kind]string
	name                                  string // in titles
	window                                string // {from} {to}
	overran                               string // {n}: why something is down
}

func (l *language) work() plannedWords {
	switch l {
	case &polish:
		return plannedPolish
	case &italian:
		return plannedItalian
	}
	return plannedEnglish
}

// also is one set of templates of both.
func also(a, b map[event.Kind]string) map[event.Kind]string {
	a = maps.Clone(a)
	maps.Copy(a, b)
	return a
}

// isWork says that a kind of notice is about planned work.
func isWork(kind event.Kind) bool { return slices.Contains(event.Works(), kind) }

// worded is the facts with the work's own words for a reader, where nobody has
// said others. What a carrier's calendar calls its work is for the house only.
func (f Facts) worded(to Reader, lang string) Facts {
	if f.Title != "" && to.outside() && f.Work.Given() && f.Title == f.Work.Text[""] {
		f.Title = ""
	}
	if f.Title != "" || !f.Work.Given() || f.Kind == event.Completed || f.Kind == event.CalledOff || f.Kind == event.Overran {
		return f
	}
	for _, l := range append([]string{lang}, Languages()...) {
		if text := line(f.Work.Text[l]); text != "" {
			f.Title = text
			return f
		}
	}
	if !to.outside() {
		f.Title = line(f.Work.Text[""])
	}
	return f
}

// Window is from when to when, in UTC and in a text's words: "1 Dec 01:00-05:00Z".
func Window(lang string, from, to time.Time, _ event.Stamp) string {
	return window(lang, from.UTC(), to.UTC()) + "Z"
}

func window(lang string, from, to time.Time) string {
	day := func(at time.Time) string {
		return fmt.Sprintf("%d %s %s", at.Day(), tongue(lang).months[at.Month()-1], at.Format("15:04"))
	}
	if sameDate(from, to) {
		return day(from) + "-" + to.Format("15:04")
	}
	return day(from) + " - " + day(to)
}

func sameDate(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// when is the window in a text.
func (f Facts) when(lang string) string {
	if !f.Work.Given() {
		return ""
	}
	return Window(lang, f.Work.From, f.Work.To, f.Now)
}

// localWhen is the window on the wall of those who read it.
func (f Facts) localWhen(lang string) string {
	if !f.Work.Given() {
		return ""
	}
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	return Transliterate(window(lang, f.Work.From.In(zone), f.Work.To.In(zone)))
}

// when is the window in a letter: "from 1 Dec 2026 01:00 UTC (02:00 CET) to …".
func (d draft) when() string {
	if !d.f.Work.Given() {
		return ""
	}
	moment := func(at time.Time) string { return d.letters.dated("{date} {clock}", at, d.zone(), false) }
	return fill(d.t.work().window, "from", moment(d.f.Work.From), "to", moment(d.f.Work.To))
}

// leftDown says that planned work has left something down.
func (t *language) leftDown(f Facts) string {
	if f.Overran == 0 {
		return ""
	}
	return strings.ReplaceAll(t.work().overran, "{n}", strconv.Itoa(f.Overran))
}

// CaseWork is planned work in a Case; drivers/delivery says what its fields
// mean.
type CaseWork struct {
	Revision int    `json:"revision"`
	Status   string `json:"status"`
	Impact   string `json:"impact"`
	Account  string `json:"account,omitempty"`
}

// planned fills in what a Case has of planned work.
func (d draft) planned(c Case) Case {
	w := d.f.Work
	if !w.Given() {
		return c
	}
	c.From, c.Until, c.Opened = utc(w.From), utc(w.To), time.Time{}
	_, account, _ := strings.Cut(w.Account, ":")
	c.Work = &CaseWork{Revision: w.Revision, Status: "CONFIRMED", Impact: w.Impact, Account: account}
	if c.Work.Impact == "" {
		c.Work.Impact = "OUTAGE"
	}
	switch {
	case d.f.Kind == event.CalledOff:
		c.Work.Status = "CANCELLED"
	case d.f.Kind == event.Completed:
		c.Work.Status = "COMPLETED"
	case w.Begun:
		c.Work.Status = "IN-PROCESS"
	}
	return c
}

// workPhase is how far planned work is.
func (d draft) workPhase() Phase {
	switch {
	case d.over():
		return completed
	case d.f.Work.Begun:
		return inProgress
	}
	return scheduled
}

// workState is how what it is done on stands.
func (d draft) workState() string {
	if d.f.Work.Begun && !d.over() {
		return "under_maintenance"
	}
	return "operational"
}
