package decide

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/command"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// Subscribers is how those who hang on the network are told. How many there
// are, and where, is in a list that the engine keeps; the rules know the names
// of places only.
type Subscribers struct {
	After time.Duration // so long after an incident has opened
	Quiet audience.Quiet
	Cap   int           // updates an hour of one incident; first words and all-clears do not count
	First []string      // classes of service that are told before all others
	Awake []string      // classes for whom there are no quiet hours
	Mail  bool          // there is an account for mails
	Every time.Duration // the list is read anew so often
}

// IsFirst says that a class of service is told before others.
func (s *Subscribers) IsFirst(class string) bool { return s != nil && isAmong(s.First, class) }

// PartOf is the part of the subscribers that a class of service belongs to;
// empty: none in particular.
func (s *Subscribers) PartOf(class string) string {
	if s != nil && isAmong(s.Awake, class) {
		return audience.Awake
	}
	return ""
}

func isAmong(classes []string, class string) bool {
	return slices.ContainsFunc(classes, func(c string) bool { return strings.EqualFold(c, class) })
}

// Recipient is a subscriber as For has to judge one.
type Recipient struct {
	Code     string
	Language string
	Class    string
	Phones   []string // E.164, those that may be told
	Mails    []string // likewise
	Stopped  []string // numbers whose owner wants to be told nothing
}

// For picks where a notice reaches a subscriber: a text if there is a number,
// for that arrives when the network is down; else a mail. It is pure, and asked
// once for each row as the notice is expanded.
func For(r Rules, n event.Mass, who Recipient) []event.Recipient {
	lang := who.Language
	if !slices.Contains(notice.Languages(), lang) {
		lang = r.Language
	}
	var to []event.Recipient
	if n.Only != event.Mail {
		for _, number := range who.Phones {
			if !slices.Contains(who.Stopped, number) {
				to = append(to, event.Recipient{Name: who.Code, Channel: event.SMS, Address: number, Language: lang})
			}
		}
	}
	if len(to) > 0 || n.Only == event.SMS || len(who.Stopped) > 0 {
		return to
	}
	if r.Subscribers != nil && r.Subscribers.Mail {
		for _, address := range who.Mails {
			to = append(to, event.Recipient{Name: who.Code, Channel: event.Mail, Address: address, Language: lang})
		}
	}
	return to
}

// reaches is whom an incident concerns, in the words of the list: those whom
// another system named, the regions that an operator gave or that its scope
// serves, and what is down itself. An uplink that serves no place in
// particular concerns everybody, but only when everything is down.
func (st *step) reaches(c Case) []string {
	if len(c.Hit) > 0 {
		return c.Hit
	}
	if len(c.Regions) > 0 {
		return c.Regions
	}
	if len(st.regions(c)) == 0 && st.allUplinksDown() && !c.ByHand() {
		return []string{event.Everybody}
	}
	names := append(slices.Clone(c.Scope), st.regions(c)...)
	slices.Sort(names)
	return slices.Compact(names)
}

// concerns says whether an incident is one that subscribers are told of: an
// outage, or what an operator opened.
func (st *step) concerns(c Case) bool {
	return !st.everybodyKnows(c) && st.rules.Subscribers != nil && !c.Drill && !c.Hold && (c.Kind == event.Down || c.Kind == event.Opened || c.Work != nil) &&
		(c.Wider || !slices.Contains(c.Groups, audience.Subscribers)) && !c.Nobody && !slices.Contains(c.Denied, audience.Subscribers) && !st.s.inPlan(c.Number, audience.Subscribers)
}

// everybodyKnows says that an older incident has told everybody already: two
// uplinks that fail together are one outage to those who hang on them.
func (st *step) everybodyKnows(c Case) bool {
	reach := st.reaches(c)
	return slices.Contains(reach, event.Everybody) && slices.ContainsFunc(st.s.live(), func(other Case) bool {
		return other.Number < c.Number && slices.Contains(st.reaches(other), event.Everybody) && !other.Nobody && !slices.Contains(other.Denied, audience.Subscribers)
	})
}

// count has the list counted for an incident whose time has come. What follows
// is decided on the answer, in the same commit.
func (st *step) count(c Case) {
	if due(st.nextCount(c), st.at.Box) {
		st.countAt(c.Number, st.at.Box.Add(countAgain))
		f := event.Fetch{What: event.FetchMass, Incident: c.Number, Scope: st.reaches(c)}
		if c.Wider {
			f.Less = c.Reached
		}
		f.Less = merged(st.reachedByWork(c), f.Less)
		st.emit(f)
	}
}

func (st *step) nextCount(c Case) time.Time {
	if !st.concerns(c) {
		return time.Time{}
	}
	return later(st.outsideFrom(c, st.rules.Subscribers.After), st.s.Counting[c.Number])
}

// outsideFrom is when those outside hear of a case: so long after it opened,
// and after hours in the dark not before the box has looked again.
func (st *step) outsideFrom(c Case, after time.Duration) time.Time {
	at := c.Opened.Box.Add(after)
	if c.Opened.Box.Before(st.s.Booted.Box) {
		at = later(at, st.s.Booted.Box.Add(lookFirst))
	}
	return at
}

const (
	lookFirst  = 30 * time.Second // a start, and a round of every probe
	countAgain = time.Minute      // a count without an answer is asked for again: with a full disk nothing is looked up
	readAgain  = 10 * time.Minute // likewise a list that could not be read
)

func (st *step) countAt(number int, at time.Time) {
	st.s.Counting = cloned(st.s.Counting)
	st.s.Counting[number] = at
}

// counted tells the subscribers, or asks first. A list that cannot be read, or
// in which nobody is hit, is said once.
func (st *step) counted(f event.Fetched) {
	st.s.Counting = cloned(st.s.Counting)
	delete(st.s.Counting, f.Incident)
	c, ok := st.s.Case(f.Incident)
	if !ok || !st.concerns(c) {
		return
	}
	x := f.List
	if !st.rules.Subscribers.Mail {
		x.Mail, x.Alone = 0, 0 // there is no account to write from
	}
	if x.Version != "" && x.SMS+x.Alone == 0 && c.Wider {
		c.Wider, c.Reached = false, merged(c.Reached, f.Scope)
		st.s.put(c)
		return
	}
	if x.Version == "" {
		st.unread(c, x.Why)
		return
	}
	if x.SMS+x.Alone == 0 {
		if x.Why == "" && len(st.reachedByWork(c)) > 0 {
			x.Why = "whoever hangs on it has heard that planned work takes longer"
		}
		c.Nobody = true
		st.s.put(c)
		why := or(x.Why, fmt.Sprintf("%d subscribers, and nobody who can be told", x.Subscribers))
		st.note(c.Number, "subscribers", "%s: %s", st.reachWords(c, f.Scope), why)
		return
	}
	p := Plan{What: PlanTell, Groups: []string{audience.Subscribers}, Mass: &Crowd{List: x, Mass: event.Mass{Version: x.Version, Scope: f.Scope}}}
	if st.unasked(c.Number, x.SMS+x.Alone) {
		st.tellCrowd(c.Number, *p.Mass, "")
		return
	}
	st.ask(c, p)
}

// unread says once per incident that nobody of the list can be told, and tries
// on: a list may be imported while the outage lasts.
func (st *step) unread(c Case, why string) {
	st.countAt(c.Number, st.at.Box.Add(readAgain))
	if c.Unread {
		return
	}
	c.Unread = true
	st.s.put(c)
	st.note(c.Number, "subscribers", "they cannot be told: %s", why)
	st.boxNews(fmt.Sprintf("subscribers of #%d are not told: %s", c.Number, why))
}

// Crowd is a scope as it was counted.
type Crowd struct {
	event.Mass
	List event.List `json:"list"`
}

// tellCrowd gives subscribers the first word. They are taken from the list
// that was counted, whatever came in since.
func (st *step) tellCrowd(number int, who Crowd, only string) {
	c, ok := st.s.Case(number)
	if !ok || !c.Live() {
		return
	}
	who.Only = only
	sleeps := st.crowdSleeps(&c, who)
	if !slices.Contains(c.Groups, audience.Subscribers) {
		c.Groups = append(slices.Clone(c.Groups), audience.Subscribers)
	}
	texts, mails := who.addresses()
	c.Crowd += texts + mails
	c.Reached = merged(c.Reached, who.Mass.Scope)
	st.widen(&c) // its scope may have grown while a yes was waited for
	st.s.put(c)
	switch {
	case !sleeps:
		st.sayCrowd(number, who, st.facts(&c))
	case st.wakeful() != "":
		who.Part = st.wakeful()
		st.toList(&c, who.Mass, st.facts(&c))
		st.s.put(c)
		st.note(number, "telling", "%s to those of them for whom there are no quiet hours", c.Kind)
	}
}

// addresses are how many texts and mails tell a crowd, over one channel only
// if that was all that was approved. Who has a number gets no mail besides.
func (who Crowd) addresses() (texts, mails int) {
	switch who.Only {
	case event.SMS:
		return who.List.SMS, 0
	case event.Mail:
		return 0, who.List.Mail
	}
	return who.List.SMS, who.List.Alone
}

// sayCrowd sends the first word on its way.
func (st *step) sayCrowd(number int, who Crowd, f notice.Facts) {
	c, _ := st.s.Case(number)
	st.toList(&c, who.Mass, f)
	st.s.put(c)
	texts, mails := who.addresses()
	st.note(c.Number, "telling", "%s to %d subscribers in %s: %d by text, %d by mail; list of %s, version %s", c.Kind, who.List.Subscribers, st.reachWords(c, who.Scope), texts, mails, who.List.Taken.UTC().Format("2 Jan 15:04"), who.List.Version)
}

// toList says to those of the list what an incident is now.
func (st *step) toList(c *Case, mass event.Mass, f notice.Facts) {
	c.Tellings++
	words := c.Kind
	if words == event.Down && f.Title != "" {
		words = event.Opened // whose words have room for an operator's
	}
	f.Telling = c.Tellings
	f.Regions = st.placesOf(*c)
	f = c.guarded(f, audience.Subscribers)
	n := event.Notice{
		Incident: c.Number, Audience: audience.Subscribers, Kind: c.Kind, Class: event.Subscriber, Mark: event.Tells, Mass: &mass,
		Texts: map[event.Variant]map[string]string{event.Direct: st.outerWords(f, words)},
	}
	id := st.send(n)
	c.Outside = append(slices.Clone(c.Outside), id)
	c.Lists = append(slices.Clone(c.Lists[max(0, len(c.Lists)-holdable):]), id)
}

// overtaken remembers whom newer truth came too early for. They stand on no
// ledger, so that nothing which follows reaches them: while the trouble lasts,
// or once it is back, they are told it from the list as those before them were.
func (st *step) overtaken(f event.Overtaken) {
	c, ok := st.s.Case(f.Incident)
	if !ok || c.Work != nil || !slices.Contains(c.Groups, audience.Subscribers) {
		return
	}
	rest := f.Mass
	if c.Rest != nil {
		if rest.Scope = merged(c.Rest.Scope, rest.Scope); c.Rest.Part != rest.Part {
			rest.Part = ""
		}
	}
	c.Rest = &rest
	st.s.put(c)
	st.tellRest(c)
}

// tellRest tells those that an overtaken notice had not got to. Whoever knows
// of the incident is left out by the engine, and a yes to all was a yes to them.
func (st *step) tellRest(c Case) {
	if c.Rest == nil || !c.Live() || c.Relieved != nil {
		return
	}
	rest := *c.Rest
	c.Rest = nil
	st.toList(&c, rest, st.facts(&c))
	st.s.put(c)
	if c.Hold {
		st.emit(event.Stand{Notices: c.Outside, Standing: event.Held})
	}
	st.note(c.Number, "telling", "%s to those in %s whom the notice before had not got to", c.Kind, st.reachWords(c, rest.Scope))
}

// reachedMost is how many scopes are kept as told. Who was told is on the
// ledger in any case: a scope that is forgotten is only counted again.
const reachedMost = 40

// merged is one list of both, without repeats, the newest last.
func merged(a, b []string) []string {
	all := slices.DeleteFunc(slices.Clone(a), func(name string) bool { return slices.Contains(b, name) })
	all = append(all, b...)
	return all[max(0, len(all)-reachedMost):]
}

// outerWords are the texts and letters to subscribers in every language.
func (st *step) outerWords(f notice.Facts, kind event.Kind) map[string]string {
	f = outward(f)
	f.Kind, f.Unasked = kind, true
	all := map[string]string{}
	for _, lang := range notice.Languages() {
		all[lang] = st.rules.Wording.Outside(lang, f)
		if st.rules.Subscribers != nil && st.rules.Subscribers.Mail {
			all[event.Mail+":"+lang] = st.rules.Wording.Letter(notice.Subscriber, lang, f)
		}
	}
	return all
}

// placesOf are the names that subscribers know their own line by: never an
// uplink's.
func (st *step) placesOf(c Case) []string {
	if len(c.Regions) > 0 || len(c.Hit) > 0 {
		return c.Regions
	}
	return st.regions(c)
}

// quietUntil is when what can wait may go to subscribers; zero: at once. While
// the clock cannot be believed nothing waits.
func (st *step) quietUntil(kind event.Kind) time.Time {
	s := st.rules.Subscribers
	if s == nil || !st.at.Trusted || slices.Contains(s.Quiet.Except, string(kind)) {
		return time.Time{}
	}
	end := s.Quiet.Ends(st.at.Wall, st.zone())
	if end.IsZero() {
		return time.Time{}
	}
	return st.boxOf(end)
}

// quietFor is quietUntil for a case: what is said of work that begins before
// the quiet ends cannot wait for that.
func (st *step) quietFor(c Case, kind event.Kind) time.Time {
	at := st.quietUntil(kind)
	if c.Work != nil && !c.Work.Begun && kind != event.CalledOff && !at.Before(st.boxOf(c.Work.From)) {
		return time.Time{}
	}
	return at
}

const (
	asksMost  = 3    // answers to one subscriber's number in an hour
	asksKnown = 1000 // numbers of which that is remembered: a flood must not fill the memory
)

// stranger is a number that no person has. It is looked up in the list of
// subscribers if it says one of the words that are for them; anybody else gets
// silence, for an answer would tell a robot that somebody is here.
func (st *step) stranger(f event.Texted) {
	c, err := command.Parse(f.Text, command.Air)
	number := st.rules.Number(f.From)
	if err == nil && c.Verb == command.Stop {
		st.partnerStops(number)
	}
	theirs := err == nil && (c.Verb == command.Stop || c.Verb == command.Start || c.Verb == command.Help || c.Verb == command.Status)
	if st.rules.Subscribers == nil || !theirs || number == "" {
		st.note(0, "ignored", "a text from an unknown sender %s", hidden(f.From))
		return
	}
	st.emit(event.Fetch{What: event.FetchLine, Number: number, Text: string(c.Verb), For: event.Asker{Address: f.From}})
}

// partnerStops says that a partner's number wants to hear no more. A partner is
// told because somebody agreed on it with them: who takes the number out of the
// configuration is a person.
func (st *step) partnerStops(number string) {
	for _, g := range st.rules.Audience.Groups {
		its := audience.IsMass(g.Name) && slices.ContainsFunc(g.To, func(r event.Recipient) bool {
			return r.Channel == event.SMS && number != "" && st.rules.Number(r.Address) == number
		})
		if its && st.asks(number) {
			st.smallNews(fmt.Sprintf("%s of %s texted STOP and is told all the same: take it out of the configuration if that is right", hidden(number), g.Name))
		}
	}
}

// lineFound answers a subscriber about the subscriber's own line. A STOP holds
// for a number, too, that was told and has left the list since, and while the
// list cannot be read.
func (st *step) lineFound(f event.Fetched) {
	verb := command.Verb(f.Fetch.Text)
	out := verb == command.Stop
	if out && (len(f.Of) > 0 || f.Heard || f.List.Version == "") || verb == command.Start && len(f.Of) > 0 {
		st.emit(event.OptOut{Number: f.Number, Out: out})
		st.note(0, "subscribers", "%s wants to be told %s", hidden(f.Number), map[bool]string{true: "nothing more", false: "again"}[out])
	}
	if len(f.Of) == 0 && !(out && f.Heard) {
		st.note(0, "ignored", "a text from an unknown sender %s", hidden(f.Number))
		return
	}
	who := event.Subscribed{}
	if len(f.Of) > 0 {
		who = f.Of[0]
	}
	lang := or(who.Language, st.rules.Language)
	text := ""
	switch verb {
	case command.Stop, command.Start:
		text = st.rules.Wording.Stop(lang, out, st.facts(nil))
	default:
		text = st.rules.Wording.Line(lang, st.standing(f.Of))
	}
	if !st.asks(f.Number) {
		st.note(0, "ignored", "%s has asked %d times within an hour", hidden(f.Number), asksMost)
		return
	}
	st.send(event.Notice{
		Audience: "asker", Kind: event.Reply, Class: event.Subscriber, To: []event.Recipient{{Name: who.Code, Channel: event.SMS, Address: f.For.Address, Language: lang}},
		Texts: map[event.Variant]map[string]string{event.Direct: {lang: text}},
	})
}

// standing finds the open incident that hits one of somebody's lines.
func (st *step) standing(of []event.Subscribed) notice.Standing {
	for _, c := range st.s.live() {
		if c.Drill || c.Kind != event.Down && c.Kind != event.Opened {
			continue
		}
		reach := st.reaches(c)
		for _, line := range of {
			if st.rules.within(line.Names, reach) {
				f := outward(st.facts(&c))
				f.Kind, f.Regions = event.Update, nil
				told := slices.Contains(c.Groups, audience.Subscribers) && !c.Hold && !line.Stopped
				return notice.Standing{Hit: true, Told: told, Facts: f}
			}
		}
	}
	return notice.Standing{Facts: st.facts(nil)}
}

// within says that a line belongs to a scope, as the list itself would.
func (r Rules) within(names, scope []string) bool {
	fold := r.Fold
	if fold == nil {
		fold = strings.ToLower
	}
	return slices.ContainsFunc(scope, func(place string) bool {
		return place == event.Everybody || slices.ContainsFunc(names, func(n string) bool { return fold(place) == fold(n) })
	})
}

// asks counts what a number asks, and says whether it is still answered.
func (st *step) asks(number string) bool {
	key := digest(number)
	if len(st.s.Asks) >= asksKnown {
		st.s.Asks = nil
	}
	list := with(st.s.Asks[key], st.at.Box)
	st.s.Asks = cloned(st.s.Asks)
	st.s.Asks[key] = list
	return len(list) <= asksMost
}
