package decide

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// shut is trouble whose incident an operator has closed while it lasted. The
// same trouble opens no other one: whoever closed it knows of it, and those
// outside would read minutes later of what they were just told is closed. Nor
// is it forgotten: the house, and nobody else, is reminded of it, for a number
// is mistyped soon enough at night. What works again and then fails, or gets
// worse, is new trouble and called as such.
type shut struct {
	Incident int       `json:"incident"`
	By       string    `json:"by"`
	Down     bool      `json:"down,omitempty"`  // it was closed as down: worse it cannot get
	False    bool      `json:"false,omitempty"` // as a false alarm: then it is no news that it works
	Next     time.Time `json:"next"`            // box time of the next reminder
}

const (
	shutFirst = time.Hour      // long enough for what was closed because it is about to end
	shutAgain = 24 * time.Hour // then once a day: it may last for weeks, as a probe's dead target does
)

// failsOn says that what an incident is about still fails, as its probes see it.
func (st *step) failsOn(c Case) bool {
	return !c.ByHand() && c.Alarm == nil && c.Verdict.Condition != event.IsUp && c.Verdict.Condition != ""
}

// closeFailing ends an incident by an operator's word, whatever the probes say.
func (st *step) closeFailing(c Case, how event.Kind, by, why string) {
	st.s.Shut = cloned(st.s.Shut)
	st.s.Shut[c.Subject] = shut{Incident: c.Number, By: by, Down: c.Kind == event.Down, False: how == event.Cancelled, Next: st.at.Box.Add(shutFirst)}
	if how == event.Cancelled {
		st.resolve(c, how, why)
		return
	}
	st.resolveBy(c, event.Dismissed, by, why+" while it fails: "+Evidence(c.Verdict))
}

// staysShut says that what a verdict tells of a subject was closed by an
// operator as it is.
func (st *step) staysShut(subject string, v event.Verdict) bool {
	was, ok := st.s.Shut[subject]
	return ok && (was.Down || v.Condition != event.IsDown)
}

// shutsDue reminds of what fails on.
func (st *step) shutsDue() {
	for _, subject := range slices.Sorted(maps.Keys(st.s.Shut)) {
		was := st.s.Shut[subject]
		if !due(was.Next, st.at.Box) {
			continue
		}
		if slices.ContainsFunc(st.s.live(), func(c Case) bool { return c.Subject == subject }) {
			continue // somebody has opened it again
		}
		was.Next = st.at.Box.Add(shutAgain)
		st.s.Shut = cloned(st.s.Shut)
		st.s.Shut[subject] = was
		m := st.s.Subjects[subject].Verdict
		since := event.Stamp{Box: m.Since, Wall: m.SinceWall, Trusted: m.Trusted}
		st.shutNews(was, fmt.Sprintf("%s still fails, since %s: #%d was closed by %s. OPEN %s and words calls everybody again", subject, notice.Clock(st.rules.Language, since, st.at), was.Incident, was.By, subject))
	}
}

// shutOver forgets what was closed: it works again, or is called anew.
func (st *step) shutOver(subject string, works bool) {
	was, ok := st.s.Shut[subject]
	if !ok {
		return
	}
	st.s.Shut = cloned(st.s.Shut)
	if delete(st.s.Shut, subject); works && !was.False {
		st.shutNews(was, fmt.Sprintf("%s works again: #%d was closed by %s before it did", subject, was.Incident, was.By))
	}
}

// shutNews goes to whoever closed it, or to the first on call.
func (st *step) shutNews(was shut, text string) {
	f := st.facts(nil)
	f.Title = text
	to := st.rules.Audience.Named([]string{was.By})
	if len(to) == 0 {
		to = st.oncall().First()
	}
	st.publishLater(event.Notice{Audience: audience.OnCall, Kind: event.BoxNews, Class: event.Operators, To: to}, f)
	st.staffNews(f)
}

func (st *step) nextShut() time.Time {
	var next time.Time
	for _, was := range st.s.Shut {
		next = earliest(next, was.Next)
	}
	return next
}
