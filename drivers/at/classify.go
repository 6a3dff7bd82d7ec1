package at

import (
	"strings"
	"time"

	"github.com/warthog618/modem/info"
)

// take sorts what the port gave.
func (w *Wire) take(b []byte) {
	for _, c := range b {
		w.own.lex.feed(c, w.token)
	}
	w.own.resync.heard()
}

func (w *Wire) token(t token) {
	if t.prompt {
		w.prompted()
		return
	}
	w.opts.Trace(In, w.visible(t.line))
	w.line(t.line)
}

// visible hides a secret that the modem echoes, even in pieces.
func (w *Wire) visible(line string) string {
	if r := w.own.running; r != nil && r.cmd.Secret && !isFinal(line, true) && !isURC(nameOf(line)) {
		return masked
	}
	return mask(line)
}

// prompted hands over the payload. From here on the modem may act on it.
func (w *Wire) prompted() {
	r := w.own.running
	w.opts.Trace(In, "> (prompt)")
	if r == nil || !r.wants {
		return
	}
	r.wants = false
	r.answer.Sent = true
	r.deadline = time.Now().Add(r.cmd.Timeout)
	r.echo = r.cmd.Payload
	w.put(r.cmd.Payload+ctrlZ, r.cmd.Payload+"^Z")
}

// line sorts one line. The order matters: a final result first, then the
// running command's own lines, then unsolicited codes, echo, and whatever is
// free in form.
func (w *Wire) line(line string) {
	if w.own.partial != nil && w.rest(line) {
		return
	}
	if w.late(line) {
		return
	}
	if w.own.resync.stage != clean {
		if !w.urc(line) {
			w.resyncLine(line)
		}
		return
	}
	r := w.own.running
	switch {
	case r != nil && r.ends(line):
		w.final(line)
	case r != nil && r.owns(line):
		r.answer.Lines = append(r.answer.Lines, line)
	case w.urc(line):
	case r != nil && r.echoes(line):
		r.answer.Echoed = true
	case r != nil && r.cmd.Free && len(r.answer.Lines) < 4096:
		r.answer.Lines = append(r.answer.Lines, line)
	case r == nil && isFinal(line, false):
		w.own.counts.Stray++
	default:
		w.own.counts.Unknown++
	}
}

// final ends the running command.
func (w *Wire) final(line string) {
	r := w.own.running
	r.answer.Final = line
	ok := line == "OK" || strings.HasPrefix(line, "CONNECT") || r.cmd.Numeric && line == "0"
	switch {
	case !ok:
		w.finish(refusal(line))
	case r.cmd.Need && len(r.answer.Lines) == 0:
		w.own.resync.begin(false)
		w.finish(ErrForeign)
	default:
		w.finish(nil)
	}
}

// ends says whether a line is this command's final result (V.250 §5.7, and
// the spellings of those who knew better).
func (r *running) ends(line string) bool {
	if r.cmd.Numeric && (line == "0" || line == "4") {
		return true
	}
	dials := strings.HasPrefix(r.cmd.Text, "D") || r.cmd.Text == "A" || r.cmd.Text == "O"
	return isFinal(line, dials)
}

func isFinal(line string, dials bool) bool {
	switch line {
	case "OK", "ERROR", "COMMAND NOT SUPPORT", "TOO MANY PARAMETERS", "NA":
		return true
	case "NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE":
		return dials
	}
	return strings.HasPrefix(line, "+CMS ERROR:") || strings.HasPrefix(line, "+CME ERROR:") ||
		strings.HasPrefix(line, "MODEM ERROR:") || dials && strings.HasPrefix(line, "CONNECT")
}

// owns says whether a line is an info line of this command.
func (r *running) owns(line string) bool {
	for _, p := range r.cmd.Prefixes {
		if info.HasPrefix(line, p) && answers(line, p) {
			return true
		}
	}
	return false
}

// echoes says whether a line is the command, or the next piece of it, coming
// back. An unsolicited code may cut an echo in two.
func (r *running) echoes(line string) bool {
	line = strings.TrimRight(line, ctrlZ)
	if line == "" || !strings.HasPrefix(r.echo, line) {
		return false
	}
	whole := len(r.cmd.Payload) > 0 && r.echo == r.cmd.Payload || r.echo == "AT"+r.cmd.Text
	if whole && len(line) < 2 {
		return false
	}
	r.echo = r.echo[len(line):]
	return true
}

// urc takes a line that is an unsolicited code. A stray error with no command
// running belongs to something that was started earlier, such as USSD.
// A message reference that nobody waits for may belong to a text sent before
// this wire was opened.
func (w *Wire) urc(line string) bool {
	k, known := table[nameOf(line)]
	known = known || strings.HasPrefix(line, orphan)
	stray := w.own.running == nil && w.own.resync.stage == clean && strings.HasPrefix(line, "+CM") && isFinal(line, false)
	if !known && !stray {
		return false
	}
	u := URC{Line: line}
	if k.pdu || k.quoted && unclosed(line) {
		w.own.partial = &u
		return true
	}
	w.own.queue.put(u)
	return true
}

// rest takes the line that a code was waiting for. A PDU that never came must
// not eat the line that came instead.
func (w *Wire) rest(line string) bool {
	u := w.own.partial
	if table[nameOf(u.Line)].pdu {
		w.own.partial = nil
		fits := isHex(line)
		if fits {
			u.PDU = strings.TrimSpace(line)
		}
		w.own.queue.put(*u)
		return fits
	}
	if w.breaks(line) {
		w.own.partial = nil
		w.own.queue.put(*u)
		return false
	}
	u.Line += "\n" + line
	if !unclosed(u.Line) || len(u.Line) > maxLine {
		w.own.partial = nil
		w.own.queue.put(*u)
	}
	return true
}

// lateWithin is how long after its time-out an answer is still believed to be
// a command's own.
const lateWithin = 10 * time.Minute

// breaks says whether a line cannot be part of a quoted text: quotes that are
// never closed must not swallow the answers behind them.
func (w *Wire) breaks(line string) bool {
	r := w.own.running
	if isURC(nameOf(line)) || r == nil && w.own.resync.stage != clean && isFinal(line, false) {
		return true
	}
	return r != nil && (r.ends(line) || r.owns(line))
}

// late takes the answer of a command that was given up, so that it neither
// ends the running one nor goes unheard.
func (w *Wire) late(line string) bool {
	if w.own.swallow {
		w.own.swallow = false
		if isFinal(line, false) {
			return true
		}
	}
	g := w.own.given
	if g == nil || time.Since(w.own.givenAt) > lateWithin || !w.lateAnswer(line, g) {
		return false
	}
	w.own.given = nil
	w.own.swallow = !strings.HasPrefix(line, "+CMS ERROR:")
	w.opts.Trace(Note, "late answer of "+g.shown())
	w.own.queue.put(URC{Line: line, late: g.Late})
	return true
}

// lateAnswer says whether a line answers the command given up and not the
// running one: by its own name, unless the running command has written its
// payload and the same name; or by an SMS error while something else runs.
func (w *Wire) lateAnswer(line string, g *Command) bool {
	r := w.own.running
	if strings.HasPrefix(line, "+CMS ERROR:") {
		return r == nil || !strings.HasPrefix(r.cmd.Text, "+C") || r.cmd.Priority == Polling
	}
	for _, p := range g.Prefixes {
		if info.HasPrefix(line, p) {
			return r == nil || r.wants || !r.owns(line)
		}
	}
	return false
}
