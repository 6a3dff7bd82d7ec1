package emulator

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/warthog618/sms/encoding/tpdu"
)

func noticeCases() []Case {
	return []Case{
		{10, "notices that lead astray", []string{"two", "read", "mt", "sr", "empty"}, false,
			`two: two texts, two notices at once. read: a text is stored, and its notice comes twice. mt: the notice names MT, a view of ME. sr: a report's notice names SR. empty: the notice names an empty place, AT+CMGR gives +CMS ERROR: 321.`,
			astray},
		{11, "forms of +CMT", []string{"comma", "bare", "quoted", "blank", "lower", "length"}, true,
			"The modem offers texts straight to the host and no other way. The next text, staged 30 s from now, comes as +CMT in this form; length: the length is three too many.",
			func(m *Modem, n *Network, v string) error {
				m.loop.do(func() { m.directOnly(false) })
				m.loop.do(func() {
					m.after(30*time.Second, func() { m.net.loop.post(func() { _ = n.textLater(stranger, m.Number(), "status") }) })
				})
				return m.DirectAs(v)
			}},
		{12, "a duty to acknowledge", []string{"left", "needed"}, true,
			"left: another program left AT+CSMS=1 and AT+CNMI=2,2 behind, and a text comes at once. needed: texts come straight to the host and only under AT+CSMS=1. Without AT+CNMA in 12 s CNMI becomes 2,0,0,0,0 without a word; a second AT+CNMA gets +CMS ERROR: 340.",
			func(m *Modem, n *Network, v string) error {
				m.loop.do(func() {
					if v == "needed" {
						m.directOnly(true)
						return
					}
					m.set.csms, m.set.cnmi = 1, [5]int{2, 2, 0, 0, 0}
				})
				return n.Queue(stranger, m.Number(), "status")
			}},
		{16, "reports in the memory", []string{"mixed", "sr"}, true,
			"mixed: the memory holds a text, a draft, a sent text and a report, and reports are stored among them. sr: reports go to the memory SR and are told as +CDSI: \"SR\".",
			mixed},
		{33, "refusals of CNMI", []string{"no-ds1", "bfr1", "needs-csms", "no-csms", "cinterion", "forgets"}, true,
			"no-ds1: ds=1 is offered and refused. bfr1: only bfr=1. needs-csms: mt=2 and ds=1 need CSMS=1. no-csms: CSMS=1 is refused. cinterion: (0,1,2),(0,1),(0,2),(0),(1). forgets: it is forgotten ten minutes after it was set, without a word.",
			func(m *Modem, _ *Network, v string) error {
				m.loop.do(func() { cnmiOf(&m.o.Persona, v) })
				return nil
			}},
		{34, "odd senders, times and kinds", names(oddSenders()), false,
			"One message each, as Oddities() tells; `all` sends every one.", inject(oddSenders())},
		{35, "odd alphabets", names(oddAlphabets()), false,
			"One message each, as Oddities() tells; `all` sends every one.", inject(oddAlphabets())},
	}
}

func names(all []Oddity) []string {
	out := []string{"all"}
	for _, o := range all {
		out = append(out, o.Name)
	}
	return out
}

func inject(all []Oddity) func(m *Modem, n *Network, v string) error {
	return func(m *Modem, n *Network, v string) error {
		for _, o := range all {
			if v != "all" && v != o.Name {
				continue
			}
			for _, pdu := range o.PDUs {
				if err := n.Inject(m.Number(), pdu); err != nil {
					return fmt.Errorf("%s: %w", o.Name, err)
				}
			}
		}
		return nil
	}
}

// textLater is Phone.Send from within the Network's loop.
func (n *Network) textLater(from, to, body string) error {
	parts, err := delivers(from, body, n.now(), 1)
	if err != nil {
		return err
	}
	for _, t := range parts {
		n.arrive(&message{t: t, to: to})
	}
	return nil
}

// directOnly leaves no other notice than +CMT and +CDS, with the duty to
// acknowledge them or without.
func (m *Modem) directOnly(acknowledged bool) {
	p := &m.o.Persona
	p.CNMI = [5][]int{{0, 1, 2}, {0, 2}, {0}, {0, 1}, {0, 1}}
	p.NeedsAckService = acknowledged
}

func cnmiOf(p *Persona, v string) {
	switch v {
	case "no-ds1":
		p.NoDirectReports = true
	case "bfr1":
		p.CNMI[4] = []int{1}
	case "needs-csms":
		p.NeedsAckService = true
	case "no-csms":
		p.NoAckService = true
	case "cinterion":
		p.CNMI = [5][]int{{0, 1, 2}, {0, 1}, {0, 2}, {0}, {1}}
	case "forgets":
		p.ForgetsNotices = 10 * time.Minute
	}
}

func astray(m *Modem, n *Network, v string) error {
	switch v {
	case "two":
		return n.Queue(stranger, m.Number(), "one", "two")
	case "read":
		err := n.Queue(stranger, m.Number(), "once")
		m.loop.do(func() {
			m.after(time.Second, func() {
				name := m.set.cpms[2]
				for _, i := range m.memories[name].indexes() {
					m.urc(fmt.Sprintf("+CMTI: %q,%d", name, i))
				}
			})
		})
		return err
	case "mt":
		m.loop.do(func() {
			m.o.Persona.Memories = []string{"ME", "SM", "MT"}
			m.memories["MT"] = m.memories["ME"]
			m.tellAs = "MT"
		})
		return n.Queue(stranger, m.Number(), "in ME, told as MT")
	case "sr":
		m.loop.do(m.addReportMemory)
		b, err := report(Submission{Reference: 200, To: stranger, At: n.now()}, 0, n.now()).MarshalBinary()
		if err != nil {
			return err
		}
		return n.Inject(m.Number(), fmt.Sprintf("00%X", b))
	}
	m.loop.do(func() {
		m.urc(fmt.Sprintf("+CMTI: %q,%d", m.set.cpms[2], m.o.Persona.IndexBase+m.memories[m.set.cpms[2]].size-1))
	})
	return nil
}

func (m *Modem) addReportMemory() {
	if m.memories["SR"] == nil {
		m.o.Persona.Memories = append(slices.Clone(m.o.Persona.memories()), "SR")
		m.memories["SR"] = newMemory(m.memories["SM"].size)
	}
}

// The PDUs that cases 16 and 30 find in the memory.
const (
	storedText   = "00040B918405210077F700006211120100004008C1E11244BBC562"
	storedSubmit = "0031000B918405210077F700002F134166514A058DDFF2726B7E8F81C8EFBB1B"
	storedReport = "00060C0B918405210077F7621112010000406211120100404000"
)

func mixed(m *Modem, _ *Network, v string) error {
	if v == "sr" {
		m.loop.do(m.addReportMemory)
		_, err := m.Store("SR", 0, storedReport)
		return err
	}
	name := m.State().Memories[2]
	for _, s := range []Stored{{Stat: 0, PDU: storedText}, {Stat: 2, PDU: storedSubmit}, {Stat: 3, PDU: storedSubmit}, {Stat: 0, PDU: storedReport}} {
		if _, err := m.Store(name, s.Stat, s.PDU); err != nil {
			return err
		}
	}
	return nil
}

func storeCases() []Case {
	return []Case{
		{30, "texts from before the start", []string{"parts", "interleaved", "16bit", "impossible"}, true,
			"parts: twelve in the memory, among them parts 1 and 3 of 3 and part 1 again; part 2 comes live after 60 s. interleaved: two long texts of one sender with the same reference, part by part in turn. 16bit: a chain with a 16-bit reference. impossible: a part 3 of 2, and one of 0.",
			before},
		{31, "the memory is full", []string{"full", "ciev", "qind"}, true,
			"Every place is taken and a text waits at the SMSC; it comes a second after a delete. ciev and qind: the modem says +CIEV: 7,1 or +QIND: \"smsfull\" each time it must refuse one.",
			full},
		{32, "long lists", []string{"255", "garbage", "range"}, false,
			"255: the next AT+CMGL lists 255 texts in 12 s, with a +CMTI in the middle. garbage: rubbish follows the last text. range: AT+CMGD=? gives (1-4095),(0-4).",
			longLists},
	}
}

// part makes one part of a chain, as it is stored.
func part(from, body string, number, of, reference int, wide bool) (string, error) {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	t, err := delivers(from, body, at, 1)
	if err != nil {
		return "", err
	}
	d := t[0]
	d.UDH = tpdu.UserDataHeader{{ID: 0, Data: []byte{byte(reference), byte(of), byte(number)}}}
	if wide {
		d.UDH = tpdu.UserDataHeader{{ID: 8, Data: []byte{byte(reference >> 8), byte(reference), byte(of), byte(number)}}}
	}
	d.FirstOctet |= tpdu.FoUDHI
	b, err := d.MarshalBinary()
	if err != nil {
		return "", fmt.Errorf("make a part: %w", err)
	}
	return "00" + strings.ToUpper(hex.EncodeToString(b)), nil
}

// piece is a part that a case wants.
type piece struct {
	body             string
	number, of, refr int
	wide             bool
}

func before(m *Modem, n *Network, v string) error {
	var all []piece
	switch v {
	case "parts":
		all = []piece{{"one ", 1, 3, 0x7A, false}, {"three", 3, 3, 0x7A, false}, {"one ", 1, 3, 0x7A, false}}
	case "interleaved":
		all = []piece{{"A1 ", 1, 2, 9, false}, {"B1 ", 1, 2, 9, false}, {"A2", 2, 2, 9, false}, {"B2", 2, 2, 9, false}}
	case "16bit":
		all = []piece{{"far ", 1, 2, 0x1234, true}, {"away", 2, 2, 0x1234, true}}
	case "impossible":
		all = []piece{{"too far", 3, 2, 5, false}, {"none", 1, 0, 6, false}, {"zeroth", 0, 2, 7, false}}
	}
	name := m.State().Memories[2]
	for _, p := range all {
		pdu, err := part(stranger, p.body, p.number, p.of, p.refr, p.wide)
		if err != nil {
			return err
		}
		if _, err := m.Store(name, 0, pdu); err != nil {
			return err
		}
	}
	if v == "parts" {
		return beforeParts(m, n, name)
	}
	return nil
}

func beforeParts(m *Modem, n *Network, name string) error {
	for i := range 9 {
		pdu, err := part(stranger, fmt.Sprintf("night text %d", i+1), 1, 1, i+1, false)
		if err != nil {
			return err
		}
		if _, err := m.Store(name, i%2, pdu); err != nil {
			return err
		}
	}
	pdu, err := part(stranger, "two ", 2, 3, 0x7A, false)
	m.loop.do(func() {
		m.after(time.Minute, func() {
			m.net.loop.post(func() {
				b, _ := hex.DecodeString(pdu) // made above
				m.net.arrive(&message{raw: b[1:], to: m.Number()})
			})
		})
	})
	return err
}

func full(m *Modem, n *Network, v string) error {
	m.loop.do(func() { m.told = fullness{name: v == "qind", indicator: v == "ciev"} })
	var err error
	for _, name := range m.State().Memories {
		err = errors.Join(err, m.Fill(name))
	}
	return errors.Join(err, m.Fill("SM"), m.Fill("ME"), n.Queue(stranger, m.Number(), "status"))
}

func longLists(m *Modem, n *Network, v string) error {
	switch v {
	case "range":
		m.loop.do(func() { m.o.Persona.UsedForm = "(1-4095)" })
		return nil
	case "garbage":
		return m.Fault(Fault{On: "+CMGL", Between: []string{"+CMGL: ,,", "00040B91840521", "#!*"}})
	}
	name := m.State().Memories[0]
	if err := errors.Join(m.Resize(name, 255), m.Fill(name), m.Resize(name, 300)); err != nil {
		return err
	}
	next := m.State().IndexBase + 255
	err := m.Fault(Fault{On: "+CMGL", Spread: 12 * time.Second, Between: []string{fmt.Sprintf("+CMTI: %q,%d", name, next)}})
	_, stored := m.Store(name, 0, storedText)
	return errors.Join(err, stored)
}
