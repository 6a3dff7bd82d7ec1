package modem

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// suspicions are what a modem was caught at since the port was opened. The
// consumer writes some of them: guarded by the Modem.
type suspicions struct {
	wordy     bool      // errors in words although numbers were asked for
	echoes    int       // echo that came back
	forgot    []string  // settings that were found changed, newest last
	unnoticed int       // texts found by looking that no notice had told of
	noticed   int       // notices of texts
	since     time.Time // when notices were set
	clock     string    // how the modem's clock was found wrong; empty if not
}

// silentFor is how long a modem may give no notice of texts that came before
// that is called a fault.
const silentFor = 24 * time.Hour

func (m *Modem) suspect(f func(*suspicions)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(&m.caught)
}

const keepsText = "it says OK to PDU mode (AT+CMGF=0) and stays in text mode"

// plainText checks that PDU mode is what the modem is in, as far as it says so.
func (s *session) plainText() error {
	lines, err := s.get("+CMGF?", at.Control, 10*time.Second)
	if err != nil || len(lines) == 0 || first(at.Fields(lines[0], "+CMGF")) == "0" {
		return err
	}
	return s.textMode()
}

// reallyPlain looks at what the modem does: in text mode the store is listed
// by a word and not by a number. A modem that hides its text mode would send
// the PDU, as it stands, to a number made of its length.
func (s *session) reallyPlain() error {
	if !s.noList {
		return nil
	}
	_, err := s.ask(at.Command{Text: `+CMGL="ALL"`, Free: true, Priority: at.Control, Timeout: time.Minute})
	if err != nil {
		return s.onlyFatal(err)
	}
	return s.textMode()
}

func (s *session) textMode() error {
	s.persona.TextMode = true
	if err := s.remember(); err != nil {
		return err
	}
	return &trouble{TextMode, keepsText, "use another modem, or update its firmware", 10 * time.Minute}
}

// noteRefusal looks at how an error was put.
func (s *session) noteRefusal(err error) {
	var r *at.Refusal
	if errors.As(err, &r) && r.Kind != "" && r.Code < 0 && s.up {
		s.m.suspect(func(c *suspicions) { c.wordy = true })
	}
}

// found counts a text in the store: one that no notice had told of is a sign
// that the notices go elsewhere.
func (s *session) found(name string) {
	if name == "+CMGL" && s.up && s.cnmi != "" {
		s.m.suspect(func(c *suspicions) { c.unnoticed++ })
	}
}

// lies are what the modem was caught at, in words.
func (c suspicions) lies(now time.Time) []string {
	var out []string
	add := func(when bool, text string, values ...any) {
		if when {
			out = append(out, fmt.Sprintf(text, values...))
		}
	}
	add(c.wordy, "it gives errors in words although AT+CMEE=1 asked for numbers")
	add(c.echoes > 0, "echo came back %d times: it restarts by itself, or another program sets it up", c.echoes)
	add(len(c.forgot) > 0, "settings were found changed (%s): it forgets them, or another program changes them", strings.Join(c.forgot, ", "))
	add(c.noticed == 0 && c.unnoticed > 0 && now.Sub(c.since) >= silentFor,
		"it took the setting for notices and gave none in %d h, though %d texts came: they go to another port (AT+QURCCFG, AT^PORTSEL) or nowhere; texts are found within a minute all the same", int(now.Sub(c.since).Hours()), c.unnoticed)
	add(c.clock != "", "its clock is not believed: %s", c.clock)
	return out
}
