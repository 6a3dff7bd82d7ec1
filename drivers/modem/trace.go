package modem

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/at"
)

// TraceLine is one line of the dialogue with the modem.
type TraceLine struct {
	At   time.Time
	Dir  string // ">" to the modem, "<" from it, "!" what the driver itself did
	Line string // masked as Options.Trace describes
}

// What the black box keeps. The bytes bound it when lines are long.
const (
	keptLines = 2000
	keptBytes = 256 << 10
	keptWidth = 400 // of one line
)

// tape is the end of the dialogue, in memory.
type tape struct {
	mu    sync.Mutex
	lines []TraceLine // a ring once it is full
	next  int
	bytes int
	veil  veil
}

// Traced gives the last lines of the dialogue, oldest first: at most 2,000 of
// them and 256 KiB.
func (m *Modem) Traced() []TraceLine {
	m.tape.mu.Lock()
	defer m.tape.mu.Unlock()
	return append(append(make([]TraceLine, 0, len(m.tape.lines)), m.tape.lines[m.tape.next:]...), m.tape.lines[:m.tape.next]...)
}

// add masks a line, keeps it and gives it back.
func (t *tape) add(dir at.Direction, line string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	shown := t.veil.hide(dir, line)
	kept := shown
	if len(kept) > keptWidth {
		kept = strings.ToValidUTF8(kept[:keptWidth], "") + "…"
	}
	t.keep(TraceLine{time.Now(), string(dir), kept})
	return shown
}

// keep puts a line into the ring; the oldest goes when it is full.
func (t *tape) keep(l TraceLine) {
	if len(t.lines) < keptLines {
		t.lines = append(t.lines, l)
	} else {
		t.bytes -= len(t.lines[t.next].Line)
		t.lines[t.next] = l
		t.next = (t.next + 1) % keptLines
	}
	if t.bytes += len(l.Line); t.bytes > keptBytes {
		t.halve()
	}
}

// halve drops the older half: only a dialogue of very long lines comes here.
func (t *tape) halve() {
	all := append(append(make([]TraceLine, 0, len(t.lines)), t.lines[t.next:]...), t.lines[:t.next]...)
	t.lines, t.next, t.bytes = all[len(all)/2:], 0, 0
	for _, l := range t.lines {
		t.bytes += len(l.Line)
	}
}

// salt makes hashed numbers worthless outside this process.
var salt = sync.OnceValue(func() []byte {
	b := make([]byte, 16)
	rand.Read(b) // it never fails (Go 1.24)
	return b
})

// veil hides what a log must not hold. It follows the dialogue, because a
// text's second line does not say what it is.
type veil struct {
	numbers bool // show numbers in full
	quoted  bool // inside a text that goes on over several lines
	body    bool // the next line is a text, in hex or in words
}

var (
	// A quoted string that can be a telephone number; service codes have fewer digits.
	dialled = regexp.MustCompile(`"\+?[0-9*#]{5,20}"`)
	digits  = regexp.MustCompile(`[0-9]`)
	// A call by voice, in a command, its echo or a note about it.
	called = regexp.MustCompile(`ATD\+?[0-9]{3,20};`)
)

// headers are the lines after which a text comes.
var headers = []string{"+CMT:", "+CDS:", "+CBM:", "+CMGL:", "+CMGR:"}

// cells are lines whose quoted digits are places and networks, not numbers.
var cells = []string{"+CREG", "+CGREG", "+CEREG", "+C5GREG", "+COPS", "+CSIM", "AT+CSIM", "+CCLK", "+CTZ", "+QLTS", "+CGSN", "AT+CPMS", "+CPMS"}

// hide masks one line.
func (v *veil) hide(dir at.Direction, line string) string {
	line = called.ReplaceAllStringFunc(line, func(n string) string { return "ATD" + v.number(strings.Trim(n, "ATD;")) + ";" })
	if dir == at.Note {
		return line
	}
	body := v.body && dir == at.In
	if dir == at.In {
		v.body = begins(line, headers)
	}
	if pdu, ok := v.pdu(line, body); ok {
		return pdu
	}
	talk := v.quoted && dir == at.In
	if dir == at.In && (strings.HasPrefix(line, "+CUSD:") || v.quoted) {
		v.quoted = v.quoted != (strings.Count(line, `"`)%2 == 1)
		talk = true
	}
	switch {
	case isResult(line):
		v.quoted = false
		return line
	case talk, body && !strings.HasPrefix(line, "+"), strings.HasPrefix(line, "AT+CUSD="):
		return digits.ReplaceAllString(line, "#")
	case begins(line, cells):
		return line
	}
	return dialled.ReplaceAllStringFunc(line, func(n string) string { return `"` + v.number(strings.Trim(n, `"`)) + `"` })
}

func isResult(line string) bool {
	return line == "OK" || line == "ERROR" || strings.HasPrefix(line, "+CMS ERROR") || strings.HasPrefix(line, "+CME ERROR")
}

func begins(line string, names []string) bool {
	for _, n := range names {
		if strings.HasPrefix(line, n) {
			return true
		}
	}
	return false
}

// number shows the last digits and a hash by which it can be followed.
func (v *veil) number(n string) string {
	if v.numbers || n == "" {
		return n
	}
	h := sha256.Sum256(append(salt(), n...))
	return fmt.Sprintf("…%s #%s", n[max(0, len(n)-3):], hex.EncodeToString(h[:3]))
}

// pdu describes a line of hex. Serial numbers of modems and cards have digits
// only and stay, unless a text is due here.
func (v *veil) pdu(line string, due bool) (string, bool) {
	s := strings.TrimSuffix(strings.TrimSpace(line), "^Z")
	if len(s) < 14 || !hexOnly(s) || !due && len(s) <= 20 && strings.Trim(s, "0123456789F") == "" {
		return "", false
	}
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) < int(raw[0])+4 {
		return fmt.Sprintf("<hex of %d>", len(s)), true
	}
	body := raw[raw[0]+1:]
	return fmt.Sprintf("<pdu %d octets%s>", len(body), v.party(body)), true
}

// party names whom a TPDU is from or to: the address stands after one octet
// in a DELIVER and after two in the others (23.040 §9.2.2).
func (v *veil) party(body []byte) string {
	word, from := " to ", 2
	if body[0]&3 == 0 {
		word, from = " from ", 1
	}
	if len(body) < from+3 || int(body[from]) > 20 || len(body) < from+2+(int(body[from])+1)/2 {
		return ""
	}
	who, named := sender(body[from:from+2+(int(body[from])+1)/2], 0)
	if named {
		return word + fmt.Sprintf("%q", who)
	}
	return word + v.number(who)
}
