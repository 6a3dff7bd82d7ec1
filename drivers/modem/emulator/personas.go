package emulator

import (
	"slices"
	"strings"
	"time"
)

// Personas names the makes that PersonaByName knows, in order.
func Personas() []string {
	var names []string
	for _, p := range makes() {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

// PersonaByName gives a make by its name, in any case.
func PersonaByName(name string) (Persona, bool) {
	for _, p := range makes() {
		if strings.EqualFold(p.Name, name) {
			return p, true
		}
	}
	return Persona{}, false
}

func makes() []Persona {
	return []Persona{
		Quectel(), Qualcomm(), EC25(), SIM7600(), A7670(), SIM7670(), EM7455(), SARA(), LE910(), E3372(),
		TextOnly(), TextLiar(),
	}
}

// EC25 is a Quectel EC25 with all it says: its start takes five seconds, its
// clock shows universal time until AT+CTZU=3, and it refuses reports by +CDS.
func EC25() Persona {
	p := Qualcomm()
	p.Name, p.Model, p.Revision = "ec25", "EC25", "EC25EFAR06A06M4G"
	p.Info = []string{"Quectel", "EC25", "Revision: EC25EFAR06A06M4G"}
	p.SIMReady = []string{"+QUSIM: 1"}
	p.StackTime, p.StackReady = 2*time.Second, []string{"+QIND: SMS DONE", "+QIND: PB DONE"}
	p.SIMOut, p.SIMIn = []string{"+QSIMSTAT: 1,0", "+CPIN: NOT READY"}, []string{"+QSIMSTAT: 1,1"}
	p.Memories = []string{"ME", "MT", "SM"}
	p.Counter, p.UTCClock, p.ResetTime = "+QPINC", true, 22*time.Second
	p.commands = merge(quectelCommands(), quectelData())
	return p
}

// SIM7600 is a SIMCom SIM7600E-H: indexes from 0, errors in words until asked
// for numbers, an own reset, and no +CCID.
func SIM7600() Persona {
	return Persona{
		Name:         "sim7600",
		Manufacturer: "SIMCOM INCORPORATED", Model: "SIMCOM_SIM7600E-H", Revision: "LE20B04SIM7600M22",
		Info:       []string{"Manufacturer: SIMCOM INCORPORATED", "Model: SIMCOM_SIM7600E-H", "Revision: SIM7600M22_V2.0", "IMEI: 867698041234567", "+GCAP: +CGSM"},
		ICCID:      []string{"+CICCID"},
		Boot:       []BootLine{{0, "RDY"}},
		SIMTime:    3 * time.Second,
		StackTime:  5 * time.Second,
		StackReady: []string{"SMS DONE", "PB DONE"},
		SIMOut:     []string{"+CPIN: SIM REMOVED"},
		CNMI:       [5][]int{{0, 1, 2}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}},
		Memories:   []string{"SM", "ME", "MT"},
		Counter:    "+SPIC", NoRetries: true, FactoryErrors: 2,
		Resets: []string{"+CRESET"}, ResetTime: 25 * time.Second,
		ZoneNotice: "date",
		commands:   merge(simcomCommands(), simcomData()),
	}
}

// A7670 is a SIMCom A7670E: it answers before it can do anything, and says a
// plain ERROR to SMS commands until SMS DONE (LilyGo-Modem-Series issue 247).
func A7670() Persona {
	p := SIM7600()
	p.Name, p.Model, p.Revision = "a7670", "A7670E-FASE", "A7670M7_V1.11.1"
	p.Info = []string{"Manufacturer: INCORPORATED", "Model: A7670E-FASE", "Revision: A7670M7_V1.11.1", "IMEI: 867698041234567"}
	p.Boot, p.SIMTime = []BootLine{{0, "*ATREADY: 1"}}, 0
	p.StackTime, p.StackAnswer = 12*time.Second, "ERROR"
	p.IndexBase, p.FactoryErrors = 1, 0
	return p
}

// SIM7670 is a SIMCom SIM7670G: its prompt is a line of its own (gammu issue 1176).
func SIM7670() Persona {
	p := A7670()
	p.Name, p.Model, p.Prompt = "sim7670", "SIM7670G-LNGV", "\r\n>\r\n"
	return p
}

// EM7455 is a Sierra Wireless EM74xx: it starts without a word, stores reports
// in a memory of their own, and refuses reports by +CDS.
func EM7455() Persona {
	return Persona{
		Name:         "em7455",
		Manufacturer: "Sierra Wireless, Incorporated", Model: "EM7455", Revision: "SWI9X30C_02.33.03.00 r8209 CARMD-EV-FRMWR2 2019/08/28 20:59:30",
		Info: []string{
			"Manufacturer: Sierra Wireless, Incorporated", "Model: EM7455",
			"Revision: SWI9X30C_02.33.03.00 r8209 CARMD-EV-FRMWR2 2019/08/28 20:59:30", "MEID: 35907206123456", "IMEI: 867698041234567", "IMEI SV: 20", "+GCAP: +CGSM",
		},
		ICCID:           []string{"!ICCID"},
		SIMTime:         4 * time.Second,
		StackTime:       3 * time.Second,
		CNMI:            [5][]int{{0, 1, 2}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}},
		NoDirectReports: true,
		Memories:        []string{"ME", "MT", "SM", "SR"},
		ReportMemory:    "SR",
		Counter:         "+CPINC", NoVerify: true, NoRetries: true,
		Resets: []string{"!RESET"}, ResetTime: 18 * time.Second,
		commands: sierraCommands(),
	}
}

// SARA is a u-blox SARA-U201: it lists its classes with a space, gives +CME
// errors for SMS commands that come too early, and resets by +CFUN=16.
func SARA() Persona {
	return Persona{
		Name:         "sara",
		Manufacturer: "u-blox", Model: "SARA-U201", Revision: "23.60",
		Info:         []string{"SARA-U201-03B-00"},
		Capabilities: "+GCAP: +FCLASS, +CGSM",
		ICCID:        []string{"+CCID"},
		SIMTime:      5 * time.Second,
		StackTime:    6 * time.Second,
		Unknown:      3,
		IndexBase:    1,
		CNMI:         [5][]int{{0, 1, 2}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}},
		Memories:     []string{"SM", "ME", "MT"},
		Counter:      "+UPINCNT", NoRetries: true,
		Resets: []string{"+CFUN=16"}, ResetTime: 15 * time.Second,
	}
}

// LE910 is a Telit LE910C4: reports and texts straight to the host only under
// CSMS=1, #-commands, and #QSS for the card.
func LE910() Persona {
	return Persona{
		Name:         "le910",
		Manufacturer: "Telit", Model: "LE910C4-EU", Revision: "25.21.674",
		Info:            []string{"332"},
		ICCID:           []string{"#CCID", "+CCID"},
		SIMTime:         4 * time.Second,
		SIMReady:        []string{"#QSS: 1", "#QSS: 2"},
		StackTime:       4 * time.Second,
		StackReady:      []string{"#QSS: 3"},
		SIMOut:          []string{"#QSS: 0"},
		SIMIn:           []string{"#QSS: 1"},
		IndexBase:       1,
		CNMI:            [5][]int{{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}},
		NeedsAckService: true,
		Counter:         "#PCT", NoRetries: true,
		Resets: []string{"#REBOOT"}, ResetTime: 20 * time.Second,
		Registration: RegistrationForm{RAC: true},
		commands:     telitCommands(),
	}
}

// E3372 is a Huawei stick in modem mode: it chatters once a second, has no
// CSMS=1, no CMMS and errors in its own words, and +CMGD=? is no list.
func E3372() Persona {
	return Persona{
		Name:         "e3372",
		Manufacturer: "huawei", Model: "E3372", Revision: "21.180.01.00.00",
		Info:          []string{"Manufacturer: huawei", "Model: E3372", "Revision: 21.180.01.00.00", "IMEI: 867698041234567", "+GCAP: +CGSM,+DS,+ES"},
		Capabilities:  "+GCAP: +CGSM,+DS,+ES",
		ICCID:         []string{"^ICCID"},
		Boot:          []BootLine{{0, "^SIMST:255"}},
		SIMTime:       2 * time.Second,
		SIMReady:      []string{"^SIMST:1"},
		SIMOut:        []string{"^SIMST:255"},
		SIMIn:         []string{"^SIMST:1"},
		StackTime:     3 * time.Second,
		UnknownAnswer: "COMMAND NOT SUPPORT",
		TooMany:       "TOO MANY PARAMETERS",
		CNMI:          [5][]int{{0, 1, 2}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}},
		NoAckService:  true, NoMore: true, PackedUSSD: true,
		Chatter: []BootLine{
			{time.Second, "^BOOT:12345678,0,0,0,75"}, {time.Second, "^RSSI:20"}, {time.Second, `^HCSQ:"LTE",46,40,106,22`},
		},
		Counter: "^CPIN", NoVerify: true, NoRetries: true,
		Resets: []string{"^RESET"}, ResetTime: 20 * time.Second,
		Registration: RegistrationForm{Unquoted: true},
		UsedForm:     "(1-4095)",
		commands:     huaweiCommands(),
	}
}

// TextOnly is a modem that says OK to AT+CMGF=0 and admits that it stays in
// text mode.
func TextOnly() Persona {
	p := Quectel()
	p.Name, p.Manufacturer, p.Model = "textonly", "Generic", "T100"
	p.TextMode, p.KeepsTextMode = true, true
	return p
}

// TextLiar says OK to AT+CMGF=0, says 0 to AT+CMGF?, gives errors in words
// whatever AT+CMEE asked for, and stays in text mode.
func TextLiar() Persona {
	p := TextOnly()
	p.Name, p.Model, p.HidesTextMode, p.WordyErrors = "textliar", "T101", true, true
	return p
}

// Become makes the modem one of another make from now on, as after a reboot
// that took no time. What is stored stays in the memories that both have.
func (m *Modem) Become(p Persona) { m.loop.do(func() { m.become(p) }) }

func (m *Modem) become(p Persona) {
	size := m.memories["SM"].size
	kept := m.memories
	m.o.Persona, m.table = p, table(p)
	m.memories = map[string]*memory{}
	for _, name := range p.memories() {
		if m.memories[name] = kept[name]; kept[name] == nil {
			m.memories[name] = newMemory(size)
		}
	}
	if m.memories["MT"] != nil {
		m.memories["MT"] = m.memories["ME"]
	}
	cfun := m.set.cfun
	m.set = m.factory()
	m.set.cfun = cfun
	if m.resets.Gone = p.ResetTime; p.ResetTime == 0 {
		m.resets.Gone = 12 * time.Second
	}
	m.babble()
}

// babble starts the persona's chatter; that of an earlier life ends.
func (m *Modem) babble() {
	m.chatter++
	mine := m.chatter
	for _, line := range m.o.Persona.Chatter {
		var again func()
		again = func() {
			if m.chatter != mine {
				return
			}
			if !m.hushed {
				m.urc(line.Line)
			}
			m.after(line.After, again)
		}
		m.after(line.After, again)
	}
}
