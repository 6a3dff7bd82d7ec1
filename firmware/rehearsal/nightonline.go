package rehearsal

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/control"
	"heliograph/firmware/rehearsal/isp"
	"heliograph/firmware/rehearsal/outside"
)

// The part of the night that takes an Internet; each act does nothing without.

// dialled waits until the box's own connection is up.
func (n *night) dialled(ctx context.Context, cut time.Time) error {
	if n.out == nil {
		return nil
	}
	var b control.Backhaul
	err := n.Until(ctx, "the box did not dial", func() bool {
		s, err := n.Status(ctx)
		if err != nil || len(s.Backhauls) == 0 {
			return false
		}
		b = s.Backhauls[0]
		return b.Up
	})
	if err != nil {
		return err
	}
	n.report.measure(cut, "no uplink left to a connection of its own (it dials before DOWN is certain)")
	n.heard = fmt.Sprintf("%s answers in %.0f ms", b.Name, b.RTTMS)
	return nil
}

// spread waits for the news of the second cut, which only the cellular
// connection can have carried.
func (n *night) spread(ctx context.Context, cut time.Time) error {
	if n.out == nil {
		return nil
	}
	err := n.Until(ctx, "mailboxes, page and war room did not hear of #2", func() bool {
		return n.mails(AdaMail, "#2", "") > 0 && n.mails(BobMail, "#2", "") > 0 && n.listed("transit-b")
	})
	if err != nil {
		return err
	}
	n.report.measure(cut, "no uplink left to mail, page and war room")
	n.note("box", "told page, war room and mailboxes of #2 over wwan0")
	return nil
}

// listed says that the war room has an incident, and that the page was told by
// the cellular connection.
func (n *night) listed(subject string) bool {
	by, _ := n.aired()
	return len(n.out.Page()) > 0 && by["page"] > 0 && slices.ContainsFunc(n.out.Room(), func(t outside.Thread) bool { return strings.Contains(t.Head, subject) })
}

// mails counts those to an address whose subject and text hold words.
func (w *World) mails(to, subject, text string) int {
	found := 0
	for _, m := range w.out.Mails() {
		if slices.Contains(m.To, to) && strings.Contains(m.Subject, subject) && strings.Contains(m.Body, text) {
			found++
		}
	}
	return found
}

// stray has another program leave by the cellular port, and somebody there
// call the box.
func (n *night) stray(context.Context) error {
	if n.out == nil {
		return nil
	}
	var err error
	n.called, err = n.network.Stray()
	n.note("saboteur", "asks for the time by wwan0 as another program, and calls the box from the carrier's side")
	return err
}

// kinds are the hosts of the world by what goes to them, in the order of the
// report.
var kinds = []struct{ kind, words string }{
	{"mail", "mail"}, {"page", "status page"}, {"chat", "war room"}, {"check", "proof that the connection works"}, {"names", "names"},
}

// aired sorts what the carrier saw by kind; foreign is what is none of the
// box's own.
func (w *World) aired() (by map[string]uint64, foreign []isp.Flow) {
	by = map[string]uint64{}
	for _, f := range w.network.Flows() {
		kind := w.kindOf(f)
		switch {
		case kind != "":
			by[kind] += f.Out + f.In
		case f.Protocol == "arp" && f.Remote.Addr() == isp.CellGateway():
		case f.Protocol == "udp" && f.Remote.Port() == 67: // DHCP
		case f.Protocol == "icmp" && w.knows(f.Remote.Addr()): // an error about one of these
		case f.Out > 0: // a call that nobody took is no traffic of the box
			foreign = append(foreign, f)
		}
	}
	return by, foreign
}

// knows says whether the box speaks to somebody at an address.
func (w *World) knows(a netip.Addr) bool {
	return slices.Contains(resolvers, a) || slices.ContainsFunc(w.out.Hosts(), func(h outside.Host) bool { return h.Addr.Addr() == a })
}

func (w *World) kindOf(f isp.Flow) string {
	if f.Remote.Port() == 53 && slices.Contains(resolvers, f.Remote.Addr()) {
		return "names"
	}
	for _, h := range w.out.Hosts() {
		if f.Protocol == "tcp" && f.Remote == h.Addr {
			return h.Kind
		}
	}
	return ""
}

// promiseOnline weighs what the Internet holds.
func (n *night) promiseOnline() {
	if n.out == nil {
		return
	}
	by, foreign := n.aired()
	total := uint64(0)
	for _, k := range kinds {
		total += by[k.kind]
		n.report.Air = append(n.report.Air, Air{What: k.words, Bytes: by[k.kind]})
	}
	n.report.promise("With no uplink left, mail, page and war room are told over a connection of its own; with one left, they are not.",
		by["mail"] > 0 && by["page"] > 0 && by["chat"] > 0 && len(n.before) == 0 && total < outageBytes,
		"%s; %.1f kB on the air in all; conversations on the air while transit-b was left: %d", n.heard, float64(total)/1000, len(n.before))
	n.report.promise("Whoever was told there is cleared there, and nobody else.", n.closedOnline(),
		"%s; mails to the partner, whose 15 min were not over: %d", n.online(), n.mails(PartnerMail, "", ""))
	n.report.promise("7 Nobody gets in over the cellular side, and nothing goes out but the box's own.", len(foreign) == 0 && !n.called,
		"another program asked for the time by wwan0, and somebody there called the box: conversations of others on the air %d, calls taken %t", len(foreign), n.called)
}

// outageBytes is more than an outage of a house of this size may cost.
const outageBytes = 300_000

// closedOnline says that each thread, entry and mailbox has its all-clear.
func (n *night) closedOnline() bool {
	for _, to := range []string{AdaMail, BobMail} {
		for _, number := range []string{"#1", "#2"} {
			if n.mails(to, number, "") == 0 || n.mails(to, number, "ALL CLEAR") != 1 {
				return false
			}
		}
	}
	// What was on its way to the page or the room at a kill, and never came, is
	// not there to be closed.
	page, room := n.out.Page(), n.out.Room()
	return n.mails(PartnerMail, "", "") == 0 && n.out.Component(outside.Component) == "operational" &&
		len(page) > 0 && !slices.ContainsFunc(page, func(e outside.Entry) bool { return !e.Over() }) &&
		len(room) > 0 && !slices.ContainsFunc(room, func(t outside.Thread) bool { return !t.Over() || t.Pinned })
}

// online is how the Internet looks, in words.
func (n *night) online() string {
	clears, open, unresolved, pinned := 0, 0, 0, 0
	for _, m := range n.out.Mails() {
		if strings.Contains(m.Body, "ALL CLEAR") {
			clears++
		}
	}
	for _, e := range n.out.Page() {
		if !e.Over() {
			open++
		}
	}
	for _, t := range n.out.Room() {
		if !t.Over() {
			unresolved++
		}
		if t.Pinned {
			pinned++
		}
	}
	return fmt.Sprintf("mails %d, all-clears among them %d; page: %d incidents, unresolved %d, component %s; war room: %d threads, unresolved %d, pinned %d",
		len(n.out.Mails()), clears, len(n.out.Page()), open, n.out.Component(outside.Component), len(n.out.Room()), unresolved, pinned)
}
