package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"heliograph/firmware/event"
	"heliograph/storage/directory"
	"heliograph/storage/kv"
	"heliograph/storage/outbox"
)

// alarm is an outage that another system reports; the answer goes back to it.
type alarm struct {
	event.Alarmed
	answer chan<- event.Answer
}

// Alarm takes an outage that another system reports, and returns after the
// commit.
func (e *Engine) Alarm(ctx context.Context, a event.Alarmed) (event.Answer, error) {
	answer := make(chan event.Answer, 1)
	if err := e.Take(ctx, alarm{Alarmed: a, answer: answer}); err != nil {
		return event.Answer{}, err
	}
	select {
	case a := <-answer:
		return a, nil
	default:
		return event.Answer{}, errors.New("the outage was taken and gave no answer")
	}
}

// scopes is under which name a list of names stands that is too long for the
// state: one row each, and notices refer to it.
const scopes = "scope/"

// scoped keeps such a list, and lets those go that nothing refers to.
func (t *turn) scoped(s event.Scoped) error {
	if err := t.unscope(s.Name); err != nil {
		return err
	}
	return kv.Put(t.tx, scopes+s.Name, []byte(strings.Join(s.Of, "\n")))
}

// spelled is a scope with the lists that it refers to in their place.
func (t *turn) spelled(scope []string) ([]string, error) {
	var all []string
	for _, name := range scope {
		if !strings.HasPrefix(name, event.SetOf) {
			all = append(all, name)
			continue
		}
		list := kv.Get(t.tx, scopes+name)
		if list == nil {
			return nil, fmt.Errorf("the list %s of those who are hit is gone", name)
		}
		all = append(all, strings.Split(string(list), "\n")...)
	}
	return all, nil
}

// unscope lets the lists go that no incident, plan or unfinished notice refers
// to.
func (t *turn) unscope(except string) error {
	needed := []string{except}
	for _, c := range t.state.Incidents {
		needed = append(append(needed, c.Hit...), c.Reached...)
		if c.Rest != nil {
			needed = append(needed, c.Rest.Scope...)
		}
	}
	for _, p := range t.state.Plans {
		if p.Mass != nil {
			needed = append(needed, p.Mass.Scope...)
		}
	}
	for _, id := range t.expanding {
		n, err := outbox.NoticeOf(t.tx, id)
		if err != nil {
			return err
		}
		needed = append(needed, n.Scope...)
	}
	for _, name := range kv.Names(t.tx, scopes) {
		if slices.Contains(needed, strings.TrimPrefix(name, scopes)) {
			continue
		}
		if err := kv.Delete(t.tx, name); err != nil {
			return err
		}
	}
	return nil
}

// memberOf names the lists of open incidents in which one of a subscriber's
// names stands, be it a code, a line or a box.
func (t *turn) memberOf(names []string) (in []string) {
	theirs := map[string]bool{}
	for _, n := range names {
		theirs[directory.Fold(n)] = true
	}
	for _, c := range t.state.Incidents {
		for _, name := range c.Hit {
			list, err := t.spelled([]string{name})
			if err == nil && strings.HasPrefix(name, event.SetOf) && slices.ContainsFunc(list, func(n string) bool { return theirs[directory.Fold(n)] }) {
				in = append(in, name)
			}
		}
	}
	return in
}
