// Package route keeps a routing table for each uplink, so that a probe bound
// to an uplink still goes by that uplink's gateway after the main routes have
// moved. It never touches the main table.
//
// Tables 4800 to 4899 and the rule priorities 4801 (mark), 4802 (source) and
// 4803 (device) are this program's own: what it finds there and did not plan
// it removes. It needs CAP_NET_ADMIN.
package route

import (
	"errors"
	"fmt"
	"net/netip"
)

// The range of tables and the priorities of rules. The nearer an uplink is
// described, the earlier its rule: two uplinks may share a device.
const (
	FirstTable = 4800
	LastTable  = 4899

	markPriority   = 4801
	sourcePriority = 4802
	devicePriority = 4803
)

// ErrNotPermitted means that this process may not change routes. Probes then
// follow the main table.
var ErrNotPermitted = errors.New("probes follow the main table: no permission to keep a routing table for each uplink; grant CAP_NET_ADMIN")

// Uplink is what of an uplink matters to routing. One without a gateway gets
// no table.
type Uplink struct {
	Name      string
	Interface string
	Gateway   netip.Addr
	Source    netip.Addr // may be invalid
	Mark      uint32     // zero is none
}

// Table is one uplink's own: the default by its gateway and, added when
// applied, what is on this box's wires.
type Table struct {
	Number    int
	Uplink    string
	Interface string
	Gateway   netip.Addr
}

func (t Table) String() string {
	return fmt.Sprintf("table %d (%s): default via %s dev %s", t.Number, t.Uplink, t.Gateway, t.Interface)
}

// Rule sends packets to a table: those with Mark, from Source, or bound to
// Interface; one of the three is set.
type Rule struct {
	Priority  int
	Table     int
	V6        bool
	Mark      uint32
	Source    netip.Addr
	Interface string
}

func (r Rule) String() string {
	what := "oif " + r.Interface
	if r.Mark != 0 {
		what = fmt.Sprintf("fwmark %#x", r.Mark)
	} else if r.Source.IsValid() {
		what = "from " + r.Source.String()
	}
	return fmt.Sprintf("rule %d: %s lookup %d", r.Priority, what, r.Table)
}

// Plan is all the tables and rules that should be. The zero Plan is none.
type Plan struct {
	Tables []Table
	Rules  []Rule
}

// For plans a table for each uplink that has a gateway, numbered by the
// uplink's place in the list. The rule by device goes to the first uplink
// there that has neither source nor mark, else to the first. The error joins
// one sentence for each uplink that could not be told from another.
func For(uplinks []Uplink) (Plan, error) {
	var p Plan
	var faults []error
	for i, u := range uplinks {
		if !u.Gateway.IsValid() {
			continue
		}
		if FirstTable+i > LastTable {
			return Plan{}, fmt.Errorf("%s: only the first %d uplinks can have a routing table of their own", u.Name, LastTable-FirstTable+1)
		}
		faults = append(faults, u.fault(uplinks[:i]))
		p.Tables = append(p.Tables, Table{Number: FirstTable + i, Uplink: u.Name, Interface: u.Interface, Gateway: u.Gateway.Unmap()})
		p.Rules = append(p.Rules, u.rules(FirstTable+i)...)
		if owner(uplinks, u) == i {
			p.Rules = append(p.Rules, Rule{Priority: devicePriority, Table: FirstTable + i, V6: u.v6(), Interface: u.Interface})
		}
	}
	return p, errors.Join(faults...)
}

func (u Uplink) v6() bool    { return u.Gateway.Unmap().Is6() }
func (u Uplink) plain() bool { return !u.Source.IsValid() && u.Mark == 0 }

// beside says whether two uplinks use the same device in the same family.
func (u Uplink) beside(o Uplink) bool {
	return o.Gateway.IsValid() && u.Interface == o.Interface && u.v6() == o.v6()
}

func (u Uplink) rules(table int) (rules []Rule) {
	if u.Mark != 0 {
		rules = append(rules, Rule{Priority: markPriority, Table: table, V6: u.v6(), Mark: u.Mark})
	}
	if u.Source.IsValid() {
		rules = append(rules, Rule{Priority: sourcePriority, Table: table, V6: u.v6(), Source: u.Source.Unmap()})
	}
	return rules
}

// fault says what keeps u from being told from the uplinks before it.
func (u Uplink) fault(before []Uplink) error {
	if u.Source.IsValid() && u.Source.Unmap().Is6() != u.v6() {
		return fmt.Errorf("%s: source %s and gateway %s are not of one family", u.Name, u.Source, u.Gateway)
	}
	for _, o := range before {
		switch {
		case o.Gateway.IsValid() && u.Mark != 0 && u.Mark == o.Mark && u.v6() == o.v6():
			return fmt.Errorf("%s: mark %#x is that of %s too", u.Name, u.Mark, o.Name)
		case o.Gateway.IsValid() && u.Source.IsValid() && u.Source == o.Source:
			return fmt.Errorf("%s: source %s is that of %s too", u.Name, u.Source, o.Name)
		case u.beside(o) && u.plain() && o.plain():
			return fmt.Errorf("%s: shares %s with %s; give one of them a source: or a mark: of its own", u.Name, u.Interface, o.Name)
		}
	}
	return nil
}

// owner is the place of the uplink that gets the rule for u's device.
func owner(uplinks []Uplink, u Uplink) int {
	first := -1
	for i, o := range uplinks {
		if !u.beside(o) {
			continue
		}
		if o.plain() {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}
