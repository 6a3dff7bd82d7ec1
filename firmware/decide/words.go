package decide

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"heliograph/firmware/audience"
	"heliograph/firmware/command"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/firmware/notice"
)

// asker is whoever gave a command.
type asker struct {
	name    string
	address string // number the answer goes to; empty on the box itself
	lang    string
	ask     uint64
	source  command.Source
}

func (st *step) texted(f event.Texted) {
	p, ok := st.sender(f.From)
	if !ok {
		st.note(0, "ignored", "a text from an unknown sender %s", hidden(f.From))
		return
	}
	st.obey(asker{name: p.Name, address: f.From, lang: p.Language, source: command.Air}, f.Text)
}

// rang takes a missed call from a person on call as ACK: no text is needed to
// say "I am awake".
func (st *step) rang(f event.Rang) {
	p, ok := st.sender(f.From)
	if !ok {
		st.note(0, "ignored", "a call from an unknown number %s", hidden(f.From))
		return
	}
	if len(st.unacked()) > 0 {
		st.obey(asker{name: p.Name, address: f.From, lang: p.Language, source: command.Air}, string(command.Ack))
	}
}

func (st *step) ordered(f event.Ordered) {
	st.obey(asker{name: f.By, ask: f.Ask, lang: "en", source: command.Local}, f.Text)
}

// sender finds the person whose number this is, by exact match of the
// normalised form: a suffix match would let a foreign number in.
func (st *step) sender(from string) (audience.Person, bool) {
	number := st.rules.Number(from)
	for _, p := range st.rules.Audience.People {
		if number != "" && (number == st.rules.Number(p.SMS) || p.Also != "" && number == st.rules.Number(p.Also)) {
			return p, true
		}
	}
	return audience.Person{}, false
}

// hidden shows enough of a stranger's number to recognise it, not to keep it.
func hidden(number string) string {
	if len(number) <= 4 {
		return number
	}
	return "…" + number[len(number)-3:]
}

func (st *step) obey(who asker, text string) {
	c, err := command.Parse(text, who.source)
	var no *command.Refusal
	if errors.As(err, &no) {
		st.refuse(who, no)
		return
	}
	if _, proof := command.Need(c.Verb); who.source == command.Air && proof != command.NoProof {
		st.say(who, false, notice.Fit(st.rules.Site+" "+string(c.Verb)+" is not taken by text yet. Use the box's command line. By text: ACK 7, STATUS, HELP.", 160))
		return
	}
	switch c.Verb {
	case command.Ack:
		st.ack(who, c.Number)
	case command.Status:
		st.say(who, true, st.rules.Wording.Status(st.lang(who), st.rules.Site, st.board(), st.at))
	case command.Help:
		st.help(who)
	case command.Open:
		st.begin(who, c)
	case command.Say:
		st.tell(who, c)
	case command.Clear:
		st.end(who, c.Number, event.AllClear, "cleared by "+who.name)
	case command.Cancel:
		st.end(who, c.Number, event.Cancelled, "cancelled by "+who.name)
	case command.Proxy:
		st.admit(who, c.Word)
	case command.LTE:
		st.order(who, c.Word)
	case command.Test:
		st.selftest()
		st.say(who, true, "the self-test text is on its way")
	default:
		st.say(who, false, notice.Fit(st.rules.Site+" "+string(c.Verb)+" is not carried out yet. Send ACK 7, STATUS or HELP.", 160))
	}
}

// refuse says what to send instead. What is only a strange word is refused in
// the asker's language.
func (st *step) refuse(who asker, no *command.Refusal) {
	switch {
	case who.source == command.Local:
		st.say(who, false, no.Error())
	case no.Word != "":
		st.answer(who, false, notice.Unknown, notice.Reply{Word: no.Word})
	default:
		st.say(who, false, notice.Fit(st.rules.Site+" "+no.Error(), 160))
	}
}

func (st *step) help(who asker) {
	if who.source == command.Local {
		var orders []string
		for _, e := range command.Table() {
			orders = append(orders, e.Usage[0])
		}
		st.say(who, true, "Orders: "+strings.Join(orders, ", ")+".")
		return
	}
	st.answer(who, true, notice.Help, notice.Reply{})
}

func (st *step) lang(who asker) string {
	if who.lang == "" {
		return st.rules.Language
	}
	return who.lang
}

// say goes back by the way the command came.
func (st *step) say(who asker, ok bool, text string) {
	if who.address == "" {
		st.emit(event.Answer{Ask: who.ask, Text: text, OK: ok})
		return
	}
	lang := st.lang(who)
	st.send(event.Notice{
		Audience: "asker", Kind: event.Reply, Class: event.Operators,
		To:    []event.Recipient{{Name: who.name, Channel: "sms", Address: who.address, Language: lang}},
		Texts: map[event.Variant]map[string]string{event.Direct: {lang: text}},
	})
}

// answer words an answer in the asker's language.
func (st *step) answer(who asker, ok bool, a notice.Answer, r notice.Reply) {
	r.Site = st.rules.Site
	st.say(who, ok, st.rules.Wording.Answer(st.lang(who), a, r))
}

func (st *step) unacked() []Case {
	return slices.DeleteFunc(st.s.live(), func(c Case) bool { return c.Ack != nil })
}

// ack takes ACK. Without a number it takes all that wait: at night three
// uplinks on one cable are one trouble, and one word must do.
func (st *step) ack(who asker, number int) {
	if number != 0 {
		st.ackOne(who, number)
		return
	}
	open := st.unacked()
	switch all := st.s.live(); {
	case len(open) == 1, len(open) == 0 && len(all) == 1:
		st.ackOne(who, append(open, all...)[0].Number)
	case len(all) == 0:
		st.answer(who, false, notice.NothingToAck, notice.Reply{})
	case len(open) == 0:
		st.answer(who, true, notice.TheirsBefore, notice.Reply{Number: all[0].Number, By: all[0].Ack.By})
	default:
		for _, c := range open {
			st.acknowledge(c, who.name)
		}
		st.answer(who, true, notice.YoursAll, notice.Reply{Items: items(open)})
	}
}

func (st *step) ackOne(who asker, number int) {
	c, ok := st.s.Case(number)
	r := notice.Reply{Number: number, Items: items(st.s.live())}
	switch {
	case !ok && len(r.Items) == 0:
		st.answer(who, false, notice.NothingToAck, r)
	case !ok:
		st.answer(who, false, notice.NoSuch, r)
	case !c.Live():
		st.answer(who, false, notice.Over, r)
	case c.Ack != nil && c.Ack.By == who.name:
		st.answer(who, true, notice.YoursAlready, r)
	case c.Ack != nil:
		r.By = c.Ack.By
		st.note(number, "acked", "%s has seen it too", who.name)
		st.answer(who, true, notice.TheirsBefore, r)
	default:
		st.acknowledge(c, who.name)
		st.answer(who, true, notice.Yours, r)
	}
}

func items(cases []Case) []notice.Item {
	var list []notice.Item
	for _, c := range cases {
		i := notice.Item{Number: c.Number, Scope: c.Scope}
		if c.Ack != nil {
			i.By = c.Ack.By
		}
		list = append(list, i)
	}
	return list
}

// find gives an open case to a command that needs one, or says why not.
func (st *step) find(who asker, number int) (Case, bool) {
	c, ok := st.s.Case(number)
	if !ok || !c.Live() {
		st.answer(who, false, notice.NoSuch, notice.Reply{Number: number, Items: items(st.s.live())})
		return c, false
	}
	return c, true
}

// tell is SAY: an operator's words to those who were told.
func (st *step) tell(who asker, c command.Command) {
	open, ok := st.find(who, c.Number)
	if !ok {
		return
	}
	st.note(c.Number, "said", "%s: %s", who.name, c.Text)
	f := st.facts(&open)
	f.Title, f.By = c.Text, who.name
	n := event.Notice{Incident: c.Number, Kind: event.Update, Class: event.Operators, Mark: event.Tells, Ledger: true, Only: audience.OnCall}
	variants := map[event.Variant]event.Kind{event.ToTold: event.Update}
	st.publish(n, f, variants)
	// What waits for a path says it too: by then it may be all that is new.
	st.follow(&open, f, event.Tells, event.Update, map[event.Variant]event.Kind{event.ToTold: event.Update, event.ToWaiting: event.Update})
	st.say(who, true, fmt.Sprintf("#%d: on its way to those who were told", c.Number))
}

// end is CLEAR and CANCEL.
func (st *step) end(who asker, number int, how event.Kind, why string) {
	c, ok := st.find(who, number)
	if !ok {
		return
	}
	st.resolve(c, how, why)
	st.say(who, true, fmt.Sprintf("#%d: %s is on its way to those who were told", number, how))
}

// begin is OPEN.
func (st *step) begin(who asker, c command.Command) {
	i := incident.Ordered(st.number(), c.Scope[0], c.Text, who.name, st.at)
	st.open(i)
	st.say(who, true, fmt.Sprintf("#%d opened: %s %s", i.Number, c.Scope[0], c.Text))
}
