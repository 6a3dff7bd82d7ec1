package modem

import (
	"fmt"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// notify asks to be told of calls and of the network's time.
func (s *session) notify() error {
	if _, err := s.tell("+CLIP=1", 10*time.Second); err != nil {
		return err
	}
	return nil
}

// comforts are settings that a modem may well refuse.
func (s *session) comforts() error {
	if _, err := s.oneOf("+CTZR=2", "+CTZR=1"); err != nil {
		return err
	}
	update := "+CTZU=1"
	if s.persona.Vendor == "quectel" {
		update = "+CTZU=3" // else its clock shows universal time with a zone beside it
	}
	taken, err := s.oneOf(update, "+CTZU=1")
	s.local = taken == "+CTZU=3"
	if err != nil {
		return err
	}
	return s.watchSlot()
}

// watchSlot asks to be told when the card goes or comes.
func (s *session) watchSlot() error {
	notice := map[string]string{"quectel": "+QSIMSTAT=1", "telit": "#QSS=2"}[s.persona.Vendor]
	if notice == "" {
		return nil
	}
	_, err := s.tell(notice, 0)
	return err
}

// compare reads settings back: some modems forget them, other programs change
// them, and another SIM may be in.
func (s *session) compare() error {
	before := s.m.Health().ICCID
	if err := s.readICCID(); err != nil {
		return err
	}
	if s.m.Health().ICCID != before {
		s.m.note(func(f *facts) { f.restart = true })
		return nil
	}
	for _, want := range []struct{ text, value string }{{"+CMGF", "0"}, {"+CMEE", "1"}, {"+CNMI", s.cnmi}} {
		if want.value == "" {
			continue
		}
		lines, err := s.get(want.text+"?", at.Polling, 10*time.Second)
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			continue
		}
		got := strings.ReplaceAll(strings.Join(at.Fields(lines[0], want.text), ","), " ", "")
		if !same(got, want.value) {
			s.m.opts.Log(fmt.Sprintf("modem %s: %s is %s and not %s any more; bringing it up again", s.m.opts.Name, want.text, got, want.value))
			s.m.suspect(func(c *suspicions) { c.forgot = recent(c.forgot, want.text+" "+got) })
			s.m.note(func(f *facts) { f.restart = true })
			return nil
		}
	}
	return nil
}

// recent adds to a short list, which keeps the latest.
func recent(list []string, s string) []string {
	list = append(list, s)
	return list[max(0, len(list)-4):]
}

// same compares settings without the last of five, which only says what
// happens to notices that wait (27.005 §3.4.1, <bfr>).
func same(got, want string) bool {
	g, w := strings.Split(got, ","), strings.Split(want, ",")
	if len(w) == 5 && len(g) >= 4 {
		g, w = g[:4], w[:4]
	}
	return strings.Join(g, ",") == strings.Join(w, ",")
}
