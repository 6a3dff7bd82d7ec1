package emulator

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// order is one thing that the program can be told to do.
type order struct {
	form string // its parameters, for help
	does string
	need int // how many parameters it cannot do without
	do   func(p *program, a args) (answer any, written []string, err error)
}

// order carries an order out.
func (p *program) order(words []string) (answer any, written []string, err error) {
	name, a := strings.ToLower(words[0]), args(words[1:])
	if name == "help" {
		return nil, help(), nil
	}
	o, known := orders()[name]
	if !known {
		return nil, nil, fmt.Errorf("there is no order %q; `help` lists them", name)
	}
	if len(a) < o.need {
		return nil, nil, fmt.Errorf("%s needs more: %s %s", name, name, o.form)
	}
	return o.do(p, a)
}

func help() []string {
	all := orders()
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		lines = append(lines, fmt.Sprintf("%-34s %s", name+" "+all[name].form, all[name].does))
	}
	return lines
}

// simply is an order that only has an error to tell.
func simply(f func(p *program, a args) error) func(*program, args) (any, []string, error) {
	return func(p *program, a args) (any, []string, error) { return nil, nil, f(p, a) }
}

func orders() map[string]order {
	return merge(phoneOrders(), voiceOrders(), modemOrders(), networkOrders(), stageOrders())
}

func phoneOrders() map[string]order {
	phone := func(f func(p *Phone)) func(*program, args) (any, []string, error) {
		return simply(func(p *program, a args) error {
			f(p.net.Phone(a[0]))
			return nil
		})
	}
	return map[string]order{
		"text": {"NUMBER BODY…", "this phone texts the modem", 2, simply(func(p *program, a args) error {
			return p.net.Phone(a[0]).Send(p.modem.Number(), strings.Join(a[1:], " "))
		})},
		"call": {"NUMBER [RINGS]", "this phone calls the modem and gives up", 1, simply(func(p *program, a args) error {
			rings := a.number(1, 3)
			if rings < 1 {
				return fmt.Errorf("call: %q is not a number of rings", a[1])
			}
			p.net.Phone(a[0]).Call(p.modem.Number(), rings)
			return nil
		})},
		"off": {"NUMBER", "switch this phone off", 1, phone((*Phone).Off)},
		"on":  {"NUMBER", "switch this phone on", 1, phone((*Phone).On)},
		"dead": {"NUMBER [STATUS]", "texts to it fail for good, TP-ST 0x49 or as given", 1, simply(func(p *program, a args) error {
			fillWord(&a, "0x49")
			st, err := strconv.ParseUint(a[1], 0, 8)
			if err != nil {
				return fmt.Errorf("dead: %q is not a status: write it like 0x49", a[1])
			}
			p.net.Phone(a[0]).Dead(byte(st))
			return nil
		})},
		"refuse": {"NUMBER CODE", "the SMSC refuses texts to it with this +CMS code; 0 ends it", 2, simply(func(p *program, a args) error {
			return withNumber(a, 1, func(n int) { p.net.Phone(a[0]).Refused(n) })
		})},
		"texts": {"[NUMBER]", "what the phones received", 0, (*program).texts},
	}
}

func fillWord(a *args, word string) {
	if len(*a) == 1 {
		*a = append(*a, word)
	}
}

func withNumber(a args, i int, f func(n int)) error {
	n, err := strconv.Atoi(a[i])
	if err != nil {
		return fmt.Errorf("%q is not a number", a[i])
	}
	f(n)
	return nil
}

func (p *program) texts(a args) (any, []string, error) {
	all := []Text{}
	var lines []string
	for _, phone := range p.net.Phones() {
		if len(a) > 0 && phone.Number() != a[0] {
			continue
		}
		for _, t := range phone.Texts() {
			all = append(all, t)
			lines = append(lines, fmt.Sprintf("%s %s from %s: %s", t.At.UTC().Format("15:04:05Z"), t.To, t.From, t.Body))
		}
	}
	return all, lines, nil
}

func (p *program) register(a args) error {
	c, known := cells()[a[0]]
	if !known {
		return fmt.Errorf("register: %q is none of off, home, searching, denied, unknown, roaming, eps-only, sms-only, rlos", a[0])
	}
	if c.Cause = a.number(1, 0); c.Cause < 0 {
		return fmt.Errorf("register: %q is not a cause: write it like `register denied 15`", a[1])
	}
	p.modem.Camp(c)
	return nil
}

// cells are the words for register.
func cells() map[string]Cell {
	eps, rlos := HomeCell(), Everywhere(11)
	eps.CREG, rlos.CREG = Idle, Idle
	all := map[string]Cell{"eps-only": eps, "sms-only": Everywhere(6), "rlos": rlos}
	for word, stat := range stats {
		all[word] = Everywhere(stat)
	}
	return all
}

// stats are the plain words for register.
var stats = map[string]int{"off": Idle, "home": Home, "searching": Searching, "denied": Denied, "unknown": Unknown, "roaming": Roaming}

func modemOrders() map[string]order {
	return map[string]order{
		"vanish": {"", "pull the port", 0, simply(func(p *program, _ args) error { p.modem.Vanish(); return nil })},
		"return": {"", "plug the port in again", 0, simply(func(p *program, _ args) error { return p.modem.Return() })},
		"reset":  {"", "restart the modem as AT+CFUN=1,1 does", 0, simply(func(p *program, _ args) error { p.modem.Reset(); return nil })},
		"reboot": {"", "restart the modem while the port stays", 0, simply(func(p *program, _ args) error { p.modem.Reboot(); return nil })},
		"signal": {"0..31|99", "what +CSQ tells", 1, simply(func(p *program, a args) error {
			n := a.number(0, -1)
			if n != 99 && (n < 0 || n > 31) {
				return fmt.Errorf("signal: %q is not 0 to 31, or 99 for unknown", a[0])
			}
			p.modem.Signal(n)
			return nil
		})},
		"register": {"off|home|searching|denied [CAUSE]|roaming|eps-only|sms-only|rlos", "what the radio finds; CAUSE is told under +CEREG=3", 1, simply((*program).register)},
		"urc": {"LINE…", "the modem says this unsolicited", 1, simply(func(p *program, a args) error {
			p.modem.Unsolicited(strings.Join(a, " "))
			return nil
		})},
		"fault": {"COMMAND KEY[=VALUE]…", "a fault for the next such command: " + faultKeys(), 2, simply(func(p *program, a args) error {
			f, err := parseFault(a)
			if err != nil {
				return err
			}
			return p.modem.Fault(f)
		})},
		"state": {"", "how the modem stands", 0, func(p *program, _ args) (any, []string, error) {
			s := p.modem.State()
			s.Commands = nil
			return s, []string{fmt.Sprintf("%+v", s)}, nil
		}},
		"commands": {"", "the command lines the modem heard", 0, func(p *program, _ args) (any, []string, error) {
			all := p.modem.State().Commands
			return all, all, nil
		}},
	}
}

func networkOrders() map[string]order {
	return map[string]order{
		"congested": {"CODE", "the SMSC refuses every text with this +CMS code; 0 ends it", 1, simply(func(p *program, a args) error {
			return withNumber(a, 0, p.net.Congested)
		})},
		"delay": {"submit|deliver|report TIME", "how long the SMSC takes", 2, simply(func(p *program, a args) error {
			knob, known := map[string]func(time.Duration){"submit": p.net.SubmitDelay, "deliver": p.net.DeliverDelay, "report": p.net.ReportDelay}[a[0]]
			d, err := time.ParseDuration(a[1])
			if !known || err != nil || d < 0 {
				return fmt.Errorf("delay: write it like `delay submit 2s`")
			}
			knob(d)
			return nil
		})},
		"submitted": {"", "every part the SMSC took", 0, func(p *program, _ args) (any, []string, error) {
			all := p.net.Submitted()
			lines := make([]string, len(all))
			for i, s := range all {
				lines[i] = fmt.Sprintf("%s %s %d/%d: %s", s.At.UTC().Format("15:04:05Z"), s.To, s.Part, s.Of, s.Body)
			}
			return all, lines, nil
		}},
	}
}

// faultWords set one field of a Fault each.
var faultWords = map[string]func(f *Fault, v string) error{
	"answer":         func(f *Fault, v string) error { f.Answer = v; return nil },
	"before":         func(f *Fault, v string) error { f.Before = append(f.Before, v); return nil },
	"between":        func(f *Fault, v string) error { f.Between = append(f.Between, v); return nil },
	"spread":         func(f *Fault, v string) (err error) { f.Spread, err = time.ParseDuration(v); return err },
	"twice":          func(f *Fault, _ string) error { f.Twice = true; return nil },
	"otherport":      func(f *Fault, _ string) error { f.OtherPort = true; return nil },
	"reboot":         func(f *Fault, _ string) error { f.Reboot = true; return nil },
	"interject":      func(f *Fault, v string) error { f.Interject = append(f.Interject, v); return nil },
	"line":           func(f *Fault, v string) error { f.Lines = append(f.Lines, v); return nil },
	"raw":            func(f *Fault, v string) (err error) { f.Raw, err = unquoted(v); return err },
	"prompt":         func(f *Fault, v string) error { b, err := unquoted(v); f.PromptForm = string(b); return err },
	"times":          func(f *Fault, v string) (err error) { f.Times, err = strconv.Atoi(v); return err },
	"skip":           func(f *Fault, v string) (err error) { f.Skip, err = strconv.Atoi(v); return err },
	"split":          func(f *Fault, v string) (err error) { f.SplitEvery, err = strconv.Atoi(v); return err },
	"delay":          func(f *Fault, v string) (err error) { f.Delay, err = time.ParseDuration(v); return err },
	"lateprompt":     func(f *Fault, v string) (err error) { f.LatePrompt, err = time.ParseDuration(v); return err },
	"promptpause":    func(f *Fault, v string) (err error) { f.PromptPause, err = time.ParseDuration(v); return err },
	"dropfor":        func(f *Fault, v string) (err error) { f.DropFor, err = time.ParseDuration(v); return err },
	"swallow":        func(f *Fault, _ string) error { f.Swallow = true; return nil },
	"late":           func(f *Fault, _ string) error { f.Late = true; return nil },
	"commit":         func(f *Fault, _ string) error { f.Commit = true; return nil },
	"atonce":         func(f *Fault, _ string) error { f.AtOnce = true; return nil },
	"noprompt":       func(f *Fault, _ string) error { f.NoPrompt = true; return nil },
	"reportfirst":    func(f *Fault, _ string) error { f.ReportFirst = true; return nil },
	"committhendrop": func(f *Fault, _ string) error { f.CommitThenDrop = true; return nil },
	"drop": func(f *Fault, v string) error {
		moment, known := map[string]Moment{"atonce": DropAtOnce, "": DropAtOnce, "midpdu": DropMidPDU, "afterpdu": DropAfterPDU}[v]
		if !known {
			return fmt.Errorf("drop=%s is none of atonce, midpdu, afterpdu", v)
		}
		f.Drop = moment
		return nil
	},
}

func faultKeys() string { return strings.Join(slices.Sorted(maps.Keys(faultWords)), " ") }

// unquoted reads bytes written with Go's escapes: \r\n\x00.
func unquoted(s string) ([]byte, error) {
	t, err := strconv.Unquote(`"` + s + `"`)
	return []byte(t), err
}

// parseFault reads a command and key=value words.
func parseFault(a args) (Fault, error) {
	f := Fault{On: a[0]}
	for _, word := range a[1:] {
		key, value, _ := strings.Cut(word, "=")
		set, known := faultWords[strings.ToLower(key)]
		if !known {
			return f, fmt.Errorf("fault: there is no key %q; there are %s", key, faultKeys())
		}
		if err := set(&f, value); err != nil {
			return f, fmt.Errorf("fault: read %s: %w", word, err)
		}
	}
	return f, nil
}
