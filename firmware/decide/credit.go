package decide

import (
	"slices"
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// Credit is how a SIM's credit is asked for and read.
type Credit struct {
	Modem   string
	To, Say string  // short number and keyword; empty: main asks by a service code
	Low     float64 // less than this is too little
	Read    func(answer string) (event.Finding, bool)
}

// balance is a BALANCE that waits for the operator's answer.
type balance struct {
	open   []string // parts that have not come in
	askers []asker
	until  time.Time // box time
}

const (
	asksEvery = time.Minute         // a SIM is not asked more often
	answersIn = 2 * time.Minute     // so long an operator has to answer
	endsSoon  = 14 * 24 * time.Hour // credit that ends sooner is told
)

// creditParts are the parts that look at credit: those asked by a text have
// one each.
func (r Rules) creditParts() []string {
	var parts []string
	for _, c := range r.Selftest.Credits {
		switch {
		case c.To != "":
			parts = append(parts, event.Credit+" "+c.Modem)
		case !slices.Contains(parts, event.Credit):
			parts = append(parts, event.Credit)
		}
	}
	return parts
}

func (r Rules) credit(modem string) (Credit, bool) {
	i := slices.IndexFunc(r.Selftest.Credits, func(c Credit) bool { return c.Modem == modem })
	if i < 0 {
		return Credit{}, false
	}
	return r.Selftest.Credits[i], true
}

// askByText sends an operator its keyword.
func (st *step) askByText(modem string) bool {
	c, ok := st.rules.credit(modem)
	if ok && c.To != "" {
		st.toMachine(modem, c.To, modem+"'s operator", c.Say)
	}
	return ok && c.To != ""
}

// fromOperator takes in an operator's answer. It counts only while it is
// awaited, and only if it reads like one: anybody can write a short number
// into a text.
func (st *step) fromOperator(f event.Texted) bool {
	for _, c := range st.rules.Selftest.Credits {
		if c.To == "" || f.From != c.To || f.Worker != c.Modem || !st.awaits(event.Credit+" "+c.Modem) {
			continue
		}
		x, ok := c.Read(f.Text)
		if !ok {
			continue
		}
		x.Part, x.Of = event.Credit, c.Modem
		name := x.Name()
		st.came(name, st.creditTold(x))
		st.balanced(name)
		return true
	}
	return false
}

func (st *step) awaits(part string) bool {
	return st.s.Trial != nil && slices.Contains(st.s.Trial.open, part) || st.s.Balance != nil && slices.Contains(st.s.Balance.open, part)
}

// creditTold judges what a SIM has left, and remembers it.
func (st *step) creditTold(x event.Finding) event.Finding {
	if x.Why != "" {
		return x
	}
	c, _ := st.rules.credit(x.Of)
	x.OK = true
	switch {
	case x.Value < c.Low:
		x.OK, x.Why = false, notice.Low
	case !x.Until.IsZero() && st.at.Trusted && x.Until.Sub(st.at.Wall) < endsSoon:
		x.OK, x.Why = false, notice.Ends
	}
	st.s.Credit = cloned(st.s.Credit)
	st.s.Credit[x.Of] = Result{At: plainly(st.at), Finding: x}
	st.note(0, "credit", "%s", notice.CreditWords("en", x))
	return x
}

// balance1 is BALANCE.
func (st *step) balance1(who asker) {
	parts := st.rules.creditParts()
	last := st.s.creditAsked
	switch {
	case len(parts) == 0:
		st.answer(who, false, notice.NoCredit, notice.Reply{})
	case st.s.Balance != nil:
		b := *st.s.Balance
		b.askers = append(slices.Clone(b.askers), who)
		st.s.Balance = &b
	case !last.IsZero() && st.at.Box.Sub(last) < asksEvery:
		st.tellCredit(who)
	default:
		st.s.creditAsked = st.at.Box
		b := &balance{askers: []asker{who}, open: parts, until: st.at.Box.Add(answersIn)}
		st.s.Balance = b
		for _, c := range st.rules.Selftest.Credits {
			if !st.askByText(c.Modem) && !st.testAwaits(event.Credit) {
				st.emit(event.Inspect{Parts: []string{event.Credit}})
				break
			}
		}
	}
}

// testAwaits says that a self-test has asked already.
func (st *step) testAwaits(part string) bool {
	return st.s.Trial != nil && slices.Contains(st.s.Trial.open, part)
}

// balanced answers who asked, once all SIMs have been heard of.
func (st *step) balanced(part string) {
	if st.s.Balance == nil {
		return
	}
	b := *st.s.Balance
	b.open = slices.DeleteFunc(slices.Clone(b.open), func(o string) bool { return o == part })
	st.s.Balance = &b
	if len(b.open) == 0 {
		st.tellBalance()
	}
}

func (st *step) balanceDue() {
	if b := st.s.Balance; b != nil && due(b.until, st.at.Box) {
		st.tellBalance()
	}
}

func (st *step) nextBalance() time.Time {
	if st.s.Balance == nil {
		return time.Time{}
	}
	return st.s.Balance.until
}

func (st *step) tellBalance() {
	askers := st.s.Balance.askers
	st.s.Balance = nil
	for _, who := range askers {
		st.tellCredit(who)
	}
}

// tellCredit answers with what is known: of what did not answer now, the
// latest word with its day.
func (st *step) tellCredit(who asker) {
	var list []notice.Money
	for _, c := range st.rules.Selftest.Credits {
		m := notice.Money{Finding: event.Finding{Part: event.Credit, Of: c.Modem, Why: notice.NoAnswer}}
		if r, known := st.s.Credit[c.Modem]; known {
			m = notice.Money{Finding: r.Finding, At: r.At}
		}
		list = append(list, m)
	}
	st.say(who, true, st.rules.Wording.Credit(st.lang(who), st.rules.Site, list, st.at))
}
