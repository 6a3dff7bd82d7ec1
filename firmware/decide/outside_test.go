package decide

import (
	"strings"
	"testing"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// TestHoldIsForWhatComes: HOLD without a number keeps an outage that begins
// later from going outside, until GO; the house hears of it.
func TestHoldIsForWhatComes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Approve{}).crowd()
	if got := d.text("+3", "hold"); !strings.Contains(got, "until GO") {
		t.Errorf("HOLD is answered %q", got)
	}
	d.order("open billing card payments fail")
	d.order("scope 1 waw")
	d.wait(time.Hour)
	if got := d.outside(); len(got) > 0 {
		t.Errorf("on hold went outside: %q", got)
	}
	d.order("go")
	d.wait(time.Minute)
	if got := strings.Join(d.outside(), " "); !strings.Contains(got, "subscribers") {
		t.Errorf("after GO went outside: %q", got)
	}
}

// TestAListThatCannotBeReadIsSaidOnceAndTriedOn: thousands who are not told
// are news for people on call.
func TestAListThatCannotBeReadIsSaidOnceAndTriedOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Approve{}).crowd()
	d.rules.Audience.Groups = nil
	d.list = event.List{Why: "there is no list of subscribers"}
	d.order("open billing card payments fail")
	for range 12 {
		d.wait(5 * time.Minute)
	}
	said, counts := 0, 0
	for _, e := range d.out {
		switch e := e.(type) {
		case event.Publish:
			if e.Notice.Kind == event.BoxNews && strings.Contains(e.Notice.Texts[event.Direct]["en"], "not told") {
				said++
			}
		case event.Fetch:
			if e.What == event.FetchMass {
				counts++
			}
		}
	}
	if said != 1 || counts < 4 || counts > 8 {
		t.Errorf("in an hour: said %d times, looked %d times", said, counts)
	}
	d.list = event.List{Version: "v2", Subscribers: 3, SMS: 3}
	d.wait(15 * time.Minute)
	if got := d.outside(); len(got) != 1 {
		t.Errorf("once there is a list: %q", got)
	}
}

// TestAFloodOfQuestionsTakesNothingFromTheReserve: they are answered, behind
// all that matters.
func TestAFloodOfQuestionsTakesNothingFromTheReserve(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Approve{})
	classes := map[event.Class]int{}
	for i := range 100 {
		d.now = d.now.Add(time.Second)
		last := len(d.out)
		d.take(event.Texted{From: "+1", Text: []string{"status", "who", "sig"}[i%3]})
		for _, e := range d.out[last:] {
			if p, ok := e.(event.Publish); ok {
				classes[p.Notice.Class]++
			}
		}
	}
	if classes[event.Operators] != answersMost || classes[event.Proof] != 100-answersMost {
		t.Errorf("answers by class: %v", classes)
	}
	d.wait(time.Hour)
	last := len(d.out)
	d.text("+1", "status")
	if p, ok := d.out[last].(event.Publish); ok && p.Notice.Class != event.Operators {
		t.Errorf("an hour later an answer is of class %d", p.Notice.Class)
	}
}

// TestADayOfRemindersStaysSmall: the state is written at every turn.
func TestADayOfRemindersStaysSmall(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Approve{})
	d.rules.Audience.Steps = append(d.rules.Audience.Steps, reminder("ada", 5*time.Minute))
	d.order("open billing card payments fail")
	d.order("mute 24h")
	for range 23 * 12 {
		d.wait(5 * time.Minute)
	}
	c, _ := d.s.Case(1)
	if len(c.Calls) > 5 || d.s.Muted == nil || len(d.s.Muted.Notices) > 10 {
		t.Errorf("after 23 h: %d calls, muted %+v", len(c.Calls), d.s.Muted)
	}
}

func reminder(who string, every time.Duration) (s audience.Step) {
	return audience.Step{Who: []string{who}, After: every, Every: every}
}
