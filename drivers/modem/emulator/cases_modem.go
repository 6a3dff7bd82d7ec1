package emulator

import (
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func lineCases() []Case {
	return []Case{
		{8, "echo", []string{"on", "cut", "between"}, false,
			"Echo is on until ATE0. cut: the echo of the next command is cut by +CMTI after its fourth character. between: +CMTI comes between the echo of the next command and its answer.",
			func(m *Modem, _ *Network, v string) error {
				m.loop.do(func() { m.wire.echo = true })
				notice := m.staleNotice()
				switch v {
				case "cut":
					m.CutEcho(4, notice)
				case "between":
					return m.Fault(Fault{On: "/./", Before: []string{notice}})
				}
				return nil
			}},
		{9, "notices inside an answer", []string{"between", "same"}, false,
			"between: +CMTI between the information and the OK of the next AT+CSQ. same: +CREG: 2 unasked before the answer to the next AT+CREG?.",
			func(m *Modem, _ *Network, v string) error {
				if v == "same" {
					return m.Fault(Fault{On: "+CREG?", Before: []string{"+CREG: 2"}})
				}
				return m.Fault(Fault{On: "+CSQ", Between: []string{m.staleNotice()}})
			}},
		{20, "rubbish", []string{"nul", "ff", "baud", "long", "utf8", "ppp", "nmea", "huawei"}, false,
			"At once, or for huawei every second for a minute; long is 70,000 bytes without a line feed.",
			rubbish},
		{21, "without words", []string{"v0", "q1"}, true,
			"v0: ATV0, results are digits. q1: ATQ1, there are none.",
			quietly(func(m *Modem, v string) { m.wire.verbose, m.wire.quiet = v != "v0", v == "q1" })},
		{50, "forms of the signal", []string{"unknown", "gsm", "words", "none"}, false,
			"unknown: +CSQ: 99,99 and +CESQ: 99,99,255,255,255,255. gsm: +CESQ with the first two fields only. words: a text before +CSQ. none: both are answered ERROR.",
			signalForms},
		{53, "answers in pieces", []string{"1", "2", "3", "7"}, false,
			"Everything comes in reads of at most so many bytes, from now on.",
			func(m *Modem, _ *Network, v string) error {
				m.Split(args{v}.number(0, 1))
				return nil
			}},
		{54, "a thousand notices a second", []string{"rssi", "cmti"}, false,
			"For five seconds: ^RSSI, or +CMTI for a place that is empty.",
			func(m *Modem, _ *Network, v string) error {
				line := "^RSSI: 20"
				if v == "cmti" {
					line = m.staleNotice()
				}
				m.Flood(1000, 5*time.Second, line)
				return nil
			}},
	}
}

// staleNotice is a +CMTI for the last place, which is empty unless the memory is full.
func (m *Modem) staleNotice() string {
	s := m.State()
	return `+CMTI: "` + s.Memories[2] + `",` + strconv.Itoa(s.IndexBase+s.Places-1)
}

func rubbish(m *Modem, _ *Network, v string) error {
	if v == "huawei" {
		for _, line := range E3372().Chatter {
			m.Flood(1, time.Minute, line.Line)
		}
		return nil
	}
	m.Noise([]byte(map[string]string{
		"nul":  strings.Repeat("\x00", 64),
		"ff":   strings.Repeat("\xff", 512),
		"baud": "\x80\xe0\x9c\x00\xfe\x1e\xf8\x66\x98\x00\xe6\x06\r\n",
		"long": strings.Repeat("A", 70_000),
		"utf8": "\r\n+CUSD: 0,\"\xc5\r\n",
		"ppp":  "\x7e\xff\x7d\x23\xc0\x21\x7d\x21\x7d\x21\x7d\x20\x7d\x34\x7d\x22\x7d\x26\x7d\x20\x7d\x20\x7d\x20\x7d\x20\x5b\x2c\x7e",
		"nmea": strings.Repeat("$GPGGA,100000.0,5213.0,N,02100.0,E,1,05,1.2,110.0,M,,M,,*5B\r\n", 20),
	}[v]))
	return nil
}

func signalForms(m *Modem, _ *Network, v string) error {
	switch v {
	case "unknown":
		m.Signal(99)
		return nil
	case "gsm":
		return m.Fault(Fault{On: "+CESQ", Times: always, Lines: []string{"+CESQ: 30,0,255,255,255,255"}})
	case "words":
		return m.Fault(Fault{On: "+CSQ", Times: always, Lines: []string{"Signal quality", "+CSQ: 20,99"}})
	}
	return m.faultAll(Fault{On: "+CSQ", Times: always, Answer: "ERROR"}, Fault{On: "+CESQ", Times: always, Answer: "ERROR"})
}

func portCases() []Case {
	return []Case{
		{22, "the port goes", []string{"prompt", "mid-pdu", "after-pdu", "committed", "cmgd", "eof", "zero", "silent"}, false,
			"For 12 s. prompt, mid-pdu, after-pdu: at that moment of the next text, which is not sent. committed: the SMSC has it. cmgd: the next delete is done and not answered. eof, zero, silent: at once, and reads end with EOF, give nothing, or block. A tty comes back under another number.",
			portGoes},
		{23, "the modem does not read", []string{"15s"}, false,
			"For 15 s nothing is taken from the host; its writes block once the buffer is full, or at once over the in-memory port.",
			quietly(func(m *Modem, _ string) {
				m.stall(true)
				m.after(15*time.Second, func() { m.stall(false) })
			})},
		{24, "the port cannot be opened", []string{"busy", "denied", "silent"}, true,
			"For 30 s: opening gives EBUSY or EACCES (in-memory port only), or it opens and the modem is silent.",
			quietly(func(m *Modem, v string) {
				m.refusal = map[string]error{"busy": syscall.EBUSY, "denied": syscall.EACCES}[v]
				m.up = v != "silent"
				m.after(30*time.Second, func() { m.refusal, m.up = nil, true })
			})},
		{44, "two programs on one port", []string{"bytes", "answer", "settings"}, false,
			"bytes: another program writes AT+CPIN? three times, half a second apart, and the answers come here. answer: a foreign answer precedes the next AT+CSQ's (T20). settings: somebody sets AT+CNMI=2,0,0,0,0 and AT+CMGF=1.",
			twoPrograms},
		{52, "answers twice, and on the other port", []string{"twice", "other", "notices"}, false,
			"twice: every AT+CSQ is answered twice from now on. other: the next AT+CSQ is answered on the second port. notices: all notices come on the second port.",
			func(m *Modem, _ *Network, v string) error {
				switch v {
				case "twice":
					return m.Fault(Fault{On: "+CSQ", Times: always, Twice: true})
				case "other":
					return m.Fault(Fault{On: "+CSQ", OtherPort: true})
				}
				m.URCPorts(false, true)
				return nil
			}},
	}
}

func portGoes(m *Modem, _ *Network, v string) error {
	const away = 12 * time.Second
	switch v {
	case "prompt":
		return m.Fault(Fault{On: "+CMGS", Drop: DropAtOnce, DropFor: away})
	case "mid-pdu":
		return m.Fault(Fault{On: "+CMGS", Drop: DropMidPDU, DropFor: away})
	case "after-pdu":
		return m.Fault(Fault{On: "+CMGS", Drop: DropAfterPDU, DropFor: away})
	case "committed":
		return m.Fault(Fault{On: "+CMGS", CommitThenDrop: true, DropFor: away})
	case "cmgd":
		return m.Fault(Fault{On: "+CMGD", CommitThenDrop: true, DropFor: away})
	}
	err := m.VanishAs(v)
	m.loop.do(func() { m.after(away, func() { _ = m.comeBack() }) })
	return err
}

func twoPrograms(m *Modem, _ *Network, v string) error {
	switch v {
	case "answer":
		return m.Fault(Fault{On: "+CSQ", Raw: []byte("\r\n+CPIN: READY\r\n\r\nOK\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n")})
	case "settings":
		m.loop.do(func() { m.set.cnmi, m.set.cmgf = [5]int{2, 0, 0, 0, 0}, 1 })
		return nil
	}
	m.loop.do(func() {
		for i := range 3 {
			m.after(time.Duration(i)*500*time.Millisecond, func() {
				m.wire.input = append(m.wire.input, "AT+CPIN?\r"...)
				m.pump()
			})
		}
	})
	return nil
}

func simCases() []Case {
	return []Case{
		{25, "the PIN", []string{"tries3", "tries1", "unknown", "wrong", "puk", "quoted", "nospace", "no-ok", "cme10", "cme13", "cme14", "slow", "runtime"}, true,
			"The SIM asks for PIN 1234: with three tries or one; unknown: no counter can be read; wrong: its PIN is 4321; puk: it asks for its PUK; slow: SMS works 15 s after the PIN. quoted, nospace, no-ok: forms of +CPIN: READY. cme10, cme13: errors instead; cme14: eight times busy, then READY. runtime: the PUK is asked for a minute from now.",
			pins},
		{26, "another SIM", []string{"swap", "removed", "locked"}, false,
			"The SIM is pulled now; swap: another (ICCID 8948010000099999999, SMSC +48790998250) is put in after 10 s; locked: it asks for PIN 1234.",
			anotherSIM},
		{29, "registration", []string{"flap", "denied", "eps-only", "ims-off", "sms-only", "rlos", "act", "unquoted", "padded", "rac", "read-form"}, false,
			"flap: 1, 2, 1, 5 and so on every five seconds for five minutes. denied: 3 with cause 15 under n=3. eps-only: CEREG 1 and CREG 0, texts get 350 after 135 s; ims-off: the same, until AT+QCFG=\"ims\",1 and a reset. sms-only: 6. rlos: CEREG 11. act: LTE becomes GSM. The rest are forms of the notice, shown by a move to another cell.",
			registrations},
	}
}

func pins(m *Modem, _ *Network, v string) error {
	cpin := func(f Fault) error {
		f.On = "+CPIN?"
		return m.Fault(f)
	}
	switch v {
	case "quoted":
		return cpin(Fault{Times: always, Lines: []string{`+CPIN: "READY"`}})
	case "nospace":
		return cpin(Fault{Times: always, Lines: []string{"+CPIN:READY"}})
	case "no-ok":
		return cpin(Fault{Times: always, Raw: []byte("\r\n+CPIN: READY\r\n")})
	case "cme10", "cme13":
		return cpin(Fault{Times: always, Answer: "+CME ERROR: " + v[3:]})
	case "cme14":
		return cpin(Fault{Times: 8, Answer: "+CME ERROR: 14"})
	case "runtime":
		m.loop.do(func() { m.after(time.Minute, func() { m.lockSIM("1234", 0) }) })
		return nil
	}
	pin, tries := "1234", 3
	switch v {
	case "tries1":
		tries = 1
	case "wrong":
		pin = "4321"
	case "puk":
		tries = 0
	}
	m.Lock(pin, tries)
	m.loop.do(func() {
		if v == "unknown" {
			m.o.Persona.NoVerify, m.o.Persona.NoRetries, m.o.Persona.Counter = true, true, ""
			m.table = table(m.o.Persona)
		}
		if v == "slow" {
			m.o.StackDelay = 15 * time.Second
		}
	})
	return nil
}

func anotherSIM(m *Modem, _ *Network, v string) error {
	m.RemoveSIM()
	if v == "removed" {
		return nil
	}
	s := SIM{ICCID: "8948010000099999999", IMSI: "260019999999999", SMSC: "+48790998250"}
	if v == "locked" {
		s.PIN = "1234"
	}
	fillNumber(&s.PINTries, 3)
	m.loop.do(func() { m.after(10*time.Second, func() { m.insertSIM(s) }) })
	return nil
}

func registrations(m *Modem, _ *Network, v string) error {
	form := map[string]RegistrationForm{"unquoted": {Unquoted: true}, "padded": {Padded: true}, "rac": {RAC: true}, "read-form": {ReadForm: true}}
	c := HomeCell()
	switch v {
	case "flap":
		m.loop.do(func() { m.flap([]int{Home, Searching, Home, Roaming}, 60) })
		return nil
	case "denied":
		c = Everywhere(Denied)
		c.Cause = 15
	case "eps-only":
		c.CREG = Idle
	case "ims-off":
		c.CREG, c.IMS = Idle, 2
	case "sms-only":
		c = Everywhere(6)
	case "rlos":
		c = Cell{CEREG: 11, LAC: 0xC3, CI: 1, AcT: 7}
	case "act":
		c.AcT, c.CEREG = 0, Idle
	default:
		c.CI++
		m.loop.do(func() { m.o.Persona.Registration = form[v] })
	}
	m.Camp(c)
	return nil
}

// flap goes through the stats, one every five seconds, and ends at home.
func (m *Modem) flap(stats []int, left int) {
	m.cell = Everywhere(stats[0])
	if left == 0 {
		m.cell = HomeCell()
	}
	m.camp()
	if left > 0 {
		m.after(5*time.Second, func() { m.flap(append(slices.Clone(stats[1:]), stats[0]), left-1) })
	}
}

func lifeCases() []Case {
	return []Case{
		{27, "the modem restarts by itself", []string{"idle", "in-command", "in-send"}, false,
			"With the boot lines of its make, echo on and everything forgotten: now, instead of the answer to the next AT+CSQ, or after the PDU of the next text.",
			func(m *Modem, _ *Network, v string) error {
				switch v {
				case "in-command":
					return m.Fault(Fault{On: "+CSQ", Reboot: true})
				case "in-send":
					return m.Fault(Fault{On: "+CMGS", Reboot: true})
				}
				m.Reboot()
				return nil
			}},
		{28, "a slow start", []string{"silent", "sms-later"}, true,
			"silent: 20 s of silence, then ten seconds in which every command is answered ERROR. sms-later: an A7670, which says ERROR to SMS commands until SMS DONE, 12 s after its start.",
			quietly(func(m *Modem, v string) {
				if v == "sms-later" {
					m.become(A7670())
					m.boot()
					return
				}
				m.start(20*time.Second, 10*time.Second)
			})},
		{37, "calls", []string{"rings", "hidden", "in-prompt", "in-send", "gives-up", "cring"}, false,
			"rings: five, with the number. hidden: the number is withheld. in-prompt: RING between the prompt and the PDU of the next text; in-send: between its PDU and its result. gives-up: one ring. cring: +CRING: VOICE.",
			calls},
		{38, "forms of the time", []string{"1980", "west", "bare", "4digit", "nozone", "dst", "inside", "never"}, false,
			"of AT+CCLK?: 1980 or zone -20; bare without quotes; 4digit years; nozone. dst: the zone changes by an hour and is told. inside: +CTZE before the OK of the next AT+CSQ. never: no network time yet: 1970, and +QLTS is empty.",
			times},
		{42, "resets", []string{"ok", "ok-lost", "45s", "never", "error"}, false,
			"AT+CFUN=1,1 and the maker's own: ok: OK, and the port goes at once. ok-lost: no OK. 45s: the port is gone that long. never: it never comes back by itself; Return and Reboot are the power switch. error: ERROR, and it resets all the same.",
			quietly(func(m *Modem, v string) {
				m.resets = map[string]ResetForm{
					"ok":      {Pause: time.Millisecond, Gone: 12 * time.Second},
					"ok-lost": {Answer: "-", Pause: time.Millisecond, Gone: 12 * time.Second},
					"45s":     {Gone: 45 * time.Second},
					"never":   {Never: true},
					"error":   {Answer: "ERROR", Gone: 12 * time.Second},
				}[v]
			})},
		{43, "airplane mode", []string{"331", "53"}, true,
			"The radio is off, as a program that crashed left it: AT+CFUN? says 4, and texts get +CMS ERROR: 331 or +CME ERROR: 53.",
			quietly(func(m *Modem, v string) {
				m.set.cfun = 4
				if v == "53" {
					m.airplane = "+CME ERROR: 53"
				}
				m.camp()
			})},
		{51, "the supply fails", []string{"undervoltage", "overvoltage", "hot", "cold"}, false,
			"The modem complains, says POWERED DOWN five seconds later, and restarts by itself after two more.",
			quietly(func(m *Modem, v string) { m.complain(v) })},
	}
}

// complaints are what makes say when they are unwell: SIMCom's spelling is its own.
var complaints = map[string]string{
	"undervoltage": "UNDER-VOLTAGE WARNNING", "overvoltage": "OVER-VOLTAGE WARNNING", "hot": "+CMTE: 2", "cold": "+CMTE: -2",
}

func (m *Modem) complain(how string) {
	m.urc(complaints[how])
	m.after(5*time.Second, func() {
		m.urc("POWERED DOWN")
		m.after(2*time.Second, m.boot)
	})
}

func calls(m *Modem, n *Network, v string) error {
	switch v {
	case "rings":
		n.Phone(stranger).Call(m.Number(), 5)
	case "gives-up":
		n.Phone(stranger).Call(m.Number(), 1)
	case "hidden":
		n.Phone(stranger).CallHidden(m.Number(), 5)
	case "cring":
		m.loop.do(func() { m.set.crc = 1 })
		n.Phone(stranger).Call(m.Number(), 5)
	case "in-prompt":
		return m.Fault(Fault{On: "+CMGS", Interject: []string{"RING", clipLine(stranger)}})
	case "in-send":
		return m.Fault(Fault{On: "+CMGS", Before: []string{"RING", clipLine(stranger)}, Delay: 2 * time.Second})
	}
	return nil
}

func times(m *Modem, n *Network, v string) error {
	switch v {
	case "bare", "4digit", "nozone":
		m.loop.do(func() { m.clockForm = v })
	case "1980":
		m.SetClock(time.Until(time.Date(1980, 1, 6, 0, 0, 12, 0, time.UTC)))
	case "never":
		m.SetClock(time.Until(time.Date(1970, 1, 1, 0, 0, 12, 0, time.UTC)))
	case "west":
		n.Zone(time.FixedZone("west", -5*3600))
		m.NITZ()
	case "dst":
		_, seconds := n.now().Zone()
		n.Zone(time.FixedZone("summer", seconds+3600))
		m.NITZ()
	case "inside":
		return m.Fault(Fault{On: "+CSQ", Between: []string{`+CTZE: "+08",0,"2026/11/21,10:00:00"`}})
	}
	return nil
}
