package main

import (
	"encoding/json"
	"sync"
	"time"

	"heliograph/drivers/backhaul/path"
	"heliograph/firmware/config"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
)

// meter counts what each SIM has used against its budget, across restarts and
// however often the stick is pulled.
type meter struct {
	name   string
	limit  config.Budget
	engine *engine.Engine
	memory driverMemory
	now    func() (time.Time, bool)
	card   func() string // the number of the SIM in use; empty if nobody knows

	mu     sync.Mutex
	key    string // under which budget is kept
	budget *path.Budget
	told   event.Spent // as last told
}

func newMeter(b config.Backhaul, e *engine.Engine, now func() (time.Time, bool), card func() string) (*meter, error) {
	m := &meter{name: b.Name, limit: b.Budget, engine: e, memory: driverMemory{"backhaul " + b.Name, e}, now: now, card: card}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m, m.open()
}

// open takes up the account of the SIM that is in use now.
func (m *meter) open() error {
	key := "budget"
	if card := m.card(); card != "" {
		key += "/" + card
	}
	if m.budget != nil && key == m.key {
		return nil
	}
	kept, err := m.memory.Load(key)
	if err != nil {
		return err
	}
	limit := path.Limit{Bytes: uint64(m.limit.Bytes), Daily: m.limit.Per == config.Day, Reserve: int(100*m.limit.Reserve + 0.5)}
	budget, err := path.NewBudget(limit, kept)
	if err != nil && !json.Valid(kept) { // what cannot be read counts from nothing
		budget, err = path.NewBudget(limit, nil)
	}
	if err != nil {
		return err
	}
	m.key, m.budget = key, budget
	m.tell(0)
	return nil
}

// used counts bytes, and tells the engine what that means.
func (m *meter) used(in, out uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.open(); err != nil {
		m.engine.Put(event.Unwell{What: "Budget of " + m.name + " cannot be read: " + err.Error()})
		return
	}
	wall, trusted := m.now()
	w := m.budget.Add(in+out, wall, trusted)
	if kept, err := m.budget.Kept(); err == nil && in+out > 0 {
		_ = m.memory.Store(m.key, kept) // the next one counts these bytes too
	}
	switch kept, spent := !m.budget.May(false), !m.budget.May(true); {
	case w != nil:
		m.tell(w.Percent)
	case kept != m.told.Kept || spent != m.told.Out || in+out > 0:
		m.tell(0) // for STATUS
	}
}

// tell says how much is used.
func (m *meter) tell(percent int) {
	if m.limit.Bytes == 0 {
		return
	}
	m.told = event.Spent{
		Backhaul: m.name, Used: int64(m.budget.Used()), Limit: m.limit.Bytes, Percent: percent,
		Kept: !m.budget.May(false), Out: !m.budget.May(true),
	}
	m.engine.Put(m.told)
}
