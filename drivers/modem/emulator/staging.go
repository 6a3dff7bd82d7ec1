package emulator

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// echoCut cuts the echo of a command line in two.
type echoCut struct {
	after int
	lines []string
}

// CutEcho puts unsolicited lines into the echo of the next command line, after
// so many characters (field guide §7, case 8). Without echo nothing happens.
func (m *Modem) CutEcho(after int, lines ...string) {
	m.loop.do(func() { m.cut = &echoCut{after, lines} })
}

func (m *Modem) cutEcho() {
	if c := m.cut; c != nil && m.port == m.ports[0] && len(m.wire.typed)+1 == c.after {
		m.cut = nil
		m.urcs(single(c.lines))
	}
}

// tornLine is a line that comes in two halves.
type tornLine struct {
	prefix string
	at     int
	pause  time.Duration
}

// Tear makes the next unsolicited line that begins with prefix come in two
// reads: at bytes, a pause in which nothing else is said, and the rest.
func (m *Modem) Tear(prefix string, at int, pause time.Duration) {
	m.loop.do(func() { m.torn = &tornLine{prefix, at, pause} })
}

func (m *Modem) tear(t *tornLine, text string) {
	at := min(max(t.at, 0), len(text))
	m.print(text[:at])
	m.flush()
	p := m.port
	p.wire.paused = true
	m.print(text[at:])
	m.loop.after(t.pause, func() { p.wire.paused = false })
}

// directForms are the ways in which makes write a text that comes straight to
// the host.
var directForms = map[string]func(length int, pdu string) []string{
	"comma":  func(n int, pdu string) []string { return []string{fmt.Sprintf("+CMT: ,%d", n), pdu} },
	"bare":   func(n int, pdu string) []string { return []string{fmt.Sprintf("+CMT: %d", n), pdu} },
	"quoted": func(n int, pdu string) []string { return []string{fmt.Sprintf(`+CMT: "",%d`, n), pdu} },
	"blank":  func(n int, pdu string) []string { return []string{fmt.Sprintf("+CMT: ,%d", n), "", pdu} },
	"lower":  func(n int, pdu string) []string { return []string{fmt.Sprintf("+CMT: ,%d", n), strings.ToLower(pdu)} },
	"length": func(n int, pdu string) []string { return []string{fmt.Sprintf("+CMT: ,%d", n+3), pdu} },
}

// DirectAs sets the form of +CMT: comma, bare, quoted, blank (an empty line
// before the PDU), lower (hex in lower case) or length (a wrong length).
func (m *Modem) DirectAs(form string) error {
	if directForms[form] == nil {
		return fmt.Errorf("the form %q of +CMT is none of comma, bare, quoted, blank, lower, length", form)
	}
	m.loop.do(func() { m.direct = form })
	return nil
}

func (m *Modem) directLines(header string, pdu []byte) []string {
	if form := directForms[m.direct]; form != nil && strings.HasPrefix(header, "+CMT") {
		return form(len(pdu), m.shownPDU(pdu))
	}
	return []string{fmt.Sprintf("%s%d", header, len(pdu)), m.shownPDU(pdu)}
}

// Intrude is a second program that writes to the same port: its bytes reach
// the modem as if the host had written them, and the answers go to the host.
func (m *Modem) Intrude(b []byte) {
	m.loop.do(func() {
		if m.up {
			m.wire.input = append(m.wire.input, b...)
			m.pump()
		}
	})
}

// RefuseOpen makes opening the port fail with this error, for example
// syscall.EBUSY; nil ends it. It holds for the in-memory port; a tty would have
// to be refused by the kernel, which root overrides.
func (m *Modem) RefuseOpen(err error) { m.loop.do(func() { m.refusal = err }) }

// Flood says a line so many times a second for so long.
func (m *Modem) Flood(perSecond int, d time.Duration, line string) {
	if perSecond < 1 {
		return
	}
	step := time.Second / time.Duration(perSecond)
	left := int(d / step)
	var again func()
	again = func() {
		m.urc(line)
		if left--; left > 0 {
			m.after(step, again)
		}
	}
	m.loop.do(again)
}

// Resize gives a memory so many places; what is stored beyond them stays.
func (m *Modem) Resize(memory string, places int) error {
	var err error
	m.loop.do(func() {
		mem := m.memories[memory]
		if mem == nil || places < 1 {
			err = fmt.Errorf("resize: there is no memory %q, or %d is not a number of places", memory, places)
			return
		}
		mem.size = places
		m.room()
	})
	return err
}

// Fill stores copies of a text in every free place of a memory.
func (m *Modem) Fill(memory string) error {
	var err error
	m.loop.do(func() {
		mem := m.memories[memory]
		if mem == nil {
			err = fmt.Errorf("fill: there is no memory %q", memory)
			return
		}
		for {
			t, coded := delivers("+48501200999", fmt.Sprintf("old text %d", len(mem.slots)+1), m.clock(), 1)
			if coded != nil {
				err = coded
				return
			}
			pdu, bad := t[0].MarshalBinary()
			if bad != nil {
				err = fmt.Errorf("fill: %w", bad)
				return
			}
			if _, room := mem.put(m.o.Persona.IndexBase, slot{stat: 1, pdu: m.shownPDU(pdu), tpdu: len(pdu)}); !room {
				return
			}
		}
	})
	return err
}

// Clear empties a memory as a host's deletes would.
func (m *Modem) Clear(memory string) error {
	var err error
	m.loop.do(func() {
		mem := m.memories[memory]
		if mem == nil {
			err = fmt.Errorf("clear: there is no memory %q", memory)
			return
		}
		clear(mem.slots)
		m.room()
	})
	return err
}

// Bar sets the barring of outgoing calls and texts (27.007 §7.4, facility AO).
func (m *Modem) Bar(on bool) { m.loop.do(func() { m.barred = on }) }

// AnswerUSSD sets what the operator answers to any USSD code.
func (m *Modem) AnswerUSSD(text string) { m.loop.do(func() { m.ussdText = text }) }

// VanishAs is Vanish with another way for the host to notice: "eio" as always,
// "eof", "zero" (reads give nothing and no error, ten milliseconds apart) or
// "silent" (reads block for ever and writes go nowhere). The last three are
// for the in-memory port; a tty hangs up.
func (m *Modem) VanishAs(how string) error {
	ends := map[string]error{"eof": io.EOF, "zero": errZero, "silent": errSilent}
	if how == "eio" {
		m.Vanish()
		return nil
	}
	end := ends[how]
	if end == nil {
		return fmt.Errorf("a port vanishes as eio, eof, zero or silent, not as %q", how)
	}
	m.loop.do(func() {
		if p, piped := m.ports[0].link.(*pipe); piped {
			m.ports[0].link = nil
			p.drop(end)
		}
		m.vanish()
	})
	return nil
}
