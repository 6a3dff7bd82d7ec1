package emulator

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stageOrders put the modem into the states that the field guide knows.
func stageOrders() map[string]order {
	return map[string]order{
		"persona": {"[NAME]", "list the makes, or become another one by a reboot", 0, (*program).persona},
		"cases":   {"", "list what can be staged, by number", 0, listCases},
		"case":    {"NUMBER [VARIANT]", "stage a case of `cases`", 1, simply((*program).stage)},
		"script":  {"FILE", "play a script beside everything else", 1, simply((*program).play)},
		"sim":     {"out | in [ICCID [PIN]]", "pull the SIM, or put one in", 1, simply((*program).card)},
		"store":   {"NUMBER", "put so many old texts into the memory that receives", 1, simply((*program).store)},
		"memory":  {"full | free | size N", "fill the memories, empty them, or give each so many places", 1, simply((*program).memory)},
		"supply":  {"undervoltage|overvoltage|hot|cold", "the modem complains, powers down and restarts", 1, simply((*program).supply)},
		"second": {"LINE…", "another program writes this to the same port", 1, simply(func(p *program, a args) error {
			p.modem.Intrude([]byte(strings.Join(a, " ") + "\r"))
			return nil
		})},
		"flood":  {"RATE TIME LINE…", "say a line so often a second for so long", 3, simply((*program).flood)},
		"queue":  {"NUMBER COUNT BODY…", "so many texts from this phone wait at the SMSC at once", 3, simply((*program).queue)},
		"oddity": {"[NAME]", "list the odd messages, or deliver one", 0, (*program).oddity},
		"clock":  {"TIME | +LENGTH", "set the modem's clock, in UTC, or so far ahead", 1, simply((*program).clock)},
		"nitz":   {"", "the network sends its time", 0, simply(func(p *program, _ args) error { p.modem.NITZ(); return nil })},
		"split": {"N", "everything comes in reads of at most N bytes; 0 ends it", 1, simply(func(p *program, a args) error {
			n := a.number(0, -1)
			if n < 0 {
				return fmt.Errorf("split: %q is not a number of bytes", a[0])
			}
			p.modem.Split(n)
			return nil
		})},
		"stall": {"on|off", "the modem does not read what the host writes", 1, simply(func(p *program, a args) error {
			if a[0] != "on" && a[0] != "off" {
				return fmt.Errorf("stall: %q is neither on nor off", a[0])
			}
			p.modem.Stall(a[0] == "on")
			return nil
		})},
	}
}

func (p *program) persona(a args) (any, []string, error) {
	if len(a) == 0 {
		now := p.modem.State().Make
		return map[string]any{"now": now, "all": Personas()}, []string{"now " + now, "there are " + strings.Join(Personas(), ", ")}, nil
	}
	made, known := PersonaByName(a[0])
	if !known {
		return nil, nil, fmt.Errorf("persona: there is no %q; there are %s", a[0], strings.Join(Personas(), ", "))
	}
	p.modem.Become(made)
	p.modem.Reboot()
	return nil, nil, nil
}

func listCases(*program, args) (any, []string, error) {
	type row struct {
		Number   int      `json:"number"`
		Name     string   `json:"name"`
		Variants []string `json:"variants"`
		What     string   `json:"what"`
	}
	var all []row
	var lines []string
	for _, c := range Cases() {
		all = append(all, row{c.Number, c.Name, c.Variants, c.What})
		lines = append(lines, fmt.Sprintf("%2d %s: %s", c.Number, c.Name, strings.Join(c.Variants, ", ")))
	}
	return all, lines, nil
}

func (p *program) stage(a args) error {
	n, err := strconv.Atoi(a[0])
	if err != nil {
		return fmt.Errorf("case: %q is not a number: write it like `case 17 38`", a[0])
	}
	return Stage(p.modem, n, a.text(1))
}

// play starts a script and tells everybody when it has ended.
func (p *program) play(a args) error {
	b, err := os.ReadFile(a[0])
	if err != nil {
		return fmt.Errorf("read the script: %w", err)
	}
	s, err := ParseScript(a[0], string(b))
	if err != nil {
		return err
	}
	playing := p.modem.Play(s)
	go func() {
		<-playing.Done()
		n := notice{Event: Event{At: time.Now(), Kind: "script", Path: a[0]}}
		if err := playing.Stop(); err != nil {
			n.Error = err.Error()
		}
		p.say(n)
	}()
	return nil
}

func (p *program) card(a args) error {
	switch a[0] {
	case "out":
		p.modem.RemoveSIM()
		return nil
	case "in":
		return p.modem.InsertSIM(SIM{ICCID: a.text(1), PIN: a.text(2), SMSC: "+48501200777"})
	}
	return errors.New("sim: write it like `sim out` or `sim in 8948010000099999999`")
}

func (p *program) store(a args) error {
	n := a.number(0, -1)
	if n < 1 {
		return fmt.Errorf("store: %q is not a number of texts", a[0])
	}
	name := p.modem.State().Memories[2]
	for range n {
		if _, err := p.modem.Store(name, 0, storedText); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) memory(a args) error {
	each := func(f func(name string) error) error { return errors.Join(f("SM"), f("ME")) }
	switch n := a.number(1, 0); {
	case a[0] == "full":
		return each(p.modem.Fill)
	case a[0] == "free":
		return each(p.modem.Clear)
	case a[0] == "size" && n > 0:
		return each(func(name string) error { return p.modem.Resize(name, n) })
	}
	return errors.New("memory: write it like `memory full`, `memory free` or `memory size 40`")
}

func (p *program) supply(a args) error {
	if complaints[a[0]] == "" {
		return fmt.Errorf("supply: %q is none of %s", a[0], strings.Join(slices.Sorted(maps.Keys(complaints)), ", "))
	}
	return Stage(p.modem, 51, a[0])
}

func (p *program) flood(a args) error {
	rate := a.number(0, -1)
	d, err := time.ParseDuration(a[1])
	if rate < 1 || err != nil || d <= 0 {
		return errors.New("flood: write it like `flood 1000 5s ^RSSI: 20`")
	}
	p.modem.Flood(rate, d, strings.Join(a[2:], " "))
	return nil
}

func (p *program) queue(a args) error {
	n := a.number(1, -1)
	if n < 1 {
		return fmt.Errorf("queue: %q is not a number of texts", a[1])
	}
	bodies := make([]string, n)
	for i := range bodies {
		bodies[i] = fmt.Sprintf("%s %d", strings.Join(a[2:], " "), i+1)
	}
	return p.net.Queue(a[0], p.modem.Number(), bodies...)
}

func (p *program) oddity(a args) (any, []string, error) {
	if len(a) == 0 {
		var lines []string
		for _, o := range Oddities() {
			lines = append(lines, o.Name+": "+o.What)
		}
		return Oddities(), lines, nil
	}
	o, known := OddityByName(a[0])
	if !known {
		return nil, nil, fmt.Errorf("oddity: there is no %q; `oddity` lists them", a[0])
	}
	var err error
	for _, pdu := range o.PDUs {
		err = errors.Join(err, p.net.Inject(p.modem.Number(), pdu))
	}
	return nil, nil, err
}

func (p *program) clock(a args) error {
	if t, err := time.Parse(time.RFC3339, a[0]); err == nil {
		p.modem.SetClock(time.Until(t))
		return nil
	}
	d, err := time.ParseDuration(strings.TrimPrefix(a[0], "+"))
	if err != nil {
		return fmt.Errorf("clock: %q is neither a time nor a length: write it like `clock 1980-01-06T00:00:12Z` or `clock +2h`", a[0])
	}
	p.modem.SetClock(d)
	return nil
}
