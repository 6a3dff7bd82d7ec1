package decide

import (
	"maps"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// News is how many changes a person on call is told of one by one; zero: all.
type News struct {
	Most int
	Per  time.Duration
}

// storm is what one person was told of changes. While there are too many they
// are counted, and told together at a mark. First words of an incident,
// all-clears, answers, an operator's words and duty are no such news: they
// neither count nor wait.
type storm struct {
	At       []time.Time `json:"at,omitempty"`       // box times of the news given one by one
	Mark     time.Time   `json:"mark,omitzero"`      // box time of the next text; zero: there is no storm
	Since    event.Stamp `json:"since,omitzero"`     // of the first change since the last text
	Changes  int         `json:"changes,omitempty"`  // since then
	Subjects []string    `json:"subjects,omitempty"` // that changed
	Notice   uint64      `json:"notice,omitempty"`   // the last text, which the next one replaces
}

// stormEvery is from mark to mark: often enough to be of use at night, and
// less than people are told without a limit.
const stormEvery = 30 * time.Minute

// spared are the numbers of those who have read enough for now: they do not
// hear of this change, but of how things are, at their mark. Whoever was not
// told of the incident yet is not spared.
func (st *step) spared(c Case) []string {
	var numbers []string
	for _, p := range st.rules.Audience.People {
		if !st.spares(c, p, true) {
			continue
		}
		if numbers = append(numbers, p.SMS); p.Also != "" {
			numbers = append(numbers, p.Also)
		}
	}
	return numbers
}

// spares says whether a person has read enough to be spared news of a case.
func (st *step) spares(c Case, p audience.Person, change bool) bool {
	heard := slices.Contains(c.Heard, p.SMS) || p.Also != "" && slices.Contains(c.Heard, p.Also)
	return st.rules.News.Most > 0 && !c.Drill && p.SMS != "" && heard && st.enough(p.Name, c.Subject, change)
}

// enough counts a piece of news for a person, and says whether it is one too
// many.
func (st *step) enough(name, subject string, change bool) bool {
	w := st.s.Storms[name]
	w.At = slices.DeleteFunc(slices.Clone(w.At), func(at time.Time) bool { return !st.at.Box.Before(at.Add(st.rules.News.Per)) })
	calm := w.Mark.IsZero()
	switch {
	case calm && len(w.At) < st.rules.News.Most:
		w.At = append(w.At, st.at.Box)
		st.keepStorm(name, w)
		return false
	case calm:
		w.Mark, w.Since = st.at.Box.Add(stormEvery), plainly(st.at)
		st.note(0, "storm", "%s has had %d texts of changes in %s: what follows is told together", name, len(w.At), notice.Length("en", st.rules.News.Per))
	case w.Changes == 0 && change:
		w.Since = plainly(st.at)
	}
	if change {
		w.Changes++
		if !slices.Contains(w.Subjects, subject) {
			w.Subjects = append(slices.Clone(w.Subjects), subject)
		}
	}
	st.keepStorm(name, w)
	return true
}

func (st *step) keepStorm(name string, w storm) {
	st.s.Storms = cloned(st.s.Storms)
	st.s.Storms[name] = w
}

// remindable leaves those out of a reminder who have read enough.
func (st *step) remindable(c Case, to []event.Recipient) []event.Recipient {
	return slices.DeleteFunc(slices.Clone(to), func(r event.Recipient) bool {
		p, ok := st.rules.Audience.Person(r.Name)
		return ok && st.spares(c, p, false)
	})
}

// stormsDue tells, at each person's mark, what has changed and how it is now.
// After a mark without a change it is over.
func (st *step) stormsDue() {
	for _, name := range slices.Sorted(maps.Keys(st.s.Storms)) {
		w := st.s.Storms[name]
		if !due(w.Mark, st.at.Box) {
			continue
		}
		if w.Notice != 0 {
			st.emit(event.Withdraw{Notices: []uint64{w.Notice}})
		}
		f := st.facts(nil)
		f.Digest = st.digest(w)
		next := storm{At: w.At}
		if w.Changes > 0 {
			next.Mark, next.Since = st.at.Box.Add(stormEvery), plainly(st.at)
			f.Digest.Next = next.Mark
		}
		switch to := st.rules.Audience.Named([]string{name}); {
		case len(to) == 0:
			st.s.Storms = cloned(st.s.Storms)
			delete(st.s.Storms, name)
		case w.Changes == 0 && len(f.Digest.Down)+len(f.Digest.Open) == 0:
			st.keepStorm(name, next) // the last all-clear has told it
		default:
			next.Notice = st.publish(event.Notice{Audience: audience.OnCall, Kind: event.Digest, Class: event.Operators, To: to[:1]}, f, nil)
			st.keepStorm(name, next)
		}
	}
}

// digest is what a storm amounts to now.
func (st *step) digest(w storm) notice.Digest {
	d := notice.Digest{Changes: w.Changes, Since: w.Since}
	for _, c := range st.s.real() {
		switch {
		case c.ByHand():
			d.Open = append(d.Open, c.Subject)
		case c.Verdict.Condition == event.IsDown:
			d.Down = append(d.Down, c.Subject)
		case c.Verdict.Condition != event.IsUp:
			d.Open = append(d.Open, c.Subject)
		}
	}
	for _, name := range w.Subjects {
		if !slices.Contains(d.Down, name) && !slices.Contains(d.Open, name) {
			d.Up = append(d.Up, name)
		}
	}
	return d
}

func (st *step) nextStorm() time.Time {
	var next time.Time
	for _, w := range st.s.Storms {
		next = earliest(next, w.Mark)
	}
	return next
}
