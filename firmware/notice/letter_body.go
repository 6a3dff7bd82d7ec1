package notice

import (
	"strconv"
	"strings"

	"heliograph/firmware/event"
)

// quiet says whether a letter has nothing to add to its first sentence: it is
// about no incident, or the trouble is over.
func (d draft) quiet() bool { return d.over() || d.f.Incident == 0 }

// forStaff is a mail to people of the house: everything that is known.
func (d draft) forStaff(head string) string {
	if d.f.Incident == 0 {
		return paragraphs(d.drilled(), head, d.proof())
	}
	if d.over() {
		return paragraphs(d.drilled(), head, block(d.ended()...), labelled(d.t.stillDown, strings.Join(d.f.Others, ", ")))
	}
	facts := block(
		labelled(d.seen, d.seenIn()),
		d.failed(),
		labelled(d.t.affected, d.affected()),
		labelled(d.serves, strings.Join(d.f.Regions, ", ")),
		labelled(d.letters.by, d.carrierLine()),
		labelled(d.t.alsoDown, strings.Join(d.f.Others, ", ")),
	)
	return paragraphs(d.drilled(), head, facts, d.expected(), d.held(), d.next)
}

func (d draft) affected() string {
	if len(d.f.Scope) < 2 {
		return ""
	}
	return strings.Join(d.f.Scope, ", ")
}

// carrierLine is who sells the uplink: "Example Transit, AS64500, circuit ABC-123".
func (d draft) carrierLine() string {
	c := d.f.Carrier
	circuit, account := "", ""
	if c.Circuit != "" {
		circuit = fill(d.circuitOf, "n", c.Circuit)
	}
	if c.Account != "" {
		account = strings.ToLower(d.account) + " " + c.Account
	}
	return joined(", ", c.Name, asn(c.ASN), circuit, account)
}

// held is who has it, and what to send if nobody has.
func (d draft) held() string {
	switch by := d.holder(); {
	case d.f.Kind == event.AckedBy, isWork(d.f.Kind):
		return ""
	case by != "":
		return fill(d.has, "by", by)
	case !d.f.Unasked:
		return d.nobody + " " + fill(d.ask, "n", strconv.Itoa(d.f.Incident))
	}
	return ""
}

// ended sums up what is over: from when to when, who had it, and what follows.
func (d draft) ended() []string {
	if d.f.Kind != event.AllClear {
		return nil
	}
	had := ""
	if by := d.holder(); by != "" {
		had = fill(d.has, "by", by)
	}
	return []string{d.fromTo(), had, d.postMortem}
}

// proof is what the self-test shows: modems, queue, last send, what is up.
func (d draft) proof() string {
	if d.f.Kind != event.Selftest {
		return ""
	}
	v := view(d.lang, d.f)
	return block(labelled(d.modems, v.Modems), labelled(d.queue, v.Queue), labelled(d.lastSend, v.LastSend), labelled(d.allUp, v.Up))
}

// forRoom is plain text in a chat thread: headline and evidence, and at the
// end the summary.
func (d draft) forRoom(head string) string {
	if d.quiet() {
		return block(append([]string{d.drilled(), head, d.proof()}, d.ended()...)...)
	}
	return block(d.drilled(), head, labelled(d.seen, d.seenIn()), labelled(d.t.affected, d.affected()),
		labelled(d.t.alsoDown, strings.Join(d.f.Others, ", ")), d.expected(), d.held())
}

// forPocket is one line: a locked phone shows no more.
func (d draft) forPocket(head string) string {
	if d.quiet() || d.f.Title != "" || d.f.Kind == event.AckedBy {
		return joined(" ", d.drilled(), head)
	}
	return joined(" ", d.drilled(), head, d.t.cause(d.f.Verdict))
}

// forPartner is a formal mail to somebody outside.
func (d draft) forPartner(head string) string {
	contact := ""
	if d.f.CallBack != "" {
		contact = fill(d.duty, "phone", d.f.CallBack)
	}
	sign := block(fill(d.letters.reference, "n", d.reference()), contact)
	if d.quiet() {
		return paragraphs(d.drilled(), d.dear, head, sign)
	}
	return paragraphs(d.drilled(), d.dear, head, labelled(d.seen, d.seenOut()), d.expected(), d.next, sign)
}

// forSubscriber is a mail to somebody who hangs on the network.
func (d draft) forSubscriber(head string) string {
	next := d.next
	if d.quiet() {
		next = ""
	}
	contact := ""
	if d.f.CallBack != "" {
		contact = fill(d.callUs, "phone", d.f.CallBack)
	}
	return paragraphs(d.drilled(), head, d.expected(), joined(" ", next, contact), d.f.brand())
}

// forCarrier is a trouble ticket.
func (d draft) forCarrier(head string) string {
	f := d.f
	who := block(
		fill(d.letters.reference, "n", d.reference()),
		labelled(d.account, f.Carrier.Account),
		labelled(d.circuit, f.Carrier.Circuit),
		labelled(d.asns, joined(" / ", asn(f.OwnASN), asn(f.Carrier.ASN))),
		labelled(d.peers, joined(" / ", f.Peers.Ours, f.Peers.Theirs)),
	)
	contact := labelled(d.contact, f.CallBack)
	if d.quiet() {
		return paragraphs(d.drilled(), head, block(append([]string{who}, d.restored()...)...), contact)
	}
	what := block(
		labelled(d.severity, d.severities[d.grade()]),
		labelled(d.start, d.began()),
		labelled(d.seen, d.seenOut()),
		d.failed(),
	)
	return paragraphs(d.drilled(), head, who, what, labelled(d.checked, d.tried()), d.expected(), block(d.intrusive, contact), d.askTicket)
}

// restored is from when to when it was, if it has been.
func (d draft) restored() []string {
	if d.f.Kind != event.AllClear {
		return nil
	}
	return []string{d.fromTo()}
}

// grade is how bad it is for a carrier's desk.
func (d draft) grade() event.Kind {
	switch d.f.Verdict.Condition {
	case event.IsDown:
		return event.Down
	case event.IsDegraded:
		return event.Degraded
	}
	return d.f.first()
}

// began is when the trouble began, with nothing around it.
func (d draft) began() string {
	st := d.f.opened()
	if timed(st, d.f.Now) {
		return d.letters.dated("{date} {clock}", st.Wall, nil, true)
	}
	return d.at(st)
}

// tried is what was checked at our end before the carrier is asked.
func (d draft) tried() string {
	e := d.f.Verdict.Evidence
	port := d.checkedAs(e.Link, d.linkUp, d.linkDown)
	gateway := d.checkedAs(e.Gateway, d.gatewayUp, d.gatewayDown)
	rest := d.others
	if len(d.f.Others) == 0 {
		rest = d.alone
	}
	if len(d.f.Board.Subjects) < 2 && len(d.f.Others) == 0 {
		rest = ""
	}
	return joined("; ", port, gateway, rest)
}

func (d draft) checkedAs(seen, well, unwell string) string {
	switch {
	case seen == "":
		return ""
	case strings.HasSuffix(seen, " ok"):
		return well
	}
	return unwell
}
