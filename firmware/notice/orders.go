package notice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"heliograph/firmware/event"
)

// planWords are how a language says the parts of a plan.
type planWords struct {
	tell, say, reboot          string
	open, widen                string // who shows it, how many, the tag, which
	mails, texts, parts, takes string
	kept, over, two, and       string
	where, everybody, list     string // names; ""; a date
	sendsAt, sendsIn           string // a time; a length
}

// wordy is how many steps a plan can be made shorter by.
const wordy = 5

// planned tells a plan: "tell 41 by mail, 412 by SMS (2 parts each) in lodz,
// waw, list of 18 Nov, 22 min on lte0, 8.24 EUR, reserve kept".
func (t *language) planned(p Plan, lang, by string, now event.Stamp) string {
	if p.What == "reboot" {
		return fmt.Sprintf(t.plan.reboot, by)
	}
	switch p.What {
	case "open":
		return p.shown(t.plan.open, by)
	case "widen":
		return p.shown(t.plan.widen, by)
	}
	list := t.readers(p, lang)
	if p.Takes > 0 {
		on := strings.Join(p.Workers, "+")
		if p.brief > 3 && len(p.Workers) > 1 {
			on = strconv.Itoa(len(p.Workers))
		}
		list = append(list, fmt.Sprintf(t.plan.takes, Length(lang, p.Takes), on))
	}
	if p.Cost != "" {
		list = append(list, p.Cost)
	}
	switch {
	case p.Over > 0:
		list = append(list, fmt.Sprintf(t.plan.over, p.Over))
	case p.Texts > 0 && p.brief < 1:
		list = append(list, t.plan.kept)
	}
	if p.Two {
		list = append(list, t.plan.two)
	}
	if sends := t.sends(p, lang, now); sends != "" {
		list = append(list, sends) // never left out: silence is an answer then
	}
	verb := t.plan.tell
	if p.What == "say" {
		verb = t.plan.say
	}
	return verb + " " + strings.Join(list, t.plan.and)
}

// sends says when a plan goes out if nobody answers.
func (t *language) sends(p Plan, lang string, now event.Stamp) string {
	switch {
	case p.Sends.IsZero():
		return ""
	case !now.Trusted:
		return fmt.Sprintf(t.plan.sendsIn, Length(lang, p.Sends.Sub(now.Box)))
	}
	return fmt.Sprintf(t.plan.sendsAt, wallClock(lang, now.Wall.Add(p.Sends.Sub(now.Box)), now))
}

// shown tells what somebody else's map shows.
func (p Plan) shown(format, by string) string {
	return strings.TrimPrefix(fmt.Sprintf(format, by, p.Texts, p.Text, clip(strings.Join(p.Where, ", "), 48)), ": ")
}

// readers tells how many hear of it, where, and from which list that is known.
func (t *language) readers(p Plan, lang string) (list []string) {
	if p.Mails > 0 {
		list = append(list, fmt.Sprintf(t.plan.mails, p.Mails))
	}
	if p.Texts > 0 {
		s := fmt.Sprintf(t.plan.texts, p.Texts)
		if p.Parts > 1 {
			s += " (" + fmt.Sprintf(t.plan.parts, p.Parts) + ")"
		}
		list = append(list, s)
	}
	if where := t.whereabouts(p); where != "" && len(list) > 0 {
		list[len(list)-1] += " " + where
	}
	if !p.Taken.IsZero() && p.brief < 5 {
		list = append(list, fmt.Sprintf(t.plan.list, t.dayOf(p.Taken)))
	}
	return list
}

// whereabouts names whom of the subscribers a plan is for: fewer of them the
// shorter it has to be.
func (t *language) whereabouts(p Plan) string {
	most := []int{len(p.Where), len(p.Where), 3, 1, 0, 0}[min(p.brief, wordy)]
	switch {
	case most == 0 || len(p.Where) == 0:
		return ""
	case slices.Contains(p.Where, event.Everybody):
		return t.plan.everybody
	}
	names := strings.Join(p.Where[:min(most, len(p.Where))], ", ")
	if rest := len(p.Where) - most; rest > 0 {
		names += fmt.Sprintf(" +%d", rest)
	}
	return fmt.Sprintf(t.plan.where, names)
}

// dayOf is a date in a text, "18 Nov".
func (t *language) dayOf(at time.Time) string {
	at = at.UTC()
	return fmt.Sprintf("%d %s", at.Day(), t.months[at.Month()-1])
}

// Words tell a plan in English, for the timeline, with the version of the list
// that it was counted in.
func (p Plan) Words() string {
	p.Sends = time.Time{}
	text := english.planned(p, "en", "", event.Stamp{})
	if p.List != "" {
		text += fmt.Sprintf("; the list of %s is version %s", p.Taken.UTC().Format("2 Jan 2006 15:04Z"), p.List)
	}
	return text
}

// asking words a plan so that the code to answer with is always in it: what
// matters less is left out before.
func asking(t *template.Template, lang string, f Facts) (text string, err error) {
	full := f
	for _, limit := range []int{segment, 24, 12} {
		f = full.clipped(limit)
		for f.Plan.brief = 0; f.Plan.brief <= wordy; f.Plan.brief++ {
			if text, err = say(t, f.Kind, view(lang, f)); err != nil {
				continue
			}
			if n, _ := Septets(text); n <= segment {
				return text, nil
			}
		}
	}
	return Fit(text, segment), err
}

// Until says until when something lasts: to an instant, or, while no clock can
// be trusted, for a length.
func Until(lang string, box time.Time, now event.Stamp) string {
	t := tongue(lang)
	if !now.Trusted {
		return t.forSo + " " + Length(lang, box.Sub(now.Box))
	}
	return t.until + " " + Clock(lang, event.Stamp{Box: box, Wall: now.Wall.Add(box.Sub(now.Box)), Trusted: true}, now)
}

// expect is the news that an end is promised, or that it no longer is.
func (t *language) expect(lang string, f Facts) string {
	switch {
	case !f.Promised:
		return ""
	case f.ETR.IsZero():
		return t.notKnown
	case !f.Now.Trusted:
		return t.expected + " " + f.endsIn(lang)
	}
	return t.expected + " " + wallClock(lang, f.ETR, f.Now)
}

// endsIn is a promised end while no clock can be trusted: "in 2 h". It is true
// only of a promise made now.
func (f Facts) endsIn(lang string) string {
	return tongue(lang).storm.in + " " + Length(lang, f.ETR.Sub(f.Now.Wall))
}

func wallClock(lang string, at time.Time, now event.Stamp) string {
	return Clock(lang, event.Stamp{Box: now.Box.Add(at.Sub(now.Wall)), Wall: at, Trusted: true}, now)
}

// handed lists what whoever takes over must know of each open incident.
func (t *language) handed(lang string, d Duty, now event.Stamp) string {
	if len(d.Open) == 0 {
		return t.none
	}
	var list []string
	for _, i := range d.Open {
		s := fmt.Sprintf("#%d %s (%s", i.Number, clip(Facts{Scope: i.Scope}.subject(), 24), orNobody(t, i.By))
		if i.Told > 0 {
			s += fmt.Sprintf(", %s %d", t.told, i.Told)
		}
		if !i.ETR.IsZero() {
			s += ", " + wallClock(lang, i.ETR, now)
		}
		list = append(list, s+")")
	}
	return t.open + " " + strings.Join(list, ", ")
}

func orNobody(t *language, by string) string {
	if by == "" {
		return t.nobody
	}
	return by
}

// Log answers LOG with the newest lines of a timeline that fit one text.
func (w Wording) Log(lang, site string, incident int, lines []event.Line, now event.Stamp) string {
	t := tongue(lang)
	head := clip(site, 24) + " "
	if incident > 0 {
		head += "#" + strconv.Itoa(incident) + " "
	}
	if len(lines) == 0 {
		return Fit(head+t.noLines+".", segment)
	}
	text := ""
	for i := len(lines) - 1; i >= 0; i-- {
		l := lines[i]
		one := Clock(lang, event.Stamp{Box: l.Box, Wall: l.Wall, Trusted: l.Trusted}, now) + " " + l.Text
		longer := strings.TrimSpace(one + "; " + text)
		if n, _ := Septets(head + longer); n > segment && text != "" {
			break
		}
		text = strings.TrimSuffix(longer, ";")
	}
	return Fit(head+Transliterate(text), segment)
}

// Queue answers QUEUE: how much waits, and what was given up.
func (w Wording) Queue(lang, site string, q event.Queue, dead []event.Dead) string {
	t := tongue(lang)
	text := fmt.Sprintf("%s %s %d", clip(site, 24), t.queue, q.Waiting)
	if len(dead) == 0 {
		return Fit(text+", "+t.emptyQueue+".", segment)
	}
	text += fmt.Sprintf(", %s %d:", t.givenUp, q.Failed)
	for _, d := range dead {
		who := d.Recipient
		if d.Incident > 0 {
			who += " #" + strconv.Itoa(d.Incident)
		}
		one := fmt.Sprintf(" %d %s %s (%s),", d.ID, d.Kind, clip(who, 24), clip(d.Code, 18))
		if n, _ := Septets(text + one + " RESEND 1234567"); n > segment {
			break
		}
		text += one
	}
	return Fit(strings.TrimSuffix(text, ",")+fmt.Sprintf(". RESEND %d", dead[0].ID), segment)
}

// Called answers WHO: who is called, and in which order.
func (w Wording) Called(lang, site string, steps []Called, until string) string {
	t := tongue(lang)
	var list []string
	for _, s := range steps {
		who := strings.Join(s.Who, "+")
		if s.After > 0 {
			who += " " + t.after + " " + Length(lang, s.After)
		}
		list = append(list, who)
	}
	text := clip(site, 24) + " " + t.onCall + ": " + strings.Join(list, ", ") + "."
	if until != "" {
		text += " " + t.dutyUntil + " " + until + "."
	}
	return Fit(text, segment)
}

// Signals answers SIG: how each modem hears the network.
func (w Wording) Signals(lang, site string, all []Modem) string {
	var list []string
	for _, m := range all {
		words := strings.Join(strings.Fields(m.Name+" "+m.Operator+" "+m.Network+" "+m.Signal), " ")
		if !m.Fit {
			words = strings.TrimSpace(m.Name + " " + m.State)
		}
		list = append(list, words)
	}
	return Fit(clip(site, 24)+" "+strings.Join(list, "; ")+".", segment)
}
