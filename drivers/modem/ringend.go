package modem

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/at"
	"heliograph/drivers/delivery"
)

const (
	noCalls  = "calls do not work on this network: ask the operator for VoLTE or fallback to 2G or 3G, or use another operator's SIM"
	noVoice  = "this modem makes no calls: use another modem for them"
	barredTo = "ask the operator to lift the barring of calls on this SIM"
)

// ended is a call that the other side ended, or the network, or that the
// modem refused: with the word it said, if any.
func (c *call) ended(word string) (string, error) {
	switch {
	case !c.answered.IsZero():
		return "answered", nil
	case word == "BUSY":
		return "busy", nil
	case word == "NO ANSWER":
		return "no answer", nil
	case !c.alerted.IsZero():
		return fmt.Sprintf("rang %s, then ended by the other side", c.rang()), nil
	}
	if strings.Contains(word, "ERROR") || word == "NO DIALTONE" {
		return "", c.refused(word)
	}
	return c.unreached(cmp.Or(word, "it ended without a word"))
}

// callFates tell from the words of +CEER (27.007 §6.10) what a call met that
// never rang. The words are those of 24.008 table 10.5.123; makes write them
// with their own numbers.
var callFates = []struct {
	word, taken string
	rule        rule
}{
	{word: "busy", taken: "busy"},
	{word: "reject", taken: "rejected"},
	{word: "no answer", taken: "no answer"},
	{word: "unassigned", rule: never(checkNo)},
	{word: "unallocated", rule: never(checkNo)},
	{word: "invalid number", rule: never(checkNo)},
	{word: "barr", rule: act(barredTo)},
	{word: "congest", rule: crowded(30 * time.Second)},
}

// unreached is a call that ended before it rang. The network may have told why.
func (c *call) unreached(word string) (string, error) {
	why := c.reason()
	v := later(2 * time.Minute)
	for _, known := range callFates {
		if !strings.Contains(strings.ToLower(why), known.word) {
			continue
		}
		if known.taken != "" {
			return known.taken, nil
		}
		v = known.rule
		break
	}
	if err := c.m.callable(noCalls); err != nil {
		v = act(noCalls)
	}
	if why != "" {
		word += " (" + why + ")"
	}
	return "", v.call(errors.New(word), "")
}

// reason asks the modem why the last call ended; empty if it does not say.
func (c *call) reason() string {
	why := ""
	_ = c.m.borrow(context.Background(), false, func(s *session) error { // what is not told is not known
		a, err := s.ask(at.Command{Text: "+CEER", Priority: at.Urgent})
		why = strings.TrimSpace(strings.TrimPrefix(a.First(), "+CEER:"))
		return s.onlyFatal(err)
	})
	return brief(strings.ReplaceAll(why, `"`, ""), 80)
}

// refused is a call that the modem did not make.
func (c *call) refused(word string) *delivery.Error {
	r := refusalOf(word)
	v, known := judge(r, "")
	switch {
	case !known:
		v = busy(30 * time.Second)
	case r.Kind == "CME" && r.Code == 4:
		v = act(noVoice)
	}
	if err := c.m.callable(noCalls); err != nil {
		v = act(noCalls)
	}
	code := ""
	if r.Kind != "" && r.Code >= 0 {
		code = fmt.Sprintf("%s %d", r.Kind, r.Code)
	}
	return v.call(r, code)
}

// refusalOf reads an error that came unasked, such as "+CME ERROR: 30".
func refusalOf(line string) *at.Refusal {
	r := &at.Refusal{Code: -1, Text: line}
	for _, kind := range []string{"CME", "CMS"} {
		if rest, coded := strings.CutPrefix(line, "+"+kind+" ERROR:"); coded {
			r.Kind = kind
			if n, err := strconv.Atoi(strings.TrimSpace(rest)); err == nil {
				r.Code = n
			}
		}
	}
	return r
}

// call words a rule for a call.
func (r rule) call(err error, code string) *delivery.Error {
	return &delivery.Error{Fate: r.fate, After: r.after, Advice: r.advice, Worker: r.worker, Congested: r.crowd, Code: code, Err: fmt.Errorf("calling: %w", err)}
}

// callable says why no call can be made now, nor a service code be sent; nil
// if one can be tried. Only what the modem has told counts: one that says
// nothing of IMS is tried.
func (m *Modem) callable(advice string) error {
	m.mu.Lock()
	f, open := m.facts, m.open
	m.mu.Unlock()
	if !open || !combine(f.cs, f.ps, f.eps, f.five).fit {
		return m.unfit()
	}
	why := ""
	switch w := f.ways; {
	case f.cs.known && (f.cs.stat == 6 || f.cs.stat == 7):
		why = "registered for texts only"
	case !dataOnly(f.cs, f.eps, f.five) || w.cs != f.cs || w.eps != f.eps || w.five != f.five:
	case w.ims < 1 && w.imsUp < 1 && (w.ims == 0 || w.imsUp == 0):
		why = "registered for data only, and not with IMS"
	}
	if why == "" {
		return nil
	}
	return act(advice).call(fmt.Errorf("modem %s: %s: %s", m.opts.Name, why, f.ways.saw()), "")
}

// brief is a text of others, short and without control characters.
func brief(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	return s
}
