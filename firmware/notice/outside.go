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

	// For partners, of what they hear of.
	Subject   string // "transit-a"
	State     string // "down"
	Seen      string // "3 of 3 checks without answer"
	Reference string // "waw-12 #7"
}

// outerWords are how one language speaks to subscribers.
type outerWords struct {
	texts                map[event.Kind]string
	since, lasting, ends string // {clock}; {length}; {clock}
	stopped, started     string
	fine, hit            string // the state of a line; {where} {since}
	notSure              string
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
	f.Unasked, f.Kind, f.Title, f.By, f.Others = true, d.kind(), d.spoken(), "", nil
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
		if n <= segment || v.shorter(n-segment) {
			return Fit(whole, segment), cut, nil
		}
	}
}

// shorter takes the least important words away first; it returns true when
// nothing more can be.
func (v *outer) shorter(by int) bool {
	switch {
	case v.News != "" && len(v.News) > 20:
		v.News = Fit(v.News, max(20, len(v.News)-by))
		return len(v.News) <= 20
	case strings.Contains(v.Where, ", "):
		v.Where = v.Where[:strings.LastIndex(v.Where, ", ")]
		return false
	case v.Call != "":
		v.Call = ""
		return false
	}
	return true
}

func outerView(to Reader, lang string, f Facts) outer {
	o := tongue(lang).outer
	at := f.at()
	v := outer{Brand: f.brand(), Where: strings.Join(f.Regions, ", "), Call: f.CallBack}
	// An operator's words go out only if nothing in them belongs to the inside.
	v.News = strings.TrimRight(draft{letters: writing(lang), t: tongue(lang), lang: lang, to: to, f: f}.spoken(), ". ")
	v.Lasted = Length(lang, f.over().Box.Sub(f.opened().Box))
	if f.Kind != event.AllClear && f.Kind != event.Cancelled {
		at = f.opened()
	}
	if at.Trusted && f.Now.Trusted {
		v.At = localClock(lang, at.Wall, f.Now.Wall, f.Zone)
		v.Since = strings.ReplaceAll(o.since, "{clock}", v.At)
	} else {
		v.Since = strings.ReplaceAll(o.lasting, "{length}", Length(lang, f.Now.Box.Sub(at.Box)))
	}
	if !f.ETR.IsZero() && f.Now.Trusted && f.ETR.After(f.Now.Wall) {
		v.Expect = strings.ReplaceAll(o.ends, "{clock}", localClock(lang, f.ETR, f.Now.Wall, f.Zone))
	}
	return v
}

// brand is who writes, as subscribers know them.
func (f Facts) brand() string {
	if f.Brand != "" {
		return f.Brand
	}
	return f.Site
}

// localClock is a time on the wall of those who read it, with the date if it
// is another day.
func localClock(lang string, at, now time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	at, now = at.In(zone), now.In(zone)
	clock := at.Format("15:04")
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return clock
	}
	return fmt.Sprintf("%d %s %s", at.Day(), Transliterate(tongue(lang).months[at.Month()-1]), clock)
}

// Standing is what is known of one subscriber's line.
type Standing struct {
	Hit   bool
	Facts Facts // of the incident, when it is hit
	Since time.Time
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
		text = o.hit
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
