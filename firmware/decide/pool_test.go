package decide

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
)

// pool is a box with workers and what they went through.
type pool struct {
	t     *testing.T
	rules Rules
	s     State
	at    time.Time
	busy  map[string]time.Time
	said  []string // notes and texts since the last look
	retry time.Time
}

func newPool(t *testing.T, carriers ...Carrier) *pool {
	t.Parallel()
	p := &pool{t: t, rules: rules(0), at: start, busy: map[string]time.Time{}}
	p.rules.Carriers = carriers
	p.take(event.Booted{Version: "test"})
	for _, c := range carriers {
		p.take(event.WorkerChanged{Worker: c.Name, Channel: "sms", Fit: true, State: "ready"})
	}
	p.said = nil
	return p
}

func primary(name string) Carrier { return Carrier{Name: name, Channel: "sms"} }

func second(name string) Carrier { return Carrier{Name: name, Channel: "sms", Fallback: true} }

func (p *pool) take(f event.Fact) {
	var effects []event.Effect
	p.s, effects = p.rules.Step(p.s, event.Event{Stamp: event.Stamp{Box: p.at, Wall: p.at, Trusted: true}, Fact: f})
	for _, e := range effects {
		switch e := e.(type) {
		case event.Note:
			p.said = append(p.said, e.What+": "+e.Text)
		case event.Publish:
			p.said = append(p.said, "text: "+e.Notice.Texts[event.Direct]["en"])
		case event.Retry:
			p.retry = e.At
		}
	}
}

// after lets time pass, with the wakes that Step asked for.
func (p *pool) after(d time.Duration) {
	end := p.at.Add(d)
	for w := p.s.Wake(); !w.IsZero() && !w.After(end); w = p.s.Wake() {
		p.at = w
		p.take(event.Ticked{})
	}
	p.at = end
}

func (p *pool) ends(worker string, class event.Class, end event.Ending) {
	p.take(event.Outcome{
		Row: event.Row{Delivery: 1, Class: class, Worker: worker, Tries: 1, Kind: event.Down, Expires: p.at.Add(time.Hour),
			Recipient: event.Recipient{Channel: "sms", Address: "+7"}},
		Ending: end,
	})
}

var (
	barred    = event.Ending{Fate: event.RetryLater, Code: "CMS 50", Device: true}
	congested = event.Ending{Fate: event.RetryLater, Code: "CMS 42", Congested: true}
	taken     = event.Ending{Fate: event.Taken}
	hung      = event.Ending{Fate: event.Unsure, Code: "no answer"}
)

// carries holds a worker's ration against words such as "all", "nothing",
// "urgent", "others" or "others, short".
func (p *pool) carries(worker, want string) {
	p.t.Helper()
	q := p.rules.Ration(p.s, worker, p.busy, p.at)
	words := map[[2]bool]string{{true, true}: "all", {true, false}: "urgent", {false, true}: "others"}[[2]bool{q.Carries(event.FirstWord), q.Carries(event.Subscriber)}]
	if words == "" {
		words = "nothing"
	}
	if q.Short != 0 && q.Carries(q.Short) {
		words += ", short"
	}
	if words != want {
		p.t.Errorf("after %s %s carries %q, want %q", p.at.Sub(start), worker, words, want)
	}
	if !q.Until.IsZero() && !q.Until.After(p.at) {
		p.t.Errorf("the ration of %s ended at %s already", worker, q.Until)
	}
}

func (p *pool) saidOnly(want ...string) {
	p.t.Helper()
	if got := strings.Join(p.said, "\n"); got != strings.Join(want, "\n") {
		p.t.Errorf("said\n %s\nwant\n %s", got, strings.Join(want, "\n"))
	}
	p.said = nil
}

func TestASickWorkerRestsLongerAndLonger(t *testing.T) {
	p := newPool(t, primary("lte0"))
	var rests []string
	for range 8 {
		p.ends("lte0", event.Subscriber, barred)
		p.carries("lte0", "nothing")
		rest := p.rules.Ration(p.s, "lte0", nil, p.at).Until.Sub(p.at)
		if p.retry.Sub(p.at) != rest+time.Second {
			t.Errorf("the worker rests for %s, the refused text for %s: what else waits must go first", rest, p.retry.Sub(p.at))
		}
		rests = append(rests, rest.String())
		p.after(rest)
		p.carries("lte0", "all") // the only one is tried again
	}
	if got := strings.Join(rests, " "); got != "1s 4s 10s 20s 30s 1m0s 1m0s 1m0s" {
		t.Errorf("it rested for %s", got)
	}
	p.ends("lte0", event.Subscriber, barred)
	p.take(event.WorkerChanged{Worker: "lte0", Channel: "sms", State: "registering"})
	p.take(event.WorkerChanged{Worker: "lte0", Channel: "sms", Fit: true, State: "ready"})
	p.carries("lte0", "all") // mended: at once
	p.ends("lte0", event.Subscriber, taken)
	p.ends("lte0", event.Subscriber, barred)
	if rest := p.rules.Ration(p.s, "lte0", nil, p.at).Until.Sub(p.at); rest != time.Second {
		t.Errorf("after a success it rests for %s", rest)
	}
}

func TestASickWorkerLeavesWhatIsUrgent(t *testing.T) {
	p := newPool(t, primary("lte0"), primary("lte1"))
	p.ends("lte0", event.FirstWord, barred)
	if !p.retry.Equal(p.at) {
		t.Errorf("the alarm waits for %s though another worker is fit", p.retry.Sub(p.at))
	}
	p.busy["lte1"] = p.at
	p.after(2 * time.Second)
	p.carries("lte0", "others") // lte1 is nearly done
	p.after(time.Minute)
	p.carries("lte0", "all") // lte1 hangs
	delete(p.busy, "lte1")
	p.carries("lte0", "others")
	p.ends("lte1", event.FirstWord, barred)
	p.after(time.Minute)
	p.carries("lte0", "all") // none is better
	p.ends("lte1", event.Subscriber, taken)
	p.carries("lte0", "others")
	p.after(10 * time.Minute)
	p.carries("lte0", "all") // forgiven
	p.ends("lte0", event.Subscriber, hung)
	p.carries("lte0", "others") // without a rest
	p.ends("lte0", event.Subscriber, taken)
	p.carries("lte0", "all")
}

func TestTheSecondSIMIsTheLastResort(t *testing.T) {
	p := newPool(t, primary("lte0"), second("lte1"))
	p.carries("lte1", "nothing")
	p.busy["lte0"] = p.at
	p.after(59 * time.Second)
	p.carries("lte1", "nothing")
	p.after(time.Second)
	p.carries("lte1", "urgent") // a text that takes a minute hangs
	delete(p.busy, "lte0")
	p.take(event.WorkerChanged{Worker: "lte0", Channel: "sms", State: "port lost"})
	p.carries("lte1", "urgent")
	p.after(15*time.Minute - time.Second)
	p.carries("lte1", "urgent")
	p.after(time.Second)
	p.carries("lte1", "all")
	p.take(event.WorkerChanged{Worker: "lte0", Channel: "sms", Fit: true, State: "ready"})
	p.carries("lte1", "nothing")
	p.ends("lte0", event.FirstWord, barred)
	if !p.retry.Equal(p.at) {
		t.Error("the alarm waits though the second SIM may carry it")
	}
	p.carries("lte1", "urgent")
	p.ends("lte0", event.Subscriber, barred)
	if p.retry.Equal(p.at) {
		t.Error("a subscriber's text is offered at once to nobody")
	}
	p.ends("lte0", event.Subscriber, taken)
	p.take(event.Limited{Worker: "lte0", Max: 10, Window: time.Hour, Class: event.Subscriber, Free: p.at.Add(time.Hour)})
	p.carries("lte1", "nothing")
	p.after(15 * time.Minute)
	p.carries("lte1", "all") // the first cannot carry the rest
	p.after(45 * time.Minute)
	p.carries("lte1", "nothing")
}

func TestOfTwoSecondSIMsAloneBothCarry(t *testing.T) {
	p := newPool(t, second("lte0"), second("lte1"))
	p.carries("lte0", "all")
	p.carries("lte1", "all")
}

func TestCongestionSpreadsWhatCanWait(t *testing.T) {
	p := newPool(t, primary("lte0"))
	p.ends("lte0", event.Subscriber, congested)
	p.saidOnly("congested: lte0: congested, CMS 42, subscribers held back until 04:01Z")
	p.carries("lte0", "urgent")
	p.ends("lte0", event.FirstWord, congested) // within the pause: no further step
	if p.retry.Sub(p.at) > 20*time.Second {
		t.Errorf("a person on call waits for %s", p.retry.Sub(p.at))
	}
	for _, pause := range []time.Duration{1, 2, 5, 10, 10} {
		p.after(pause*time.Minute - time.Second)
		p.carries("lte0", "urgent")
		p.after(time.Second)
		p.carries("lte0", "all, short")
		p.ends("lte0", event.Subscriber, congested)
	}
	for _, pause := range []time.Duration{10, 5} {
		p.after(pause * time.Minute)
		p.carries("lte0", "all, short")
		p.ends("lte0", event.Subscriber, taken)
		p.carries("lte0", "urgent")
	}
	if list := p.rules.Ailments(p.s, event.Stamp{Box: p.at, Trusted: true}); fmt.Sprint(list) != "[lte0 congested, subscribers held back]" {
		t.Errorf("STATUS says %q", list)
	}
	p.said = nil
	p.after(2 * time.Minute)
	p.ends("lte0", event.Subscriber, taken)
	p.saidOnly("congested: lte0: congestion is over, subscribers go on")
	p.carries("lte0", "all")
}

func TestCongestionThatIsNeverTestedEndsByItself(t *testing.T) {
	p := newPool(t, primary("lte0"))
	p.ends("lte0", event.FirstWord, congested)
	p.said = nil
	p.after(30*time.Minute - time.Second)
	p.saidOnly()
	p.after(time.Second)
	p.saidOnly("congested: lte0: congestion is over, subscribers go on")
	if w := p.s.Wake(); !w.IsZero() {
		t.Errorf("it wakes again at %s", w)
	}
}

func TestALimitIsToldOnceInItsWindow(t *testing.T) {
	p := newPool(t, primary("lte0"), primary("lte1"))
	used := func(class event.Class, free time.Duration) {
		p.take(event.Limited{Worker: "lte0", Max: 500, Reserve: 50, Window: 24 * time.Hour, Class: class, Free: p.at.Add(free)})
	}
	used(event.Subscriber, 3*time.Hour)
	words := "lte0 has used up its limit, 450 of 500 texts in 24 h; the 50 are for you and all-clears. The rest waits until 07:00Z or goes by lte1"
	p.saidOnly("limit: "+words, "text: waw-12 BOX 04:00Z: "+words)
	p.after(3 * time.Hour)
	used(event.Subscriber, time.Hour)
	p.saidOnly()
	p.take(event.Booted{Version: "test"})
	p.said = nil
	used(event.Operators, time.Hour)
	p.saidOnly() // not after a restart either
	p.after(21 * time.Hour)
	used(event.Operators, time.Hour)
	if len(p.said) != 2 || !strings.Contains(p.said[1], "lte0 has used up its 500 texts in 24 h. The rest waits until 05:00Z") {
		t.Errorf("a day later it says %q", p.said)
	}
}
