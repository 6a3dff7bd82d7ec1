package audience

import (
	"time"

	"heliograph/firmware/event"
)

// againAfter is how long the box waits for a sign of life from a recipient
// before it repeats a text whose fate is unknown (promise 2). Status reports
// mostly arrive within a minute.
const againAfter = 120 * time.Second

// A refused text is tried again soon, because most refusals on SMS are short
// (3GPP TS 24.011 Annex E: causes 41, 42, 47), then at a pace that an outage
// of hours can bear. People on call wait at most five minutes.
var (
	soon = []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}
	late = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute}
)

// workerPause keeps a worker that fails before it reaches the network from
// spinning: the delivery goes back uncounted.
const workerPause = 2 * time.Second

// Verdict is what becomes of a delivery after one attempt or report.
type Verdict struct {
	Status   event.Status // what to close it as; empty with Retry
	RetryAt  time.Time
	Again    bool // the repeat is marked
	Uncount  bool
	Escalate bool // the next number or person is to be tried at once
}

// Judge decides what an ending means for a delivery.
func Judge(row event.Row, end event.Ending, at event.Stamp) Verdict {
	switch end.Fate {
	case event.Taken:
		return Verdict{Status: event.StatusSent}
	case event.Delivered:
		return Verdict{Status: event.StatusDelivered}
	case event.RetryLater:
		return later(row, end, at)
	case event.Unsure:
		return unsure(row, end, at)
	default: // never, undelivered, expired
		return Verdict{Status: event.StatusFailed, Escalate: true}
	}
}

func later(row event.Row, end event.Ending, at event.Stamp) Verdict {
	next := at.Box.Add(pause(row, end, at.Nonce))
	if next.After(row.Expires) {
		return Verdict{Status: event.StatusFailed, Escalate: true}
	}
	// Three refusals mean a minute has gone: somebody else must hear by now.
	return Verdict{RetryAt: next, Again: row.Again, Uncount: end.Device, Escalate: !end.Device && row.Tries == 3}
}

func pause(row event.Row, end event.Ending, nonce uint64) time.Duration {
	if end.Device {
		return max(end.After, workerPause)
	}
	if row.Path != "" && end.After > 0 {
		return end.After // a server that says when knows better than any table
	}
	table := late
	if row.Class <= event.Operators {
		table = soon
	}
	wait := table[min(max(row.Tries, 1), len(table))-1]
	// A tenth of chance spreads what failed together (cause 42, congestion).
	wait += time.Duration(nonce % uint64(wait/10))
	return max(end.After, wait)
}

// unsure repeats, once and marked, what wakes people; anything else is left:
// a second bill or a second fright is worse than a doubt.
//
// A repeat that is itself cut short by the box goes once more: the box, not the
// network, left it in doubt, and two power cuts must not lose an alarm.
func unsure(row event.Row, end event.Ending, at event.Stamp) Verdict {
	if looks(row.Recipient.Channel) && at.Box.Add(lookAfter).Before(row.Expires) {
		return Verdict{RetryAt: at.Box.Add(lookAfter), Again: true}
	}
	if Repeats(row.Kind, row.Audience) && (!row.Again || end.Cut) && at.Box.Add(againAfter).Before(row.Expires) {
		return Verdict{RetryAt: at.Box.Add(againAfter), Again: true, Escalate: true}
	}
	return Verdict{Status: event.StatusUnsure, Escalate: true}
}

// lookAfter is how soon a channel that can look is asked whether what got no
// answer has arrived.
const lookAfter = 15 * time.Second

// looks says that a channel's driver finds out whether a doubtful delivery has
// arrived, or that a second one does no harm: then it goes on until it is
// known.
func looks(channel string) bool {
	switch channel {
	case event.Statuspage, event.Slack, event.Site, event.Webhook, event.OZmap:
		return true
	}
	return false
}

// Repeats says whether a notice of unknown fate goes again: only to people of
// the house, and only what they must not miss.
func Repeats(kind event.Kind, audience string) bool {
	if audience != OnCall && audience != Staff {
		return false
	}
	switch kind {
	case event.Reply, event.Selftest, event.AckedBy, event.Reminder, event.Rings, event.Asking, event.Digest:
		return false
	}
	return true
}

// OnCall is the audience of people on call.
const OnCall = "oncall"

// Keeps is how long a notice of a kind is worth sending, and the longest time
// the network may try: an alarm that arrives half a day late frightens people
// for nothing, an all-clear is owed for a day.
func Keeps(kind event.Kind) time.Duration {
	switch kind {
	case event.AllClear, event.Cancelled, event.Unwatched, event.Dismissed, event.Maintenance, event.Moved, event.Completed, event.CalledOff:
		return 24 * time.Hour
	case event.Reply, event.Rings:
		return 10 * time.Minute
	case event.Reminder, event.Selftest, event.AckedBy, event.Digest:
		return time.Hour
	}
	return 4 * time.Hour
}
