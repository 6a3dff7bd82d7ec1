package decide

import (
	"slices"
	"strings"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/command"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// muting is MUTE: the box decides and records, and sends to nobody. What it
// would have said is held, so that those who are owed an all-clear get it
// afterwards and what became old news meanwhile is withdrawn.
type muting struct {
	By      string    `json:"by"`
	Until   time.Time `json:"until"` // box time
	Notices []uint64  `json:"notices,omitempty"`
}

const (
	muteFor  = time.Hour      // where MUTE names no time
	muteMost = 24 * time.Hour // a box that is forgotten muted is worse than none
)

func (st *step) mute(who asker, length time.Duration) {
	if length == 0 {
		length = muteFor
	}
	m := muting{By: who.name, Until: st.at.Box.Add(min(length, muteMost))}
	if st.s.Muted != nil {
		m.Notices = st.s.Muted.Notices
	}
	st.s.Muted = nil
	st.note(0, "muted", "%s: nothing is sent %s, all is recorded", who.name, untilWords(st.rules.Language, m.Until, st.at))
	st.tellHouse(notice.MutedNow, notice.Reply{By: who.name}, m.Until, who)
	st.answer(who, true, notice.Muted, notice.Reply{Until: st.clockAt(who, m.Until)})
	if queued := st.queued(); len(queued) > 0 {
		st.emit(event.Stand{Notices: queued, Standing: event.Held})
		m.Notices = slices.Compact(slices.Sorted(slices.Values(slices.Concat(m.Notices, queued))))
	}
	st.s.Muted = &m
}

// queued are the notices that may be on their way, such as one to thousands of
// which a few were sent: MUTE stops the rest. What HOLD keeps is kept already.
func (st *step) queued() []uint64 {
	var list []uint64
	for _, c := range st.s.Incidents {
		if list = slices.Concat(list, c.Calls); !c.Hold {
			list = slices.Concat(list, c.Outside)
		}
	}
	return list
}

func (st *step) unmute(who asker) {
	if st.s.Muted == nil {
		st.answer(who, true, notice.NotMuted, notice.Reply{})
		return
	}
	st.loosen(who.name)
	st.answer(who, true, notice.Unmuted, notice.Reply{})
}

// loosen lets out what was held and is still true.
func (st *step) loosen(by string) {
	m := *st.s.Muted
	st.s.Muted = nil
	st.note(0, "muted", "over (%s): what is still true goes out now", by)
	st.release(m.Notices)
	st.waitAnew()
	st.tellHouse(notice.UnmutedNow, notice.Reply{By: by}, time.Time{}, asker{name: by})
}

// release lets notices out, but for those that a HOLD still keeps; while the
// box is muted it is MUTE that keeps them from now on.
func (st *step) release(notices []uint64) {
	var held []uint64
	for _, c := range st.s.live() {
		if c.Hold {
			held = slices.Concat(held, c.Outside)
		}
	}
	free := slices.DeleteFunc(slices.Clone(notices), func(id uint64) bool { return slices.Contains(held, id) })
	switch {
	case len(free) == 0:
	case st.s.Muted != nil:
		m := *st.s.Muted
		m.Notices = slices.Compact(slices.Sorted(slices.Values(slices.Concat(m.Notices, free))))
		st.s.Muted = &m
	default:
		st.emit(event.Stand{Notices: free, Standing: event.Open})
	}
}

// forget takes a notice that was withdrawn out of those that MUTE holds.
func (st *step) forget(id uint64) {
	if st.s.Muted == nil || id == 0 {
		return
	}
	m := *st.s.Muted
	m.Notices = slices.DeleteFunc(slices.Clone(m.Notices), func(x uint64) bool { return x == id })
	st.s.Muted = &m
}

// muted says that a notice is to be held. Whoever asks is answered, and what
// the box sends to itself wakes nobody.
func (st *step) muted(n event.Notice) bool {
	return st.s.Muted != nil && n.Audience != "asker" && n.Kind != event.Loop
}

// tellHouse tells the people on call, but for the one who did it, of an order
// that changes what the box does for them.
func (st *step) tellHouse(a notice.Answer, r notice.Reply, until time.Time, but asker) {
	r.Site = st.rules.Site
	for _, p := range st.rules.Audience.People {
		if p.Name == but.name || p.SMS == "" || !st.rules.Audience.Calls(p.Name) {
			continue
		}
		lang := or(p.Language, st.rules.Language)
		if !until.IsZero() {
			r.Until = untilWords(lang, until, st.at)
		}
		st.send(event.Notice{
			Audience: audience.OnCall, Kind: event.Reply, Class: event.Operators, To: st.spoken(st.rules.Audience.Named([]string{p.Name})),
			Texts: map[event.Variant]map[string]string{event.Direct: {lang: st.rules.Wording.Answer(lang, a, r)}},
		})
	}
}

// untilWords says until when, or, while no clock can be trusted, for how long.
func untilWords(language string, box time.Time, now event.Stamp) string {
	return until(language, box, now)
}

// clockAt is an instant of box time in an asker's words.
func (st *step) clockAt(who asker, box time.Time) string { return untilWords(st.lang(who), box, st.at) }

// Window is a time of maintenance: what happens inside it pages nobody, what
// lasts beyond it does.
type Window struct {
	Subjects []string  `json:"subjects"`
	By       string    `json:"by,omitempty"`
	Text     string    `json:"text,omitempty"`
	Until    time.Time `json:"until"` // box time
}

const (
	maintFor  = time.Hour
	maintMost = 7 * 24 * time.Hour
)

// maint is MAINT with what follows it.
func (st *step) maint(who asker, c command.Command) {
	switch c.Word {
	case "plan":
		st.schedule(who, c)
		return
	case "extend":
		st.extend(who, c)
		return
	}
	subject := ""
	subjects, ok := st.subjectsNamed(who, c.Scope)
	if !ok {
		return
	}
	if len(subjects) > 0 {
		subject = subjects[0]
	}
	work := 0
	if named, ok := st.s.Case(c.Number); ok {
		if subject = named.Subject; named.Work != nil {
			work = named.Number
		}
	}
	if c.Word == "end" {
		st.maintEnd(who, subject, work)
		return
	}
	length := c.For
	if length == 0 {
		length = maintFor
	}
	w := Window{Subjects: subjects, By: who.name, Text: c.Text, Until: st.at.Box.Add(min(length, maintMost))}
	st.s.Windows = append(slices.DeleteFunc(slices.Clone(st.s.Windows), func(x Window) bool { return slices.Equal(x.Subjects, w.Subjects) }), w)
	st.note(0, "maintenance", "%s: %s %s%s", who.name, joined(subjects), untilWords("en", w.Until, st.at), led(": ", c.Text))
	st.answer(who, true, notice.MaintOn, notice.Reply{Word: joined(subjects), Until: st.clockAt(who, w.Until)})
}

// maintEnd ends what goes on: all of it, that of a subject, or by a number.
func (st *step) maintEnd(who asker, subject string, work int) {
	ended := 0
	for _, c := range st.s.works() {
		if work == c.Number || work == 0 && c.Work.Begun && (subject == "" || slices.Contains(c.Scope, subject)) {
			st.workOver(c, "ended by "+who.name)
			ended++
		}
	}
	for _, w := range slices.Clone(st.s.Windows) {
		if work == 0 && (subject == "" || slices.Contains(w.Subjects, subject)) {
			st.windowOver(w, "ended by "+who.name)
			ended++
		}
	}
	if ended == 0 {
		st.answer(who, false, notice.NoMaint, notice.Reply{})
		return
	}
	st.answer(who, true, notice.MaintOff, notice.Reply{})
}

// windowOver ends a window. What is down by then is an outage from now on.
func (st *step) windowOver(w Window, why string) {
	st.s.Windows = slices.DeleteFunc(slices.Clone(st.s.Windows), func(x Window) bool { return slices.Equal(x.Subjects, w.Subjects) && x.Until.Equal(w.Until) })
	st.note(0, "maintenance", "%s: over, %s", joined(w.Subjects), why)
	st.outageAfter(w.Subjects)
}

// inWindow says that a subject is under maintenance.
func (st *step) inWindow(subject string) bool {
	if _, works := st.s.onWork(subject); works {
		return true
	}
	return slices.ContainsFunc(st.s.Windows, func(w Window) bool { return slices.Contains(w.Subjects, subject) && st.at.Box.Before(w.Until) })
}

// subjectsNamed finds all of these.
func (st *step) subjectsNamed(who asker, names []string) (all []string, ok bool) {
	for _, name := range names {
		subject, ok := st.subjectNamed(who, name)
		if !ok {
			return nil, false
		}
		all = append(all, subject)
	}
	return all, true
}

// subjectNamed finds an uplink or service by its name in any case.
func (st *step) subjectNamed(who asker, name string) (string, bool) {
	for _, rule := range st.rules.Subjects {
		if strings.EqualFold(rule.Name, name) {
			return rule.Name, true
		}
	}
	var known []string
	for _, rule := range st.rules.Subjects {
		known = append(known, rule.Name)
	}
	st.answer(who, false, notice.NoSubject, notice.Reply{Word: name, List: known})
	return "", false
}

// silencesDue ends what was to be silent for a time.
func (st *step) silencesDue() {
	if m := st.s.Muted; m != nil && due(m.Until, st.at.Box) {
		st.loosen("its time is up")
	}
	for _, w := range slices.Clone(st.s.Windows) {
		if due(w.Until, st.at.Box) {
			st.windowOver(w, "its time is up")
		}
	}
}

func (st *step) nextSilence() time.Time {
	var next time.Time
	if st.s.Muted != nil {
		next = st.s.Muted.Until
	}
	for _, w := range st.s.Windows {
		next = earliest(next, w.Until)
	}
	return next
}

// remarks are orders in force that keep the box from speaking as it would.
func (st *step) remarks() []string {
	var list []string
	if m := st.s.Muted; m != nil {
		list = append(list, "MUTED "+untilWords(st.rules.Language, m.Until, st.at)+" by "+m.By)
	}
	if st.s.HeldBy != "" {
		list = append(list, "HOLD by "+st.s.HeldBy)
	}
	for _, w := range st.s.Windows {
		list = append(list, "maintenance "+joined(w.Subjects)+" "+untilWords(st.rules.Language, w.Until, st.at))
	}
	list = append(list, st.workRemarks()...)
	if old := st.oldList(); old != "" {
		list = append(list, old)
	}
	if n := len(st.s.Plans); n > 0 {
		list = append(list, "a plan waits for APPROVE")
	}
	return list
}
