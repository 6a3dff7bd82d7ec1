package statuspage

import (
	"encoding/json"
	"fmt"
	"slices"

	"heliograph/drivers/delivery"
)

// book is what is remembered of the page: every open incident of ours, and a
// few closed ones, so that late news of them does not open them again.
type book struct {
	memory Memory
	name   string
	empty  bool // nothing was ever remembered: the page may know more
	Cases  []*entry
}

// entry is one incident of ours on the page.
type entry struct {
	Key        string            `json:"key"`
	ID         string            `json:"id,omitempty"` // the page's; empty: none is known
	Link       string            `json:"link,omitempty"`
	Telling    int               `json:"telling,omitempty"` // the last that the page has for certain
	Trying     int               `json:"trying,omitempty"`  // one that was written and not confirmed
	Components map[string]string `json:"components,omitempty"`
	Planned    bool              `json:"planned,omitempty"`
	Over       bool              `json:"over,omitempty"`
}

const closedKept = 16

func readBook(m Memory, page string) (*book, error) {
	b := &book{memory: m, name: "cases/" + page}
	text, err := m.Load(b.name)
	if err != nil {
		return nil, fmt.Errorf("reading what is remembered of the page: %w", err)
	}
	b.empty = len(text) == 0
	if !b.empty && json.Unmarshal(text, &b.Cases) != nil {
		b.Cases, b.empty = nil, true // it is broken: the page knows better
	}
	return b, nil
}

func (b *book) find(key string) *entry {
	if i := slices.IndexFunc(b.Cases, func(e *entry) bool { return e.Key == key }); i >= 0 {
		return b.Cases[i]
	}
	return nil
}

func (b *book) entry(key string) *entry {
	if e := b.find(key); e != nil {
		return e
	}
	return &entry{Key: key}
}

// keep remembers an entry. The oldest closed ones make room.
func (b *book) keep(e *entry) error {
	b.put(e)
	closed := 0
	for _, e := range slices.Backward(b.Cases) {
		if e.Over {
			closed++
		}
		if e.Over && closed > closedKept {
			b.Cases = slices.DeleteFunc(b.Cases, func(x *entry) bool { return x == e })
			break
		}
	}
	b.empty = false
	text, err := json.Marshal(b.Cases)
	if err == nil {
		err = b.memory.Store(b.name, text)
	}
	if err != nil {
		return fmt.Errorf("not remembered across a restart: %w", err)
	}
	return nil
}

func (b *book) put(e *entry) {
	b.Cases = append(slices.DeleteFunc(b.Cases, func(x *entry) bool { return x.Key == e.Key }), e)
}

// open is told all unresolved incidents of the page: what is open here and not
// there was closed by hand, and says nothing of components any more.
func (b *book) open(all []found) {
	for _, e := range b.Cases {
		there := slices.ContainsFunc(all, func(f found) bool { return f.ID == e.ID })
		if e.ID != "" && !e.Planned && !there {
			e.Over = true
		}
	}
}

// bad orders the states of a component.
var bad = map[string]int{"operational": 1, "under_maintenance": 2, "degraded_performance": 3, "partial_outage": 4, "major_outage": 5}

func worse(a, b string) string {
	if bad[b] > bad[a] {
		return b
	}
	return a
}

// shown is what the page's components must show when an incident says mine of
// them: one that another open incident of ours still hits is not called well.
func (b *book) shown(key string, mine map[string]string) map[string]string {
	all := map[string]string{}
	for id, state := range mine {
		for _, e := range b.Cases {
			if e.Key != key && !e.Over {
				state = worse(state, e.Components[id])
			}
		}
		all[id] = state
	}
	return all
}

// says is what an incident says of the components: of those that it hit before
// and hits no longer, that they are well.
func (o *Options) says(c *delivery.Case, before map[string]string) map[string]string {
	mine := map[string]string{}
	for id := range before {
		mine[id] = "operational"
	}
	for _, s := range c.Scope {
		id, ok := o.Components[s.Name]
		switch {
		case !ok:
		case c.Phase.Over() || c.Phase == delivery.Scheduled:
			mine[id] = "operational"
		case c.Phase == delivery.InProgress && bad[s.State] <= 1:
			mine[id] = worse(mine[id], "under_maintenance")
		default:
			mine[id] = worse(mine[id], s.State)
		}
	}
	return mine
}
