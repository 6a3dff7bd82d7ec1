package engine_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/audience"
	"heliograph/firmware/decide"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/storage/outbox"
)

// withMail gives a box a modem of last resort, a mail account, a backhaul and a
// person who has both.
func withMail(o *engine.Options) {
	o.Workers = []engine.Worker{{Name: "lte0", Channel: event.SMS}, {Name: "lte1", Channel: event.SMS}, {Name: event.Mail, Channel: event.Mail}}
	o.Rules.Carriers = []decide.Carrier{
		{Name: "lte0", Channel: event.SMS}, {Name: "lte1", Channel: event.SMS, Fallback: true}, {Name: event.Mail, Channel: event.Mail, Online: true},
	}
	o.Rules.Backhauls = []decide.Backhaul{{Name: "cell"}}
	o.Rules.Audience.Groups = []audience.Group{{Name: audience.Staff, To: []event.Recipient{{Name: "ada", Channel: event.Mail, Address: "ada@noc.example", Language: "en"}}}}
}

func (b *box) healthy(worker, channel string, fit bool) {
	b.tell(event.WorkerChanged{Worker: worker, Channel: channel, Fit: fit, State: map[bool]string{true: "ready", false: "port lost"}[fit]})
}

// On a full disk only texts are said unremembered, and a mail account that is
// well is no reason to leave the last modem idle.
func TestAFullDiskAndAMailAccount(t *testing.T) {
	inBoxWith(t, withMail, func(b *box) {
		b.healthy("lte0", event.SMS, false)
		b.healthy("lte1", event.SMS, true)
		b.healthy(event.Mail, event.Mail, true)
		b.disk.fill(-1)
		if err := b.disk.DropBallast(); err != nil {
			t.Fatal(err)
		}
		b.order("OPEN platform x")
		c := b.handed(1)
		if c.Row.Worker != "lte1" || !strings.HasSuffix(c.Text, " (unsaved)") {
			t.Errorf("unremembered goes %+v", c)
		}
		b.tell(event.Linked{Backhaul: "cell", Up: true, State: "up"})
		b.ends(c, took(1))
		b.pass(time.Minute)
		b.handed(1)
		if l, _ := b.State().Link("cell"); !l.Up {
			t.Error("the backhaul came up while the disk was full, and nobody knows")
		}
		b.disk.fill(0)
		b.pass(time.Minute)
		b.handed(3) // that the disk is well, and what was kept for it
		if c := b.claims[1]; c.Row.Worker != event.Mail || c.Row.Path != "cell" || strings.Contains(c.Text, "unsaved") {
			t.Errorf("then goes %+v", c)
		}
	})
}

// leases are the backhauls that were asked for, in their order. The engine asks
// when its own clock says so, and not only when the test has it decide.
type leases struct {
	mu   sync.Mutex
	list []string
}

func (l *leases) take(e event.Effect) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, e.(event.Lease).Backhaul)
}

func (l *leases) none() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.list) == 0
}

func (l *leases) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.list, ",")
}

// The lease follows what waits: it is asked for when a letter has no path, and
// given back when the last is out.
func TestTheBackhaulIsLeasedWhileALetterWaits(t *testing.T) {
	var asked leases
	inBoxWith(t, func(o *engine.Options) {
		withMail(o)
		o.Outside = asked.take
		o.Rules.Subjects = nil // no uplink at all: the primary path is not fit
	}, func(b *box) {
		b.healthy("lte0", event.SMS, true)
		b.healthy(event.Mail, event.Mail, true)
		b.order("OPEN platform x")
		b.ends(b.handed(1), took(1))
		b.pass(time.Minute)
		b.handed(1)
		b.tell(event.Linked{Backhaul: "cell", Up: true, State: "up"})
		mail := b.handed(2)
		if mail.Row.Path != "cell" || mail.Follows {
			t.Errorf("by the backhaul goes %+v", mail)
		}
		b.ends(mail, event.Ending{Fate: event.Taken, Ref: "250 ok"})
		b.pass(time.Second)
		if got := asked.String(); got != "cell," {
			t.Errorf("leases: %q, want cell and then none", got)
		}
		b.order("SAY 1 splicing has begun")
		b.pass(time.Second)
		var follow event.Claim
		for _, c := range b.claims {
			if c.Row.Worker == event.Mail {
				follow = c
			}
		}
		if !follow.Follows || !strings.Contains(follow.Text, "splicing has begun") || !strings.Contains(follow.Text, "we wrote") {
			t.Errorf("the follow-up does not quote what was said before: %+v", follow)
		}
	})
}

// A mail of unknown fate goes again, once, and says so.
func TestAMailOfUnknownFateGoesAgainMarked(t *testing.T) {
	inBoxWith(t, withMail, func(b *box) {
		b.healthy("lte0", event.SMS, true)
		b.healthy(event.Mail, event.Mail, true)
		b.tell(event.Linked{Backhaul: "cell", Up: true, State: "up"})
		b.order("OPEN platform x")
		mails := func() (all []event.Claim) {
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, c := range b.claims {
				if c.Row.Worker == event.Mail {
					all = append(all, c)
				}
			}
			return all
		}
		b.ends(mails()[0], event.Ending{Fate: event.Unsure, Code: "no answer after the data"})
		b.pass(3 * time.Minute)
		all := mails()
		if len(all) != 2 || !strings.Contains(all[1].Text, `"text":"(again) OPENED`) || strings.Contains(all[0].Text, "(again)") {
			t.Fatalf("mails: %+v", all)
		}
		b.ends(all[1], event.Ending{Fate: event.Unsure, Code: "no answer after the data"})
		b.pass(time.Hour)
		if n := len(mails()); n != 2 {
			t.Errorf("it went %d times", n)
		}
	})
}

// Of what waits for a page only the newest goes.
func TestAPageIsToldTheNewest(t *testing.T) {
	inBoxWith(t, func(o *engine.Options) {
		o.Workers = []engine.Worker{{Name: "lte0", Channel: event.SMS}, {Name: event.Statuspage, Channel: event.Statuspage, Newest: true}}
		o.Rules.Carriers = []decide.Carrier{{Name: "lte0", Channel: event.SMS}, {Name: event.Statuspage, Channel: event.Statuspage, Online: true}}
		o.Rules.Audience.Groups = []audience.Group{{Name: audience.Page, To: []event.Recipient{{Name: "page", Channel: event.Statuspage, Address: "abcd", Language: "en"}}}}
	}, func(b *box) {
		b.healthy("lte0", event.SMS, true)
		b.order("OPEN platform x")
		b.ends(b.handed(1), took(1))
		b.order("SAY 1 one")
		b.order("SAY 1 two")
		b.healthy(event.Statuspage, event.Statuspage, true)
		b.pass(time.Second)
		var told []event.Claim
		for _, c := range b.claims {
			if c.Row.Worker == event.Statuspage {
				told = append(told, c)
			}
		}
		if len(told) != 1 {
			t.Fatalf("the page was told %d times: %+v", len(told), told)
		}
		var rows []outbox.Delivery
		err := b.disk.View(func(tx *bbolt.Tx) (err error) {
			rows, err = outbox.Rows(tx, outbox.Filter{Limit: 100})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(told[0].Text, "Two") {
			t.Errorf("it was told %s", told[0].Text)
		}
		over := 0
		for _, d := range rows {
			if d.Channel == event.Statuspage && d.Status == outbox.Superseded {
				over++
			}
		}
		if over == 0 {
			t.Errorf("nothing was overtaken: %+v", rows)
		}
	})
}

// While only the reserve is left, what waits for the next period must not hide
// what may go: the operators' mail, though a partner's has waited for longer.
func TestThePartnersMailDoesNotHideTheOperators(t *testing.T) {
	var asked leases
	inBoxWith(t, func(o *engine.Options) {
		withMail(o)
		o.Outside = asked.take
		o.Rules.Subjects = nil
		partner := audience.Group{Name: audience.Partner + "wholesale", To: []event.Recipient{{Name: "wholesale", Channel: event.Mail, Address: "noc@partner.example", Language: "en"}}}
		partner.Class = audience.ClassOf(partner.Name)
		o.Rules.Audience.Groups[0].After = 10 * time.Minute
		o.Rules.Audience.Groups = append(o.Rules.Audience.Groups, partner)
	}, func(b *box) {
		b.healthy("lte0", event.SMS, true)
		b.healthy(event.Mail, event.Mail, true)
		b.tell(event.Spent{Backhaul: "cell", Limit: 1e6, Used: 8e5, Kept: true})
		b.order("OPEN platform x")
		b.ends(b.handed(1), took(1))
		b.pass(time.Minute)
		if !asked.none() {
			t.Errorf("for a partner's mail the reserve is leased: %q", asked.String())
		}
		b.pass(9 * time.Minute)
		b.pass(time.Second)
		if got := asked.String(); got != "cell" {
			t.Fatalf("for the operators' mail the leases are %q", got)
		}
		b.tell(event.Linked{Backhaul: "cell", Up: true, State: "up"})
		b.pass(time.Second)
		var mail event.Claim
		b.mu.Lock()
		for _, c := range b.claims {
			if c.Row.Worker == event.Mail {
				mail = c
			}
		}
		b.mu.Unlock()
		if mail.Row.Recipient.Name != "ada" || asked.String() != "cell" {
			t.Errorf("in hand is %+v, leases %q: while it is sent the backhaul stays", mail.Row, asked.String())
		}
	})
}

// A channel that a reload takes away must not keep its incident for ever: what
// is queued for it is a dead letter, and what is queued for others goes on.
func TestAChannelThatAReloadTakesAway(t *testing.T) {
	inBoxWith(t, func(o *engine.Options) { withMail(o); o.Rules.Subjects = nil }, func(b *box) {
		b.healthy("lte0", event.SMS, true)
		b.healthy(event.Mail, event.Mail, true)
		b.order("OPEN platform x")
		b.ends(b.handed(1), took(1))
		b.tell(event.Linked{Backhaul: "cell", Up: true, State: "up"})
		b.pass(time.Second)
		mail := b.handed(2)
		r := b.opt.Rules
		r.Carriers, r.Audience.Groups = r.Carriers[:2], nil
		if err := b.Reload(context.Background(), r, b.opt.Workers[:2]); err != nil {
			t.Fatal(err)
		}
		b.tell(event.WorkerChanged{Worker: event.Mail, Channel: event.Mail, Gone: true})
		b.ends(mail, event.Ending{Fate: event.RetryLater, Device: true, Code: "the worker was stopped"})
		b.pass(time.Minute)
		b.order("CLEAR 1")
		b.pass(time.Second)
		b.ends(b.handed(3), took(2))
		b.pass(time.Minute)
		if open := b.State().Incidents; len(open) != 0 {
			t.Errorf("still open: %+v", open)
		}
		if w := b.State().Waits(); w.Is {
			t.Error("something waits for ever")
		}
		var failed []string
		err := b.disk.View(func(tx *bbolt.Tx) error {
			rows, err := outbox.Rows(tx, outbox.Filter{Limit: 100})
			for _, d := range rows {
				if d.Channel == event.Mail {
					failed = append(failed, d.Kind+" "+string(d.Status)+" "+d.Code)
				}
			}
			return err
		})
		if got := strings.Join(failed, ", "); err != nil || got != "opened failed mail is not in the configuration any more" {
			t.Errorf("mails: %s %v", got, err)
		}
	})
}

// An account that cannot be used is no reason to pay for a connection.
func TestAnAccountThatCannotBeUsedLeasesNothing(t *testing.T) {
	var asked leases
	inBoxWith(t, func(o *engine.Options) {
		withMail(o)
		o.Outside = asked.take
		o.Rules.Subjects = nil
	}, func(b *box) {
		b.healthy("lte0", event.SMS, true)
		b.healthy(event.Mail, event.Mail, false)
		b.order("OPEN platform x")
		b.ends(b.handed(1), took(1))
		b.pass(time.Minute)
		if !asked.none() {
			t.Errorf("leases: %q", asked.String())
		}
		b.healthy(event.Mail, event.Mail, true)
		b.pass(time.Second)
		if got := asked.String(); got != "cell" {
			t.Errorf("when it is well again the leases are %q", got)
		}
	})
}
