package at

import (
	"strings"
	"testing"
)

// FuzzLines feeds anything to the tokenizer and the classifier: they must not
// panic, keep no more than a line, and lose no text.
func FuzzLines(f *testing.F) {
	for _, s := range []string{
		"AT\r\r\nOK\r\n", "\r\n> ", "\r\n>\r\n", "AT+CMGS=23\r> ", "\r\n+CMS ERROR: 38\r\n", "0\r", "4\r",
		"\r\n+CMTI: \"ME\",4\r\n", "\r\n+CMT: ,26\r\n00040B918405210077F700006211120100004008C1E11244BBC562\r\n",
		"\r\n+CDS: 25\r\n00060C0B918405210077F7621112010000406211120100404000\r\n", "\r\n+CUSD: 0,\"a\r\nb\",15\r\n",
		"+CREG: 2,1,\"00C3\",\"01A2B3C4\",7\r\n+CREG: 1,\"00C3\",\"01A2\",2\r\n+CREG:\r\n", "\x00\x00\xff\xfe\r\nO", "\x7e\xff\x7d\x23\xc0\x21\x7e",
		strings.Repeat("A", 5000) + "\r\nOK\r\n", "+CLIP: \"\",128,\"\",,\"\",1\r\n", "+CPIN:READY\r\n", "+CMGS:\r\n+CMGS\r\n:\r\n,,,\r\n",
		"AT+CMGS=23\r\r\n> ", "\r> ", "\r\n>", " \r\n", "AT+CS\r\n+CMTI: \"ME\",4\r\nQ\r\n+CSQ: 20,99\r\n\r\nOK\r\n",
		"+CMT: ,24\r\n\r\n00040B\r\n", "+CMT: 24\r\n+CDS: 25\r\n", "+CMS ERROR:38\r\n", "+CMS ERROR: Network timeout\r\n", "+CME ERROR: 132\r\n",
		"COMMAND NOT SUPPORT\r\n", "TOO MANY PARAMETERS\r\n", "NA\r\n", "NO CARRIER\r\n", "^BOOT:1,0,0,0,75\r\n^RSSI:20\r\n^HCSQ:\"LTE\",46,40\r\n",
		"RDY\r\n+CFUN: 1\r\n+CPIN: READY\r\n+QUSIM: 1\r\n+QIND: SMS DONE\r\n+QIND: PB DONE\r\n", "*ATREADY: 1\r\nSMS DONE\r\n",
		"+CREG: 2\r\n+CREG: 2,001,\"00C3\",\"01A2B3C4\",7\r\n+CEREG: 3,,,,0,15\r\n", "RING\r\n+CLIP: \"+48501200777\",145,\"\",,\"\",0\r\n+CRING: VOICE\r\n",
		"+CTZE: \"+08\",0,\"2026/11/21,10:00:00\"\r\n", "$GPGGA,100000.0,5213.0,N\r\n", "+CMGL: 0,1,,26\r\n00040B91\r\n+CMTI: \"ME\",5\r\nOK\r\nOK\r\n",
		"UNDER-VOLTAGE WARNNING\r\nPOWERED DOWN\r\n", "+CUSD: 0,\"\xc5\r\n", "+QSIMSTAT: 1,0\r\n#QSS: 0\r\n^SIMST:255\r\n",
	} {
		for _, command := range []string{"+CMGS=23", "+CREG?", "+CMGL=4", ""} {
			f.Add(command, s, true)
		}
	}
	f.Fuzz(func(t *testing.T, command, said string, prompt bool) {
		c := Command{Text: command, Free: prompt}
		if c.check() != nil || len(said) > 4*maxLine { // the owner stops reading sooner when nobody listens
			return
		}
		w := &Wire{out: make(chan []byte, 1)}
		w.opts.fill()
		w.own.queue.room = 8
		r := &request{cmd: c, reply: make(chan result, 1)}
		w.own.running = &running{request: r, echo: "AT" + command, wants: prompt}
		w.own.lex.prompt, w.own.lex.numeric = prompt, !prompt
		for i := 0; i < len(said); i++ {
			w.take([]byte{said[i]})
		}
		if len(w.own.lex.line) > maxLine {
			t.Errorf("a line of %d bytes is kept", len(w.own.lex.line))
		}
		if p := w.own.partial; p != nil && len(p.Line) > 2*maxLine+1 {
			t.Errorf("a notice of %d bytes is kept", len(p.Line))
		}
		if n := len(w.own.queue.items); n > 8+strings.Count(said, "\n")+1 {
			t.Errorf("%d notices from %d lines", n, strings.Count(said, "\n"))
		}
	})
}
