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
var ErrNotPermitted = errors.New("not permitted to keep a routing table for each uplink, so probes follow the main table: grant CAP_NET_ADMIN")

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
	return Plan{}, nil
}
