package emulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// SetClock puts the modem's clock this far from the network's, for example to
// 1980 with a large negative number. Network time sets it right again only by NITZ.
func (m *Modem) SetClock(ahead time.Duration) { m.loop.do(func() { m.shift = ahead }) }

// NITZ makes the network send its time, which sets the clock and is told as
// +CTZR asks.
func (m *Modem) NITZ() { m.loop.do(m.tellZone) }

// clock is the modem's time. The zone is the network's.
func (m *Modem) clock() time.Time { return time.Now().Add(m.shift).In(m.net.local.Load()) }

// quarters is a zone as GSM writes it: quarter hours east of UTC.
func quarters(t time.Time) string {
	_, seconds := t.Zone()
	return fmt.Sprintf("%+03d", seconds/900)
}

func (m *Modem) tellZone() {
	m.shift = 0
	t := m.clock()
	switch m.set.ctzr {
	case 1:
		if m.o.Persona.ZoneNotice == "date" {
			m.urc("+CTZV: " + t.Format("06/01/02,15:04:05") + "," + quarters(t))
			return
		}
		m.urc(fmt.Sprintf("+CTZV: %q", quarters(t)))
	case 2:
		m.urc(fmt.Sprintf("+CTZE: %q,0,%q", quarters(t), t.Format("2006/01/02,15:04:05")))
	case 3:
		m.urc(fmt.Sprintf("+CTZEU: %q,0,%q", quarters(t), t.UTC().Format("2006/01/02,15:04:05")))
	}
}

func clockCommands() map[string]verb {
	return map[string]verb{
		"+CCLK": {
			read: func(m *Modem) answer {
				t := m.clock()
				if m.o.Persona.UTCClock && m.set.ctzu != 3 {
					return ok(fmt.Sprintf("+CCLK: %q", t.UTC().Format("06/01/02,15:04:05")+quarters(t)))
				}
				return ok("+CCLK: " + m.clockText(t))
			},
			set: (*Modem).setClock,
		},
		"+CTZR": choice("+CTZR", 0, 3, func(m *Modem) *int { return &m.set.ctzr }),
		"+CTZU": choice("+CTZU", 0, 3, func(m *Modem) *int { return &m.set.ctzu }),
	}
}

// clockText is the time in the form that this make, or a case, gives it.
func (m *Modem) clockText(t time.Time) string {
	switch m.clockForm {
	case "bare":
		return t.Format("06/01/02,15:04:05") + quarters(t)
	case "4digit":
		return strconv.Quote(t.Format("2006/01/02,15:04:05") + quarters(t))
	case "nozone":
		return strconv.Quote(t.Format("06/01/02,15:04:05"))
	}
	return strconv.Quote(t.Format("06/01/02,15:04:05") + quarters(t))
}

// setClock takes yy/MM/dd,hh:mm:ss with or without a zone; the zone's digits
// are not looked at, because the clock runs in the network's zone.
func (m *Modem) setClock(a args) answer {
	s := strings.Join(a, ",")
	if len(s) < 17 {
		return m.cme(cmeBadParameters)
	}
	t, err := time.ParseInLocation("06/01/02,15:04:05", s[:17], m.net.local.Load())
	if err != nil {
		return m.cme(cmeBadParameters)
	}
	m.shift = time.Until(t)
	return ok()
}
