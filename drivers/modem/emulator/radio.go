package emulator

import (
	"fmt"
	"slices"
	"time"
)

// Cell is what the radio finds: registration per domain (27.007 §7.2, §10.1),
// place and access technology.
type Cell struct {
	CREG, CGREG, CEREG int // stat: 0 idle, 1 home, 2 searching, 3 denied, 5 roaming, 6 home SMS only …
	C5GREG             int // the same of a 5G core (27.007 §10.1.47); told by personas with FiveG only
	LAC, CI            int
	AcT                int // 0 GSM, 2 UTRAN, 7 E-UTRAN
	Cause              int // reject cause told under n=3; 0 for none
	IMS                int // 0 none, 1 registered: texts go over LTE alone, 2 offered: once the modem's IMS is switched on
}

// HomeCell is a combined attach over LTE in the home network.
func HomeCell() Cell { return Everywhere(1) }

// FiveGCell is a 5G network alone: no circuits, no LTE. Texts go if IMS is 1.
func FiveGCell(ims int) Cell {
	return Cell{CREG: Idle, CGREG: Idle, CEREG: Idle, C5GREG: Home, LAC: 0x00C3, CI: 0x01A2B3C4, AcT: 11, IMS: ims}
}

// Everywhere is the same stat in all domains but a 5G core's.
func Everywhere(stat int) Cell {
	return Cell{CREG: stat, CGREG: stat, CEREG: stat, LAC: 0x00C3, CI: 0x01A2B3C4, AcT: 7}
}

// The values of stat that Everywhere and Register take.
const (
	Idle      = 0
	Home      = 1
	Searching = 2
	Denied    = 3
	Unknown   = 4
	Roaming   = 5
)

func (c Cell) stat(name string) int {
	switch name {
	case "+CREG":
		return c.CREG
	case "+CGREG":
		return c.CGREG
	case "+C5GREG":
		return c.C5GREG
	}
	return c.CEREG
}

// served tells whether any domain is registered.
func (c Cell) served() bool { return registered(c.CREG) || registered(c.CEREG) || registered(c.C5GREG) }

// sms tells whether texts go: over the circuit-switched domain, SGs or SMS only (27.007 stat 6 and 7).
func (c Cell) sms() bool {
	return in(c.CREG, 1, 5, 6, 7, 9, 10) || in(c.CEREG, 6, 7) || (registered(c.CEREG) || registered(c.C5GREG)) && c.IMS == 1
}

func in(n int, set ...int) bool {
	for _, s := range set {
		if n == s {
			return true
		}
	}
	return false
}

// Register makes the radio find the same registration in all domains.
func (m *Modem) Register(stat int) { m.Camp(Everywhere(stat)) }

// Camp makes the radio find this.
func (m *Modem) Camp(c Cell) {
	m.loop.do(func() {
		m.cell = c
		m.camp()
	})
}

// Signal sets what +CSQ tells: 0 to 31, or 99 for unknown. +CESQ follows it.
func (m *Modem) Signal(csq int) {
	m.loop.do(func() {
		m.csq, m.rsrp, m.rsrq = csq, 255, 255
		if csq <= 31 {
			// RSSI is about 27 dB above RSRP over 50 resource blocks, 10 dB more for 600 carriers.
			m.rsrp, m.rsrq = max(0, 2*csq+6), 22
		}
	})
}

// camp works out the registration and tells the host and the SMSC what changed.
func (m *Modem) camp() {
	c := m.cell
	if m.set.cfun != 1 || m.set.copsMode == 2 || !m.sim.usable() || !m.up {
		c = Everywhere(Idle)
	}
	if c.IMS == 2 && m.ims == 1 {
		c.IMS = 1
	}
	old := m.shown
	m.shown = c
	for _, name := range []string{"+CREG", "+CGREG", "+CEREG", "+C5GREG"} {
		n := m.set.creg[name]
		moved := n >= 2 && registered(c.stat(name)) && (old.LAC != c.LAC || old.CI != c.CI || old.AcT != c.AcT)
		if n > 0 && (old.stat(name) != c.stat(name) || moved) {
			m.urc(m.notice(name, n))
		}
	}
	if c.served() && !old.served() {
		m.tellZone()
	}
	if o := m.out; o != nil && !c.served() {
		m.hangUpOut()
		m.urc("NO CARRIER")
	}
	if c.sms() {
		m.net.alert(*m.number.Load())
	}
}

func registered(stat int) bool { return in(stat, 1, 5, 6, 7, 9, 10) }

// RegistrationForm is how a make writes registrations where it differs from
// 27.007 §7.2: +CREG: 1,"00C3","01A2B3C4",7.
type RegistrationForm struct {
	Unquoted bool // 1,00C3,01A2B3C4,7
	Padded   bool // 001,"00C3","01A2B3C4",7
	RAC      bool // 1,"00C3","01","01A2B3C4",7
	ReadForm bool // the notice has the <n> of the answer: 2,1,"00C3","01A2B3C4",7
}

// notice is the unsolicited result code.
func (m *Modem) notice(name string, n int) string {
	f := m.o.Persona.Registration
	text := m.shown.form(name, n, f)
	if f.ReadForm {
		text = fmt.Sprintf("%d,%s", n, text)
	}
	return name + ": " + text
}

// form is the registration without <n>, as the notice has it.
func (c Cell) form(name string, n int, f RegistrationForm) string {
	stat := c.stat(name)
	switch {
	case n >= 2 && registered(stat):
		return c.place(stat, name, f)
	case f.Padded:
		return fmt.Sprintf("%03d", stat)
	case n == 3 && c.Cause != 0 && name == "+C5GREG":
		return fmt.Sprintf("%d,,,,,,0,%d", stat, c.Cause)
	case n == 3 && c.Cause != 0:
		return fmt.Sprintf("%d,,,,0,%d", stat, c.Cause)
	}
	return fmt.Sprint(stat)
}

func (c Cell) place(stat int, name string, f RegistrationForm) string {
	quote, width, rac := `"`, 1, ""
	if f.Unquoted {
		quote = ""
	}
	if f.Padded {
		width = 3
	}
	if f.RAC && name != "+CREG" {
		rac = quote + "01" + quote + ","
	}
	if name == "+C5GREG" { // a longer area and cell, and the slices that are allowed
		return fmt.Sprintf(`%d,"%06X","%010X",%d,4,"01010101"`, stat, c.LAC, c.CI, c.AcT)
	}
	return fmt.Sprintf("%0*d,%s%04X%s,%s%s%08X%s,%d", width, stat, quote, c.LAC, quote, rac, quote, c.CI, quote, c.AcT)
}

func registration(name string) verb {
	return verb{
		read: func(m *Modem) answer {
			n := m.set.creg[name]
			return ok(fmt.Sprintf("%s: %d,%s", name, n, m.shown.form(name, n, m.o.Persona.Registration)))
		},
		test: func(*Modem) answer { return ok(name + ": (0-3)") },
		set: func(m *Modem, a args) answer {
			n := a.number(0, 0)
			if n < 0 || n > 3 {
				return m.cme(cmeBadParameters)
			}
			m.set.creg[name] = n
			return ok()
		},
	}
}

// fiveGCommands are those of modems that know a 5G core.
func fiveGCommands(p Persona) map[string]verb {
	if !p.FiveG {
		return nil
	}
	return map[string]verb{"+C5GREG": registration("+C5GREG")}
}

func radioCommands() map[string]verb {
	return map[string]verb{
		"+CREG": registration("+CREG"), "+CGREG": registration("+CGREG"), "+CEREG": registration("+CEREG"),
		"+CSQ": {run: func(m *Modem) answer { return ok(fmt.Sprintf("+CSQ: %d,99", m.csq)) }},
		"+CESQ": {run: func(m *Modem) answer {
			return ok(fmt.Sprintf("+CESQ: 99,99,255,255,%d,%d", m.rsrq, m.rsrp))
		}},
		"+COPS": {read: (*Modem).operator, set: (*Modem).selectOperator},
		"+CFUN": {
			read: func(m *Modem) answer { return ok(fmt.Sprintf("+CFUN: %d", m.set.cfun)) },
			test: func(*Modem) answer { return ok("+CFUN: (0,1,4),(0,1)") },
			set:  (*Modem).functionality,
		},
		"+CIREG": {
			read: (*Modem).readIMS,
			test: func(*Modem) answer { return ok("+CIREG: (0-2)") },
			set:  choice("+CIREG", 0, 2, func(m *Modem) *int { return &m.set.cireg }).set,
		},
		"+CGATT": {read: func(m *Modem) answer {
			attached := 0
			if registered(m.shown.CGREG) || registered(m.shown.CEREG) {
				attached = 1
			}
			return ok(fmt.Sprintf("+CGATT: %d", attached))
		}},
	}
}

func (m *Modem) operator() answer {
	if !m.shown.served() {
		return ok(fmt.Sprintf("+COPS: %d", m.set.copsMode))
	}
	name := m.inCharset([]string{"Heliograph Mobile", "Helio", "26001"}[m.set.copsFormat])
	return ok(fmt.Sprintf("+COPS: %d,%d,%q,%d", m.set.copsMode, m.set.copsFormat, name, m.shown.AcT))
}

func (m *Modem) selectOperator(a args) answer {
	mode, format := a.number(0, 0), a.number(1, m.set.copsFormat)
	if mode < 0 || mode > 4 || format < 0 || format > 2 {
		return m.cme(cmeBadParameters)
	}
	m.set.copsFormat = format
	if mode != 3 {
		m.set.copsMode = mode
		m.after(0, m.camp)
	}
	return ok()
}

// functionality switches the radio, or resets the modem (27.007 §8.2).
func (m *Modem) functionality(a args) answer {
	fun, reset := a.number(0, 1), a.number(1, 0)
	if slices.Contains(m.o.Persona.Resets, fmt.Sprintf("+CFUN=%d", fun)) {
		return m.restart()
	}
	if !in(fun, 0, 1, 4) || !in(reset, 0, 1) {
		return m.cme(cmeBadParameters)
	}
	if reset == 1 {
		return m.restart()
	}
	m.set.cfun = fun
	m.after(0, m.camp)
	return ok()
}

// readIMS is +CIREG (27.007 §8.71): registered with SMS over IMS (bit 3 of <ext_info>), or not.
func (m *Modem) readIMS() answer {
	if m.shown.IMS == 1 && (registered(m.shown.CEREG) || registered(m.shown.C5GREG)) {
		return ok(fmt.Sprintf("+CIREG: %d,1,4", m.set.cireg))
	}
	return ok(fmt.Sprintf("+CIREG: %d,0", m.set.cireg))
}

// ResetForm is how a reset goes.
type ResetForm struct {
	// Answer is said instead of OK; "-" is nothing at all.
	Answer string
	// Pause passes between the answer and the loss of the port (500 ms).
	Pause time.Duration
	// Gone is how long the port is away.
	Gone time.Duration
	// Never leaves it away: only a power cut helps, which is Return and Reboot.
	Never bool
}

// ResetAs sets how resets go from now on.
func (m *Modem) ResetAs(f ResetForm) { m.loop.do(func() { m.resets = f }) }

// restart is a reset that the host asked for.
func (m *Modem) restart() answer {
	f := m.resets
	fillNumber(&f.Pause, 500*time.Millisecond)
	m.after(f.Pause, m.reset)
	switch f.Answer {
	case "":
		return ok()
	case "-":
		return later()
	}
	return answer{final: f.Answer}
}

// resetCommands are the makers' own ways to reset.
func resetCommands(p Persona) map[string]verb {
	all := map[string]verb{}
	for _, name := range p.Resets {
		all[name] = verb{run: (*Modem).restart}
	}
	delete(all, "+CFUN=16") // a value of +CFUN, which sees to it
	return all
}
