package notice

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"heliograph/firmware/event"
)

// outer is what texts to subscribers may name, and nothing else: no incident's
// number, no uplink, no carrier, no person of the house. Every field is a
// string in the reader's language, and empty when there is nothing to say.
type outer struct {
	Brand  string // who writes: "Example Net"
	Where  string // "Warszawa, Lodz"; empty: it cannot be said
	Since  string // "since 05:02", "for 4 min"
	At     string // "05:02"; empty: no clock can be trusted
	Lasted string // "1 h 8 min"
	Expect string // "expected to end at 06:30"
	Call   string // telephone of the duty desk
	News   string // an operator's words
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
	if !slices.Contains(Languages(), lang) {
		lang = Languages()[0]
	}
	t, ok := outerBuiltin[wordingKey{f.Kind, lang}]
	if !ok {
		t = outerBuiltin[wordingKey{event.Update, lang}]
	}
	f = f.tidied()
	v := outerView(lang, f)
	for {
		var b strings.Builder
		if err := t.Execute(&b, v); err != nil {
			return Fit(v.Brand+" "+v.News, segment)
		}
		text := Transliterate(b.String())
		n, _ := Septets(text)
		if n <= segment || v.shorter(n-segment) {
			return Fit(text, segment)
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

func outerView(lang string, f Facts) outer {
	o := tongue(lang).outer
	at := f.at()
	v := outer{Brand: f.brand(), Where: strings.Join(f.Regions, ", "), Call: f.CallBack}
	// An operator's words go out only if nothing in them belongs to the inside.
	v.News = strings.TrimRight(draft{letters: writing(lang), t: tongue(lang), lang: lang, to: Public, f: f}.spoken(), ". ")
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
	v := outerView(lang, s.Facts)
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
	return w.outerLine(text, outerView(lang, f))
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
