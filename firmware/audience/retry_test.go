package audience_test

import (
	"testing"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// row is a call to ada on its first try, with four hours to go.
func row(change func(*event.Row)) event.Row {
	r := event.Row{Kind: event.Down, Audience: audience.OnCall, Class: event.Operators, Tries: 1, Expires: minute(240)}
	if change != nil {
		change(&r)
	}
	return r
}

// TestEveryEnding is the table of what an ending leads to. The chance is
// zero: pauses are exact.
func TestEveryEnding(t *testing.T) {
	t.Parallel()
	done := func(s event.Status) audience.Verdict { return audience.Verdict{Status: s} }
	lost := func(s event.Status) audience.Verdict { return audience.Verdict{Status: s, Escalate: true} }
	in := func(d time.Duration) audience.Verdict { return audience.Verdict{RetryAt: start.Add(d)} }
	subscriber := func(r *event.Row) { r.Class, r.Audience = event.Subscriber, "subscribers" }
	for _, c := range []struct {
		name string
		row  event.Row
		end  event.Ending
		want audience.Verdict
	}{
		{"the network took it", row(nil), event.Ending{Fate: event.Taken}, done(event.StatusSent)},
		{"the handset has it", row(nil), event.Ending{Fate: event.Delivered}, done(event.StatusDelivered)},
		{"the number does not exist", row(nil), event.Ending{Fate: event.Never, Code: "CMS 1"}, lost(event.StatusFailed)},
		{"the network gave it up", row(nil), event.Ending{Fate: event.Undelivered}, lost(event.StatusFailed)},
		{"its time ran out in the queue", row(nil), event.Ending{Fate: event.Expired}, lost(event.StatusFailed)},

		{"refused once", row(nil), event.Ending{Fate: event.RetryLater}, in(15 * time.Second)},
		{"refused before it was counted", row(func(r *event.Row) { r.Tries = 0 }), event.Ending{Fate: event.RetryLater}, in(15 * time.Second)},
		{"refused twice", row(func(r *event.Row) { r.Tries = 2 }), event.Ending{Fate: event.RetryLater}, in(30 * time.Second)},
		{"refused three times: somebody else must hear", row(func(r *event.Row) { r.Tries = 3 }), event.Ending{Fate: event.RetryLater},
			audience.Verdict{RetryAt: minute(1), Escalate: true}},
		{"refused four times: they have heard", row(func(r *event.Row) { r.Tries = 4 }), event.Ending{Fate: event.RetryLater}, in(2 * time.Minute)},
		{"refused for hours", row(func(r *event.Row) { r.Tries = 40 }), event.Ending{Fate: event.RetryLater}, in(5 * time.Minute)},
		{"the network says when", row(nil), event.Ending{Fate: event.RetryLater, After: time.Hour}, in(time.Hour)},
		{"the network is in more of a hurry than we", row(func(r *event.Row) { r.Tries = 5 }), event.Ending{Fate: event.RetryLater, After: time.Second}, in(5 * time.Minute)},
		{"a subscriber, once", row(subscriber), event.Ending{Fate: event.RetryLater}, in(time.Minute)},
		{"a subscriber, for hours", row(func(r *event.Row) { subscriber(r); r.Tries = 9 }), event.Ending{Fate: event.RetryLater}, in(30 * time.Minute)},
		{"the first word of an incident", row(func(r *event.Row) { r.Class = event.FirstWord }), event.Ending{Fate: event.RetryLater}, in(15 * time.Second)},
		{"a marked repeat stays marked", row(func(r *event.Row) { r.Again = true }), event.Ending{Fate: event.RetryLater},
			audience.Verdict{RetryAt: start.Add(15 * time.Second), Again: true}},
		{"the next try would be at its last second", row(func(r *event.Row) { r.Expires = start.Add(15 * time.Second) }), event.Ending{Fate: event.RetryLater}, in(15 * time.Second)},
		{"the next try would be too late", row(func(r *event.Row) { r.Expires = start.Add(14 * time.Second) }), event.Ending{Fate: event.RetryLater}, lost(event.StatusFailed)},

		{"the modem's own trouble is not counted", row(func(r *event.Row) { r.Tries = 3 }), event.Ending{Fate: event.RetryLater, Device: true},
			audience.Verdict{RetryAt: start.Add(2 * time.Second), Uncount: true}},
		{"the modem says when", row(nil), event.Ending{Fate: event.RetryLater, Device: true, After: time.Minute}, audience.Verdict{RetryAt: minute(1), Uncount: true}},

		{"no answer: again in two minutes, marked, and somebody else hears", row(nil), event.Ending{Fate: event.Unsure},
			audience.Verdict{RetryAt: minute(2), Again: true, Escalate: true}},
		{"no answer to the repeat either", row(func(r *event.Row) { r.Again = true }), event.Ending{Fate: event.Unsure}, lost(event.StatusUnsure)},
		{"the power went during the repeat: the box, not the network, left it in doubt", row(func(r *event.Row) { r.Again = true }), event.Ending{Fate: event.Unsure, Cut: true},
			audience.Verdict{RetryAt: minute(2), Again: true, Escalate: true}},
		{"no answer, and no time for a repeat", row(func(r *event.Row) { r.Expires = minute(2) }), event.Ending{Fate: event.Unsure}, lost(event.StatusUnsure)},
		{"no answer: a subscriber never hears twice", row(subscriber), event.Ending{Fate: event.Unsure}, lost(event.StatusUnsure)},
		{"no answer: an all-clear to ada goes again", row(func(r *event.Row) { r.Kind = event.AllClear }), event.Ending{Fate: event.Unsure},
			audience.Verdict{RetryAt: minute(2), Again: true, Escalate: true}},
		{"no answer to an answer", row(func(r *event.Row) { r.Kind, r.Audience = event.Reply, "asker" }), event.Ending{Fate: event.Unsure}, lost(event.StatusUnsure)},
	} {
		if got := audience.Judge(c.row, c.end, event.Stamp{Box: start}); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// TestChanceSpreadsByATenth: what failed together comes back apart, and never
// sooner than the table says.
func TestChanceSpreadsByATenth(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for _, nonce := range []uint64{0, 1, 1_499_999_999, 1_500_000_000, 7_777_777_777, 1<<64 - 1} {
		v := audience.Judge(row(nil), event.Ending{Fate: event.RetryLater}, event.Stamp{Box: start, Nonce: nonce})
		wait := v.RetryAt.Sub(start)
		if wait < 15*time.Second || wait >= 16500*time.Millisecond {
			t.Errorf("chance %d: again in %s", nonce, wait)
		}
		seen[wait] = true
	}
	if len(seen) < 4 {
		t.Errorf("chance hardly spreads: %v", seen)
	}
}

// TestWhatIsRepeated holds promise 2: only to people on call, and only what
// they must not miss.
func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	for kind, want := range map[event.Kind]bool{
		event.Down: true, event.Degraded: true, event.Unwelled: true, event.Opened: true, event.Update: true, event.Unstable: true,
		event.Reopened: true, event.AllClear: true, event.Cancelled: true, event.Unwatched: true, event.Dismissed: true, event.BoxNews: true, event.PowerLost: true, event.PowerBack: true,
		event.Reminder: false, event.AckedBy: false, event.Reply: false, event.Selftest: false,
	} {
		if got := audience.Repeats(kind, audience.OnCall); got != want {
			t.Errorf("%s to people on call: repeated is %t", kind, got)
		}
		for _, other := range []string{"partner:wholesale", "subscribers", "selftest", "asker", ""} {
			if audience.Repeats(kind, other) {
				t.Errorf("%s to %q is repeated", kind, other)
			}
		}
	}
}

func TestHowLongAWordIsWorthSending(t *testing.T) {
	t.Parallel()
	for kind, want := range map[event.Kind]time.Duration{
		event.Down: 4 * time.Hour, event.Update: 4 * time.Hour, event.BoxNews: 4 * time.Hour, event.PowerLost: 4 * time.Hour, event.PowerBack: 4 * time.Hour,
		event.AllClear: 24 * time.Hour, event.Cancelled: 24 * time.Hour, event.Unwatched: 24 * time.Hour, event.Dismissed: 24 * time.Hour,
		event.Reminder: time.Hour, event.Selftest: time.Hour, event.AckedBy: time.Hour, event.Reply: 10 * time.Minute,
	} {
		if got := audience.Keeps(kind); got != want {
			t.Errorf("%s keeps for %s, want %s", kind, got, want)
		}
	}
}

func TestAServerThatSaysWhenIsBelieved(t *testing.T) {
	t.Parallel()
	at := event.Stamp{Box: time.Date(2026, 11, 21, 4, 2, 0, 0, time.UTC), Nonce: 7}
	row := event.Row{Path: event.Primary, Tries: 1, Class: event.Partners, Expires: at.Box.Add(time.Hour)}
	v := audience.Judge(row, event.Ending{Fate: event.RetryLater, After: time.Second, Code: "429"}, at)
	if got := v.RetryAt.Sub(at.Box); got != time.Second {
		t.Errorf("again after %s, the server said 1 s", got)
	}
	row.Path = ""
	if v := audience.Judge(row, event.Ending{Fate: event.RetryLater, After: time.Second, Code: "CMS 38"}, at); v.RetryAt.Sub(at.Box) < time.Minute {
		t.Errorf("a text goes again after %s", v.RetryAt.Sub(at.Box))
	}
}

func TestWhatCanBeLookedForGoesOnUntilItIsKnown(t *testing.T) {
	t.Parallel()
	at := event.Stamp{Box: time.Date(2026, 11, 21, 4, 2, 0, 0, time.UTC)}
	row := event.Row{Path: "cell", Tries: 4, Again: true, Audience: audience.Page, Recipient: event.Recipient{Channel: event.Statuspage}, Expires: at.Box.Add(time.Hour)}
	if v := audience.Judge(row, event.Ending{Fate: event.Unsure}, at); v.Status != "" || !v.Again || v.Escalate {
		t.Errorf("a page that gave no answer: %+v", v)
	}
	row.Recipient.Channel, row.Audience = event.Mail, audience.Partner+"wholesale"
	if v := audience.Judge(row, event.Ending{Fate: event.Unsure}, at); v.Status != event.StatusUnsure {
		t.Errorf("a partner's mail that may have arrived goes again: %+v", v)
	}
	row.Audience, row.Again, row.Kind = audience.Staff, false, event.Down
	if v := audience.Judge(row, event.Ending{Fate: event.Unsure}, at); v.Status != "" || !v.Again {
		t.Errorf("an alarm by mail to somebody of the house does not go again: %+v", v)
	}
}
