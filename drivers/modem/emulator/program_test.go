package emulator

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// said reads the lines of a program until one holds all of these.
func said(t *testing.T, s *bufio.Scanner, want ...string) string {
	t.Helper()
	var heard []string
next:
	for s.Scan() {
		heard = append(heard, s.Text())
		for _, w := range want {
			if !strings.Contains(s.Text(), w) {
				continue next
			}
		}
		return s.Text()
	}
	t.Fatalf("the program ended before it said %q; it said\n%s", want, strings.Join(heard, "\n"))
	return ""
}

// started runs the program and gives its output and what ends it.
func started(t *testing.T, o ProgramOptions) (out *bufio.Scanner, stop func() error) {
	t.Helper()
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := Run(ctx, o, w)
		w.CloseWithError(io.EOF)
		ended <- err
	}()
	return bufio.NewScanner(r), func() error {
		cancel()
		go io.Copy(io.Discard, r)
		return <-ended
	}
}

func TestTheProgramTellsItsStoryInWords(t *testing.T) {
	orders, give := io.Pipe()
	defer give.Close()
	link := filepath.Join(t.TempDir(), "modem")
	out, stop := started(t, ProgramOptions{Link: link, Orders: orders})
	said(t, out, "modem +48600100200 on "+link)

	h := openTTY(t, link)
	h.say("ATE0;+CMGF=0;+CNMI=2,1,0,1,0\r")
	h.until("OK")
	h.say("AT+CMGS=31\r" + alertPDU + "\x1a")
	said(t, out, "+48501200777 received from +48600100200: ALERT core-sw1 down")

	io.WriteString(give, "text +48501200777 ack 1\n")
	said(t, out, "ok")
	h.until(`+CMTI: "SM",0`)
	io.WriteString(give, "dance\n")
	said(t, out, `error: there is no order "dance"; `+"`help` lists them")
	io.WriteString(give, "vanish\n")
	said(t, out, "the port is gone")
	h.ended()
	io.WriteString(give, "return\n")
	said(t, out, "modem +48600100200 on "+link)
	if err := stop(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
}

func TestProgramsDriveItOverItsSocket(t *testing.T) {
	dir := t.TempDir()
	control := filepath.Join(dir, "control.sock")
	out, stop := started(t, ProgramOptions{Control: control, JSON: true})
	said(t, out, `"event":"port"`)
	c, err := net.Dial("unix", control)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	heard := bufio.NewScanner(c)
	var port struct{ Path string }
	if err := json.Unmarshal([]byte(said(t, heard, `"event":"port"`)), &port); err != nil {
		t.Fatal(err)
	}
	h := openTTY(t, port.Path)
	io.WriteString(c, `{"order":"fault","args":["+CMGS","answer=+CMS ERROR: 38"],"id":7}`+"\n")
	said(t, heard, `"event":"order"`, `"id":7`)
	h.say("ATE0;+CMGF=0;+CMEE=1\r")
	h.until("OK")
	h.say("AT+CMGS=31\r" + alertPDU + "\x1a")
	h.until("+CMS ERROR: 38")
	h.say("AT+CMGS=31\r" + alertPDU + "\x1a")
	h.until("+CMGS: 1")
	said(t, heard, `"event":"submitted"`, `"body":"ALERT core-sw1 down"`)
	said(t, heard, `"event":"arrived"`)

	io.WriteString(c, "submitted\n")
	var log struct{ Answer []Submission }
	if err := json.Unmarshal([]byte(said(t, heard, `"event":"order"`)), &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Answer) != 1 || log.Answer[0].To != ada {
		t.Errorf("the log over the socket: %+v", log.Answer)
	}
	if err := stop(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	h.ended()
}

func TestAScriptStartsWithTheProgram(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.script"), filepath.Join(dir, "bad.script")
	for path, text := range map[string]string{good: "expect /AT\\r/ within 1h\nurc \"RING\"\n", bad: "# nothing\nexpekt AT\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Run(t.Context(), ProgramOptions{Script: bad}, io.Discard); err == nil || !strings.Contains(err.Error(), bad+":2: there is no statement \"expekt\"") {
		t.Errorf("a faulty script: %v", err)
	}
	link := filepath.Join(dir, "modem")
	out, stop := started(t, ProgramOptions{Link: link, Script: good})
	said(t, out, "modem +48600100200 on "+link)
	h := openTTY(t, link)
	h.say("AT\r")
	h.until("RING")
	said(t, out, "the script "+good+" has ended")
	if err := stop(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
}

func TestEveryOrderIsExplainedAndChecked(t *testing.T) {
	t.Parallel()
	n := NewNetwork()
	defer n.Close()
	m, err := New(Options{Network: n, Number: ours})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	p := &program{net: n, modem: m}
	for line, want := range map[string]string{
		"signal 40":                  "signal: \"40\" is not 0 to 31, or 99 for unknown",
		"register mars":              "register: \"mars\" is none of off, home, searching, denied, unknown, roaming, eps-only, sms-only, rlos",
		"text +48501200777":          "text needs more: text NUMBER BODY…",
		"delay submit soon":          "delay: write it like `delay submit 2s`",
		"fault +CMGS swalow":         "fault: there is no key \"swalow\"; there are " + faultKeys(),
		"fault +CMGS delay=x":        "fault: read delay=x: time: invalid duration \"x\"",
		"refuse +48501200777 often":  "\"often\" is not a number",
		"dead +48501200777 quite":    "dead: \"quite\" is not a status: write it like 0x49",
		"call +48501200777 sometime": "call: \"sometime\" is not a number of rings",
		"register denied why":        "register: \"why\" is not a cause: write it like `register denied 15`",
		"persona nokia":              "persona: there is no \"nokia\"; there are " + strings.Join(Personas(), ", "),
		"case 39":                    "there is no case 39; `cases` lists them",
		"phone +48501200777 sulks":   "phone: \"sulks\" is none of rings, answers, rejects, busy, off, on",
		"phone +48501200777 off now": "phone: write it like `phone +48501200777 answers 5s`",
		"credit lots":                "credit: \"lots\" is not an amount: write it like `credit 12.40 0.20`",
		"case often":                 "case: \"often\" is not a number: write it like `case 17 38`",
		"case 5 round":               "case 5 has no variant \"round\"; it has line, slow, cr, glued",
		"sim under":                  "sim: write it like `sim out` or `sim in 8948010000099999999`",
		"sim in 8948 12":             "insert a SIM: the PIN \"12\" must be 4 to 8 digits",
		"store some":                 "store: \"some\" is not a number of texts",
		"memory huge":                "memory: write it like `memory full`, `memory free` or `memory size 40`",
		"supply blue":                "supply: \"blue\" is none of cold, hot, overvoltage, undervoltage",
		"flood lots 1s x":            "flood: write it like `flood 1000 5s ^RSSI: 20`",
		"queue +48501200777 x y":     "queue: \"x\" is not a number of texts",
		"oddity nice":                "oddity: there is no \"nice\"; `oddity` lists them",
		"clock later":                "clock: \"later\" is neither a time nor a length: write it like `clock 1980-01-06T00:00:12Z` or `clock +2h`",
		"split some":                 "split: \"some\" is not a number of bytes",
		"stall perhaps":              "stall: \"perhaps\" is neither on nor off",
		"script testdata/none":       "read the script: open testdata/none: no such file or directory",
	} {
		words, _, err := orderWords(line)
		if err == nil {
			_, _, err = p.order(words)
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
	for _, line := range []string{
		`fault AT+CMGS answer="+CMS ERROR: 38" times=2 delay=5s commit before=RING`, `fault +CMGS prompt=\r\n>\r\n drop=afterpdu dropfor=3s`,
		"signal 99", "register roaming", "off +48501200777", "on +48501200777", "dead +48501200777", "refuse +48501200777 1",
		"congested 42", "delay report 3s", "state", "commands", "submitted", "texts", "help", "urc RING", "reboot",
		"register denied 15", "register eps-only", "register home", "persona", "persona sim7600", "persona quectel", "cases", "case 9", "case 38 west", "case 15 later",
		"sim out", "sim in 8948010000099999999", "sim in 8948010000099999999 1234", "sim in", "store 3", "memory full", "memory free", "memory size 40", "supply hot", "second AT+CSQ",
		"flood 10 1s ^RSSI: 3", "queue +48501200777 5 hello", "oddity empty", "oddity", "clock 1980-01-06T00:00:12Z", "clock +1h", "nitz", "split 3", "split 0", "stall on", "stall off",
		"script testdata/example.script", "phone +48501200777 answers 5s", "phone +48501200777 off", "phone +48501200777 on", "calls", "case 36 open",
		"ussd *101# Konto: {credit}", "ussd *101#", "credit 12.40 0.20", "credit 5", "reply 8040 Zostalo {credit}", "reply 8040",
	} {
		words, _, err := orderWords(line)
		if err == nil {
			_, _, err = p.order(words)
		}
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if got := m.FaultsLeft(); got != 2 {
		t.Errorf("%d faults wait, want 2", got)
	}
}
