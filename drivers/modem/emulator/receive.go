package emulator

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"
)

// unacked is a text that was shown to the host and waits for its AT+CNMA.
type unacked struct {
	answer func(taken bool)
	late   *alarm
}

// deliver is the SMSC's end: a TPDU for this SIM. answer gets RP-ACK or
// RP-ERROR, in the modem's loop.
func (m *Modem) deliver(pdu []byte, answer func(taken bool)) {
	m.loop.post(func() { m.incoming(pdu, answer) })
}

func (m *Modem) incoming(pdu []byte, answer func(taken bool)) {
	if !m.up || !m.sim.stack || !m.shown.sms() {
		answer(false)
		return
	}
	if isReport(pdu) {
		m.incomingReport(pdu, answer)
		return
	}
	mt, class := m.set.cnmi[1], classOf(pdu)
	switch {
	case mt == 2 && class != 2, mt == 3 && class == 3:
		m.show("+CMT: ,", pdu, answer)
	case class == 2:
		m.keep("SM", mt > 0, "+CMTI", pdu, answer)
	default:
		m.keep(m.set.cpms[2], mt > 0, "+CMTI", pdu, answer)
	}
}

func (m *Modem) incomingReport(pdu []byte, answer func(taken bool)) {
	switch m.set.cnmi[3] {
	case 1:
		m.show("+CDS: ", pdu, answer)
	case 2:
		name := m.set.cpms[2]
		if m.memories["SR"] != nil {
			name = "SR" // 27.005 §3.2.3: the memory for status reports
		}
		m.keep(name, true, "+CDSI", pdu, answer)
	default:
		answer(true) // 27.005 §3.4.1: with ds=0 reports are not routed to the host
	}
	m.reported(pdu[1])
}

// show sends a text straight to the host. Under CSMS=1 the host must answer
// with AT+CNMA in time; otherwise the modem acknowledges by itself.
func (m *Modem) show(header string, pdu []byte, answer func(taken bool)) {
	m.route(m.directLines(header, pdu)...)
	if m.set.csms == 0 {
		answer(true)
		return
	}
	u := &unacked{answer: answer}
	u.late = m.after(m.o.AckTime, m.tooLate)
	m.unacked = u
}

// tooLate is a missed AT+CNMA: RP-ERROR to the SMSC, and no more texts or
// reports straight to the host until it asks again (27.005 §3.4.1).
func (m *Modem) tooLate() {
	m.refuseUnacked()
	m.set.cnmi[1], m.set.cnmi[3] = 0, 0
}

func (m *Modem) refuseUnacked() {
	if u := m.unacked; u != nil {
		m.unacked = nil
		u.late.stop()
		u.answer(false)
	}
}

// keep stores a text and tells the host where. Without room the SMSC keeps it.
func (m *Modem) keep(name string, tell bool, header string, pdu []byte, answer func(taken bool)) {
	index, stored := m.memories[name].put(m.o.Persona.IndexBase, slot{pdu: m.shownPDU(pdu), tpdu: len(pdu)})
	if !stored {
		m.starved = true
		m.tellFull(name)
		answer(false)
		return
	}
	if header == "+CDSI" && m.o.Persona.ReportMemory != "" {
		name = m.o.Persona.ReportMemory
	}
	if m.tellAs != "" && header == "+CMTI" {
		name = m.tellAs
	}
	if tell {
		m.route(fmt.Sprintf("%s: %q,%d", header, name, index))
	}
	answer(true)
}

// route sends what CNMI governs: at once, or under mode 0 when the host asks.
func (m *Modem) route(lines ...string) {
	if m.set.cnmi[0] == 0 {
		m.buffered = append(m.buffered, lines)
		return
	}
	m.urc(lines...)
}

// shownPDU is a PDU as the host sees it, behind the SMSC's address.
func (m *Modem) shownPDU(pdu []byte) string {
	return strings.ToUpper(hex.EncodeToString(append(smscOctets(m.smsc), pdu...)))
}

func smscOctets(number string) []byte {
	a := address(number)
	b, err := a.MarshalBinary()
	if err != nil || number == "" || len(b) < 2 {
		return []byte{0}
	}
	b[0] = byte(len(b) - 1) // here the length counts octets (24.011 §8.2.5)
	return b
}

func isReport(pdu []byte) bool { return len(pdu) > 1 && pdu[0]&tpdu.FoMTIMask == 2 }

func classOf(pdu []byte) int {
	t, err := sms.Unmarshal(pdu)
	if err != nil && t == nil {
		return -1
	}
	return class(t.DCS)
}

func routeCommands() map[string]verb {
	return map[string]verb{
		"+CNMI": {
			read: func(m *Modem) answer {
				c := m.set.cnmi
				return m.whenReady(ok(fmt.Sprintf("+CNMI: %d,%d,%d,%d,%d", c[0], c[1], c[2], c[3], c[4])))
			},
			test: (*Modem).offerCNMI,
			set:  (*Modem).setCNMI,
		},
		"+CSMS": {
			read: func(m *Modem) answer { return ok(fmt.Sprintf("+CSMS: %d,1,1,1", m.set.csms)) },
			test: (*Modem).offerCSMS,
			set:  (*Modem).setCSMS,
		},
		"+CNMA": {
			run:  func(m *Modem) answer { return m.acknowledge(nil) },
			test: func(*Modem) answer { return ok("+CNMA: (0-2)") },
			set:  (*Modem).acknowledge,
		},
	}
}

func (m *Modem) offered() [5][]int {
	all := m.o.Persona.CNMI
	for i, standard := range Quectel().CNMI {
		if all[i] == nil {
			all[i] = standard
		}
	}
	return all
}

func (m *Modem) offerCNMI() answer {
	var parts []string
	for _, values := range m.offered() {
		var one []string
		for _, v := range values {
			one = append(one, fmt.Sprint(v))
		}
		parts = append(parts, "("+strings.Join(one, ",")+")")
	}
	return m.whenReady(ok("+CNMI: " + strings.Join(parts, ",")))
}

// setCNMI keeps the values of parameters that are left out. The fifth says
// what becomes of what mode 0 held back: 0 flushes it, 1 clears it.
func (m *Modem) setCNMI(a args) answer {
	if e := m.smsError(); e != nil {
		return *e
	}
	c := m.set.cnmi
	for i, values := range m.offered() {
		c[i] = a.number(i, c[i])
		if !slices.Contains(values, c[i]) {
			return m.cms(cmsNotSupported)
		}
	}
	if m.refusesNotices(c) {
		return m.cms(cmsNotSupported)
	}
	m.set.cnmi = c
	if d := m.o.Persona.ForgetsNotices; d > 0 {
		m.forgetNotices(d)
	}
	if c[0] != 0 {
		held := m.buffered
		m.buffered = nil
		if c[4] == 0 {
			m.after(0, func() { m.urcs(held) })
		}
	}
	return ok()
}

// refusesNotices is what the make does not do although it offers it.
func (m *Modem) refusesNotices(c [5]int) bool {
	p := m.o.Persona
	return c[3] == 1 && p.NoDirectReports ||
		p.NeedsAckService && m.set.csms == 0 && (c[1] >= 2 || c[3] == 1) ||
		p.OnlyNotices != nil && !slices.Contains(p.OnlyNotices, c)
}

// forgetNotices lets the notices be forgotten without a word when d has passed.
func (m *Modem) forgetNotices(d time.Duration) {
	m.forget.stop()
	m.forget = m.after(d, func() { m.set.cnmi = [5]int{} })
}

func (m *Modem) urcs(all [][]string) {
	for _, lines := range all {
		m.urc(lines...)
	}
}

func (m *Modem) offerCSMS() answer {
	if m.o.Persona.NoAckService {
		return ok("+CSMS: (0)")
	}
	return ok("+CSMS: (0,1)")
}

func (m *Modem) setCSMS(a args) answer {
	n := a.number(0, 0)
	if n < 0 || n > 1 || n == 1 && m.o.Persona.NoAckService {
		return m.cms(cmsNotSupported)
	}
	m.set.csms = n
	return ok("+CSMS: 1,1,1")
}

// acknowledge is +CNMA (27.005 §4.7): 0 and 1 accept, 2 refuses.
func (m *Modem) acknowledge(a args) answer {
	u := m.unacked
	if u == nil {
		return m.cms(cmsNoAckDue)
	}
	n := a.number(0, 0)
	if n < 0 || n > 2 {
		return m.cms(cmsBadParameter)
	}
	m.unacked = nil
	u.late.stop()
	u.answer(n != 2)
	return ok()
}
