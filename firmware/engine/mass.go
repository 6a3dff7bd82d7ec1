package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/storage/directory"
	"heliograph/storage/kv"
	"heliograph/storage/outbox"
)

// Lists are the lists of subscribers. Their files are apart from the store: an
// import never delays an alarm.
type Lists interface {
	// Open gives a version; empty is the newest. It stays open for the next call.
	Open(version string) (*directory.Directory, error)
	// Hold keeps these versions, and no others, from being thrown away.
	Hold(versions ...string) error
}

// optOut is under which name a number stands whose owner wants to hear nothing.
const optOut = "optout/"

func (t *turn) optedOut(number string) bool { return kv.Get(t.tx, optOut+number) != nil }

func (t *turn) optOut(o event.OptOut) error {
	if !o.Out {
		return kv.Delete(t.tx, optOut+o.Number)
	}
	if err := kv.Put(t.tx, optOut+o.Number, []byte(t.at.Wall.UTC().Format(time.RFC3339))); err != nil {
		return err
	}
	if _, err := outbox.Silence(t.tx, event.SMS, o.Number, uint8(event.Subscriber), t.at.Box); err != nil {
		return err
	}
	d, err := t.list("")
	if err != nil {
		return nil // whose mails they are is not known
	}
	whose, _ := d.ByNumber(o.Number)
	for _, s := range whose {
		for _, m := range s.Mails {
			if _, err := outbox.Silence(t.tx, event.Mail, m, uint8(event.Subscriber), t.at.Box); err != nil {
				return err
			}
		}
	}
	return nil
}

// silenced says that a subscriber on a ledger wants no more news, be it that
// they read it by mail. The all-clear of what they were told still goes: it
// ends it.
func (t *turn) silenced(n outbox.Notice) func(outbox.Told) bool {
	if n.Effect != outbox.Tells {
		return nil
	}
	d, missing := t.list("")
	return func(told outbox.Told) bool {
		switch {
		case !outbox.IsOf(told.Audience, audience.Subscribers):
			return false
		case told.Channel == event.SMS:
			return t.optedOut(told.Address)
		case missing != nil || told.Channel != event.Mail:
			return false
		}
		return len(t.silentOf(d, directory.Subscriber{Code: told.Recipient, Mails: []string{told.Address}})) > 0
	}
}

// silentOf are the numbers of a subscriber whose owner wants to hear nothing,
// also those that stand with another line, or that they did not agree to.
func (t *turn) silentOf(d *directory.Directory, s directory.Subscriber) []string {
	all, err := d.NumbersOf(s)
	if err != nil {
		all = s.Phones
	}
	return slices.DeleteFunc(all, func(number string) bool { return !t.optedOut(number) })
}

// list opens a version, or says why there is none.
func (t *turn) list(version string) (*directory.Directory, error) {
	if t.e.opt.Lists == nil {
		return nil, errors.New("no list of subscribers is configured")
	}
	return t.e.opt.Lists.Open(version)
}

// massOf counts whom a scope reaches.
func (t *turn) massOf(found *event.Fetched) {
	d, err := t.list("")
	if err != nil {
		found.List.Why = err.Error()
		return
	}
	counts, err := t.counted(d, found.Scope, found.Less)
	if err != nil {
		found.List.Why = err.Error()
		return
	}
	v := d.Version()
	found.List = event.List{Version: v.ID, Taken: v.Taken, Subscribers: counts.Subscribers, SMS: counts.SMS, Mail: counts.Mail, Alone: counts.Alone, Silent: counts.NoAddress + counts.Declined}
}

// counted counts a scope without those of another.
func (t *turn) counted(d *directory.Directory, scope, less []string) (directory.Counts, error) {
	names, err := t.spelled(scope)
	before, gone := t.spelled(less)
	if err = errors.Join(err, gone); err != nil {
		return directory.Counts{}, err
	}
	all, err := d.Count(append(names, before...))
	if err != nil || len(before) == 0 {
		return all, err
	}
	old, err := d.Count(before)
	all.Subscribers, all.SMS, all.Mail, all.Alone = all.Subscribers-old.Subscribers, all.SMS-old.SMS, all.Mail-old.Mail, all.Alone-old.Alone
	all.NoAddress, all.Declined = all.NoAddress-old.NoAddress, all.Declined-old.Declined
	return all, err
}

// lineOf finds the lines of whoever has a number.
func (t *turn) lineOf(found *event.Fetched) {
	found.Heard = slices.ContainsFunc(t.state.Incidents, func(c decide.Case) bool {
		told, err := outbox.ToldTo(t.tx, outbox.Delivery{Incident: c.Number, Channel: event.SMS, Address: found.Number})
		return err == nil && outbox.IsOf(told.Audience, audience.Subscribers)
	})
	d, err := t.list("")
	if err != nil {
		found.List.Why = err.Error()
		return
	}
	found.List = event.List{Version: d.Version().ID, Taken: d.Version().Taken}
	all, err := d.ByNumber(found.Number)
	if err != nil {
		found.List.Why = err.Error()
		return
	}
	for _, s := range all {
		names := slices.DeleteFunc(append([]string{s.Region, s.Municipality, s.Box, s.Uplink, s.Line}, s.Tags...), func(n string) bool { return n == "" })
		names = append(names, directory.ByCodeOf+s.Code, directory.ByLineOf+s.Line)
		names = append(names, t.memberOf(names)...)
		found.Of = append(found.Of, event.Subscribed{Code: s.Code, Names: names, Language: s.Language, Stopped: t.optedOut(found.Number)})
	}
}

// expandMass writes the deliveries of the next subscribers of a notice, in the
// order of the list, and remembers how far it came. A version that is gone or
// damaged ends the notice where it stands: to begin anew with another would
// tell some twice.
func (t *turn) expandMass(n outbox.Notice) (done bool, wrote int, err error) {
	if n.Expanded {
		return true, 0, nil
	}
	if n.Standing == outbox.Withdrawn {
		if err := outbox.Progress(t.tx, n.ID, n.Cursor, true); err != nil {
			return false, 0, err
		}
		return true, 0, t.decide(event.Overtaken{Incident: n.Incident, Mass: massNotice(n)})
	}
	subs, next, err := t.subscribers(n)
	if err != nil {
		gone := fmt.Sprintf("the list %s that they are told from is gone: %v; the rest are not told", n.Directory, err)
		if err := t.note(event.Note{Incident: n.Incident, What: "subscribers", Text: gone}); err != nil {
			return false, 0, err
		}
		if err := outbox.Progress(t.tx, n.ID, n.Cursor, true); err != nil {
			return false, 0, err
		}
		return true, 0, t.decide(event.Unwell{What: fmt.Sprintf("#%d: not all subscribers are told: %v", n.Incident, err)})
	}
	ids, err := outbox.Address(t.tx, n.ID, t.addressed(n, subs), later(n.Due, t.at.Box))
	if err != nil {
		return false, 0, err
	}
	if next == nil && !n.Rest {
		return false, len(ids), outbox.Rewind(t.tx, n.ID)
	}
	return next == nil, len(ids), outbox.Progress(t.tx, n.ID, next, next == nil)
}

func massNotice(n outbox.Notice) event.Mass {
	return event.Mass{Version: n.Directory, Scope: n.Scope, Only: n.Only, Part: n.Part}
}

// subscribers are the next of those whom a notice is for.
func (t *turn) subscribers(n outbox.Notice) (subs []directory.Subscriber, next []byte, err error) {
	d, err := t.list(n.Directory)
	scope, unknown := t.spelled(n.Scope)
	if err = errors.Join(err, unknown); err != nil {
		return nil, nil, err
	}
	return d.Select(scope, n.Cursor, chunk)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// addressed asks the rules where each subscriber is reached, and puts the
// answers in the order in which the outbox writes fastest. Who knows of the
// incident already is told by what follows on the ledger.
func (t *turn) addressed(n outbox.Notice, subs []directory.Subscriber) []outbox.Recipient {
	mass := massNotice(n)
	var to []outbox.Recipient
	d, err := t.list(n.Directory)
	for _, s := range subs {
		part := t.rules.Subscribers.PartOf(s.Class)
		if n.Part != "" && n.Part != part || !n.Rest && !t.rules.Subscribers.IsFirst(s.Class) {
			continue
		}
		who := decide.Recipient{Code: s.Code, Language: s.Language, Class: s.Class, Phones: s.Phones, Mails: s.Mails}
		if err == nil && len(s.Mails) > 0 {
			who.Stopped = t.silentOf(d, s)
		} else {
			who.Stopped = slices.DeleteFunc(slices.Clone(s.Phones), func(number string) bool { return !t.optedOut(number) })
		}
		for _, r := range recipients(decide.For(t.rules, mass, who)) {
			r.Audience = part
			to = append(to, r)
		}
	}
	of := []int{n.Incident}
	if c, ok := t.state.Case(n.Incident); ok && c.Overran != 0 {
		of = append(of, c.Overran) // they hear of it as of planned work
	}
	to = slices.DeleteFunc(to, func(r outbox.Recipient) bool {
		return slices.ContainsFunc(of, func(incident int) bool { return outbox.Knows(t.tx, incident, r.Channel, r.Address) })
	})
	slices.SortFunc(to, func(a, b outbox.Recipient) int { return strings.Compare(a.Channel+a.Address, b.Channel+b.Address) })
	return to
}

// otherwise tells a subscriber by mail the first word that could not be told by
// text: a landline takes none, and who changes the SIM keeps the mail address.
func (t *turn) otherwise(eff event.Close) error {
	if eff.Status != event.StatusFailed {
		return nil
	}
	row, err := outbox.Row(t.tx, eff.Delivery)
	if err != nil || row.Status != outbox.Failed || row.Channel != event.SMS || row.Variant != outbox.Direct || !outbox.IsOf(row.Audience, audience.Subscribers) {
		return err
	}
	n, err := outbox.NoticeOf(t.tx, row.Notice)
	if c, ok := t.state.Case(n.Incident); err != nil || n.Directory == "" || n.Only == event.SMS || !ok || !c.Live() {
		return err
	}
	d, missing := t.list(n.Directory)
	if missing != nil {
		return nil // the list has changed since, and its notice is out
	}
	subs, _, err := d.Select([]string{directory.ByCodeOf + row.Recipient}, nil, 1)
	if err != nil || len(subs) != 1 {
		return nil
	}
	s := subs[0]
	if slices.ContainsFunc(s.Phones, func(number string) bool { return outbox.Knows(t.tx, n.Incident, event.SMS, number) }) {
		return nil // another number of theirs has it, or is to have it
	}
	n.Only, n.Rest, s.Phones = event.Mail, true, nil
	to := t.addressed(n, []directory.Subscriber{s})
	if len(to) == 0 {
		return nil
	}
	_, err = outbox.Address(t.tx, row.Notice, to, t.at.Box)
	return errors.Join(err, outbox.ToldElsewhere(t.tx, row))
}

// held are the versions that the rules and unfinished notices need.
func (t *turn) held() ([]string, error) {
	ids := t.state.HoldsLists()
	for _, id := range t.expanding {
		n, err := outbox.NoticeOf(t.tx, id)
		if err != nil {
			return nil, err
		}
		if n.Directory != "" && !n.Expanded {
			ids = append(ids, n.Directory)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// hold keeps the versions that are needed from being thrown away. It goes
// before the commit: a version that is held too long costs room, one that is
// gone too soon a notice.
func (t *turn) hold() error {
	if t.e.opt.Lists == nil {
		return nil
	}
	ids, err := t.held()
	if err != nil || slices.Equal(ids, t.holds) {
		return err
	}
	t.holds = ids
	if err := t.e.opt.Lists.Hold(ids...); err != nil {
		return t.note(event.Note{What: "subscribers", Text: "the list in use cannot be held: " + err.Error()})
	}
	return nil
}
