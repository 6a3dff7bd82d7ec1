package modem

import (
	"fmt"
	"strings"
	"time"

	"heliograph/drivers/at"
)

const (
	drain     = 200 * time.Millisecond
	knocks    = 10
	simTries  = 30 // with a SIM that is busy, two seconds apart
	slotTries = 7  // with none
	smsTries  = 30
	pollGap   = 2 * time.Second
)

// attach finds the modem on a port just opened: whatever was in the buffers
// is let pass, a forgotten message prompt is ended, and AT is knocked until
// somebody answers. ATZ is not used: it fails before the PIN and brings back
// stored profiles with echo and without notices.
func (s *session) attach() error {
	s.m.change(func(h *Health) {
		if h.State != Silent { // until somebody answers, that is what it is
			h.State, h.Why, h.Advice = Starting, "the port is open", ""
		}
	})
	s.m.sleep(s.ctx, drain)
	s.wire.Escape()
	var err error
	for i := range knocks {
		c := at.Command{Knock: true, Numeric: true, Timeout: time.Second, Priority: at.Control}
		if i%3 == 2 {
			c.Text = "E0V1Q0" // somebody may have left it without results
		}
		began := time.Now()
		if _, err = s.ask(c); s.fatal(err) {
			return err
		}
		if err == nil {
			if i > 0 { // the answers to the earlier ones may still come
				s.m.sleep(s.ctx, drain)
			}
			return nil
		}
		s.m.sleep(s.ctx, time.Second-time.Since(began))
	}
	return fmt.Errorf("%w: no OK to AT in %d tries", at.ErrUnresponsive, knocks)
}

// bringUp makes the modem ready for texts, from wherever it is. Each step may
// be repeated at any time. It ends with a *trouble if something outside must
// change first.
func (s *session) bringUp() error {
	s.refusal, s.chores, s.up, s.more = nil, nil, false, ""
	s.shelf, s.unkept, s.reading = nil, nil, "" // the slots may be another card's
	if !s.tried {
		s.tried = true
		if done, err := s.quick(); done || err != nil {
			return err
		}
	}
	for _, step := range []chore{s.basics, s.identify, s.sim, s.radio, s.notify, s.texts, s.comforts} {
		if err := step(); err != nil {
			return err
		}
	}
	s.up, s.blocked = true, nil
	s.due = time.Now().Add(round)
	for _, step := range []chore{s.askRegistration, s.askWays, s.askSignal, s.backlog, s.room, s.remember} {
		if err := step(); err != nil && s.fatal(err) {
			return err
		}
	}
	s.chores = []chore{s.askClock}
	if len(s.shelf) > 0 {
		s.chores = []chore{s.sweep, s.askRoom, s.askClock}
	}
	s.openDoor()
	return nil
}

// openDoor lets texts in.
func (s *session) openDoor() {
	s.m.mu.Lock()
	s.m.open = true
	s.m.mu.Unlock()
	s.judge()
}

// basics sets how the modem talks (V.250 §6.2, 27.007 §9.1).
func (s *session) basics() error {
	for i := 0; ; i++ {
		_, err := s.ask(at.Command{Text: "E0V1Q0", Numeric: true, Priority: at.Control})
		if err == nil {
			break
		}
		if s.fatal(err) || i == smsTries {
			return err
		}
		s.m.sleep(s.ctx, time.Second) // some answer ERROR to everything while they start
	}
	a, err := s.ask(at.Command{Text: "+CMEE=1", Priority: at.Control})
	if err != nil && s.fatal(err) {
		return err
	}
	s.parrot = a.Echoed
	if _, err := s.tell("X4", 0); err != nil {
		return err
	}
	if _, err = s.tell("&C1", 0); err != nil {
		return err
	}
	_, err = s.stillRings()
	return err
}

// identify asks for names. The serial number then tells this modem's answers
// from any other's.
func (s *session) identify() error {
	ask := func(text string) (string, error) {
		a, err := s.ask(at.Command{Text: text, Free: true, Priority: at.Control})
		if err != nil && s.fatal(err) {
			return "", err
		}
		return strings.Trim(strings.TrimSpace(strings.TrimPrefix(a.First(), text+":")), `"`), nil
	}
	var err error
	p := Persona{Lowest: -1}
	for _, f := range []struct {
		text string
		into *string
	}{{"+CGMI", &p.Maker}, {"+CGMM", &p.Model}, {"+CGMR", &p.Firmware}, {"+CGSN", &p.IMEI}} {
		if *f.into, err = ask(f.text); err != nil {
			return err
		}
	}
	p.Firmware = bareFirmware(p.Firmware)
	if kept, ok := s.m.memo.recall(); ok && kept.IMEI == p.IMEI && kept.Firmware == p.Firmware {
		p = kept
	}
	words := p.Maker + " " + p.Model
	if p.known(words); p.Vendor == "" {
		a, err := s.ask(at.Command{Text: "I", Free: true, Priority: at.Control})
		if err != nil && s.fatal(err) {
			return err
		}
		p.known(words + " " + strings.Join(a.Lines, " "))
	}
	s.persona = p
	s.setProbe()
	s.m.change(func(h *Health) { h.Maker, h.Model, h.Firmware, h.IMEI = p.Maker, p.Model, p.Firmware, p.IMEI })
	return nil
}

func bareFirmware(line string) string {
	line = strings.TrimPrefix(strings.TrimSpace(line), "+CGMR:")
	return strings.Trim(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "Revision:")), `"`)
}

// setProbe picks what tells this modem's answer from all others: its serial
// number, or its maker's name if it keeps the number to itself.
func (s *session) setProbe() {
	switch p := s.persona; {
	case p.IMEI != "":
		s.wire.SetProbe(at.Probe{Text: "+CGSN", Match: func(line string) bool { return strings.Contains(line, p.IMEI) }})
	case p.Maker != "":
		s.wire.SetProbe(at.Probe{Text: "+CGMI", Match: func(line string) bool { return strings.Contains(line, p.Maker) }})
	}
}

// radio switches the radio on and listens for registration.
func (s *session) radio() error {
	lines, err := s.get("+CFUN?", at.Control, 0)
	if err != nil {
		return err
	}
	if len(lines) > 0 {
		if f := at.Fields(lines[0], "+CFUN"); len(f) > 0 && f[0] != "1" {
			s.m.opts.Log("modem " + s.m.opts.Name + ": its radio was off; switching it on")
			if _, err := s.tell("+CFUN=1", time.Minute); err != nil {
				return err
			}
		}
	}
	if err := s.listen(); err != nil {
		return err
	}
	return s.askOperator()
}

// listen asks to be told of registration; where it can be, with the cause of
// a refusal (27.007 §10.1.22, n=3).
func (s *session) listen() error {
	for _, domain := range []string{"+CREG", "+CGREG"} {
		if _, err := s.oneOf(domain+"=2", domain+"=1"); err != nil {
			return err
		}
	}
	if _, err := s.oneOf("+CEREG=3", "+CEREG=2", "+CEREG=1"); err != nil {
		return err
	}
	if err := s.listenFiveG(); err != nil {
		return err
	}
	_, err := s.tell("+COPS=3,0", 0)
	return err
}

// listenFiveG asks the same of a 5G core. Most modems know of none, and that
// is no refusal to tell: so it is read before it is set.
func (s *session) listenFiveG() error {
	lines, err := s.get(fiveG+"?", at.Control, 0)
	if err != nil {
		return err
	}
	if s.persona.FiveG = len(lines) > 0; s.persona.FiveG {
		_, err = s.oneOf(fiveG+"=3", fiveG+"=2", fiveG+"=1")
	}
	return err
}

// askOperator reads the network's name, and lets the modem choose again if
// somebody has told it to stay out.
func (s *session) askOperator() error {
	lines, err := s.get("+COPS?", at.Control, 10*time.Second)
	if err != nil || len(lines) == 0 {
		return err
	}
	f := at.Fields(lines[0], "+COPS")
	name := ""
	if len(f) >= 3 {
		name = fromUCS2(f[2])
	}
	s.m.change(func(h *Health) { h.Operator = name })
	if len(f) > 0 && f[0] == "2" {
		_, err = s.tell("+COPS=0", 180*time.Second)
	}
	return err
}

// texts prepares sending and receiving: PDU mode, no duty to acknowledge, the
// bigger store, a service centre.
func (s *session) texts() error {
	if err := s.awaitTexts(); err != nil {
		return err
	}
	if ok, err := s.tell("+CMGF=0", 10*time.Second); err != nil {
		return err
	} else if !ok {
		return &trouble{SIMTrouble, "the modem refuses PDU mode (AT+CMGF=0)", "use another modem, or update its firmware", time.Minute}
	}
	if err := s.plainText(); err != nil {
		return err
	}
	if err := s.bySession(); err != nil {
		return err
	}
	if err := s.pickStore(); err != nil {
		return err
	}
	if err := s.centre(); err != nil {
		return err
	}
	return s.negotiate()
}

// bySession makes settings that some modems lose and that cannot all be read
// back: no duty to acknowledge, and the plain alphabet.
func (s *session) bySession() error {
	ok, err := s.tell("+CSMS=0", 10*time.Second)
	if err != nil {
		return err
	}
	if ok {
		s.persona.Service = "0"
	}
	_, err = s.tell(`+CSCS="GSM"`, 10*time.Second)
	return err
}

// awaitTexts waits until the modem's message part has read the SIM. Some say
// so unasked; that may have been before the port was opened, so it is asked.
func (s *session) awaitTexts() error {
	var last error
	for range smsTries {
		if _, last = s.ask(at.Command{Text: "+CSCA?", Priority: at.Control, Timeout: 10 * time.Second}); last == nil {
			return nil
		}
		if s.fatal(last) {
			return last
		}
		s.m.sleep(s.ctx, pollGap)
	}
	return &trouble{SIMTrouble, "the SIM's message part does not get ready: " + reason(last), slot, 10 * time.Second}
}

// pickStore takes the bigger of the memories that can receive, and lists what
// both hold.
func (s *session) pickStore() error {
	offered, err := s.get("+CPMS=?", at.Control, 10*time.Second)
	if err != nil {
		return err
	}
	best, room := "", -1
	s.stores = storesOffered(offered)
	s.reports = len(offered) > 0 && strings.Contains(offered[0], `"SR"`)
	for _, name := range s.stores {
		_, total, err := s.use(name)
		if err != nil {
			return err
		}
		if total > room {
			best, room = name, total
		}
		if err := s.list(); err != nil && s.fatal(err) {
			return err
		}
	}
	if best != "" && best != s.store {
		if _, _, err = s.use(best); err != nil {
			return err
		}
	}
	if err := s.reallyPlain(); err != nil {
		return err
	}
	s.persona.Reports = s.reports
	s.persona.Stores, s.persona.Store = s.stores, s.store
	return err
}

// storesOffered names the memories that can be read and receive, of the two
// that matter; with no readable offer the SIM's is tried.
func storesOffered(lines []string) []string {
	var out []string
	for _, name := range []string{"ME", "SM"} {
		if len(lines) > 0 && strings.Count(lines[0], `"`+name+`"`) >= 3 {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return []string{"SM"}
	}
	return out
}

// use makes a memory the one for reading, writing and receiving (27.005 §3.2.2).
func (s *session) use(name string) (used, total int, err error) {
	a, err := s.ask(at.Command{Text: fmt.Sprintf(`+CPMS="%s","%s","%s"`, name, name, name), Priority: at.Control, Timeout: 10 * time.Second})
	if err != nil {
		if s.fatal(err) {
			return 0, -1, err
		}
		s.refusal = append(s.refusal, "AT+CPMS "+name+": "+reason(err))
		return 0, -1, nil
	}
	s.store, s.reading = name, name
	if f := numbers(at.Fields(a.First(), "+CPMS")); len(f) >= 2 {
		return f[0], f[1], nil
	}
	return 0, 0, nil
}

// negotiate finds a way to be told of texts. Without any, the store is read
// every minute.
func (s *session) negotiate() error {
	offer, err := s.get("+CNMI=?", at.Control, 10*time.Second)
	if err != nil {
		return err
	}
	s.cnmi = ""
	for _, setting := range preferred(notices(strings.Join(offer, "")), s.persona.Notices) {
		_, err := s.ask(at.Command{Text: "+CNMI=" + setting, Priority: at.Control, Timeout: 10 * time.Second})
		if err == nil {
			s.cnmi = setting
			break
		}
		if s.fatal(err) {
			return err
		}
	}
	s.persona.Notices = s.cnmi
	s.m.suspect(func(c *suspicions) { c.since, c.noticed, c.unnoticed = time.Now(), 0, 0 })
	how := "CNMI " + s.cnmi
	if s.cnmi == "" {
		how = "polling"
		s.m.opts.Log("modem " + s.m.opts.Name + ": it refuses every form of notice; texts are looked for every minute")
	}
	s.m.change(func(h *Health) { h.Notices = how })
	return nil
}
