package emulator

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// voiceOrders are calls out, service codes and what is left on the SIM.
func voiceOrders() map[string]order {
	return map[string]order{
		"phone": {"NUMBER rings|answers|rejects|busy|off|on [TIME]", "what it does when the modem calls it, after ringing so long", 2, simply((*program).manners)},
		"calls": {"", "every call, in and out", 0, (*program).calls},
		"ussd": {"CODE [TEXT…]", "what the operator answers to it; {credit} is filled in, no text takes it away", 1, simply(func(p *program, a args) error {
			p.net.USSD(a[0], strings.Join(a[1:], " "))
			return nil
		})},
		"credit": {"AMOUNT [PRICE]", "what is left on the SIM, and what a text costs; at less, texts get +CMS ERROR: 50", 1, simply((*program).credit)},
		"reply": {"NUMBER [TEXT…]", "this phone answers every text with this one, as a service number does", 1, simply(func(p *program, a args) error {
			p.net.Phone(a[0]).Replies(strings.Join(a[1:], " "))
			return nil
		})},
	}
}

func (p *program) manners(a args) error {
	phone, after := p.net.Phone(a[0]), time.Duration(0)
	if a.text(2) != "" {
		var err error
		if after, err = time.ParseDuration(a[2]); err != nil || after <= 0 {
			return errors.New("phone: write it like `phone +48501200777 answers 5s`")
		}
	}
	switch how := Pickup(a[1]); how {
	case "on":
		phone.On()
	case "off":
		phone.Off()
	case RingsOut, Answers, Rejects, Engaged:
		phone.WhenCalled(how, after)
	default:
		return fmt.Errorf("phone: %q is none of rings, answers, rejects, busy, off, on", a[1])
	}
	return nil
}

func (p *program) calls(args) (any, []string, error) {
	all := p.net.Calls()
	lines := make([]string, len(all))
	for i, c := range all {
		lines[i] = fmt.Sprintf("%s %s from %s to %s: %s, %d rings", c.At.UTC().Format("15:04:05Z"), c.Direction, c.From, c.To, c.Ended, c.Rings)
	}
	return all, lines, nil
}

func (p *program) credit(a args) error {
	hundredths := make([]int, 2)
	for i, word := range a[:min(len(a), 2)] {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil || v < 0 || v > 1e6 {
			return fmt.Errorf("credit: %q is not an amount: write it like `credit 12.40 0.20`", word)
		}
		hundredths[i] = int(math.Round(v * 100))
	}
	p.net.Credit(hundredths[0], hundredths[1])
	return nil
}
