package modem

import (
	"strings"
	"time"

	"heliograph/drivers/at"
)

// quick finds out whether the modem is as it was left: the one that is known,
// with the same SIM, ready, and with its settings. Then texts may go at once,
// and the rest is looked at between them. Anything else is no: the long way
// is always right.
func (s *session) quick() (bool, error) {
	p, known := s.m.memo.recall()
	kept := s.m.memo.card()
	if !known || p.Notices == "" || p.TextMode || kept.ICCID == "" || kept.SMSC == "" || s.m.opts.SMSC != "" && s.m.opts.SMSC != kept.SMSC {
		return false, nil
	}
	for _, step := range []func() (bool, error){
		s.talks,
		s.stillRings,
		s.says("+CGSN", func(line string) bool { return strings.Contains(line, p.IMEI) }),
		s.says(p.ICCID, func(line string) bool { return longestNumber(line) == kept.ICCID }),
		s.says("+CPIN?", func(line string) bool { return first(at.Fields(line, "+CPIN")) == "READY" }),
		s.says("+CMGF?", func(line string) bool { return first(at.Fields(line, "+CMGF")) == "0" }),
		s.says("+CNMI?", func(line string) bool { return same(setting(line, "+CNMI"), p.Notices) }),
		s.says("+CPMS?", func(line string) bool {
			f := at.Fields(line, "+CPMS")
			return len(f) > 6 && f[0] == p.Store && f[6] == p.Store
		}),
		s.registered,
	} {
		if ok, err := step(); !ok || err != nil {
			return false, err
		}
	}
	s.adopt(p, kept)
	return true, nil
}

func first(f []string) string {
	if len(f) == 0 {
		return ""
	}
	return f[0]
}

func setting(line, name string) string {
	return strings.ReplaceAll(strings.Join(at.Fields(line, name), ","), " ", "")
}

// talks sets how the modem talks, which costs nothing.
func (s *session) talks() (bool, error) {
	if _, err := s.ask(at.Command{Text: "E0V1Q0", Numeric: true, Priority: at.Control}); err != nil {
		return false, s.onlyFatal(err)
	}
	a, err := s.ask(at.Command{Text: "+CMEE=1", Priority: at.Control})
	s.parrot = a.Echoed
	return err == nil, s.onlyFatal(err)
}

// says is a question and the answer that was left.
func (s *session) says(question string, want func(line string) bool) func() (bool, error) {
	return func() (bool, error) {
		a, err := s.ask(at.Command{Text: question, Free: question == "+CGSN" || strings.Contains(question, "CCID"), Priority: at.Control})
		return err == nil && want(a.First()), s.onlyFatal(err)
	}
}

// registered reads the domains that decide, and tells whether one serves.
func (s *session) registered() (bool, error) {
	domains := []string{"+CREG", "+CEREG"}
	if p, _ := s.m.memo.recall(); p.FiveG {
		domains = append(domains, fiveG)
	}
	if err := s.askDomains(domains...); err != nil {
		return false, err
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	return s.m.facts.cs.served() || s.m.facts.eps.served() || s.m.facts.five.served(), nil
}

// adopt takes the modem as it is and plans the looks that were left out.
func (s *session) adopt(p Persona, c card) {
	s.persona, s.cnmi, s.stores, s.store, s.reports = p, p.Notices, p.Stores, p.Store, p.Reports
	s.reading = p.Store
	s.setProbe()
	s.m.change(func(h *Health) {
		h.Maker, h.Model, h.Firmware, h.IMEI = p.Maker, p.Model, p.Firmware, p.IMEI
		h.ICCID, h.SMSC, h.Notices = c.ICCID, c.SMSC, "CNMI "+p.Notices
	})
	s.m.note(func(f *facts) { f.newCard = c.Since })
	s.up, s.blocked, s.due = true, nil, time.Now().Add(round)
	s.chores = []chore{s.sweep, s.others, s.confirm, s.notify, s.askRegistration, s.askWays, s.askSignal, s.askRoom, s.comforts, s.askClock, s.remember}
	s.m.opts.Log("modem " + s.m.opts.Name + ": it is as it was left; texts may go at once")
	s.openDoor()
}

// confirm does the parts of a bring-up that a quick one left out and that can
// be done in service: another firmware, listening for registration, the
// service centre, the settings that cannot be read back.
func (s *session) confirm() error {
	a, err := s.ask(at.Command{Text: "+CGMR", Free: true, Priority: at.Polling})
	if err != nil {
		return s.onlyFatal(err)
	}
	if bareFirmware(a.First()) != s.persona.Firmware {
		s.m.opts.Log("modem " + s.m.opts.Name + ": it has another firmware; it is tried anew")
		s.m.note(func(f *facts) { f.restart = true })
		return nil
	}
	for _, step := range []chore{s.listen, s.bySession, s.centre} {
		if err := step(); err != nil {
			return err
		}
	}
	s.judge()
	return nil
}
