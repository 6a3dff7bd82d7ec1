package decide

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// loop is a text on its way round.
type loop struct {
	notice uint64
	token  string
	begun  time.Time // box time
	taken  time.Time // by the network; zero: not yet
	why    string    // what the modem said of it at last
}

// sendRound sends a text to a modem's own number, by that modem.
func (st *step) sendRound(modem string) (loop, bool) {
	i := slices.IndexFunc(st.rules.Selftest.Numbers, func(o Own) bool { return o.Modem == modem })
	if i < 0 {
		return loop{}, false
	}
	l := loop{token: fmt.Sprintf("%04x", st.draw()&0xffff), begun: st.at.Box}
	l.notice = st.toMachine(modem, st.rules.Selftest.Numbers[i].Number, modem+"'s own number", st.rules.Site+" loop "+l.token)
	return l, true
}

// toMachine sends what no person reads, by one modem and no other.
func (st *step) toMachine(modem, number, name, text string) uint64 {
	return st.send(event.Notice{
		Audience: "loop", Kind: event.Loop, Class: event.Proof, Expires: st.at.Box.Add(trialFor),
		To:    []event.Recipient{{Name: name, Channel: event.SMS, Address: number, Language: "en", Only: modem}},
		Texts: map[event.Variant]map[string]string{event.Direct: {"en": text}},
	})
}

// ownNumber takes in a text from a modem's own number: never an order, whoever
// sent it. Only the token tells that it went round.
func (st *step) ownNumber(f event.Texted) bool {
	number := st.rules.Number(f.From)
	i := slices.IndexFunc(st.rules.Selftest.Numbers, func(o Own) bool { return number != "" && number == st.rules.Number(o.Number) })
	if i < 0 {
		return false
	}
	modem := st.rules.Selftest.Numbers[i].Modem
	t := st.s.Trial
	if t == nil || !slices.Contains(t.open, partLoop+" "+modem) || f.Text != st.rules.Site+" loop "+t.loops[modem].token {
		st.note(0, "ignored", "a text from %s's own number that is not awaited: %s", modem, hidden(f.From))
		return true
	}
	l := t.loops[modem]
	from := either(l.taken, l.begun)
	found := event.Finding{Part: partLoop, Of: modem, OK: true, Value: st.at.Box.Sub(from).Seconds()}
	skew := ""
	if sent := f.Sent; !sent.IsZero() && st.at.Trusted {
		off := sent.Sub(st.at.Wall.Add(-st.at.Box.Sub(from)))
		skew = fmt.Sprintf("; the service centre's clock is %s", skewWords(off))
		if off.Abs() > skewed {
			found.OK, found.Why = false, "the service centre's clock is "+skewWords(off)
		}
	}
	st.note(0, "selftest", "loop by %s: back after %.1f s%s", modem, found.Value, skew)
	st.came(partLoop+" "+modem, found)
	return true
}

// skewed is how far the service centre's clock may be from ours: as far as
// clocks that still bear each other out.
const skewed = 2 * time.Minute

func skewWords(off time.Duration) string {
	switch off = off.Round(time.Second); {
	case off == 0:
		return "the same"
	case off > 0:
		return notice.Length("en", off) + " ahead"
	}
	return notice.Length("en", -off) + " behind"
}

func either(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

// wentRound notes what the network said of a text to the box itself.
func (st *step) wentRound(f event.Outcome) {
	t := st.s.Trial
	if f.Kind != event.Loop || t == nil {
		return
	}
	for modem, l := range t.loops {
		if l.notice != f.Notice {
			continue
		}
		switch f.Fate {
		case event.Taken, event.Unsure:
			l.taken = st.at.Box
		case event.RetryLater, event.Never, event.Expired:
			l.why = or(f.Code, string(f.Fate)) + led("; ", f.Advice)
		}
		now := *t
		now.loops = maps.Clone(t.loops)
		now.loops[modem] = l
		st.s.Trial = &now
		if f.Fate == event.Never {
			st.came(partLoop+" "+modem, event.Finding{Part: partLoop, Of: modem, Why: l.words()})
		}
		return
	}
}

// words say why a loop did not close.
func (l loop) words() string {
	switch {
	case !l.taken.IsZero():
		return notice.NotBack
	case l.why != "":
		return l.why
	}
	return notice.NotSent
}
