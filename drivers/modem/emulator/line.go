package emulator

import (
	"strconv"
	"strings"
	"time"
)

// wire is the state of the line to the host (V.250 §5 and §6).
type wire struct {
	echo, verbose, quiet bool
	s                    map[int]int // S registers: 3 ends a line, 4 follows it, 5 deletes

	input   []byte // from the host, not yet looked at
	typed   []byte // the command line so far
	last    string // the line that A/ repeats
	busy    bool   // a command runs; input waits
	pumping bool
	stalled bool
	todo    []command // the rest of the command line
	entry   *entry    // the prompt is open; nil otherwise
	air     *onAir    // a call for data has the port; nil otherwise
	held    [][]string

	out      []byte // for the host, sent when the loop settles
	split    int    // cut output into pieces, until the answer is out
	splitAll int    // cut all output into pieces
	dropped  int
	paused   bool // output waits for the other half of a torn line
}

func freshWire(echo bool) wire {
	return wire{echo: echo, verbose: true, s: map[int]int{3: '\r', 4: '\n', 5: '\b'}}
}

// clear forgets input and the running command; settings stay.
func (w *wire) clear() {
	w.input, w.typed, w.todo, w.entry, w.held = nil, nil, nil, nil, nil
	w.busy, w.split = false, 0
}

// inputLimit is what a modem's receive buffer holds; the host's writes block beyond it.
const inputLimit = 64 << 10

// typedLimit bounds one command line; what is beyond is dropped, as modems do.
const typedLimit = 4 << 10

// receive takes bytes from the host.
func (m *Modem) receive(l link, b []byte) {
	for _, p := range m.ports {
		if l == p.link && (p != m.ports[0] || !m.overheard(b)) && m.up && !m.hung {
			p.wire.input = append(p.wire.input, b...)
			m.on(p, m.pump)
			return
		}
	}
	l.consumed(len(b))
}

// pump looks at the input byte by byte until a command runs. A command that
// ends at once calls it again, which the loop that runs already takes care of.
func (m *Modem) pump() {
	if m.wire.pumping {
		return
	}
	m.wire.pumping = true
	defer func() { m.wire.pumping = false }()
	w, looked := &m.wire, 0
	for len(w.input) > 0 && !w.busy && !w.stalled {
		if w.air != nil && !w.air.held {
			m.carry(w.input)
			looked, w.input = looked+len(w.input), nil
			break
		}
		c := w.input[0]
		w.input = w.input[1:]
		looked++
		if w.entry != nil {
			m.enter(c)
		} else {
			m.typeByte(c)
		}
	}
	if m.link != nil && looked > 0 {
		m.link.consumed(looked)
	}
}

func (m *Modem) typeByte(c byte) {
	w := &m.wire
	if w.echo && c != 0x1B {
		w.out = append(w.out, c)
		m.cutEcho()
	}
	switch int(c) {
	case w.s[3]:
		line := string(w.typed)
		w.typed = nil
		m.line(line)
	case w.s[5]:
		if len(w.typed) > 0 {
			w.typed = w.typed[:len(w.typed)-1]
		}
	case w.s[4], 0x1B, 0x1A, 0x00:
		// a line feed after the line and a stray end of a text mean nothing here
	default:
		if len(w.typed) < typedLimit {
			w.typed = append(w.typed, c)
		}
		m.repeat()
	}
}

// repeat carries out A/, the one command without a terminator (V.250 §5.2.4).
func (m *Modem) repeat() {
	if strings.EqualFold(string(m.wire.typed), "A/") {
		m.wire.typed = nil
		m.line(m.wire.last)
	}
}

// line carries out one command line. Without AT in it, it is noise.
func (m *Modem) line(line string) {
	i := attention(line)
	if i < 0 {
		return
	}
	body := line[i+2:]
	m.wire.last = "AT" + body
	m.trace("> " + m.wire.last)
	m.seen = append(m.seen, m.wire.last)
	if len(m.seen) > 4096 {
		m.seen = m.seen[len(m.seen)-4096:]
	}
	m.wire.busy = true
	m.wire.todo = split(body)
	if len(m.wire.todo) == 0 {
		m.wire.todo = []command{{}} // the bare AT is a command too
	}
	m.wait(m.o.Latency, m.next)
}

// attention is where a line's AT is, or -1. Lines may hold any bytes.
func attention(line string) int {
	for i := range len(line) - 1 {
		if strings.EqualFold(line[i:i+2], "AT") {
			return i
		}
	}
	return -1
}

// wait goes on with the running command after d, unless it was aborted.
func (m *Modem) wait(d time.Duration, f func()) {
	if d <= 0 {
		f()
		return
	}
	p, life := m.port, m.life
	m.loop.after(d, func() {
		if p.life == life {
			m.on(p, f)
		}
	})
}

// next carries out the next command of the line, or ends it with OK.
func (m *Modem) next() {
	if len(m.wire.todo) == 0 {
		m.finish("OK")
		return
	}
	c := m.wire.todo[0]
	m.wire.todo = m.wire.todo[1:]
	m.perform(c, m.fault(c.text))
}

// answer is what a command says: information lines and a final result.
type answer struct {
	lines []string
	final string // "OK" lets the rest of the line go on
	later bool   // nothing yet: the command goes on by itself
}

func ok(lines ...string) answer { return answer{lines: lines, final: "OK"} }

func failed() answer { return answer{final: "ERROR"} }

func later() answer { return answer{later: true} }

// done takes a command's answer and goes on.
func (m *Modem) done(a answer) {
	if a.later {
		return
	}
	m.inform(a.lines)
	if a.final == "OK" {
		m.next()
		return
	}
	m.finish(a.final)
}

// finish ends the command line with a final result.
func (m *Modem) finish(final string) {
	m.result(final)
	m.release()
}

// release makes the modem ready for the next line; an empty final result has
// been given or swallowed before.
func (m *Modem) release() {
	m.flush()
	w := &m.wire
	w.busy, w.todo, w.split = false, nil, 0
	m.life++
	m.pump()
}

// numeric are the result codes of V.250 §5.7.1 under ATV0.
var numeric = map[string]string{
	"OK": "0", "CONNECT": "1", "RING": "2", "NO CARRIER": "3", "ERROR": "4", "NO DIALTONE": "6", "BUSY": "7", "NO ANSWER": "8",
}

// result sends a result code, final or not.
func (m *Modem) result(code string) {
	w := &m.wire
	switch {
	case w.quiet:
	case w.verbose:
		m.print(m.crlf() + code + m.crlf())
	default:
		if n := numeric[code]; n != "" {
			code = n
		}
		m.print(code + string(rune(w.s[3])))
	}
}

// inform sends information lines (V.250 §5.7.1: the header goes with ATV0).
func (m *Modem) inform(lines []string) {
	if len(lines) == 0 {
		return
	}
	text := strings.Join(lines, m.crlf()) + m.crlf()
	if m.wire.verbose {
		text = m.crlf() + text
	}
	m.print(text)
}

func (m *Modem) crlf() string { return string([]byte{byte(m.wire.s[3]), byte(m.wire.s[4])}) }

// urc sends an unsolicited result code: a line, or a line and its PDU. While a
// prompt is open it is held back.
func (m *Modem) urc(lines ...string) {
	if len(lines) == 0 {
		return
	}
	for i, p := range m.ports {
		switch {
		case !m.urcPorts[i]:
		case p.wire.entry != nil || p.wire.air != nil:
			p.wire.held = append(p.wire.held, lines)
		default:
			m.on(p, func() { m.say(lines) })
		}
	}
}

// say sends the lines of an unsolicited result code at once.
func (m *Modem) say(lines []string) {
	if m.wire.quiet || len(lines) == 0 {
		return
	}
	if t := m.torn; t != nil && strings.HasPrefix(lines[0], t.prefix) {
		m.torn = nil
		m.tear(t, "\r\n"+strings.Join(lines, "\r\n")+"\r\n")
		return
	}
	m.print("\r\n" + strings.Join(lines, "\r\n") + "\r\n")
}

func (m *Modem) sayHeld() {
	held := m.wire.held
	m.wire.held = nil
	for _, lines := range held {
		m.say(lines)
	}
}

func (m *Modem) print(s string) {
	if m.hung {
		return
	}
	m.wire.out = append(m.wire.out, s...)
	for line := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\r' || r == '\n' }) {
		m.trace("< " + line)
	}
}

func (m *Modem) trace(line string) {
	if m.o.Trace != nil {
		m.o.Trace(line)
	}
}

// flush hands the output to the hosts.
func (m *Modem) flush() {
	for _, p := range m.ports {
		p.flush(p == m.ports[0] && m.takenOver())
	}
}

// flush hands the output to the host, in pieces if a fault wants that. With
// nobody there, or while a script speaks in the modem's place, it is lost.
func (p *port) flush(mute bool) {
	w := &p.wire
	if len(w.out) == 0 || w.paused {
		return
	}
	out := w.out
	w.out = nil
	if p.link == nil || mute {
		return
	}
	size := len(out)
	for _, n := range []int{w.splitAll, w.split} {
		if n > 0 {
			size = min(size, n)
		}
	}
	for len(out) > 0 {
		n := min(size, len(out))
		w.dropped += p.link.send(out[:n:n])
		out = out[n:]
	}
}

// form is how an extended command is used.
type form int

const (
	run  form = iota // AT+X
	read             // AT+X?
	test             // AT+X=?
	set              // AT+X=…
)

// command is one command of a line.
type command struct {
	text string // as written, without AT
	name string // upper case: +CMGS, E, &C, S3
	form form
	args args
}

// split takes the commands of a line apart (V.250 §5.2): basic ones one after
// another, extended ones up to a semicolon.
func split(body string) []command {
	var all []command
	for body != "" {
		switch c := body[0]; {
		case c == ' ' || c == ';':
			body = body[1:]
			continue
		case strings.IndexByte("+#^$!*%", c) >= 0:
			n := extent(body)
			all = append(all, extended(strings.TrimSpace(body[:n])))
			body = body[n:]
		case c == 'D' || c == 'd':
			all = append(all, command{text: body, name: "D", form: set, args: args{body[1:]}})
			body = ""
		default:
			n := basicExtent(body)
			all = append(all, basic(body[:n]))
			body = body[n:]
		}
	}
	return all
}

// extent is the length of an extended command: to a semicolon outside quotes.
func extent(s string) int {
	quoted := false
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ';':
			if !quoted {
				return i
			}
		}
	}
	return len(s)
}

func basicExtent(s string) int {
	n := 1
	if (s[0] == '&' || s[0] == '\\') && len(s) > 1 {
		n = 2
	}
	for n < len(s) && strings.IndexByte("0123456789", s[n]) >= 0 {
		n++
	}
	if n < len(s) && (s[n] == '=' || s[n] == '?') {
		n++
		for n < len(s) && strings.IndexByte("0123456789", s[n]) >= 0 {
			n++
		}
	}
	return n
}

func basic(s string) command {
	up := strings.ToUpper(s)
	if up[0] == 'S' {
		name, value, isSet := strings.Cut(up, "=")
		c := command{text: s, name: strings.TrimSuffix(name, "?"), form: read}
		if isSet {
			c.form, c.args = set, args{value}
		}
		return c
	}
	name := strings.TrimRight(up, "0123456789")
	return command{text: s, name: name, form: run, args: args{up[len(name):]}}
}

func extended(s string) command {
	i := strings.IndexAny(s, "=?")
	if i < 0 {
		return command{text: s, name: strings.ToUpper(s)}
	}
	c := command{text: s, name: strings.ToUpper(strings.TrimSpace(s[:i]))}
	switch rest := strings.TrimSpace(s[i:]); {
	case rest == "=?":
		c.form = test
	case rest == "?":
		c.form = read
	default:
		c.form, c.args = set, parseArgs(strings.TrimPrefix(rest, "="))
	}
	return c
}

// args are a command's parameters, without quotes.
type args []string

func parseArgs(s string) args {
	var all args
	start, quoted := 0, false
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] == '"' {
			quoted = !quoted
		}
		if i == len(s) || s[i] == ',' && !quoted {
			all = append(all, strings.Trim(strings.TrimSpace(s[start:i]), `"`))
			start = i + 1
		}
	}
	return all
}

func (a args) text(i int) string {
	if i < len(a) {
		return a[i]
	}
	return ""
}

// number reads parameter i; missing ones are as given, wrong ones are -1.
func (a args) number(i, missing int) int {
	if a.text(i) == "" {
		return missing
	}
	n, err := strconv.Atoi(a[i])
	if err != nil {
		return -1
	}
	return n
}
