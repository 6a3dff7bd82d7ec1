package modem

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// attachment is what the modem says about how texts could travel. With
// circuits registered (CREG) they go over SGs or 2G/3G; with packets alone
// (CEREG, C5GREG) they need IMS, or a core that carries them itself.
type attachment struct {
	cs, eps, five registration

	ims    int // +CIREG: -1 not told, 0 not registered, 1 registered, 2 registered with texts (27.007 §8.71)
	imsSet int // Quectel +QCFG "ims": -1 not told, 0 as the profile says, 1 on, 2 off
	imsUp  int // the same: -1 not told, 0 not registered, 1 registered
	nas    int // +C5GUSMS: -1 not told, 0 to 2; 2 is available (27.007 §10.1.59)
	choice int // +CGSMS: -1 not told, 0 packets, 1 circuits, 2 packets first, 3 circuits first (27.007 §10.1.21)
}

// judgement is what follows for texts.
type judgement int

const (
	textsGo      judgement = iota // nothing speaks against them
	textsDoubted                  // registered for data only; nothing shows a way for texts
	textsBarred                   // and a text has failed in that state
)

// dataOnly says that packets are registered and circuits, as far as the modem
// tells, are not.
func dataOnly(cs, eps, five registration) bool {
	return cs.known && !cs.served() && (eps.served() || five.served())
}

// weighs says whether texts have a way.
func (a attachment) weighs(failed bool) judgement {
	switch {
	case !dataOnly(a.cs, a.eps, a.five):
		return textsGo // over SGs; or another question than this one
	case a.eps.stat == 6 || a.eps.stat == 7 || a.ims == 2 || a.imsUp == 1 || a.nas == 2:
		return textsGo
	case failed:
		return textsBarred
	}
	return textsDoubted
}

// saw puts in words what the modem said.
func (a attachment) saw() string {
	out := []string{fmt.Sprintf("CEREG %d (%s)", a.eps.stat, stats[a.eps.stat]), fmt.Sprintf("CREG %d (%s)", a.cs.stat, stats[a.cs.stat])}
	if a.five.known {
		out = append(out, fmt.Sprintf("C5GREG %d (%s)", a.five.stat, stats[a.five.stat]))
	}
	if a.ims >= 0 {
		out = append(out, [...]string{"IMS not registered", "IMS registered without texts", "IMS registered with texts"}[a.ims])
	}
	if a.imsSet >= 0 {
		out = append(out, fmt.Sprintf("QCFG ims %d,%d", a.imsSet, max(0, a.imsUp)))
	}
	if a.nas >= 0 {
		out = append(out, fmt.Sprintf("C5GUSMS %d", a.nas))
	}
	if a.choice >= 0 {
		out = append(out, fmt.Sprintf("CGSMS %d", a.choice))
	}
	return strings.Join(out, ", ")
}

// levers are what an operator can try, in this order. Nothing of it is done by
// itself: the settings outlast the SIM and can take data away.
func (a attachment) levers(vendor string) []string {
	var out []string
	order := []int{3, 1, 2}
	if i := slices.Index(order, a.choice); i >= 0 {
		order = order[i+1:]
	}
	for _, n := range order {
		out = append(out, fmt.Sprintf("AT+CGSMS=%d", n))
	}
	switch vendor {
	case "quectel":
		if a.imsSet == 1 {
			out = append(out, `AT+QCFG="ims",2 then AT+CFUN=1,1 (the operator may refuse IMS to this device)`)
		} else {
			out = append(out, `AT+QCFG="ims",1 then AT+CFUN=1,1`)
		}
		out = append(out, `AT+QMBNCFG="AutoSel",1 then AT+CFUN=1,1`, `AT+QCFG="nwscanmode",0`)
	case "simcom":
		out = append(out, "AT+CNMP=2", "AT+CNMP=14 or AT+CNMP=13 where 3G or 2G still runs")
	case "u-blox":
		out = append(out, "AT+UMNOPROF=? for the operator's profile", "AT+URAT=?")
	case "telit":
		out = append(out, "AT+WS46=?")
	case "huawei":
		out = append(out, `AT^SYSCFGEX=?`)
	case "sierra":
		out = append(out, "AT!SELRAT=?")
	}
	return append(out, "ask the operator for SMS over SGs or IMS for this device, or use another operator's SIM")
}

// askWays asks how texts could travel, if circuits are not registered though
// packets are.
func (s *session) askWays() error {
	s.m.mu.Lock()
	cs, eps, five := s.m.facts.cs, s.m.facts.eps, s.m.facts.five
	s.m.mu.Unlock()
	a := attachment{cs: cs, eps: eps, five: five, ims: -1, imsSet: -1, imsUp: -1, nas: -1, choice: -1}
	if !dataOnly(cs, eps, five) {
		s.ways(a)
		return nil
	}
	for _, q := range []struct {
		text, name string
		read       func(f []int)
	}{
		{"+CIREG?", "+CIREG", func(f []int) { a.ims = imsOf(f) }},
		{"+CGSMS?", "+CGSMS", func(f []int) { a.choice = at0(f, 0) }},
		{`+QCFG="ims"`, "+QCFG", func(f []int) { a.imsSet, a.imsUp = at0(f, 1), at0(f, 2) }},
		{"+C5GUSMS?", "+C5GUSMS", func(f []int) { a.nas = at0(f, 1) }},
	} {
		if strings.HasPrefix(q.name, "+Q") && s.persona.Vendor != "quectel" {
			continue
		}
		lines, err := s.get(q.text, at.Polling, 5*time.Second)
		if err != nil {
			return err
		}
		for _, line := range lines {
			if f := at.Fields(line, q.name); f != nil {
				q.read(numbers(f))
			}
		}
	}
	s.ways(a)
	return nil
}

// imsOf reads `+CIREG: n,1,ext`: ext is hex, and its bit 2 says that texts go.
func imsOf(f []int) int {
	switch {
	case at0(f, 1) < 0:
		return -1
	case at0(f, 1) == 0:
		return 0
	}
	if ext := at0(f, 2); ext >= 0 {
		if v, err := strconv.ParseUint(strconv.Itoa(ext), 16, 16); err == nil && v&4 != 0 {
			return 2
		}
	}
	return 1
}

func at0(f []int, i int) int {
	if i >= len(f) {
		return -1
	}
	return f[i]
}

// ways notes what was found and says it.
func (s *session) ways(a attachment) {
	s.m.mu.Lock()
	if old := s.m.facts.ways; old.cs != a.cs || old.eps != a.eps || old.five != a.five || old.ims != a.ims || old.imsUp != a.imsUp {
		s.m.facts.failedSince = time.Time{} // something changed: it may work now
	}
	s.m.facts.ways, s.m.facts.vendor = a, s.persona.Vendor
	s.m.mu.Unlock()
	s.judge()
}

// Refusals and silences that a modem without a way for texts ends with.
func noWay(code string) bool {
	return code == "CMS 350" || code == "CMS 69" || code == "CMS 500" || code == "CMS 332" || code == ""
}

// wayLost notes that a text failed, which settles a doubt for a while.
func (s *session) wayLost(code string) {
	if !noWay(code) {
		return
	}
	s.m.mu.Lock()
	doubted := s.m.facts.ways.weighs(false) == textsDoubted
	if doubted {
		s.m.facts.failedSince = time.Now()
	}
	s.m.mu.Unlock()
	if doubted {
		s.judge()
	}
}

// tryAgainAfter is how long a modem without a way for texts is left alone
// before a text may try once more.
const tryAgainAfter = 30 * time.Minute
