package audience_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

var start = time.Date(2026, 11, 21, 4, 2, 0, 0, time.UTC)

func minute(n float64) time.Time { return start.Add(time.Duration(n * float64(time.Minute))) }

var people = []audience.Person{
	{Name: "ada", SMS: "+48600100201", Also: "+48600100209", Language: "pl"},
	{Name: "bob", SMS: "+48600100202"},
	{Name: "eve"}, // on call by mail only
}

// usual is ada at once, bob after five minutes, eve after ten, and all of
// them every half an hour.
var usual = audience.Rules{People: people, Steps: []audience.Step{
	{Who: []string{"ada"}},
	{Who: []string{"bob"}, After: 5 * time.Minute},
	{Who: []string{"eve", "bob"}, After: 10 * time.Minute},
	{Who: []string{"ada", "bob"}, Every: 30 * time.Minute},
}}

// said is calls in a line: "ada bob; again ada+".
func said(calls []audience.Call) string {
	var all []string
	for _, c := range calls {
		var names []string
		if c.Reminder {
			names = append(names, "again")
		}
		for _, to := range c.To {
			name := to.Name
			if to.Also {
				name += "+"
			}
			names = append(names, name)
		}
		all = append(all, strings.Join(names, " "))
	}
	return strings.Join(all, "; ")
}

// night is an escalation under way: it checks what every call must keep.
type night struct {
	t     *testing.T
	rules audience.Rules
	p     audience.Progress
}

func (n *night) due(at float64, want string) {
	n.t.Helper()
	n.unchanged(func() { n.say(at, want, n.rules.Due) })
}

func (n *night) fails(at float64, who event.Recipient, want string) {
	n.t.Helper()
	n.unchanged(func() {
		n.say(at, want, func(p audience.Progress, now time.Time) (audience.Progress, []audience.Call) {
			return n.rules.Failed(p, who, now)
		})
	})
}

func (n *night) say(at float64, want string, f func(audience.Progress, time.Time) (audience.Progress, []audience.Call)) {
	n.t.Helper()
	p, calls := f(n.p, minute(at))
	if got := said(calls); got != want {
		n.t.Errorf("after %g min: called %q, want %q", at, got, want)
	}
	n.p = p
}

func (n *night) unchanged(f func()) {
	n.t.Helper()
	was, before := n.p, fmt.Sprintf("%+v", n.p)
	f()
	if after := fmt.Sprintf("%+v", was); after != before {
		n.t.Errorf("the argument was changed:\n%s\n%s", before, after)
	}
}

func (n *night) next(want float64) {
	n.t.Helper()
	if got := n.rules.Next(n.p); !got.Equal(minute(want)) {
		n.t.Errorf("next call after %g min, want %g", got.Sub(start).Minutes(), want)
	}
}

func begin(t *testing.T, rules audience.Rules) *night {
	t.Parallel()
	return &night{t, rules, audience.Begin(start)}
}

func TestNobodyAnswers(t *testing.T) {
	n := begin(t, usual)
	n.next(0)
	n.due(0, "ada")
	n.next(5)
	n.due(4.99, "")
	n.due(5, "bob")
	n.next(10)
	n.due(10, "bob") // eve has no number to text
	n.next(30)
	n.due(29.99, "")
	n.due(30, "again ada bob")
	n.next(60)
	n.due(60.5, "again ada bob")
	n.next(90.5) // half an hour of peace after each
}

func TestAReminderMayComeEarlierThanItRepeats(t *testing.T) {
	n := begin(t, audience.Rules{People: people, Steps: []audience.Step{{Who: []string{"ada"}, After: 3 * time.Minute, Every: time.Hour}}})
	n.next(3)
	n.due(3, "again ada")
	n.next(63)
}

func TestABoxThatWasDarkForHoursCallsEverybodyOnce(t *testing.T) {
	n := begin(t, usual)
	n.due(0, "ada")
	n.due(240, "bob; again ada")
	n.next(270)
}

func TestADeadNumberIsAnsweredAtOnce(t *testing.T) {
	ada := event.Recipient{Name: "ada", Address: "+48600100201"}
	also := event.Recipient{Name: "ada", Address: "+48600100209", Also: true}
	bob := event.Recipient{Name: "bob"}
	n := begin(t, usual)
	n.due(0, "ada")
	n.fails(1, ada, "ada+")
	n.next(5)
	n.fails(1.5, also, "bob") // both of hers are spent
	n.next(10)
	n.fails(2, bob, "bob") // he has no second number; eve's step, which he shares
	n.next(30)
	n.fails(3, bob, "") // no step is left: only the reminder
	n.next(30)
	n.fails(30, bob, "again ada bob")
	n.due(30, "")
	n.next(60)
}

func TestAFailureAfterTheStepsDoesNotCallTheNextNightEarly(t *testing.T) {
	n := begin(t, audience.Rules{People: people, Steps: usual.Steps[:1]})
	n.due(0, "ada")
	n.fails(1, event.Recipient{Name: "stranger"}, "")
	n.rules = usual // a reload brings bob in
	n.due(2, "")
	n.next(5)
	n.due(5, "bob")
}

func TestAReloadWithFewerStepsAndThenMore(t *testing.T) {
	n := begin(t, usual)
	n.due(0, "ada")
	n.due(12, "bob")
	n.rules.Steps = usual.Steps[:1]
	n.due(13, "")
	if next := n.rules.Next(n.p); !next.IsZero() {
		t.Errorf("all is done, and the next call is at %s", next)
	}
	n.rules.Steps = usual.Steps
	n.next(30) // who was called stays called
	n.due(30, "again ada bob")
}

func TestTheFirstOnCallHearAboutTheBox(t *testing.T) {
	t.Parallel()
	first := usual.First()
	if len(first) != 1 || first[0] != (event.Recipient{Name: "ada", Channel: "sms", Address: "+48600100201", Language: "pl"}) {
		t.Errorf("first are %+v", first)
	}
	if none := (audience.Rules{People: people, Steps: usual.Steps[3:]}).First(); none != nil {
		t.Errorf("with reminders alone, the first are %+v", none)
	}
	if got := usual.Named([]string{"bob", "nobody", "eve"}); len(got) != 1 || got[0].Name != "bob" {
		t.Errorf("named: %+v", got)
	}
}

// TestTheLoopNeverSpins is the property that lets the engine sleep until Next:
// once what is due is done, the next call lies ahead, whatever came before.
func TestTheLoopNeverSpins(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules := audience.Rules{People: people, Steps: rapid.SliceOf(someStep).Draw(t, "steps")}
		p, now := audience.Begin(start), start
		for range rapid.IntRange(1, 12).Draw(t, "turns") {
			was := p
			before := fmt.Sprintf("%+v", was)
			switch rapid.SampledFrom([]string{"due", "fail", "reload"}).Draw(t, "what") {
			case "due":
			case "fail":
				p, _ = rules.Failed(p, event.Recipient{Name: rapid.SampledFrom([]string{"ada", "bob", "x"}).Draw(t, "who")}, now)
			case "reload":
				rules.Steps = rapid.SliceOf(someStep).Draw(t, "new steps")
			}
			p, _ = rules.Due(p, now)
			if after := fmt.Sprintf("%+v", was); after != before {
				t.Fatalf("the argument was changed:\n%s\n%s", before, after)
			}
			if next := rules.Next(p); !next.IsZero() && !next.After(now) {
				t.Fatalf("Due(%s) is done, and Next is %s", now, next)
			}
			if again, calls := rules.Due(p, now); len(calls) > 0 || !reflect.DeepEqual(again, p) {
				t.Fatalf("Due called %q twice in one instant", said(calls))
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 7200).Draw(t, "seconds")) * time.Second)
		}
	})
}

var someStep = rapid.Custom(func(t *rapid.T) audience.Step {
	seconds := func(name string, least int) time.Duration {
		return time.Duration(rapid.IntRange(least, 3600).Draw(t, name)) * time.Second
	}
	s := audience.Step{Who: []string{"ada", "bob"}, After: seconds("after", 0)}
	if rapid.Bool().Draw(t, "reminder") {
		s.Every = seconds("every", 1)
	}
	return s
})
