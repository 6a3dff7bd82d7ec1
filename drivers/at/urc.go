package at

import (
	"encoding/hex"
	"strings"

	"github.com/warthog618/modem/info"
)

// URC is an unsolicited result code. A "+CMGS: n" that no command waits for
// and a "+CME ERROR" with no command running count as such: they belong to
// something that was begun before.
type URC struct {
	Line string // the line as printed, such as `+CMTI: "ME",4`; a +CUSD text keeps its line breaks
	PDU  string // the hex line that followed +CMT, +CDS or +CBM; empty if none came

	late func(string) // who hears it instead of the consumer
}

// Is says whether the code has this name.
func (u URC) Is(name string) bool { return u.Line == name || strings.HasPrefix(u.Line, name+":") }

// orphan is the info line of a command that takes long enough to outlive the
// wire it was given on (27.005 §3.5.1).
const orphan = "+CMGS:"

func (u URC) precious() bool {
	return u.late != nil || strings.HasPrefix(u.Line, orphan) || table[nameOf(u.Line)].precious
}

// kind is how a known code is treated.
type kind struct {
	precious bool // never dropped: a text, a report, a ring, a restart
	pdu      bool // one hex line follows
	quoted   bool // goes on until its quotes are closed
}

// table lists the codes that modems print of their own accord, by name. Names
// are compared up to ":" or whole; 27.005 §3.4, 27.007 §6–8 and the vendors' own.
var table = map[string]kind{
	"+CMTI": {precious: true}, "+CDSI": {precious: true},
	"+CMT": {precious: true, pdu: true}, "+CDS": {precious: true, pdu: true},
	"+CBM": {pdu: true}, "+CBMI": {},
	"RING": {precious: true}, "+CRING": {precious: true}, "+CLIP": {precious: true},
	"+CUSD": {precious: true, quoted: true},
	"+CCWA": {}, "NO CARRIER": {}, "BUSY": {}, "NO ANSWER": {}, "NO DIALTONE": {},
	"+CREG": {}, "+CGREG": {}, "+CEREG": {}, "+C5GREG": {}, "+CIREGU": {},
	"+CTZV": {}, "+CTZE": {}, "+CTZEU": {}, "+CTZDST": {}, "+CGEV": {}, "+CIEV": {},
	// A restart, or a SIM that came or went.
	"RDY": {precious: true}, "+CFUN": {precious: true}, "+CPIN": {precious: true},
	"+QUSIM": {precious: true}, "+QIND": {precious: true}, "+QSIMSTAT": {precious: true}, "#QSS": {precious: true},
	"SMS DONE": {precious: true}, "PB DONE": {precious: true}, "*ATREADY": {precious: true},
	"Call Ready": {precious: true}, "SMS Ready": {precious: true}, "^SIMST": {precious: true}, "^SYSSTART": {precious: true},
	"POWERED DOWN": {precious: true}, "NORMAL POWER DOWN": {precious: true},
	"UNDER-VOLTAGE WARNNING": {}, "UNDER-VOLTAGE POWER DOWN": {precious: true},
	"OVER-VOLTAGE WARNNING": {}, "OVER-VOLTAGE POWER DOWN": {precious: true},
	"^BOOT": {}, "^RSSI": {}, "^HCSQ": {}, "^MODE": {}, "^SRVST": {}, "^NDISSTAT": {}, "^SMMEMFULL": {precious: true}, "^SMGO": {precious: true},
}

// nameOf is the part of a line that names it.
func nameOf(line string) string {
	if i := strings.IndexByte(line, ':'); i > 0 {
		return strings.TrimRight(line[:i], " ")
	}
	return line
}

func isURC(name string) bool {
	_, ok := table[name]
	return ok
}

// registration names whose read form and unsolicited form differ in shape only.
var registration = map[string]bool{"+CREG": true, "+CGREG": true, "+CEREG": true, "+C5GREG": true}

// answers says whether a line with a command's own name is its answer, and
// not an unsolicited code of the same name that came in between.
func answers(line, name string) bool {
	fields := split(info.TrimPrefix(line, name), false)
	switch {
	case registration[name]:
		return ReadForm(line)
	case name == "+CLIP":
		return !strings.HasPrefix(fields[0], `"`)
	case name == "+CUSD":
		return len(fields) == 1
	}
	return true
}

// ReadForm says whether a registration line has the leading <n> of an answer
// (27.007 §7.2): a second field that is a bare number of one or two digits is
// <stat>, so the first was <n>; a quoted or longer one is an area code, so
// the first was <stat>. A padded <stat> (001) shows only in a whole line, by
// what follows it. Some modems print the read form unasked.
func ReadForm(line string) bool {
	fields := split(info.TrimPrefix(line, nameOf(line)), false)
	if len(fields) < 2 || strings.Trim(fields[1], "0123456789") != "" {
		return false
	}
	n := len(fields[1])
	return n == 1 || n == 2 || n == 3 && fields[1][0] == '0' && len(fields) >= 5
}

// isHex says whether a line can be a PDU.
func isHex(line string) bool {
	line = strings.TrimSpace(line)
	if len(line) < 4 {
		return false
	}
	_, err := hex.DecodeString(line)
	return err == nil
}

// unclosed says whether a line ends inside quotes.
func unclosed(line string) bool { return strings.Count(line, `"`)%2 == 1 }

// queue is the bounded, ordered way from the owner to the consumer.
type queue struct {
	items   []URC
	room    int
	dropped int
}

// put adds a code. When full, the oldest that may be forgotten goes; a code
// that may be forgotten is not taken if all others are precious.
func (q *queue) put(u URC) {
	precious := u.precious()
	if q.repeats(u) {
		return
	}
	if len(q.items) >= q.room && !q.forget() && !precious {
		q.dropped++
		return
	}
	q.items = append(q.items, u)
}

// repeats says whether the same notice waits already. A second RING or the
// same slot named twice adds nothing; two PDUs are two texts.
func (q *queue) repeats(u URC) bool {
	if u.PDU != "" {
		return false
	}
	for _, have := range q.items {
		if have.Line == u.Line {
			return u.Is("RING") || u.Is("+CRING") || u.Is("+CLIP") || u.Is("+CMTI") || u.Is("+CDSI")
		}
	}
	return false
}

func (q *queue) forget() bool {
	for i, have := range q.items {
		if !have.precious() {
			q.items = append(q.items[:i], q.items[i+1:]...)
			q.dropped++
			return true
		}
	}
	return false
}

// full says that only precious codes wait, as many as there is room for: the
// owner then reads no more until the consumer has caught up.
func (q *queue) full() bool {
	if len(q.items) < q.room {
		return false
	}
	for _, have := range q.items {
		if !have.precious() {
			return false
		}
	}
	return true
}
