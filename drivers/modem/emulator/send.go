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

// entry is an open prompt: what the host types is a PDU.
type entry struct {
	length int    // octets without the SMSC's address, as AT+CMGS said
	to     string // in text mode the recipient, and what is typed is the text itself
	typed  []byte
	fault  *Fault
}

// sending is a text on its way to the SMSC.
type sending struct {
	port      *port // where +CMGS will be said
	reference int
	fault     *Fault
	result    *answer // came, and is kept back for a report that is to be first
}

// pduLimit is the longest PDU in hex: 176 octets of TPDU and 12 of SMSC.
const pduLimit = 2 * 188

func smsCommands() map[string]verb {
	own := map[string]verb{
		"+CMGF": {
			read: func(m *Modem) answer {
				shown := m.set.cmgf
				if m.o.Persona.HidesTextMode {
					shown = 0
				}
				return m.whenReady(ok(fmt.Sprintf("+CMGF: %d", shown)))
			},
			test: func(m *Modem) answer { return m.whenReady(ok("+CMGF: (0,1)")) },
			set: func(m *Modem, a args) answer {
				n := a.number(0, 0)
				if n < 0 || n > 1 {
					return m.cms(cmsNotSupported)
				}
				if e := m.smsError(); e != nil {
					return *e
				}
				if !m.o.Persona.KeepsTextMode {
					m.set.cmgf = n
				}
				return ok()
			},
		},
		"+CSCA": {
			read: func(m *Modem) answer {
				return m.whenReady(ok(fmt.Sprintf("+CSCA: %q,%d", m.inCharset(m.smsc), address(m.smsc).TOA)))
			},
			set: (*Modem).setSMSC,
		},
		"+CMGS": {fault: (*Modem).openPrompt},
		"+CMMS": {
			read: func(m *Modem) answer { return ok(fmt.Sprintf("+CMMS: %d", m.set.cmms)) },
			set:  (*Modem).setMore,
		},
		"+CGSMS": choice("+CGSMS", 0, 3, func(m *Modem) *int { return &m.set.cgsms }),
		"+CSDH":  accept(), "+CSMP": accept(),
	}
	return merge(own, storeCommands(), routeCommands())
}

func (m *Modem) setSMSC(a args) answer {
	if e := m.smsError(); e != nil {
		return *e
	}
	if strings.Trim(a.text(0), "+0123456789") != "" {
		return m.cms(cmsBadParameter)
	}
	m.smsc = a.text(0)
	if a.text(1) == "145" && m.smsc != "" && m.smsc[0] != '+' {
		m.smsc = "+" + m.smsc
	}
	return ok()
}

func (m *Modem) setMore(a args) answer {
	n := a.number(0, 0)
	if m.o.Persona.NoMore || n < 0 || n > 2 {
		return m.cms(cmsNotSupported)
	}
	m.set.cmms, m.chained = n, 0
	return ok()
}

// openPrompt is AT+CMGS=<length>. In text mode it refuses: only PDU mode is useful here.
func (m *Modem) openPrompt(a args, f *Fault) answer {
	if e := m.smsError(); e != nil {
		return *e
	}
	if m.set.cfun != 1 && m.airplane != "" {
		return answer{final: m.airplane}
	}
	if m.inText() {
		return m.openTextPrompt(a, f)
	}
	length := a.number(0, -1)
	if m.set.cmgf != 0 {
		return m.cms(cmsNotSupported)
	}
	if length < 1 || length > 176 {
		return m.cms(cmsInvalidPDU)
	}
	if f == nil {
		f = &Fault{}
	}
	m.wait(f.LatePrompt, func() { m.prompt(&entry{length: length, fault: f}) })
	return later()
}

func (m *Modem) prompt(e *entry) {
	form := "\r\n> "
	if m.o.Persona.Prompt != "" {
		form = m.o.Persona.Prompt
	}
	if e.fault.PromptForm != "" {
		form = e.fault.PromptForm
	}
	if e.fault.NoPrompt {
		form = ""
	}
	open := func() {
		m.flush()
		for _, line := range e.fault.Interject {
			m.say([]string{line})
		}
		m.wire.entry, m.wire.busy = e, false
		m.pump()
	}
	if e.fault.PromptPause > 0 && len(form) > 1 {
		m.print(form[:len(form)-1])
		m.wait(e.fault.PromptPause, func() {
			m.print(form[len(form)-1:])
			open()
		})
		return
	}
	m.print(form)
	open()
}

// enter takes one byte of the PDU. ESC cancels and Ctrl-Z ends (27.005 §3.5.1).
func (m *Modem) enter(c byte) {
	w, e := &m.wire, m.wire.entry
	switch c {
	case 0x1B:
		w.entry, w.busy = nil, true
		m.sayHeld()
		m.finish("OK")
		return
	case 0x1A:
		w.entry, w.busy = nil, true
		m.echoByte(c)
		m.sayHeld()
		m.submitTyped(e)
		return
	}
	m.echoByte(c)
	if (e.to != "" || c != '\r' && c != '\n') && len(e.typed) <= pduLimit {
		e.typed = append(e.typed, c)
	}
	if e.fault.Drop == DropMidPDU && len(e.typed) >= 10 {
		m.drop(e.fault)
	}
}

func (m *Modem) echoByte(c byte) {
	if m.wire.echo {
		m.wire.out = append(m.wire.out, c)
	}
}

// submitTyped is what follows Ctrl-Z.
func (m *Modem) submitTyped(e *entry) {
	f := e.fault
	if f.Drop == DropAfterPDU {
		m.drop(f)
		return
	}
	for _, line := range f.Before {
		m.urc(line)
	}
	refused := f.Answer != "" || f.Swallow || f.Raw != nil
	if refused && !f.Commit {
		m.struck(f, failed)
		return
	}
	t, bad := m.checkPDU(e)
	if bad != nil {
		m.done(*bad)
		return
	}
	m.wait(m.o.Latency, func() { m.submit(t, f) })
}

// checkPDU reads the PDU and gives its TPDU, or the answer that refuses it.
func (m *Modem) checkPDU(e *entry) ([]byte, *answer) {
	if e.to != "" {
		return m.textPDU(e)
	}
	var a answer
	pdu, err := hex.DecodeString(string(e.typed))
	if err != nil || len(pdu) < 2 || len(pdu)-int(pdu[0])-1 != e.length {
		a = m.cms(cmsInvalidPDU)
		return nil, &a
	}
	own := pdu[0] != 0
	pdu = pdu[pdu[0]+1:]
	t, err := sms.Unmarshal(pdu, sms.AsMO)
	if err != nil || t.MTI() != tpdu.MtSubmit || t.DA.Addr == "" {
		a = m.cms(cmsInvalidPDU)
		return nil, &a
	}
	if m.smsc == "" && !own {
		a = m.cms(cmsNoSMSC)
		return nil, &a
	}
	return pdu, nil
}

// submit hands the text to the SMSC. The modem gives the message reference,
// whatever the host wrote (23.040 §9.2.3.6).
func (m *Modem) submit(pdu []byte, f *Fault) {
	if !m.shown.sms() {
		m.noService()
		return
	}
	if m.barred {
		m.done(m.cms(cmsBarred))
		return
	}
	if m.set.cmms > 0 {
		if m.chained++; m.chained > 1 && m.moreFail != 0 {
			m.done(m.cms(m.moreFail))
			return
		}
	}
	m.ref = (m.ref + 1) % 256
	pdu = slices.Clone(pdu)
	pdu[1] = byte(m.ref)
	s := &sending{port: m.port, reference: m.ref, fault: f}
	m.sending = s
	m.net.submit(Submission{From: m.Number(), ICCID: m.sim.iccid}, pdu, func(code int) {
		m.loop.post(func() { m.on(s.port, func() { m.submitted(s, code) }) })
	})
}

// noService is a text without SMS service: attached for data only, the modem
// tries for more than two minutes (EG06-E: +CMS ERROR: 350 after 135 s).
func (m *Modem) noService() {
	if m.shown.served() {
		m.wait(135*time.Second, func() { m.done(m.cms(cmsNoSMSOnLTE)) })
		return
	}
	m.done(m.cms(cmsNoService))
}

// submitted is the SMSC's answer. If the modem was reset meanwhile, nobody waits for it.
func (m *Modem) submitted(s *sending, code int) {
	if m.sending != s {
		return
	}
	switch {
	case s.fault.CommitThenDrop:
		m.drop(s.fault)
		return
	case s.fault.Reboot:
		m.boot()
		return
	}
	a := ok(fmt.Sprintf("+CMGS: %d", s.reference))
	if code != 0 {
		a = m.cms(code)
	}
	if s.fault.ReportFirst && code == 0 {
		s.result = &a
		m.wait(10*time.Second, func() { m.conclude(s) })
		return
	}
	s.result = &a
	m.conclude(s)
}

// reported lets a result go that was kept back for this report.
func (m *Modem) reported(reference byte) {
	if s := m.sending; s != nil && s.result != nil && s.reference == int(reference) {
		m.on(s.port, func() { m.conclude(s) })
	}
}

func (m *Modem) conclude(s *sending) {
	if m.sending != s {
		return
	}
	m.sending = nil
	m.struck(s.fault, func() answer { return *s.result })
}
