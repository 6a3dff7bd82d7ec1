package path

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Limit is how much one SIM may carry in a period. The zero Limit is none.
type Limit struct {
	Bytes   uint64 // 0: no limit
	Daily   bool   // else monthly
	First   int    // day of the month on which a month begins, 1 to 28; 0 is 1
	Reserve int    // percent of Bytes that only operators' channels and all-clears may use
}

func (l Limit) check() error {
	var faults []error
	if l.First < 0 || l.First > 28 {
		faults = append(faults, fmt.Errorf("a month cannot begin on day %d: give one from 1 to 28", l.First))
	}
	if l.Reserve < 0 || l.Reserve > 100 {
		faults = append(faults, fmt.Errorf("a reserve of %d %% is none: give 0 to 100", l.Reserve))
	}
	return errors.Join(faults...)
}

// How periods are named.
const days, months = "2006-01-02", "2006-01"

// period is the name of the period that t is in; names sort like time.
func (l Limit) period(t time.Time) string {
	if l.Daily {
		return t.Format(days)
	}
	return t.AddDate(0, 0, 1-max(1, l.First)).Format(months)
}

// thresholds are told once in each period, in percent of the limit.
var thresholds = []int{50, 80, 100}

// keepPeriods bounds what is remembered. The newest names stay.
const keepPeriods = 60

// Budget is what one SIM has used. It is a value without clock or disk; its
// JSON is what to keep, under a key with the SIM's ICCID.
//
// Used bytes are Total less what Total was when the period was first seen, so
// that a clock that jumps away and comes back finds all that was used since.
// Where clocks disagree, bytes count for each period in doubt: they are never
// forgotten, and never twice within one period.
type Budget struct {
	limit Limit
	state state
}

type state struct {
	Total  uint64          `json:"total"`           // ever
	Sure   uint64          `json:"sure"`            // Total when a trusted clock spoke last
	Period string          `json:"period"`          // by the last trusted clock; empty before the first
	Doubt  *uint64         `json:"doubt,omitempty"` // Total when a trusted clock went back
	Seen   map[string]mark `json:"seen"`            // by name of period
}

type mark struct {
	Start uint64 `json:"start"` // Total when the period was first seen
	Said  int    `json:"said"`  // highest threshold told
}

// Warning is that a threshold was passed.
type Warning struct {
	Percent     int
	Used, Limit uint64
	Words       string
}

// NewBudget takes up what was kept; nil is a SIM that is new.
func NewBudget(l Limit, kept []byte) (*Budget, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	b := &Budget{limit: l, state: state{Seen: map[string]mark{}}}
	if len(kept) == 0 {
		return b, nil
	}
	if err := json.Unmarshal(kept, &b.state); err != nil {
		return nil, fmt.Errorf("reading what was used of the data budget: %w", err)
	}
	if b.state.Seen == nil {
		b.state.Seen = map[string]mark{}
	}
	return b, nil
}

// Kept is what to keep.
func (b *Budget) Kept() ([]byte, error) { return json.Marshal(b.state) }

// Add counts bytes that went either way. A period ends only by a wall clock
// that is trusted. The warning is nil unless a threshold is passed for the
// first time in this period; if several are, it is the highest.
func (b *Budget) Add(bytes uint64, now time.Time, trusted bool) *Warning {
	if trusted {
		b.turn(b.limit.period(now))
	}
	b.state.Total += bytes
	if trusted {
		b.state.Sure = b.state.Total
	}
	return b.warn()
}

// turn makes period the one that counts. What was used since a trusted clock
// spoke last may belong to it, so it does; after a clock has gone back, what
// was used since then may too, until months or days follow one another again.
func (b *Budget) turn(period string) {
	s := &b.state
	if period == s.Period {
		return
	}
	back := period < s.Period
	if back && (s.Doubt == nil || *s.Doubt > s.Sure) {
		since := s.Sure
		s.Doubt = &since
	}
	if _, seen := s.Seen[period]; !seen {
		s.Seen[period] = b.fresh(period, back)
	}
	if period == b.limit.next(s.Period) {
		s.Doubt = nil
	}
	s.Period = period
	if len(s.Seen) > keepPeriods {
		names := slices.Collect(maps.Keys(s.Seen))
		names = slices.DeleteFunc(names, func(name string) bool { return name == period })
		delete(s.Seen, slices.Min(names))
	}
}

// fresh is the mark of a period that was not seen before.
func (b *Budget) fresh(period string, back bool) mark {
	s := b.state
	if s.Period == "" {
		return s.Seen[""]
	}
	m := mark{Start: s.Sure}
	if s.Doubt != nil {
		m.Start = min(m.Start, *s.Doubt)
	}
	if !back {
		return m
	}
	for later, other := range s.Seen { // a clock that goes back frees nothing
		if later > period && other.Start <= m.Start {
			m = other
		}
	}
	return m
}

// next is the period after one; of what is no period it is empty.
func (l Limit) next(period string) string {
	if l.Daily {
		if t, err := time.Parse(days, period); err == nil {
			return t.AddDate(0, 0, 1).Format(days)
		}
		return ""
	}
	if t, err := time.Parse(months, period); err == nil {
		return t.AddDate(0, 1, 0).Format(months)
	}
	return ""
}

func (b *Budget) warn() *Warning {
	if b.limit.Bytes == 0 {
		return nil
	}
	m, used, passed := b.state.Seen[b.state.Period], b.Used(), 0
	for _, t := range thresholds {
		if used >= share(b.limit.Bytes, t) {
			passed = t
		}
	}
	if passed <= m.Said {
		return nil
	}
	m.Said = passed
	b.state.Seen[b.state.Period] = m
	return &Warning{Percent: passed, Used: used, Limit: b.limit.Bytes, Words: b.words(passed, used)}
}

func (b *Budget) words(percent int, used uint64) string {
	span := "month"
	if b.limit.Daily {
		span = "day"
	}
	text := fmt.Sprintf("data budget: %d %% used, %s of %s this %s", percent, megabytes(used), megabytes(b.limit.Bytes), span)
	if percent >= 100 {
		text += "; deliveries over the backhaul wait until the next " + span
	}
	return text
}

func megabytes(n uint64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// share is percent of n, without overflow.
func share(n uint64, percent int) uint64 {
	return n/100*uint64(percent) + n%100*uint64(percent)/100
}

// Used is how much of the current period's budget is gone.
func (b *Budget) Used() uint64 { return b.state.Total - b.state.Seen[b.state.Period].Start }

// Total is how much was ever used.
func (b *Budget) Total() uint64 { return b.state.Total }

// Left is what may still be used; reserved is for operators' channels and
// all-clears. Without a limit it is all there is.
func (b *Budget) Left(reserved bool) uint64 {
	if b.limit.Bytes == 0 {
		return ^uint64(0)
	}
	limit := b.limit.Bytes
	if !reserved {
		limit = share(limit, 100-b.limit.Reserve)
	}
	return limit - min(limit, b.Used())
}

// May says whether a delivery may go; reserved as for Left.
func (b *Budget) May(reserved bool) bool { return b.Left(reserved) > 0 }
