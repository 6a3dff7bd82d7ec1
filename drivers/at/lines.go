package at

// maxLine is the longest line that is kept: a PDU is 350 characters, the
// longest answers (+CNMI=?, +CGDCONT?) stay under 2 KiB.
const maxLine = 4096

// token is a line without its CR and LF, or a prompt.
type token struct {
	line   string
	prompt bool
}

// tokenizer cuts bytes into lines. It looks at single bytes, because a prompt
// has no line end and because a Scanner gives up for good on a long line.
type tokenizer struct {
	prompt  bool // a prompt is expected: '>' at the start of a line is one
	numeric bool // CR alone ends a line, as after ATV0

	line     []byte
	afterCR  bool
	dropping bool // the line was too long; skip to its end
	overlong int  // lines dropped
}

func (t *tokenizer) feed(b byte, emit func(token)) {
	cr := t.afterCR
	t.afterCR = b == '\r'
	switch {
	case b == 0:
		t.afterCR = cr
	case b == '\n' || b == '\r' && t.numeric:
		t.end(emit)
	case b == '\r' || t.dropping:
	case b == '>' && t.prompt && (len(t.line) == 0 || cr):
		t.end(emit)
		t.prompt = false
		emit(token{prompt: true})
	case b == ' ' && len(t.line) == 0:
		// The space of a prompt may come much later than its '>'.
	case len(t.line) == maxLine:
		t.line, t.dropping = t.line[:0], true
		t.overlong++
	default:
		t.line = append(t.line, b)
	}
}

func (t *tokenizer) end(emit func(token)) {
	if len(t.line) > 0 {
		emit(token{line: string(t.line)})
	}
	t.line, t.dropping = t.line[:0], false
}

// stuck says whether an unfinished line looks like a prompt that nobody
// expected: the modem then takes every command for message text.
func (t *tokenizer) stuck() bool { return len(t.line) > 0 && len(t.line) < 3 && t.line[0] == '>' }

// reset forgets an unfinished line.
func (t *tokenizer) reset() { t.line, t.dropping = t.line[:0], false }
