package decide

import (
	"fmt"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// closes archives an incident whose last all-clear has its outcome. If those
// outside were told of it, what came of that is counted first.
func (st *step) closes(c Case) {
	if !c.Drill && len(outsideOf(c.Groups)) > 0 {
		st.emit(event.Fetch{What: event.FetchSum, Incident: c.Number})
		return
	}
	st.archive(c, "everybody who was told has been cleared")
}

func (st *step) archive(c Case, why string) {
	closed := c.Incident.Close(st.at)
	st.s.drop(c.Number)
	st.note(c.Number, "closed", "%s; the incident is archived", why)
	st.emit(event.Archive{Incident: c.Number, Record: record(closed)})
}

// summed tells whoever had the incident, or the first on call, how those
// outside fared. The text is no part of the incident: nobody need be cleared
// of it. The end of planned work wakes nobody: the timeline has the count.
func (st *step) summed(f event.Fetched) {
	c, ok := st.s.Case(f.Incident)
	if !ok || c.Live() {
		return
	}
	if x := f.Sum; x.Told+x.Unreachable > 0 && c.Work == nil {
		facts := st.facts(&c)
		facts.Sum = x
		st.publish(event.Notice{Audience: audience.OnCall, Kind: event.Closed, Class: event.Operators, To: st.keeper(c)}, facts, nil)
	}
	st.archive(c, counted(f.Sum))
}

// counted is a sum for the timeline.
func counted(x event.Sum) string {
	return fmt.Sprintf("outside %d were told, %d of them cleared, %d could not be reached", x.Told, x.Cleared, x.Unreachable)
}

// keeper is whoever has an incident, or the first on call.
func (st *step) keeper(c Case) []event.Recipient {
	if c.Ack != nil {
		if to := st.rules.Audience.Named([]string{c.Ack.By}); len(to) > 0 {
			return to
		}
	}
	return st.oncall().First()
}

// fresh says that a text is still true: its trouble lasts, or it says that it
// is over.
func (st *step) fresh(row event.Row) bool {
	c, ok := st.s.Case(row.Incident)
	if row.Kind == event.Asking || row.Kind == event.Reply || ok && c.Hold && audience.IsOutside(row.Audience) && !ends(row.Kind) {
		return false // a plan's code is asked for anew, and HOLD holds
	}
	return row.Incident == 0 || ends(row.Kind) || ok && c.Live()
}

func ends(kind event.Kind) bool {
	return kind == event.AllClear || kind == event.Cancelled || kind == event.Unwatched || kind == event.Dismissed || kind == event.BrokenOff || kind == event.Completed || kind == event.CalledOff
}
