package emulator

import (
	"io"
	"strings"
	"time"
)

// escapeGuard is the silence around +++ (V.250 S12, 50 fiftieths of a second).
const escapeGuard = time.Second

// onAir is a call for data: what the host writes goes to the carrier, and the
// other way round, until one of them hangs up. The modem's loop owns it, save
// for the carrier's end.
type onAir struct {
	cid     int
	carrier io.ReadWriteCloser
	out     chan []byte // for the carrier; what does not fit is lost, as on the air
	held    bool        // +++ came: commands are taken, and the call goes on
	last    time.Time   // when the host last wrote
	plus    *alarm      // +++ was heard: without more it is an escape
}

// packets is how many writes of the host may wait for the carrier.
const packets = 1024

// dial is ATD: *99# and its like call the carrier for data (27.007 §10.2.1), a
// number with a semicolon is called by voice, and nobody answers any other.
func (m *Modem) dial(a args) answer {
	if number, voice := strings.CutSuffix(a.text(0), ";"); voice {
		return m.callOut(number)
	}
	cid, data := dataNumber(a.text(0))
	if !data || m.o.Carrier == nil || m.wire.air != nil || !m.activate(cid) {
		return answer{final: "NO CARRIER"}
	}
	p, life := m.port, m.life
	go func() {
		c, err := m.o.Carrier()
		answered := false
		m.loop.do(func() {
			if answered = err == nil && p.life == life && !m.gone; p.life == life {
				m.on(p, func() { m.answeredBy(c, cid, answered) })
			}
		})
		if !answered && err == nil {
			c.Close()
		}
	}()
	return later()
}

// dataNumber reads *99#, *99***1# and *98*…#: the context that is called.
func dataNumber(number string) (cid int, data bool) {
	number = strings.TrimLeft(strings.ToUpper(number), "TP")
	body, ended := strings.CutSuffix(number, "#")
	if !ended || !strings.HasPrefix(body, "*99") && !strings.HasPrefix(body, "*98") {
		return 0, false
	}
	parts := strings.Split(body, "*")
	if last := parts[len(parts)-1]; len(parts) > 2 && len(last) == 1 && last >= "1" && last <= "9" {
		return int(last[0] - '0'), true
	}
	return 1, true
}

// answeredBy ends ATD: from CONNECT on the port is the carrier's.
func (m *Modem) answeredBy(c io.ReadWriteCloser, cid int, answered bool) {
	if !answered {
		delete(m.data.active, cid)
		m.finish("NO CARRIER")
		return
	}
	a := &onAir{cid: cid, carrier: c, out: make(chan []byte, packets), last: time.Now()}
	m.result("CONNECT 150000000")
	m.wire.air = a
	p := m.port
	go a.send()
	go a.listen(m, p)
	m.release()
}

// send gives the carrier what the host wrote.
func (a *onAir) send() {
	for b := range a.out {
		if _, err := a.carrier.Write(b); err != nil {
			break // listen hears of it
		}
	}
	for range a.out {
	}
}

// listen gives the host what the carrier says, until that hangs up.
func (a *onAir) listen(m *Modem, p *port) {
	b := make([]byte, 4096)
	for {
		n, err := a.carrier.Read(b)
		m.loop.do(func() {
			if p.wire.air == a && !a.held && n > 0 {
				p.wire.out = append(p.wire.out, b[:n]...)
			}
			if p.wire.air == a && err != nil {
				m.on(p, m.carrierLost) // after what it said last
			}
		})
		if err != nil {
			return
		}
	}
}

// carry takes bytes from the host while a call has the port.
func (m *Modem) carry(b []byte) {
	a, now := m.wire.air, time.Now()
	calm := now.Sub(a.last) >= escapeGuard
	a.last = now
	if a.plus != nil { // something came after +++: it was data
		a.plus.stop()
		a.plus = nil
		a.pass([]byte("+++"))
	}
	if !calm || string(b) != "+++" {
		a.pass(b)
		return
	}
	p := m.port
	a.plus = m.after(escapeGuard, func() {
		if a.plus = nil; p.wire.air == a {
			a.held = true
			m.on(p, func() { m.result("OK") })
		}
	})
}

func (a *onAir) pass(b []byte) {
	select {
	case a.out <- append([]byte(nil), b...):
	default:
	}
}

// carrierLost is the carrier's end of a call.
func (m *Modem) carrierLost() {
	m.hangUpData()
	m.result("NO CARRIER")
}

// hangUpData ends the port's call, if there is one, without a word to the host.
func (m *Modem) hangUpData() {
	a := m.wire.air
	if a == nil {
		return
	}
	a.plus.stop()
	delete(m.data.active, a.cid)
	p := m.port
	p.wire.air = nil
	m.after(0, func() { m.on(p, m.sayHeld) })
	close(a.out)
	a.carrier.Close()
}

// resume is ATO: back to the call that +++ left.
func (m *Modem) resume(args) answer {
	if m.wire.air == nil {
		return answer{final: "NO CARRIER"}
	}
	m.wire.air.held = false
	return answer{final: "CONNECT 150000000"}
}

// terminalGone is what a port's host does by closing it: DTR falls, and with
// it the call (V.250 §6.2.9, &D2).
func (m *Modem) terminalGone(l link) {
	for _, p := range m.ports {
		if p.link == l && p.wire.air != nil {
			m.on(p, m.hangUpData)
		}
	}
}
