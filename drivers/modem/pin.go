package modem

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// sim waits for a SIM that can be used, and unlocks it if that is safe.
func (s *session) sim() error {
	if err := s.readICCID(); err != nil {
		return err
	}
	unlocked := false
	for i := 0; ; i++ {
		state, err := s.simState()
		if err != nil {
			return err
		}
		switch {
		case state == "READY":
			s.unlockedBy(s.m.opts.PIN)
			return nil
		case state == "SIM PIN" && !unlocked:
			if err := s.enterPIN(); err != nil {
				return err
			}
			unlocked = true
			continue
		case state == "SIM PIN" && i < simTries: // accepted, and not shown yet
		case state == "SIM PUK":
			return &trouble{PUKNeeded, "the SIM is blocked and asks for its PUK", puk, time.Minute}
		case strings.HasPrefix(state, "PH-"):
			return &trouble{SIMTrouble, "the modem is locked: " + state, "use a SIM of the network it is locked to, or have it unlocked", time.Minute}
		case noSIM(state) && i >= slotTries-1:
			return &trouble{NoSIM, "no SIM: " + state, slot, 10 * time.Second}
		case i >= simTries-1:
			return &trouble{SIMTrouble, "the SIM does not get ready: " + state, slot, 10 * time.Second}
		}
		if i == 2 { // a SIM is not read while the radio is off
			if err := s.radio(); err != nil {
				return err
			}
		}
		s.m.sleep(s.ctx, pollGap)
	}
}

func noSIM(state string) bool {
	return state == "+CME ERROR: 10" || strings.HasSuffix(plain(state), "notinserted")
}

// simState reads +CPIN in its many forms: with quotes, without a space, with
// an error in its place, and without the OK (27.007 §8.3).
func (s *session) simState() (string, error) {
	a, err := s.ask(at.Command{Text: "+CPIN?", Priority: at.Control})
	if f := at.Fields(a.First(), "+CPIN"); len(f) > 0 {
		return f[0], s.onlyFatal(err)
	}
	if err != nil {
		return reason(err), s.onlyFatal(err)
	}
	return "no answer", nil
}

func (s *session) onlyFatal(err error) error {
	if err != nil && s.fatal(err) {
		return err
	}
	return nil
}

// readICCID finds the SIM's serial number by whatever command this make has.
func (s *session) readICCID() error {
	iccid := ""
	for _, c := range preferred([]string{"+CCID", "+QCCID", "^ICCID?", "!ICCID?", "+ICCID", "+CICCID", "#CCID"}, s.persona.ICCID) {
		a, err := s.ask(at.Command{Text: c, Free: true, Priority: at.Control, Timeout: 5 * time.Second})
		if err != nil && s.fatal(err) {
			return err
		}
		if iccid = longestNumber(a.First()); err == nil && len(iccid) >= 18 {
			s.persona.ICCID = c
			break
		}
		iccid = ""
	}
	before := s.m.Health().ICCID
	if iccid != "" && before != "" && iccid != before {
		s.m.opts.Log(fmt.Sprintf("modem %s: another SIM, %s instead of %s", s.m.opts.Name, iccid, before))
	}
	s.m.change(func(h *Health) { h.ICCID = iccid })
	return nil
}

// longestNumber is the longest run of digits; a padding F may end it.
func longestNumber(line string) string {
	best := ""
	for _, run := range strings.FieldsFunc(line, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(run) > len(best) {
			best = run
		}
	}
	return best
}

// unlockedBy forgets the mark of an attempt: the SIM is open, so the count of
// tries is full again, whoever opened it.
func (s *session) unlockedBy(pin string) {
	if pin == "" {
		return
	}
	// Some modems tell the SIM's number only after the PIN, so the mark may
	// have been made without it.
	for _, iccid := range []string{s.m.Health().ICCID, ""} {
		mark := pinMark(iccid, pin)
		if there, err := s.m.memo.marked(mark); err != nil || !there {
			continue
		}
		if err := s.m.memo.unmark(mark); err != nil {
			s.m.opts.Log("modem " + s.m.opts.Name + ": the PIN was right, but that cannot be remembered; after the next start it will not be sent: " + err.Error())
		}
	}
}

const pinAdvice = "enter the right PIN in the configuration, or switch the PIN off in a telephone"

// enterPIN sends the configured PIN if that cannot do harm: with enough tries
// left, and never twice the same one to the same SIM without a success in
// between. The mark of the attempt is on disk before the PIN is on the wire,
// because the power may fail in between.
func (s *session) enterPIN() error {
	pin, iccid := s.m.opts.PIN, s.m.Health().ICCID
	if pin == "" {
		return &trouble{PINNeeded, "the SIM asks for its PIN and none is configured", enterIt, time.Minute}
	}
	mark := pinMark(iccid, pin)
	tried, err := s.m.memo.marked(mark)
	if err != nil {
		return &trouble{PINNeeded, "cannot read whether this PIN was tried before: " + err.Error(), "repair the data folder", time.Minute}
	}
	if tried {
		return &trouble{PINWrong, "this PIN was tried on this SIM before and nothing shows that it was right; it is not sent again", pinAdvice, time.Minute}
	}
	tries, err := s.triesLeft()
	if err != nil {
		return err
	}
	if tries >= 0 && tries < s.m.opts.MinTries {
		return &trouble{PINNeeded, fmt.Sprintf("only %d tries for the PIN are left; it is not sent with fewer than %d", tries, s.m.opts.MinTries), pinAdvice, time.Minute}
	}
	if err := s.m.memo.mark(mark); err != nil {
		return &trouble{PINNeeded, "cannot remember an attempt to enter the PIN: " + err.Error(), "make room in the data folder", time.Minute}
	}
	return s.sendPIN(pin)
}

func (s *session) sendPIN(pin string) error {
	_, err := s.ask(at.Command{Text: fmt.Sprintf(`+CPIN="%s"`, pin), Secret: true, Priority: at.Control, Timeout: 30 * time.Second})
	var r *at.Refusal
	switch {
	case err == nil:
		s.m.sleep(s.ctx, time.Second)
		return nil
	case s.fatal(err):
		return err
	case errors.As(err, &r) && r.Kind == "CME" && r.Code == 12:
		return &trouble{PUKNeeded, "the SIM is blocked and asks for its PUK", puk, time.Minute}
	case errors.As(err, &r):
		return &trouble{PINWrong, "the SIM refused the PIN: " + reason(err), pinAdvice, time.Minute}
	}
	return &trouble{PINWrong, "no answer to the PIN: " + reason(err), pinAdvice, time.Minute}
}

// triesLeft reads how many tries for the PIN are left, -1 if this modem tells
// by none of the ways known: an empty VERIFY, which costs no try (status 63Cx,
// ETSI TS 102 221 §11.1.9), the standard query (27.007 §8.65), and the makers'.
func (s *session) triesLeft() (int, error) {
	for _, q := range []struct {
		text, name string
		read       func([]string) int
	}{
		{`+CSIM=10,"0020000100"`, "+CSIM", verifyTries},
		{`+CPINR="SIM PIN"`, "+CPINR", nth(1)},
		{`+QPINC="SC"`, "+QPINC", nth(1)},
		{"^CPIN?", "^CPIN", nth(3)},
		{"+CPINC?", "+CPINC", nth(0)},
		{"+UPINCNT", "+UPINCNT", nth(0)},
		{`^SPIC="SC"`, "^SPIC", nth(0)},
		{"+EPINC?", "+EPINC", nth(0)},
		{"+SPIC", "+SPIC", nth(0)},
		{"#PCT", "#PCT", nth(0)},
	} {
		if s.persona.Counter != "" && s.persona.Counter != q.text {
			continue // another was found to work
		}
		lines, err := s.get(q.text, at.Control, 5*time.Second)
		if err != nil {
			return -1, err
		}
		for _, line := range lines {
			if n := q.read(at.Fields(line, q.name)); n >= 0 && n <= 10 {
				s.persona.Counter = q.text
				return n, nil
			}
		}
	}
	return -1, nil
}

// verifyTries reads `+CSIM: 4,"63C3"`.
func verifyTries(f []string) int {
	if len(f) < 2 || len(f[1]) < 4 || !strings.HasPrefix(strings.ToUpper(f[1][len(f[1])-4:]), "63C") {
		return -1
	}
	n, err := strconv.ParseUint(f[1][len(f[1])-1:], 16, 8)
	if err != nil {
		return -1
	}
	return int(n)
}

// nth reads the tries from one field of the answer.
func nth(i int) func([]string) int {
	return func(f []string) int {
		if len(f) <= i {
			return -1
		}
		return numbers(f)[i]
	}
}
