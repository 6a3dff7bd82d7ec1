package emulator

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// memory is one message storage (27.005 §3.2.2).
type memory struct {
	size  int
	slots map[int]*slot
}

type slot struct {
	stat int
	pdu  string // with the SMSC's address, as it is shown
	tpdu int    // octets without it
}

func newMemory(size int) *memory { return &memory{size: size, slots: map[int]*slot{}} }

func (s *memory) indexes() []int { return slices.Sorted(maps.Keys(s.slots)) }

// put stores in the lowest free slot; false means that there is no room.
func (s *memory) put(base int, c slot) (int, bool) {
	for i := base; i < base+s.size; i++ {
		if s.slots[i] == nil {
			s.slots[i] = &c
			return i, true
		}
	}
	return 0, false
}

// room tells the SMSC that there is room again, as a modem does by itself
// (RP-SMMA, 24.011 §7.3.2), a second after the first delete.
func (m *Modem) room() {
	if m.starved {
		m.starved = false
		m.after(time.Second, func() { m.net.alert(*m.number.Load()) })
	}
}

func storeCommands() map[string]verb {
	return map[string]verb{
		"+CPMS": {
			read: func(m *Modem) answer { return m.whenReady(m.usage(true)) },
			test: (*Modem).offerMemories,
			set:  (*Modem).selectMemories,
		},
		"+CMGL": {
			run:  func(m *Modem) answer { return m.list(nil) },
			test: func(*Modem) answer { return ok("+CMGL: (0-4)") },
			set:  (*Modem).list,
		},
		"+CMGR": {set: (*Modem).readText},
		"+CMGD": {test: (*Modem).listUsed, set: (*Modem).deleteText},
	}
}

// offerMemories lists the memories: SR and MT cannot receive (27.005 §3.2.3).
func (m *Modem) offerMemories() answer {
	var all, in []string
	for _, name := range m.o.Persona.memories() {
		all = append(all, strconv.Quote(name))
		if name != "SR" {
			in = append(in, strconv.Quote(name))
		}
	}
	read, store := "("+strings.Join(all, ",")+")", "("+strings.Join(in, ",")+")"
	return ok("+CPMS: " + strings.Join([]string{read, store, store}, ","))
}

func (m *Modem) whenReady(a answer) answer {
	if e := m.smsError(); e != nil {
		return *e
	}
	return a
}

// usage is the answer to +CPMS, with names when it is read.
func (m *Modem) usage(names bool) answer {
	var parts []string
	for _, name := range m.set.cpms {
		mem := m.memories[name]
		part := fmt.Sprintf("%d,%d", len(mem.slots), mem.size)
		if names {
			part = fmt.Sprintf("%q,%s", name, part)
		}
		parts = append(parts, part)
	}
	return ok("+CPMS: " + strings.Join(parts, ","))
}

func (m *Modem) selectMemories(a args) answer {
	if e := m.smsError(); e != nil {
		return *e
	}
	chosen := m.set.cpms
	for i, name := range a {
		if i > 2 || m.memories[name] == nil {
			return m.cms(cmsNotSupported)
		}
		chosen[i] = name
	}
	m.set.cpms = chosen
	return m.usage(false)
}

// list is +CMGL; listing an unread text marks it as read (27.005 §4.1).
func (m *Modem) list(a args) answer {
	if e := m.smsError(); e != nil {
		return *e
	}
	if m.inText() {
		return m.listInWords(a)
	}
	want := a.number(0, 0)
	if m.set.cmgf != 0 || want < 0 || want > 4 {
		return m.cms(cmsNotSupported)
	}
	var lines []string
	mem := m.memories[m.set.cpms[0]]
	for _, i := range mem.indexes() {
		s := mem.slots[i]
		if want != 4 && s.stat != want {
			continue
		}
		lines = append(lines, fmt.Sprintf("+CMGL: %d,%d,,%d", i, s.stat, s.tpdu), s.pdu)
		if s.stat == 0 {
			s.stat = 1
		}
	}
	return ok(lines...)
}

func (m *Modem) readText(a args) answer {
	if e := m.smsError(); e != nil {
		return *e
	}
	if m.set.cmgf != 0 && !m.inText() {
		return m.cms(cmsNotSupported)
	}
	s := m.memories[m.set.cpms[0]].slots[a.number(0, -1)]
	if s == nil {
		return m.cms(cmsBadIndex)
	}
	if m.inText() {
		return m.readInWords(s)
	}
	line := fmt.Sprintf("+CMGR: %d,,%d", s.stat, s.tpdu)
	if s.stat == 0 {
		s.stat = 1
	}
	return ok(line, s.pdu)
}

func (m *Modem) listUsed() answer {
	if e := m.smsError(); e != nil {
		return *e
	}
	var used []string
	for _, i := range m.memories[m.set.cpms[0]].indexes() {
		used = append(used, fmt.Sprint(i))
	}
	first := "(" + strings.Join(used, ",") + ")"
	if m.o.Persona.UsedForm != "" {
		first = m.o.Persona.UsedForm
	}
	return ok("+CMGD: " + first + ",(0-4)")
}

// deleteText is +CMGD (27.005 §3.5.4): one text, or by delflag all that are
// read (1), and sent (2), and unsent (3), or all (4).
func (m *Modem) deleteText(a args) answer {
	if e := m.smsError(); e != nil {
		return *e
	}
	mem, index, all := m.memories[m.set.cpms[0]], a.number(0, -1), a.number(1, 0)
	base := m.o.Persona.IndexBase
	if all < 0 || all > 4 || all == 0 && (index < base || index >= base+mem.size) {
		return m.cms(cmsBadIndex)
	}
	delete(mem.slots, index)
	goes := map[int][]int{1: {1}, 2: {1, 3}, 3: {1, 2, 3}, 4: {0, 1, 2, 3}}[all]
	maps.DeleteFunc(mem.slots, func(i int, s *slot) bool { return in(s.stat, goes...) })
	m.room()
	return ok()
}

// Store puts a text into a memory behind everybody's back, as one that was
// there before: a PDU in hex that starts with the SMSC's address.
func (m *Modem) Store(memory string, stat int, pdu string) (int, error) {
	b, err := hex.DecodeString(pdu)
	if err != nil || len(b) == 0 || len(b) <= int(b[0])+1 {
		return 0, fmt.Errorf("store a text: %q is not a PDU in hex", pdu)
	}
	index, stored := 0, false
	m.loop.do(func() {
		if mem := m.memories[memory]; mem != nil {
			index, stored = mem.put(m.o.Persona.IndexBase, slot{stat: stat, pdu: strings.ToUpper(pdu), tpdu: len(b) - int(b[0]) - 1})
		}
	})
	if !stored {
		return 0, fmt.Errorf("store a text: no memory %q, or no room in it", memory)
	}
	return index, nil
}
