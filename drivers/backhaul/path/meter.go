package path

import "github.com/vishvananda/netlink"

// Meter turns an interface's counters into bytes used. Counters begin again
// at zero when an interface is made anew, or its driver starts again.
type Meter struct {
	index   int // of the interface; zero is none seen
	in, out uint64
}

// Read takes the counters of the interface with this index and returns what
// was used since the last reading. Of the first interface it sees, what came
// before is not known to be ours; a later one was made meanwhile and is
// counted from zero.
func (m *Meter) Read(index int, in, out uint64) (usedIn, usedOut uint64) {
	first, fresh := m.index == 0, m.index != index || in < m.in || out < m.out
	switch {
	case first:
	case fresh:
		usedIn, usedOut = in, out
	default:
		usedIn, usedOut = in-m.in, out-m.out
	}
	*m = Meter{index: index, in: in, out: out}
	return usedIn, usedOut
}

// count reads the interface's statistics; one that has gone has taken its
// last bytes with it.
func (p *Path) count() {
	p.mu.Lock()
	name := p.link.Interface
	p.mu.Unlock()
	link, err := netlink.LinkByName(name)
	if err != nil || link.Attrs().Statistics == nil {
		return
	}
	s := link.Attrs().Statistics
	if in, out := p.meter.Read(link.Attrs().Index, s.RxBytes, s.TxBytes); in > 0 || out > 0 {
		p.options.Used(in, out)
	}
}
