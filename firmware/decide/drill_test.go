package decide

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// rehearsing is a box at a time of day, and what it says.
type rehearsing struct {
	t     *testing.T
	rules Rules
	s     State
	now   time.Time
	trust bool
	said  []string
	notes []string
}

func rehearse(t *testing.T, clock string) *rehearsing {
	t.Parallel()
	at, err := time.Parse("15:04", clock)
	if err != nil {
		t.Fatal(err)
	}
	r := &rehearsing{t: t, rules: rules(0), now: time.Date(2026, 11, 24, at.Hour(), at.Minute(), 0, 0, time.UTC), trust: true}
	r.happens(event.Booted{Version: "test"})
	return r
}

// happens steps, and keeps what is said by whom it is for.
func (r *rehearsing) happens(f event.Fact) {
	r.said, r.notes = nil, nil
	var effects []event.Effect
	r.s, effects = r.rules.Step(r.s, event.Event{Stamp: event.Stamp{Box: r.now, Wall: r.now, Trusted: r.trust}, Fact: f})
	for _, e := range effects {
		switch e := e.(type) {
		case event.Publish:
			for _, to := range e.Notice.To {
				r.said = append(r.said, fmt.Sprintf("%s: %s", to.Name, e.Notice.Texts[event.Direct][to.Language]))
			}
		case event.Note:
			r.notes = append(r.notes, e.Text)
		}
	}
}

// wakes passes the time until the box wants to be woken, if that is by a clock.
func (r *rehearsing) wakes(until string) {
	r.t.Helper()
	if got := r.s.Wake().Format("15:04"); got != until {
		r.t.Fatalf("at %s it is to be woken at %s, want %s", r.now.Format("15:04"), got, until)
	}
	r.now = r.s.Wake()
	r.happens(event.Ticked{})
}

func (r *rehearsing) says(want ...string) {
	r.t.Helper()
	if !slices.EqualFunc(r.said, want, func(got, want string) bool { return strings.HasPrefix(got, want) }) {
		r.t.Errorf("at %s it says\n %s\nwant\n %s", r.now.Format("15:04"), strings.Join(r.said, "\n "), strings.Join(want, "\n "))
	}
}

func (r *rehearsing) due() { r.happens(event.DrillDue{Scheduled: r.now}) }

func TestADrillOfTheSchedule(t *testing.T) {
	r := rehearse(t, "10:00")
	r.due()
	r.says("ada: waw-12 DRILL #1 OPENED drill 10:00Z by waw-12. Reply ACK 1")
	r.due() // the clock was set back over its minute
	r.says()
	r.wakes("10:01")
	r.says("bob: waw-12 CWICZENIA #1 ")
	r.happens(event.Cleared{Incident: 1})
	if r.s.Open() != 0 || len(r.s.Incidents) != 1 {
		t.Errorf("%d real incidents of %d, want none of 1", r.s.Open(), len(r.s.Incidents))
	}
}

func TestADrillLetsThoseSleepWhoAreOnItsList(t *testing.T) {
	r := rehearse(t, "05:30")
	r.rules.Audience.People[1].Quiet = audience.Quiet{From: audience.Clock{Hour: 22}, To: audience.Clock{Hour: 6, Minute: 30}}
	r.due()
	r.says()
	r.wakes("06:30")
	r.says("ada: waw-12 DRILL #1 ")
}

func TestADrillDoesNotWaitByAClockThatIsWrong(t *testing.T) {
	r := rehearse(t, "05:30")
	r.trust = false
	r.rules.Audience.People[0].Quiet = audience.Quiet{From: audience.Clock{Hour: 22}, To: audience.Clock{Hour: 6, Minute: 30}}
	r.due()
	r.says("ada: waw-12 DRILL #1 ")
}

func TestADrillOfTheScheduleIsLeftOut(t *testing.T) {
	for why, before := range map[string]func(r *rehearsing){
		"no-drill-now":   func(r *rehearsing) { r.happens(event.Ordered{By: "root", Text: "open billing x"}) },
		"drill-on":       func(r *rehearsing) { r.happens(event.Ordered{By: "root", Text: "drill"}) },
		"no-drill-muted": func(r *rehearsing) { r.happens(event.Ordered{By: "root", Text: "mute 1h"}) },
		"no-drill-list":  func(r *rehearsing) { r.rules.Drill.Tell = []string{"eve"} },
	} {
		t.Run(why, func(t *testing.T) {
			r := rehearse(t, "10:00")
			before(r)
			r.due()
			r.says()
			if want := "the one of the schedule is left out: " + why; !slices.Contains(r.notes, want) {
				t.Errorf("notes %q, want %q", r.notes, want)
			}
		})
	}
}

// TestTheDrillListIsCalledByTheTimetable: who is on the list and in no step is
// called first, who is in a step and not on the list never.
func TestTheDrillListIsCalledByTheTimetable(t *testing.T) {
	r := rehearse(t, "10:00")
	r.rules.Audience.People = append(r.rules.Audience.People, audience.Person{Name: "eve", SMS: "+4"})
	r.rules.Drill = Drill{Tell: []string{"bob", "eve"}, For: 3 * time.Minute}
	r.due()
	r.says("eve: waw-12 DRILL #1 OPENED")
	r.wakes("10:01")
	r.says("bob: ")
	r.wakes("10:03")
	if c, _ := r.s.Case(1); c.Live() {
		t.Error("it goes on")
	}
	r.wakes("10:05") // the all-clear was never taken: the report does not wait for it
	r.says("bob: waw-12 CWICZENIA #1 koniec: pierwszy SMS brak, odwolanie brak. Nie dotarto do: eve, bob.", "eve: waw-12 DRILL #1 done: first text none, all-clear none. Not reached: eve, bob.")
	if r.s.Drills.Now != nil {
		t.Error("it is not forgotten")
	}
}

func TestADrillShowsOnNoLamp(t *testing.T) {
	r := rehearse(t, "10:00")
	r.due()
	if x := r.rules.Signals(r.s, r.now.Add(time.Hour)); x.Incident || x.Unacknowledged || x.Alone {
		t.Errorf("the lamps of a drill: %+v", x)
	}
	if why := r.s.ProxyFor(); why != "" {
		t.Errorf("the proxy is open: %s", why)
	}
}

// What is noted goes to the journal: of a number without a name three digits
// are enough.
func TestNoWholeNumberIsNoted(t *testing.T) {
	t.Parallel()
	if got := names([]event.Recipient{{Address: "+48600100300"}, {Name: "ada", Address: "+48600100201"}}); got != "ada, …300" {
		t.Errorf("noted as %q", got)
	}
}
