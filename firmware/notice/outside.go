package notice

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"heliograph/firmware/event"
)

// outer is what notices to those outside may name, and nothing else: no other
// customer, no carrier, no person of the house; to subscribers no incident's
// number and no uplink either. What each of them may be told stands in
// allowed. Every field is a string in the reader's language, and empty when
// there is nothing to say.
type outer struct {
	Brand  string // who writes: "Example Net"
	Where  string // "Warszawa, Lodz"; empty: it cannot be said
	Since  string // "since 05:02", "for 4 min"
	At     string // "05:02"; empty: no clock can be trusted
	Lasted string // "1 h 8 min"
	Expect string // "expected to end at 06:30"
	Call   string // telephone of the duty desk
	News   string // an operator's words
	When   string // of planned work: "1 Dec 01:00-05:00"

	// For partners, of what they hear of.
	Subject   string // "transit-a"
	State     string // "down"
	Seen      string // "3 of 3 checks without answer"
	Reference string // "waw-12 #7"
}

// outerWords are how one language speaks to subscribers.
type outerWords struct {
	texts            map[event.Kind]string
	since, sinceDay  string // {clock}; the same with a date
	lasting, now     string // {length}; shorter than that
	ends, endsDay    string // {clock}; the same with a date
	endsIn           string // {length}, "in 2 h"
	unknown          string // when it ends
	stopped, started string
	told             string // after hit, to those who hear by themselves
	fine, hit        string // the state of a line; {where} {since}
}

var outerBuiltin = func() map[wordingKey]*template.Template {
	set := map[wordingKey]*template.Template{}
	for _, lang := range Languages() {
		for kind, text := range tongue(lang).outer.texts {
			set[wordingKey{kind, lang}] = template.Must(template.New(string(kind) + "/outside/" + lang).Parse(text))
		}
	}
	return set
}()

// Outside is one notice to subscribers in one GSM-7 segment. A kind that is
// not for them reads as an update.
func (w Wording) Outside(lang string, f Facts) string {
	text, _ := w.Short(Subscriber, lang, f)
	return text
}

// Short is one notice to subscribers or partners as a text, and how many
// septets of it did not fit the one segment that it takes.
func (w Wording) Short(to Reader, lang string, f Facts) (text string, cut int) {
	if !slices.Contains(Languages(), lang) {
		lang = Languages()[0]
	}
	d := draftFor(to, lang, f)
	v := d.open(event.SMS)
	if t, ok := w.outer[ownKey{to, event.SMS, d.heard(), lang}]; ok {
		if text, cut, err := v.fitted(t); err == nil {
			return text, cut
		}
	}
	if to == Partner {
		return w.partner(d)
	}
	text, cut, err := v.fitted(outerBuiltin[wordingKey{d.heard(), lang}])
	if err != nil {
		return Fit(v.Brand+" "+v.News, segment), 0
	}
	return text, cut
}

// partner is the built-in text to a partner: that of the people on call,
// without what belongs to others.
func (w Wording) partner(d draft) (string, int) {
	f := d.f
	f.Unasked, f.Kind, f.Title, f.By, f.Others = true, d.heard(), d.spoken(), "", nil
	f.Scope = f.Scope[:min(len(f.Scope), 1)]
	f.Verdict.Evidence, f.Was.Evidence = event.Evidence{}, event.Evidence{}
	return Wording{}.Text(d.lang, f), 0
}

// fitted renders within one segment, and says how much of the whole was lost.
func (v outer) fitted(t *template.Template) (text string, cut int, err error) {
	for first := true; ; first = false {
		whole, err := fillOwn(t, v)
		if err != nil {
			return "", 0, err
		}
		whole = Transliterate(whole)
		n, _ := Septets(whole)
		if first {
			cut = max(0, n-segment)
		}
		if n <= segment || !v.shorter(n-segment) {
			return Fit(whole, segment), cut, nil
		}
	}
}

// shorter takes the least important words away first; it returns false when
// nothing more can be.
func (v *outer) shorter(by int) bool {
	const least = 20
	news, _ := Septets(v.News)
	switch {
	case news > least:
		v.News = Fit(v.News, max(least, news-by))
	case strings.Contains(v.Where, ", "):
		v.Where = v.Where[:strings.LastIndex(v.Where, ", ")]
	case v.Call != "":
		v.Call = ""
	default:
		return false
	}
	return true
}

func outerView(to Reader, lang string, f Facts) outer {
	o := tongue(lang).outer
	at := f.turned()
	v := outer{Brand: f.brand(), Where: strings.Join(f.Regions, ", "), Call: f.CallBack}
	// An operator's words go out only if nothing in them belongs to the inside.
	v.News = strings.TrimRight(draft{letters: writing(lang), t: tongue(lang), lang: lang, to: to, f: f}.spoken(), ". ")
	if f.Kind == event.Update || f.Kind == event.Cancelled {
		v.News = capital(v.News) // it is a sentence of its own
	}
	v.Lasted, v.When = Length(lang, f.over().Box.Sub(f.opened().Box)), f.localWhen(lang)
	v.Since = o.began(lang, at, f)
	if timed(at, f.Now) {
		v.At, _ = localClock(lang, at.Wall, f.Now.Wall, f.Zone)
	}
	v.Expect = o.expected(lang, f)
	return v
}

// turned is since when things are for a reader outside as a notice says:
// since it began, or since it was over, or is back.
func (f Facts) turned() event.Stamp {
	switch f.Kind {
	case event.AllClear, event.Cancelled, event.Completed, event.Reopened:
		return f.at()
	}
	return f.opened()
}

// began is since when it has been so.
func (o outerWords) began(lang string, at event.Stamp, f Facts) string {
	if !timed(at, f.Now) {
		if ago := f.Now.Box.Sub(at.Box); ago >= time.Minute {
			return fill(o.lasting, "length", Length(lang, ago))
		}
		return o.now
	}
	clock, today := localClock(lang, at.Wall, f.Now.Wall, f.Zone)
	if today {
		return fill(o.since, "clock", clock)
	}
	return fill(o.sinceDay, "clock", clock)
}

// expected is when it is to end: nothing once that has passed, for it would
// only tell that we were wrong.
func (o outerWords) expected(lang string, f Facts) string {
	switch {
	case f.Promised && f.ETR.IsZero():
		return o.unknown
	case f.Promised && !f.Now.Trusted:
		return fill(o.endsIn, "length", f.endsIn(lang))
	case f.ETR.IsZero() || !f.Now.Trusted || !f.ETR.After(f.Now.Wall):
		return ""
	}
	clock, today := localClock(lang, f.ETR, f.Now.Wall, f.Zone)
	if today {
		return fill(o.ends, "clock", clock)
	}
	return fill(o.endsDay, "clock", clock)
}

// brand is who writes, as subscribers know them.
func (f Facts) brand() string {
	if f.Brand != "" {
		return f.Brand
	}
	return f.Site
}

// localClock is a time on the wall of those who read it, with the date if it
// is not today.
func localClock(lang string, at, now time.Time, zone *time.Location) (clock string, today bool) {
	if zone == nil {
		zone = time.UTC
	}
	at, now = at.In(zone), now.In(zone)
	clock = at.Format("15:04")
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return clock, true
	}
	return fmt.Sprintf("%d %s %s", at.Day(), tongue(lang).months[at.Month()-1], clock), false
}

// Standing is what is known of one subscriber's line.
type Standing struct {
	Hit   bool
	Told  bool  // they hear by themselves when it is over
	Facts Facts // of the incident, when it is hit
}

// Line answers "?" with the state of the subscriber's own line.
func (w Wording) Line(lang string, s Standing) string {
	if !slices.Contains(Languages(), lang) {
		lang = Languages()[0]
	}
	o := tongue(lang).outer
	v := outerView(Subscriber, lang, s.Facts)
	text := o.fine
	if s.Hit {
		told := ""
		if s.Told {
			told = o.told
		}
		text = strings.ReplaceAll(o.hit, "{told}", told)
	}
	return w.outerLine(text, v)
}

// Stop answers STOP and START.
func (w Wording) Stop(lang string, stopped bool, f Facts) string {
	if !slices.Contains(Languages(), lang) {
		lang = Languages()[0]
	}
	o := tongue(lang).outer
	text := o.started
	if stopped {
		text = o.stopped
	}
	return w.outerLine(text, outerView(Subscriber, lang, f))
}

func (w Wording) outerLine(text string, v outer) string {
	expect, where, call := "", "", ""
	if v.Expect != "" {
		expect = ", " + v.Expect
	}
	if v.Where != "" {
		where = " (" + v.Where + ")"
	}
	if v.Call != "" {
		call = " " + v.Call
	}
	return Fit(Transliterate(strings.NewReplacer("{brand}", v.Brand, "{where}", where, "{since}", v.Since, "{expect}", expect, "{call}", call).Replace(text)), segment)
}
