package modem

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"heliograph/drivers/at"
)

// centre reads the service centre and writes the configured one, once per SIM,
// if the SIM has none or another.
func (s *session) centre() error {
	have, err := s.readCentre()
	if err != nil {
		return err
	}
	want := s.m.opts.SMSC
	mark := centreMark(s.m.Health().ICCID, want)
	done, _ := s.m.memo.marked(mark)
	if want != "" && have != want && !done {
		if have, err = s.writeCentre(want, mark); err != nil {
			return err
		}
	}
	s.m.change(func(h *Health) { h.SMSC = have })
	s.m.note(func(f *facts) { f.noCentre = f.noCentre && have == "" })
	return nil
}

// writeCentre writes the service centre and reads what the SIM then has. What
// cannot be remembered is not written: it would be written at every start.
func (s *session) writeCentre(want, mark string) (string, error) {
	if err := s.m.memo.mark(mark); err != nil {
		s.m.opts.Log("modem " + s.m.opts.Name + ": the service centre is not written to the SIM, because that cannot be remembered: " + err.Error())
		return s.readCentre()
	}
	a, _ := destination(want)
	if _, err := s.tell(fmt.Sprintf(`+CSCA="%s",%d`, want, a.TOA), 10*time.Second); err != nil {
		return "", err
	}
	return s.readCentre()
}

// readCentre gives what the SIM names, and "" if it names none or does not say.
func (s *session) readCentre() (string, error) {
	number, _, err := s.tellsCentre()
	return number, err
}

// tellsCentre tells a SIM that names no centre from one that does not say.
func (s *session) tellsCentre() (number string, told bool, err error) {
	lines, err := s.get("+CSCA?", at.Control, 10*time.Second)
	if err != nil || len(lines) == 0 {
		return "", false, err
	}
	f := at.Fields(lines[0], "+CSCA")
	if len(f) == 0 {
		return "", false, nil
	}
	number = fromUCS2(f[0])
	if len(f) > 1 && f[1] == "145" && number != "" && !strings.HasPrefix(number, "+") {
		number = "+" + number
	}
	return number, true, nil
}

// centreRefused looks whether a text was refused because the SIM names no
// centre. It could have gone without: over IMS the centre may come from
// elsewhere. Once it did not, none can go before there is one.
func (s *session) centreRefused() error { return s.lookForCentre(true) }

// askCentre looks whether a centre that was missing is there: somebody may
// have stored it.
func (s *session) askCentre() error {
	s.m.mu.Lock()
	missing := s.m.facts.noCentre
	s.m.mu.Unlock()
	if !missing {
		return nil
	}
	return s.lookForCentre(false)
}

func (s *session) lookForCentre(refused bool) error {
	have, told, err := s.tellsCentre()
	if err != nil || !told {
		return err
	}
	s.m.note(func(f *facts) { f.noCentre = have == "" && (refused || f.noCentre) })
	if s.m.Health().SMSC != have {
		s.m.change(func(h *Health) { h.SMSC = have })
		s.chores = append(s.chores, s.remember)
	}
	s.judge()
	return nil
}

// lacksCentre says that no text can go, and what to do. A configured centre is
// written when the modem is brought up: the SIM did not keep it.
func (v *service) lacksCentre(configured string) {
	v.fit, v.state = false, NoCentre
	v.why = "the SIM names no service centre, and a text was refused for it"
	v.advice = "set smsc: in the configuration, or store the number on the SIM in a telephone; the SIM's operator tells it"
	if configured != "" {
		v.advice = "the SIM did not keep smsc: " + configured + "; store it on the SIM in a telephone, or use another SIM"
	}
}

// fromUCS2 reads a string that comes in hex while +CSCS is "UCS2".
func fromUCS2(s string) string {
	if len(s) < 4 || len(s)%4 != 0 || !strings.HasPrefix(s, "00") {
		return s
	}
	var units []uint16
	for i := 0; i < len(s); i += 4 {
		u, err := strconv.ParseUint(s[i:i+4], 16, 16)
		if err != nil {
			return s
		}
		units = append(units, uint16(u))
	}
	return string(utf16.Decode(units))
}
