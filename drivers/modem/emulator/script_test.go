package emulator

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func script(t *testing.T, name, text string) *Script {
	t.Helper()
	s, err := ParseScript(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mirror plays the host's part of a script: it writes what the script expects,
// wants to hear what it sends, and wants silence while it waits.
func mirror(b *bench, s *Script) {
	b.t.Helper()
	h, due := b.host, ""
	for _, step := range s.steps {
		switch {
		case step.expects != nil:
			h.hears(due)
			due = ""
			if h.over() {
				h = attachHost(b.t, b.modem.Pipe())
			}
			h.write(string(step.expects))
			synctest.Wait()
		case step.waits > 0 && step.sends == nil:
			h.hears(due)
			due = ""
			time.Sleep(step.waits - time.Nanosecond)
			h.hears("")
			time.Sleep(time.Nanosecond)
		case step.waits > 0: // in two halves
			half := strings.Index(string(step.sends), "O") + 1
			h.hears(due + string(step.sends[:half]))
			due = string(step.sends[half:])
			time.Sleep(step.waits)
		case step.sends != nil:
			due += string(step.sends)
		case strings.HasPrefix(step.text, "drop"):
			h.hears(due)
			due = ""
			<-h.ended
		}
	}
	h.hears(due)
}

// over tells whether the port has gone.
func (h *host) over() bool {
	select {
	case <-h.ended:
		return true
	default:
		return false
	}
}

// The dialogues of field guide §7.1 (15, 17 and 18 belong to USSD and data) are
// on the wire as they are written.
func TestTheDialoguesAreAsWritten(t *testing.T) {
	t.Parallel()
	all, err := filepath.Glob("testdata/t*.script")
	if err != nil || len(all) != 23 {
		t.Fatalf("%d dialogues, want 23 (%v)", len(all), err)
	}
	for _, path := range all {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := script(t, path, string(text))
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, Options{})
				p := b.modem.Play(s)
				mirror(b, s)
				<-p.Done()
				if err := p.Stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestAScriptRunsBesideTheModem(t *testing.T) {
	text, err := os.ReadFile("testdata/example.script")
	if err != nil {
		t.Fatal(err)
	}
	story(t, Options{}, func(b *bench) {
		p := b.modem.Play(script(t, "example.script", string(text)))
		b.send(31, alertPDU)
		b.write("AT+CMGS=31\r")
		b.take()
		b.write(alertPDU + "\x1a")
		<-b.ended
		time.Sleep(13 * time.Second)
		<-p.Done()
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
		b.taken(2)
		h := attachHost(t, b.modem.Pipe())
		h.ok("AT")
	})
}

func TestAScriptTakesOverAndHandsBack(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		p := b.modem.Play(script(t, "part.script", `
expect /AT\+CSQ\r/
take over
[5s]
>> AT
send "\xff\r\nOK\r\n" split 2
clock 1980-01-06T00:00:12Z
hand back
urc "RING" "two lines"
expect "\xff\x00" within 10s
`))
		b.asks("AT+CSQ", "+CSQ: 20,99")
		b.modem.Unsolicited("not heard while a script speaks")
		b.hears("")
		time.Sleep(6 * time.Second)
		b.write("AT\r")
		b.hears("\xff\r\nOK\r\n\r\nRING\r\ntwo lines\r\n")
		b.asks("AT+CCLK?", `+CCLK: "80/01/06,00:00:12+00"`)
		b.write("\xff\x00")
		b.take()
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatAScriptMissedIsTold(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		p := b.modem.Play(script(t, "late.script", "urc \"RING\"\n\nexpect /AT\\+CNMA/ within 12s"))
		b.hears("\r\nRING\r\n")
		b.ok("AT")
		b.after(12*time.Second, "")
		want := `late.script:3: expect /AT\+CNMA/ within 12s: nothing like it came within 12s; since then the host wrote "AT\r"`
		if err := p.Stop(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		q := b.modem.Play(script(t, "never.script", ">> ATD"))
		synctest.Wait()
		want = `never.script:1: >> ATD: it was never met; since the last one the host wrote ""`
		if err := q.Stop(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	})
}

func TestTheExampleInTheDocumentationIsAScript(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(b), "# Scripts")
	var example []string
	for line := range strings.Lines(text) {
		if after, found := strings.CutPrefix(line, "//\t"); found {
			example = append(example, after)
		}
	}
	if s := script(t, "doc.go", strings.Join(example, "")); len(s.steps) != 20 {
		t.Errorf("the example has %d statements, want 20", len(s.steps))
	}
}

func TestRandomLinesComeWithinTheirBoundsAndAreTheSameAgain(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		play := func(seed string) string {
			<-b.modem.Play(script(t, "random.script", "random "+seed+` 20 100ms..1s "A" "B"`)).Done()
			if got := b.take(); got != "" {
				t.Errorf("%q at once", got)
			}
			time.Sleep(20 * time.Second)
			return b.take()
		}
		first := play("7")
		if n := strings.Count(first, "\n") / 2; n != 20 {
			t.Errorf("%d lines, want 20", n)
		}
		if play("7") != first || play("8") == first {
			t.Error("the seed does not decide")
		}
	})
}

func TestFaultyScriptsAreRefusedLineByLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        "x:1: the script says nothing; write for example: expect /^AT\\r/",
		"sned \"x\"":              `x:1: there is no statement "sned"; there are >>, <<, [2s], repeat, end, clock, do, drop, expect, hand, random, return, send, take, urc, wait`,
		"# a\nexpect /(/":         "x:2: the pattern cannot be read: error parsing regexp: missing closing ): `(?s:()`; write: expect /PATTERN/ [within 10s], or expect \"BYTES\" [within 10s]",
		"expect AT":               `x:1: expect AT is neither a pattern between slashes nor bytes between quotes; write: expect /PATTERN/ [within 10s], or expect "BYTES" [within 10s]`,
		"expect /A/ within soon":  `x:1: "soon" is not a time; write: expect /PATTERN/ [within 10s], or expect "BYTES" [within 10s]`,
		"send \"abc\" cut 3":      `x:1: "3" is not a number of bytes inside the text; write: send "BYTES" [split N] [cut K pause 300ms]`,
		"send abc":                `x:1: "abc" does not begin with a text in double quotes; write: send "BYTES" [split N] [cut K pause 300ms]`,
		"[soon]":                  `x:1: "soon" is not a time; write: [2s]`,
		"repeat 2\n<< A":          "x:1: repeat without an end; write: end, on a line of its own",
		"end":                     "x:1: end without a repeat; write: repeat N before what is to come again",
		"repeat often\n<< A\nend": `x:1: repeat "often" is not a number of times; write: repeat 20`,
		"<< \\q":                  `x:1: the escape at "\\q" cannot be read; write: << +CSQ: 20,99`,
		"take a break":            `x:1: "a break" does not belong here; write: take over`,
		"drop slowly":             `x:1: "slowly" does not belong here; write: drop [eio|eof|zero|silent] [for 12s]`,
		"do dance":                "x:1: there is no order \"dance\"; write: do ORDER…, as `heliograph emulate` takes them",
		"do text +48501200777":    "x:1: text needs more: text NUMBER BODY…; write: do ORDER…, as `heliograph emulate` takes them",
		"random 1 0 1s..2s \"A\"": `x:1: "1 0 1s..2s" is not a seed, a count and two times; write: random SEED COUNT 100ms..2s "LINE" ["LINE"…]`,
		"clock tomorrow":          `x:1: "tomorrow" is neither a time nor a length; write: clock +2h30m, or clock 1980-01-06T00:00:12Z`,
		"urc":                     `x:1: the line is missing; write: urc "LINE" ["LINE"…]`,
	} {
		_, err := ParseScript("x", text)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n%v, want\n%s", text, err, want)
		}
	}
	if _, err := ParseScript("x", "sned\n<< a\nwait"); err == nil || strings.Count(err.Error(), "x:") != 2 {
		t.Errorf("two faults are told as %v", err)
	}
	if _, err := ParseScript("x", "repeat 1000\nrepeat 1000\n<< A\nend\nend"); err == nil {
		t.Error("a million statements were taken")
	}
}

// Whatever is in a script, reading it ends, and what is read can be played.
func FuzzScript(f *testing.F) {
	all, err := filepath.Glob("testdata/*.script")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, s := range []string{"expect /a{1000}/", "send \"\\x00\" split 1", "repeat 99999\nend", "drop silent for 1s\nreturn", "random 1 1 0s..1ns \"\"", "do case 54", "[", ">>", "<<", "clock -1h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseScript("fuzz", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "fuzz:") {
				t.Errorf("%v names no line", err)
			}
			return
		}
		if strings.Contains(text, "do") || strings.Contains(text, "repeat") || strings.Contains(text, "random") {
			return // may read files, or take long
		}
		n := NewNetwork()
		defer n.Close()
		m, err := New(Options{Network: n, Number: ours})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		_, _ = io.WriteString(m.Pipe(), "AT\r")
		_ = m.Play(s).Stop()
	})
}
