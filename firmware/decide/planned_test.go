package decide

import (
	"testing"
	"time"

	"heliograph/firmware/event"
)

// A calendar that cannot be read calls nothing off; one that no longer lists
// the work does.
func TestACalendarThatCannotBeReadCallsNothingOff(t *testing.T) {
	t.Parallel()
	r := worked(rules(1))
	at := event.Stamp{Box: start, Wall: start, Trusted: true}
	s, _ := r.Step(State{}, event.Event{Stamp: at, Fact: event.Booted{Version: "test"}})
	if len(s.works()) != 1 {
		t.Fatalf("%d works are planned", len(s.works()))
	}
	r.Planning.Listed = func(_, _ time.Time) []Listed { return nil }
	r.Planning.Unread = true
	s, _ = r.Step(s, event.Event{Stamp: at, Fact: event.Reloaded{}})
	if len(s.works()) != 1 {
		t.Error("work was called off because its calendar could not be read")
	}
	r.Planning.Unread = false
	if s, _ = r.Step(s, event.Event{Stamp: at, Fact: event.Reloaded{}}); len(s.works()) != 0 {
		t.Error("work that is no longer listed goes on")
	}
}
