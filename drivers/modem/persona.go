package modem

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// Persona is what one modem with one firmware was found to be and to do. It is
// found by trying, kept by serial number and firmware, and found anew when
// either changes.
type Persona struct {
	Maker, Model, Firmware, IMEI string

	Vendor       string   // "quectel", "simcom" …: whose own commands it has; empty if nobody's known
	ICCID        string   // the command that tells the SIM's number, such as "+QCCID"
	Counter      string   // the command that tells the tries left for the PIN; empty if none was needed or known
	Notices      string   // the setting of +CNMI that it took; empty for none
	Service      string   // the setting of +CSMS that it took; empty for none
	Stores       []string // memories that receive
	Store        string   // the one in use
	Reports      bool     // it has a memory of reports, SR
	Lowest       int      // the lowest index seen, which tells where it counts from; -1 if none was
	More         string   // +CMMS in bursts: "2", "1", "no"; empty if not tried
	Reset        string   // the command that restarts it
	Errors       string   // whose table its codes from 510 on are read by; empty for nobody's
	Registration string   // how it writes +CREG: "quoted", "bare", with or without "and RAC"
	FiveG        bool     // it tells its registration with a 5G core
	Codes        string   // how it takes service codes: "plain", "packed", "wide"; empty if none was sent
	TextMode     bool     // it says OK to PDU mode and stays in text mode
}

// vendors are told from the answers to +CGMI, +CGMM and ATI. Their resets are
// those that ModemManager's plugins use.
var vendors = []struct{ key, mark, reset string }{
	{"quectel", "quectel", "+CFUN=1,1"},
	{"simcom", "simcom", "+CRESET"},
	{"simcom", "a76", "+CRESET"}, // names its maker INCORPORATED
	{"sierra", "sierra", "!RESET"},
	{"u-blox", "u-blox", "+CFUN=16"},
	{"telit", "telit", "#REBOOT"},
	{"huawei", "huawei", "^RESET"},
	{"cinterion", "cinterion", "+CFUN=1,1"},
	{"cinterion", "siemens", "+CFUN=1,1"},
	{"cinterion", "thales", "+CFUN=1,1"},
	{"wavecom", "wavecom", "+CFUN=1,1"},
	{"motorola", "motorola", "+CFUN=1,1"},
}

// anyReset restarts a modem of no known make (27.007 §8.2).
const anyReset = "+CFUN=1,1"

// known fills in what a maker's name tells.
func (p *Persona) known(words string) {
	p.Reset = anyReset
	for _, v := range vendors {
		if strings.Contains(strings.ToLower(words), v.mark) {
			p.Vendor, p.Reset = v.key, v.reset
			break
		}
	}
	p.Errors = ""
	if vendorTable(p.Vendor) != nil {
		p.Errors = p.Vendor
	}
}

const (
	personaName = "persona"
	cardName    = "card"
)

// recall gives the persona kept for this serial number and firmware.
func (m memo) recall() (p Persona, ok bool) {
	b, err := m.Load(personaName)
	if err != nil || json.Unmarshal(b, &p) != nil || p.IMEI == "" {
		return Persona{}, false
	}
	return p, true
}

// card is what is remembered of the SIM: another one is noticed even if it was
// changed while the box was off.
type card struct {
	ICCID, SMSC string
	Since       time.Time // when it was first seen in the place of another; zero if it never was
}

func (m memo) card() (c card) {
	if b, err := m.Load(cardName); err == nil {
		_ = json.Unmarshal(b, &c) // one that cannot be read is none
	}
	return c
}

// keepJSON stores a value if it differs from what is there.
func (m memo) keepJSON(name string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if have, err := m.Load(name); err == nil && bytes.Equal(have, b) {
		return nil
	}
	return m.Store(name, b)
}

// remember keeps the persona and the card. A store that fails costs a probe
// at the next start.
func (s *session) remember() error {
	if s.persona.IMEI != "" {
		if err := s.m.memo.keepJSON(personaName, s.persona); err != nil {
			s.m.opts.Log("modem " + s.m.opts.Name + ": what it can do cannot be remembered: " + err.Error())
		}
	}
	c := s.m.memo.card()
	h := s.m.Health()
	if h.ICCID == "" {
		return nil
	}
	if c.ICCID != "" && c.ICCID != h.ICCID {
		c.Since = time.Now()
		s.m.note(func(f *facts) { f.noCentre = false }) // another card's trouble, until a text shows it
	}
	c.ICCID, c.SMSC = h.ICCID, h.SMSC
	if err := s.m.memo.keepJSON(cardName, c); err != nil {
		s.m.opts.Log("modem " + s.m.opts.Name + ": the SIM cannot be remembered: " + err.Error())
	}
	s.m.note(func(f *facts) { f.newCard = c.Since })
	return nil
}

// seen notes an index: some count from 0.
func (p *Persona) seen(index int) {
	if p.Lowest < 0 || index < p.Lowest {
		p.Lowest = index
	}
}

// spelling notes how a registration is written.
func (p *Persona) spelling(line string) {
	f := at.Fields(line, nameOf(line))
	if len(f) < 4 {
		return
	}
	p.Registration = "bare"
	if strings.Contains(line, `"`) {
		p.Registration = "quoted"
	}
	if strings.HasPrefix(line, "+CEREG") || strings.HasPrefix(line, "+CGREG") {
		if at.ReadForm(line) {
			f = f[1:]
		}
		if len(f) >= 5 && len(f[2]) <= 2 {
			p.Registration += " and RAC"
		}
	}
}

func nameOf(line string) string {
	name, _, _ := strings.Cut(line, ":")
	return name
}

// preferred puts what worked before first.
func preferred(all []string, first string) []string {
	if first == "" {
		return all
	}
	out := []string{first}
	for _, a := range all {
		if a != first {
			out = append(out, a)
		}
	}
	return out
}
