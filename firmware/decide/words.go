package decide

import (
	"errors"
	"slices"
	"strings"

	"heliograph/firmware/command"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// asker is whoever gave a command.
type asker struct {
	name    string
	address string // number the answer goes to; empty on the box itself
	also    bool   // it is the person's second number
	lang    string
	ask     uint64
	source  command.Source
	role    command.Role
	rang    bool // it was a missed call
	totp    bool // the text ended in a good TOTP
	code    bool // the call-back code came
	silent  bool // it repeats itself: it is obeyed and no longer answered
}

func (st *step) texted(f event.Texted) {
	if st.ownNumber(f) || st.fromPeer(f) || st.fromOperator(f) {
		return
	}
	who, ok := st.listed(f.From)
	if !ok {
		st.stranger(f)
		return
	}
	st.obey(who, f.Text)
}

// rang takes a missed call from a person on call as ACK: no text is needed to
// say "I am awake".
func (st *step) rang(f event.Rang) {
	who, ok := st.listed(f.From)
	if !ok {
		st.note(0, "ignored", "a call from an unknown number %s", hidden(f.From))
		return
	}
	if who.rang = true; len(st.unacked()) > 0 {
		st.obey(who, string(command.Ack))
	}
}

// ordered takes an order over the socket. One that begins with a person's name
// is answered as that person's text would be; the kernel has told who sits at
// the socket, so no code is asked for.
func (st *step) ordered(f event.Ordered) {
	who := asker{name: f.By, ask: f.Ask, lang: "en", source: command.Local, role: command.Approver}
	name, rest, _ := strings.Cut(strings.TrimSpace(f.Text), " ")
	for _, p := range st.rules.Audience.People {
		if strings.EqualFold(p.Name, name) && rest != "" && !isVerb(name) {
			who.name, who.lang, who.role, f.Text = p.Name, p.Language, roleOf(p), rest
		}
	}
	st.obey(who, f.Text)
}

// isVerb says that a word is an order before it is anybody's name.
func isVerb(word string) bool {
	return slices.ContainsFunc(command.Table(), func(e command.Entry) bool { return strings.EqualFold(string(e.Verb), word) })
}

// listed finds the person whose number this is, by exact match of the
// normalised form: a suffix match would let a foreign number in.
func (st *step) listed(from string) (asker, bool) {
	number := st.rules.Number(from)
	for _, p := range st.rules.Audience.People {
		first := number != "" && number == st.rules.Number(p.SMS)
		second := number != "" && p.Also != "" && number == st.rules.Number(p.Also)
		if first || second {
			return asker{name: p.Name, address: from, also: !first, lang: p.Language, source: command.Air, role: roleOf(p)}, true
		}
	}
	return asker{}, false
}

// hidden shows enough of a stranger's number to recognise it, not to keep it.
func hidden(number string) string {
	if len(number) <= 4 {
		return number
	}
	return "…" + number[len(number)-3:]
}

// obey reads a text and carries it out if its sender may and has proved to be
// who the number says.
func (st *step) obey(who asker, text string) {
	who.silent = !st.echoes(who, text)
	who, text, ok := st.password(who, text)
	if !ok {
		return
	}
	c, err := command.Parse(text, who.source)
	var no *command.Refusal
	switch {
	case errors.As(err, &no):
		st.refuse(who, no)
	case c.Verb == command.Code:
		st.redeem(who, c.Code)
	case st.stale(who, c):
		st.audited(who, masked(c), "failed: there is no such thing")
	default:
		st.carry(who, c)
	}
}

// stale refuses what cannot be done as it stands, such as an order about an
// incident that is not open, before anybody is asked for a code: at night the
// number of last week is typed soon enough, and codes are few.
func (st *step) stale(who asker, c command.Command) bool {
	need, _ := command.Need(c.Verb)
	if !who.role.May(need) || c.Verb == command.Ack || c.Verb == command.Log {
		return false // the first must not learn what there is; the others answer for themselves
	}
	ok := true
	for _, number := range []int{c.Number, c.Other} {
		if ok && number != 0 {
			_, ok = st.find(who, number)
		}
	}
	switch {
	case !ok:
	case c.Verb == command.Scope:
		_, ok = st.regionsNamed(who, c.Scope)
	case c.Verb == command.Maint:
		_, ok = st.subjectsNamed(who, c.Scope)
	case c.Verb == command.LTE && len(st.rules.Backhauls) == 0, c.Verb == command.Proxy && !st.rules.Proxy,
		(c.Verb == command.Swap || c.Verb == command.Take) && len(st.rules.Audience.Rotas) == 0:
		st.do(who, c) // which says that there is none
		ok = false
	case c.Verb == command.Swap:
		_, ok = st.personNamed(who, c.Person)
	}
	return !ok
}

// carry carries a command out, if it may be, and writes down what came of it.
func (st *step) carry(who asker, c command.Command) {
	proof, ok := st.authorise(who, c)
	if ok {
		if c.Verb != command.Approve { // its code is not yet looked at
			st.heardFrom(who)
		}
		st.do(who, c)
	}
	if c.Verb == command.Approve && st.proof != "" {
		proof = st.proof
	}
	_, by := command.Need(c.Verb)
	if number := c.Number; number != 0 && by != command.NoProof {
		st.note(number, "command", "%s: %s; proof: %s", who.name, masked(c), proof)
	}
	st.audited(who, masked(c), proof)
}

// refuse says what to send instead, in the asker's language.
func (st *step) refuse(who asker, no *command.Refusal) {
	st.vain(who, func() {
		switch {
		case who.source == command.Local:
			st.say(who, false, no.Say(st.lang(who)))
		case no.Word != "":
			st.answer(who, false, notice.Unknown, notice.Reply{Word: no.Word})
		default:
			st.say(who, false, notice.Fit(st.rules.Site+" "+no.Say(st.lang(who)), 160))
		}
	})
}

func (st *step) lang(who asker) string {
	if who.lang == "" {
		return st.rules.Language
	}
	return who.lang
}

// say goes back by the way the command came.
func (st *step) say(who asker, ok bool, text string) {
	st.said = text
	if who.silent {
		return
	}
	if who.address == "" {
		st.emit(event.Answer{Ask: who.ask, Text: text, OK: ok})
		return
	}
	lang := st.lang(who)
	st.send(event.Notice{
		Audience: "asker", Kind: event.Reply, Class: st.answers(who),
		To:    []event.Recipient{{Name: who.name, Channel: event.SMS, Address: who.address, Language: lang, Also: who.also}},
		Texts: map[event.Variant]map[string]string{event.Direct: {lang: text}},
	})
}

// answer words an answer in the asker's language.
func (st *step) answer(who asker, ok bool, a notice.Answer, r notice.Reply) {
	r.Site, r.Drill = st.rules.Site, st.isDrill(r.Number)
	st.say(who, ok, st.rules.Wording.Answer(st.lang(who), a, r))
}
