package incident_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/incident"
)

var night = time.Date(2026, 11, 21, 4, 2, 0, 0, time.UTC)

// at is an instant by minutes; the wall clock is an hour ahead of box time.
func at(minutes int) event.Stamp {
	box := night.Add(time.Duration(minutes) * time.Minute)
	return event.Stamp{Box: box, Wall: box.Add(time.Hour), Trusted: true, Nonce: 7}
}

func verdict(c event.Condition, p event.Place) event.Verdict {
	return event.Verdict{Condition: c, Place: p, Since: at(-1).Box, SinceWall: at(-1).Wall, Trusted: true,
		Evidence: event.Evidence{Lost: 3, Of: 3, Failing: []string{"icmp 9.9.9.9: no answer in 1.8 s"}, Gateway: "gw ok", Loss: 1}}
}

var upstream = verdict(event.IsDown, event.PlaceUpstream)

func watched() incident.Incident {
	return incident.Watched(7, "transit-a", event.Down, upstream, at(0))
}

// story is one line of the table that is an incident's life.
func story(i incident.Incident) string {
	s := fmt.Sprintf("#%d %s %s %v %s", i.Number, i.Kind, i.Phase, i.Scope, i.Verdict.Place)
	if i.Ack != nil {
		s += fmt.Sprintf(" acked by %s %s", i.Ack.By, i.Ack.At.Box.Format("15:04"))
	}
	if i.Resolved != nil {
		s += fmt.Sprintf(" %s %s", i.How, i.Resolved.Box.Format("15:04"))
	}
	if i.Reopened > 0 {
		s += fmt.Sprintf(" reopened %d", i.Reopened)
	}
	if i.Closed != nil {
		s += " closed " + i.Closed.Box.Format("15:04")
	}
	return s
}

// TestALife goes through everything that can happen to an incident. After
// each step the incident before it is as it was.
func TestALife(t *testing.T) {
	t.Parallel()
	gateway := verdict(event.IsDown, event.PlaceGateway)
	news := func(i incident.Incident, is bool) incident.Incident {
		if !is {
			t.Errorf("no news: %s", story(i))
		}
		return i
	}
	old := func(i incident.Incident, is bool) incident.Incident {
		if is {
			t.Errorf("news: %s", story(i))
		}
		return i
	}
	i := watched()
	for _, step := range []struct {
		what string
		do   func(incident.Incident) incident.Incident
		want string
	}{
		{"a verdict opens it", func(i incident.Incident) incident.Incident { return i }, "#7 down open [transit-a] upstream"},
		{"the same again is no news", func(i incident.Incident) incident.Incident { return old(i.Judge(upstream)) }, "#7 down open [transit-a] upstream"},
		{"the place moved", func(i incident.Incident) incident.Incident { return news(i.Judge(gateway)) }, "#7 down open [transit-a] gateway"},
		{"a child went down with it", func(i incident.Incident) incident.Incident { return news(i.Widen("transit-b")) }, "#7 down open [transit-a transit-b] gateway"},
		{"the same child again", func(i incident.Incident) incident.Incident { return old(i.Widen("transit-b")) }, "#7 down open [transit-a transit-b] gateway"},
		{"ada has it", func(i incident.Incident) incident.Incident { return news(i.Acknowledge("ada", at(3))) },
			"#7 down open [transit-a transit-b] gateway acked by ada 04:05"},
		{"bob comes too late", func(i incident.Incident) incident.Incident { return old(i.Acknowledge("bob", at(4))) },
			"#7 down open [transit-a transit-b] gateway acked by ada 04:05"},
		{"it is over", func(i incident.Incident) incident.Incident { return i.Resolve(event.AllClear, at(10)) },
			"#7 down resolved [transit-a transit-b] gateway acked by ada 04:05 all-clear 04:12"},
		{"what is over is not acknowledged", func(i incident.Incident) incident.Incident { return old(i.Acknowledge("bob", at(11))) },
			"#7 down resolved [transit-a transit-b] gateway acked by ada 04:05 all-clear 04:12"},
		{"down again: the acknowledgement was for what is over", func(i incident.Incident) incident.Incident { return i.Reopen(upstream) },
			"#7 down open [transit-a transit-b] upstream reopened 1"},
		{"a false alarm", func(i incident.Incident) incident.Incident { return i.Resolve(event.Cancelled, at(20)) },
			"#7 down resolved [transit-a transit-b] upstream cancelled 04:22 reopened 1"},
		{"everybody is cleared", func(i incident.Incident) incident.Incident { return i.Close(at(21)) },
			"#7 down closed [transit-a transit-b] upstream cancelled 04:22 reopened 1 closed 04:23"},
	} {
		was, before := i, mustJSON(t, i)
		i = step.do(i)
		if got := story(i); got != step.want {
			t.Errorf("%s:\n got %s\nwant %s", step.what, got, step.want)
		}
		if after := mustJSON(t, was); after != before {
			t.Errorf("%s: the incident before it was changed:\n%s\n%s", step.what, before, after)
		}
		if i.Live() != (i.Phase == incident.Open) {
			t.Errorf("%s: Live is %t in phase %s", step.what, i.Live(), i.Phase)
		}
	}
}

func TestTheTroubleBeganBeforeItWasJudged(t *testing.T) {
	t.Parallel()
	i := watched()
	if i.Opened != incident.At(at(0)) || i.Began != incident.At(at(-1)) || i.ByHand() {
		t.Errorf("opened %v, began %v, by hand %t", i.Opened, i.Began, i.ByHand())
	}
	hand := incident.Ordered(8, "billing", "card payments fail", "ada", at(5))
	if !hand.ByHand() || hand.Kind != event.Opened || hand.Began != hand.Opened || hand.Title != "card payments fail" || hand.Scope[0] != "billing" {
		t.Errorf("by hand: %+v", hand)
	}
}

// TestTheVerdictBeforeTheNewest is what an update's "was" speaks of.
func TestTheVerdictBeforeTheNewest(t *testing.T) {
	t.Parallel()
	i, _ := watched().Judge(verdict(event.IsDegraded, ""))
	if i.Was.Condition != event.IsDown || i.Verdict.Condition != event.IsDegraded {
		t.Errorf("judged: was %s, is %s", i.Was.Condition, i.Verdict.Condition)
	}
	i = i.Reopen(upstream)
	if i.Was.Condition != event.IsDegraded || i.Verdict.Condition != event.IsDown {
		t.Errorf("opened again: was %s, is %s", i.Was.Condition, i.Verdict.Condition)
	}
}

// TestWideningTwoCopies: two futures of one incident do not write into each
// other's scope.
func TestWideningTwoCopies(t *testing.T) {
	t.Parallel()
	i, _ := watched().Widen("b")
	x, _ := i.Widen("x")
	y, _ := i.Widen("y")
	if fmt.Sprint(x.Scope, y.Scope, i.Scope) != "[transit-a b x] [transit-a b y] [transit-a b]" {
		t.Errorf("scopes: %v %v %v", x.Scope, y.Scope, i.Scope)
	}
}

// TestThroughTheStore: the state and the archive keep incidents as JSON.
func TestThroughTheStore(t *testing.T) {
	t.Parallel()
	full, _ := watched().Acknowledge("ada", at(1))
	for _, i := range []incident.Incident{
		watched(), full, full.Resolve(event.AllClear, at(2)).Close(at(3)), full.Resolve(event.AllClear, at(2)).Reopen(upstream),
		incident.Ordered(8, "billing", "naïve “quotes” \x1b", "root", event.Stamp{}),
	} {
		var back incident.Incident
		if err := json.Unmarshal([]byte(mustJSON(t, i)), &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, i) {
			t.Errorf("came back as\n%+v\nwant\n%+v", back, i)
		}
	}
}

func mustJSON(t *testing.T, i incident.Incident) string {
	t.Helper()
	b, err := json.Marshal(i)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
