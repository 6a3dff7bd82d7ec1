package decide

import (
	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// outcome gives a delivery its end or its next try, and escalates when a
// person on call may not have been reached.
func (st *step) outcome(f event.Outcome) {
	st.fared(f)
	st.wentRound(f)
	st.reached(f)
	v := st.offered(f, audience.Judge(f.Row, f.Ending, st.at))
	st.noteOutcome(f, v)
	if v.Status != "" {
		st.emit(event.Close{Delivery: f.Delivery, Status: v.Status, Code: f.Code, Advice: f.Advice})
	} else {
		st.emit(event.Retry{Delivery: f.Delivery, At: v.RetryAt, Again: v.Again, Uncount: v.Uncount, Code: f.Code, Advice: f.Advice})
	}
	if f.Fate == event.Taken && f.Kind != event.Rings && f.Kind != event.Loop {
		st.s.LastSend = cloned(st.s.LastSend)
		st.s.LastSend[f.Worker] = st.at.Box
	}
	st.heard(f)
	st.drillTook(f)
	if v.Escalate {
		st.unreached(f)
	}
}

// unreached moves the escalation on when a call to a person failed, may not
// have arrived, or is refused for the third time.
func (st *step) unreached(f event.Outcome) {
	c, ok := st.s.Case(f.Incident)
	if !ok || !c.Live() || c.Ack != nil || f.Audience != audience.OnCall || f.Kind == event.AckedBy || f.Kind == event.Rings {
		return
	}
	var calls []audience.Call
	c.Progress, calls = st.callsFor(c).Failed(c.Progress, f.Recipient, st.at.Box)
	st.call(c, calls, c.Kind)
}

// noteOutcome keeps the timeline: who was told what, when, by which way. The
// mass of subscribers is counted, not noted.
func (st *step) noteOutcome(f event.Outcome, v audience.Verdict) {
	if f.Class > event.Partners && f.Class != event.Proof {
		return
	}
	who := names([]event.Recipient{f.Recipient})
	switch f.Fate {
	case event.Taken:
		again := ""
		if f.Again {
			again = ", marked (again)"
		}
		st.note(f.Incident, "told", "%s to %s by %s%s%s%s%s", f.Kind, who, f.Worker, led(" over ", f.Path), led(", reference ", f.Ref), again, led("; ", f.Advice))
	case event.Delivered:
		st.note(f.Incident, "delivered", "%s to %s: the handset has it", f.Kind, who)
	case event.RetryLater:
		again := "not again: by then it would be old news"
		if v.Status == "" {
			again = "again at " + v.RetryAt.UTC().Format("15:04:05") + " by box time"
		}
		st.note(f.Incident, "refused", "%s to %s by %s: %s%s; %s", f.Kind, who, f.Worker, or(f.Code, "refused"), led("; ", f.Advice), again)
	case event.Unsure:
		st.note(f.Incident, "unsure", "%s to %s by %s: no answer, it may have arrived%s", f.Kind, who, f.Worker, led("; ", f.Code))
	case event.Expired:
		st.note(f.Incident, "expired", "%s to %s could not be sent in time", f.Kind, who)
	default:
		st.note(f.Incident, "failed", "%s to %s: %s%s", f.Kind, who, or(f.Code, "failed"), led("; ", f.Advice))
	}
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}
