package directory

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// patience is how many rows a Select looks at for each that it may return: an
// urgent event waits for no longer.
const patience = 4

// Select returns subscribers who belong to any of the names in scope, which
// are regions, municipalities, boxes, uplinks, lines and tags in any case, with
// or without accents, and with hyphens in the place of spaces; Everybody among them chooses all, and no names choose nobody. Each comes
// once, in the order of the list, from the cursor after on: nil is the
// beginning. At most max come, and possibly fewer; at the end next is nil.
//
// Phones and Mails hold only what somebody agreed to be told by, and each
// address comes once in a whole selection: with the first of those who share
// it. Whoever has no other is told with them and left out.
func (d *Directory) Select(scope []string, after []byte, max int) (subs []Subscriber, next []byte, err error) {
	if len(after) != 0 && len(after) != 4 || max < 1 {
		return nil, nil, errors.New("select subscribers: this is no place in a list of subscribers")
	}
	from := uint32(0)
	if len(after) == 4 {
		from = binary.BigEndian.Uint32(after) + 1
	}
	err = d.read(func(v *view) error {
		next = nil
		looked := 0
		return v.choose(newChoice(scope), from, func(id uint32, s Subscriber, once bool) bool {
			if once {
				subs = append(subs, s)
			}
			if looked++; len(subs) == max || looked == patience*max {
				next = binary.BigEndian.AppendUint32(nil, id)
			}
			return next == nil
		})
	})
	if err != nil {
		return nil, nil, err
	}
	return subs, next, nil
}

// Counts is how many a notice would reach.
type Counts struct {
	Subscribers   int            // all who belong to the scope
	SMS           int            // different numbers of those who agreed to texts
	Mail          int            // different addresses of those who agreed to mails
	Alone         int            // of Mail, those of whoever is left with no number
	NoAddress     int            // subscribers who have neither
	Declined      int            // subscribers who have one and agreed to none
	ByLanguage    map[string]int // subscribers
	SMSByLanguage map[string]int // numbers
	ByClass       map[string]int // subscribers
}

// Count counts those whom Select would return, and what stands beside them.
func (d *Directory) Count(scope []string) (Counts, error) {
	defer d.relax()
	c := Counts{ByLanguage: map[string]int{}, SMSByLanguage: map[string]int{}, ByClass: map[string]int{}}
	err := d.read(func(v *view) error {
		return v.choose(newChoice(scope), 0, func(_ uint32, s Subscriber, once bool) bool {
			c.Subscribers++
			c.ByLanguage[s.Language]++
			c.ByClass[s.Class]++
			c.SMS += len(s.Phones)
			c.SMSByLanguage[s.Language] += len(s.Phones)
			c.Mail += len(s.Mails)
			if len(s.Phones) == 0 {
				c.Alone += len(s.Mails)
			}
			switch {
			case !once || len(s.Phones)+len(s.Mails) > 0:
			case len(s.Channels) > 0:
				c.Declined++
			default:
				c.NoAddress++
			}
			return true
		})
	})
	return c, err
}

// What a name begins with that is a code or a line and nothing else.
const (
	ByCodeOf = "code:"
	ByLineOf = "line:"
)

// choice is a scope, and who is the first to have a shared address in it.
type choice struct {
	everybody bool
	names     map[string]bool   // folded
	exact     map[string]bool   // kind and term, of codes and lines that were named as such
	first     map[string]uint32 // kind and address -> number
}

func newChoice(scope []string) *choice {
	c := &choice{names: map[string]bool{}, exact: map[string]bool{}, first: map[string]uint32{}}
	for _, name := range scope {
		if name == Everybody {
			c.everybody = true
		} else if rest, is := strings.CutPrefix(name, ByCodeOf); is {
			c.exact[string(code)+lower(rest)] = true
		} else if rest, is := strings.CutPrefix(name, ByLineOf); is {
			c.exact[string(line)+fold(rest)] = true
		} else if name = fold(name); name != "" {
			c.names[name] = true
		}
	}
	return c
}

func (c *choice) has(s *Subscriber) bool {
	if c.everybody {
		return true
	}
	found := s.Code != "" && c.exact[string(code)+lower(s.Code)] || s.Line != "" && c.exact[string(line)+fold(s.Line)]
	s.named(func(_ kind, name string) { found = found || c.names[fold(name)] })
	return found
}

// choose gives those of a scope from a number on, with the addresses that are
// theirs alone or that they are the first to have; once is false if all went
// to others. It ends when each returns false.
func (v *view) choose(c *choice, from uint32, each func(id uint32, s Subscriber, once bool) bool) error {
	step := v.among(c, from)
	if c.everybody {
		step = v.all(from)
	}
	for {
		id, row, err := step()
		if err != nil || row == nil {
			return err
		}
		s, err := decode(row)
		if err != nil {
			return err
		}
		once, err := v.strip(c, id, &s)
		if err != nil {
			return err
		}
		if !each(id, s, once) {
			return nil
		}
	}
}

// all steps through every row; it ends with a nil row. Numbers follow one
// another, so that a lost page is noticed.
func (v *view) all(from uint32) func() (uint32, []byte, error) {
	cursor := v.rows.Cursor()
	key, row := cursor.Seek(binary.BigEndian.AppendUint32(nil, from))
	expected := max(from, 1)
	return func() (uint32, []byte, error) {
		switch {
		case key == nil && int(expected) > v.count:
			return 0, nil, nil
		case len(key) != 4 || binary.BigEndian.Uint32(key) != expected:
			return 0, nil, &Damaged{Reason: fmt.Sprintf("row %d is missing", expected)}
		}
		id, this := expected, row
		key, row = cursor.Next()
		expected++
		return id, this, nil
	}
}

// fewNames are walked side by side: each step looks at every walk.
const fewNames = 16

// listed are the numbers from one on of those who were named by code or line,
// or by one of many names, in order: a walk for each would hold a cursor for
// each, and every step would look at all of them.
func (v *view) listed(c *choice, from uint32) (ids []uint32, err error) {
	take := func(k kind, term string) {
		w := startWalk(v.index, k, term, from)
		for ; !w.ended; w.next() {
			ids = append(ids, w.id)
		}
		err = errors.Join(err, w.err())
	}
	for term := range c.exact {
		take(kind(term[0]), term[1:])
	}
	if len(c.names) > fewNames {
		for name := range c.names {
			for _, k := range scopes {
				take(k.kind, name)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// among steps through the rows of any of the names.
func (v *view) among(c *choice, from uint32) func() (uint32, []byte, error) {
	ids, bad := v.listed(c, from)
	if bad != nil {
		return func() (uint32, []byte, error) { return 0, nil, bad }
	}
	var walks []*walk
	if len(ids) > 0 {
		walks = append(walks, &walk{id: ids[0], ids: ids[1:]})
	}
	if len(c.names) <= fewNames {
		for name := range c.names {
			for _, k := range scopes {
				walks = append(walks, startWalk(v.index, k.kind, name, from))
			}
		}
	}
	return func() (uint32, []byte, error) {
		var err error
		walks = slices.DeleteFunc(walks, func(w *walk) bool {
			err = errors.Join(err, w.err())
			return w.ended
		})
		if err != nil || len(walks) == 0 {
			return 0, nil, err
		}
		id := walks[0].id
		for _, w := range walks[1:] {
			id = min(id, w.id)
		}
		for _, w := range walks {
			if w.id == id {
				w.next()
			}
		}
		row := v.rows.Get(binary.BigEndian.AppendUint32(nil, id))
		if row == nil {
			return 0, nil, &Damaged{Reason: "a row of its index is missing"}
		}
		return id, row, nil
	}
}

// strip leaves the addresses by which a subscriber is told in this selection.
func (v *view) strip(c *choice, id uint32, s *Subscriber) (once bool, err error) {
	if !s.Takes(sms) {
		s.Phones = nil
	}
	if !s.Takes(mail) {
		s.Mails = nil
	}
	had := len(s.Phones) + len(s.Mails)
	if had == 0 || !marked(v.shared, id) {
		return true, nil
	}
	mine := func(k kind, term string) bool {
		first, e := v.first(c, k, term)
		err = errors.Join(err, e)
		return first == id
	}
	s.Phones = slices.DeleteFunc(s.Phones, func(p string) bool { return !mine(phone, p) })
	s.Mails = slices.DeleteFunc(s.Mails, func(m string) bool { return !mine(address, lower(m)) })
	return len(s.Phones)+len(s.Mails) > 0, err
}

// first is the first of a scope who has an address and agreed to be told by it.
func (v *view) first(c *choice, k kind, term string) (uint32, error) {
	key := string(k) + term
	if id, ok := c.first[key]; ok {
		return id, nil
	}
	channel := sms
	if k == address {
		channel = mail
	}
	w := startWalk(v.index, k, term, 0)
	for ; !w.ended; w.next() {
		s, err := v.row(w.id)
		if err != nil {
			return 0, err
		}
		if s.Takes(channel) && c.has(&s) {
			break
		}
	}
	if w.ended {
		return 0, &Damaged{Reason: "an address has no first owner"}
	}
	c.first[key] = w.id
	return w.id, nil
}

// Name is something that a notice can be for.
type Name struct {
	Kind  string // region, municipality, box, uplink, line or tag
	Name  string // as the first in the list writes it
	Word  string // without accents and spaces, as configurations and texts have it
	Count int    // subscribers
}

// Names are all that subscribers can be chosen by, kind by kind and in order;
// only those of some kinds if any are given.
func (d *Directory) Names(kinds ...string) ([]Name, error) {
	var all []Name
	err := d.read(func(v *view) error {
		all = nil
		for _, k := range scopes {
			if len(kinds) > 0 && !slices.Contains(kinds, k.name) {
				continue
			}
			found, err := v.names(k.kind, k.name)
			if err != nil {
				return err
			}
			all = append(all, found...)
		}
		return nil
	})
	return all, err
}

func (v *view) names(k kind, called string) ([]Name, error) {
	var all []Name
	var last []byte
	cursor := v.index.Cursor()
	for key, value := cursor.Seek([]byte{byte(k)}); len(key) > 5 && key[0] == byte(k); key, value = cursor.Next() {
		term := key[1 : len(key)-5]
		n, used := binary.Uvarint(value)
		if used <= 0 {
			return nil, &Damaged{Reason: "its index cannot be read"}
		}
		if len(all) > 0 && bytes.Equal(term, last) {
			all[len(all)-1].Count += int(n)
			continue
		}
		s, err := v.row(binary.BigEndian.Uint32(key[len(key)-4:]))
		if err != nil {
			return nil, err
		}
		last = append(last[:0], term...)
		all = append(all, Name{Kind: called, Name: s.writes(k, string(term)), Word: string(term), Count: int(n)})
	}
	return all, nil
}

// writes is how a subscriber writes a name.
func (s *Subscriber) writes(k kind, folded string) string {
	written := folded
	s.named(func(of kind, name string) {
		if of == k && fold(name) == folded {
			written = name
		}
	})
	return written
}

// Known is how many subscribers a name chooses; zero is a name that nobody
// bears.
func (d *Directory) Known(name string) (int, error) {
	n := 0
	err := d.read(func(v *view) error {
		n = 0
		if name == Everybody {
			n = d.version.Count
			return nil
		}
		step := v.among(newChoice([]string{name}), 0)
		for {
			_, row, err := step()
			if err != nil || row == nil {
				return err
			}
			n++
		}
	})
	return n, err
}
