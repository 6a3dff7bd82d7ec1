package emulator

import (
	"fmt"
	"slices"
	"strings"
)

// Case is one group of things that go wrong between a modem and its host, with
// the number it has in the project's field guide.
type Case struct {
	Number int
	Name   string
	// Variants are its forms; the first is staged when none is named.
	Variants []string
	// Early says that it is to be staged before the host opens the port.
	Early bool
	// What says what will be on the wire, and what the host must do for it.
	What string
	// Setup makes it happen, from now on or with the next command that matters.
	Setup func(m *Modem, n *Network, variant string) error
}

// Cases lists all that can be staged, in order. Missing numbers are groups that
// no modem of this kind can show: 39 to 41 belong to data.
func Cases() []Case {
	all := slices.Concat(sendCases(), noticeCases(), lineCases(), portCases(), simCases(), storeCases(), lifeCases(), priceCases(), ussdCases())
	slices.SortFunc(all, func(a, b Case) int { return a.Number - b.Number })
	return all
}

// CaseByNumber gives one of Cases.
func CaseByNumber(n int) (Case, bool) {
	all := Cases()
	i := slices.IndexFunc(all, func(c Case) bool { return c.Number == n })
	if i < 0 {
		return Case{}, false
	}
	return all[i], true
}

// Stage makes a case happen on a modem: Stage(m, 13), or Stage(m, 5, "glued")
// for one of its variants. Every variant leaves the modem usable for a host that
// takes care; to end one that lasts, use a new modem.
func Stage(m *Modem, number int, variant ...string) error {
	c, known := CaseByNumber(number)
	if !known {
		return fmt.Errorf("there is no case %d; `cases` lists them", number)
	}
	v := c.Variants[0]
	if len(variant) > 0 && variant[0] != "" {
		v = variant[0]
	}
	if !slices.Contains(c.Variants, v) {
		return fmt.Errorf("case %d has no variant %q; it has %s", number, v, strings.Join(c.Variants, ", "))
	}
	if err := c.Setup(m, m.net, v); err != nil {
		return fmt.Errorf("stage case %d (%s): %w", number, v, err)
	}
	return nil
}

// faults queues several.
func (m *Modem) faultAll(all ...Fault) error {
	for _, f := range all {
		if err := m.Fault(f); err != nil {
			return err
		}
	}
	return nil
}

// struckBy is the set-up of a case that is one fault per variant.
func struckBy(variants map[string]Fault) func(m *Modem, n *Network, variant string) error {
	return func(m *Modem, _ *Network, variant string) error { return m.Fault(variants[variant]) }
}

// quietly runs a set-up that cannot fail in the modem's loop.
func quietly(f func(m *Modem, variant string)) func(m *Modem, n *Network, variant string) error {
	return func(m *Modem, _ *Network, variant string) error {
		m.loop.do(func() { f(m, variant) })
		return nil
	}
}

// stranger sends the texts that cases need.
const stranger = "+48501200999"
