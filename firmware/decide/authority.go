package decide

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/command"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// What a listed number proves, and what it does not. Anybody can write a
// sender into a text (TP-OA, 3GPP TS 23.040 §9.2.3.7, is what the submitting
// side wrote), so the list of numbers is a filter. What changes something
// needs a code that the box sends to the number itself, which whoever only
// pretends to have that number never sees, or a TOTP.
const (
	codeLasts  = 5 * time.Minute
	codesMost  = 3 // codes sent to one number that did not come back, and wrong ones taken from it, in lockedFor
	lockedFor  = time.Hour
	totpWarns  = 5 // wrong TOTPs of one person in lockedFor before the others hear of it
	helpsMost  = 5 // answers to one number's texts that led to nothing, in lockedFor: two robots must not talk for ever
	echoesMost = 5 // likewise to one and the same text that comes again within echoLasts
	echoLasts  = 2 * time.Minute

	answersMost = 30 // answers to one number in lockedFor that go before what waits
)

// Proofs, as the timeline and the audit log name them.
const (
	proofNone   = "none needed"
	proofCode   = "call-back code"
	proofTOTP   = "TOTP"
	proofSocket = "socket"
)

// talk is what the box remembers of one listed number's texts.
type talk struct {
	Asked []challenge `json:"asked,omitempty"` // codes that did not come back yet
	Sent  []time.Time `json:"sent,omitempty"`  // box times of the codes sent in the last hour that did not come back
	Wrong []time.Time `json:"wrong,omitempty"` // likewise of wrong codes that came
	Step  int64       `json:"step,omitempty"`  // the time step of the last TOTP taken: none is taken twice (RFC 6238 §5.2)
	Tries []time.Time `json:"tries,omitempty"` // box times of wrong TOTPs
	Told  time.Time   `json:"told,omitzero"`   // box time at which the others were warned
	Vain  []time.Time `json:"vain,omitempty"`  // box times of texts that led to nothing and were answered
	Many  []time.Time `json:"many,omitempty"`  // box times of answers
	Last  string      `json:"last,omitempty"`  // digest of the last text
	Echo  int         `json:"echo,omitempty"`  // how often in a row it came
	At    time.Time   `json:"at,omitzero"`     // box time of it
}

// challenge is a command that waits for its code.
type challenge struct {
	Order  string    `json:"order"` // in its canonical form: the code is good for exactly this
	Digest string    `json:"digest"`
	Until  time.Time `json:"until"` // box time
}

// talkKey names a number without holding it: the state has no contacts.
func (who asker) talkKey() string {
	if who.also {
		return who.name + alsoKey
	}
	return who.name
}

const alsoKey = "/2"

func (s *State) talkOf(key string) talk { return s.Talks[key] }

func (s *State) keepTalk(key string, t talk) {
	s.Talks = cloned(s.Talks)
	s.Talks[key] = t
}

// since keeps the instants that are younger than the lock.
func since(list []time.Time, now time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(list), func(at time.Time) bool { return !now.Before(at.Add(lockedFor)) })
}

// with is since and one more.
func with(list []time.Time, now time.Time) []time.Time { return append(since(list, now), now) }

// digest keeps a code from being read off the state. Four digits are soon
// guessed by whoever has the file; they are good for five minutes only.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// draw is a number from the event's chance; each call gives another one
// (splitmix64).
func (st *step) draw() uint64 {
	st.drawn++
	x := st.at.Nonce + st.drawn*0x9e3779b97f4a7c15 + max(st.s.NextNotice, 1)*0xd1342543de82ef95
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// authorise says whether a command may be carried out now, and by which proof.
// If not, the sender has been told what to do.
func (st *step) authorise(who asker, c command.Command) (proof string, ok bool) {
	need, by := command.Need(c.Verb)
	switch {
	case !who.role.May(need):
		st.answer(who, false, notice.NotAllowed, notice.Reply{Word: string(c.Verb), Role: string(need)})
		return "failed: the role does not allow it", false
	case who.source == command.Local:
		return proofSocket, true
	case by == command.ByPlan:
		return "failed: no yes came of it", true // a plan that takes it says how it was proved
	case by == command.NoProof:
		return proofNone, true
	case who.totp:
		return proofTOTP, true
	case who.code:
		return proofCode, true
	}
	return st.challenge(who, c)
}

// challenge answers a command with the code that carries it out.
func (st *step) challenge(who asker, c command.Command) (proof string, ok bool) {
	key := who.talkKey()
	t := st.s.talkOf(key)
	if until := t.locked(st.at.Box); !until.IsZero() {
		st.warnOthers(who, until)
		st.answer(who, false, notice.Locked, notice.Reply{Word: string(c.Verb), Until: st.clockAt(who, until)})
		return "failed: locked out", false
	}
	t.Asked = slices.DeleteFunc(slices.Clone(t.Asked), func(c challenge) bool { return !st.at.Box.Before(c.Until) })
	code := st.code(key, t)
	t.Asked = append(t.Asked, challenge{Order: c.Order, Digest: digest(key, code), Until: st.at.Box.Add(codeLasts)})
	t.Sent = with(t.Sent, st.at.Box)
	st.s.keepTalk(key, t)
	st.note(0, "code", "%s is asked for the code of: %s", who.name, masked(c))
	st.code4(who, code, c)
	return "failed: a code was asked for", false
}

// code is a new one, unlike those that wait.
func (st *step) code(key string, t talk) string {
	for {
		code := fmt.Sprintf("%04d", st.draw()%10000)
		if !slices.ContainsFunc(t.Asked, func(c challenge) bool { return c.Digest == digest(key, code) }) {
			return code
		}
	}
}

// code4 sends it. What is said about it anywhere else has no code in it.
func (st *step) code4(who asker, code string, c command.Command) {
	lang := st.lang(who)
	r := notice.Reply{Site: st.rules.Site, Word: code, Order: masked(c)}
	st.said = "a code was sent to the number"
	st.send(event.Notice{
		Audience: "asker", Kind: event.Reply, Class: event.Operators, Expires: st.at.Box.Add(codeLasts),
		To:    []event.Recipient{{Name: who.name, Channel: event.SMS, Address: who.address, Language: lang, Also: who.also}},
		Texts: map[event.Variant]map[string]string{event.Direct: {lang: st.rules.Wording.Answer(lang, notice.CodeFor, r)}},
	})
}

// locked is until when no code is sent to a number; zero: it is not locked.
func (t talk) locked(now time.Time) time.Time {
	if sent := since(t.Sent, now); len(sent) >= codesMost {
		return sent[len(sent)-codesMost].Add(lockedFor)
	}
	if wrong := since(t.Wrong, now); len(wrong) >= codesMost {
		return wrong[len(wrong)-codesMost].Add(lockedFor)
	}
	return time.Time{}
}

// redeem takes a code that came back, and carries out what it was bound to.
func (st *step) redeem(who asker, code string) {
	key := who.talkKey()
	t := st.s.talkOf(key)
	i := slices.IndexFunc(t.Asked, func(c challenge) bool { return c.Digest == digest(key, code) && st.at.Box.Before(c.Until) })
	if i < 0 || !t.wrongs(st.at.Box) {
		st.wrongCode(who, t)
		return
	}
	order, sent := t.Asked[i].Order, t.Asked[i].Until.Add(-codeLasts)
	t.Asked = slices.Delete(slices.Clone(t.Asked), i, i+1)
	// Who sent it back has shown to be no faker: it no longer counts. An
	// incident takes more than three orders.
	t.Sent = slices.DeleteFunc(slices.Clone(t.Sent), sent.Equal)
	st.s.keepTalk(key, t)
	c, err := command.Parse(order, command.Air)
	if err != nil { // a build that no longer knows the words of the one before
		st.answer(who, false, notice.CodeWrong, notice.Reply{})
		return
	}
	who.code = true
	st.carry(who, c)
}

// wrongs says that a number has not yet sent too many wrong codes.
func (t talk) wrongs(now time.Time) bool { return len(since(t.Wrong, now)) < codesMost }

// wrongCode counts a code that fits nothing. After the third, what waits is
// void: who guesses has ten thousand to choose from.
func (st *step) wrongCode(who asker, t talk) {
	if t.Wrong = since(t.Wrong, st.at.Box); len(t.Wrong) < codesMost { // a flood must not fill the memory
		t.Wrong = append(t.Wrong, st.at.Box)
	}
	if len(t.Wrong) >= codesMost {
		t.Asked = nil
	}
	st.s.keepTalk(who.talkKey(), t)
	if len(t.Wrong) >= codesMost {
		st.warnOthers(who, t.locked(st.at.Box))
	}
	st.vain(who, func() { st.answer(who, false, notice.CodeWrong, notice.Reply{}) })
	st.audited(who, "a code", "failed: the code is wrong, used up or too old")
}

// warnOthers tells everybody else of the house that somebody may be using a
// number that is not theirs: once in the time of the lock.
func (st *step) warnOthers(who asker, until time.Time) {
	key := who.talkKey()
	t := st.s.talkOf(key)
	if !t.Told.IsZero() && st.at.Box.Before(t.Told.Add(lockedFor)) {
		return
	}
	t.Told = st.at.Box
	st.s.keepTalk(key, t)
	st.note(0, "locked", "the number of %s: too many codes; no code is sent to it %s", who.name, untilWords(st.rules.Language, until, st.at))
	st.warn(who)
}

func (st *step) warn(who asker) {
	var others []string
	for _, p := range st.rules.Audience.People {
		if p.Name != who.name && roleOf(p).May(command.Operator) {
			others = append(others, p.Name)
		}
	}
	f := st.facts(nil)
	f.By = who.name
	if to := st.rules.Audience.Named(others); len(to) > 0 {
		st.publish(event.Notice{Audience: audience.OnCall, Kind: event.Warned, Class: event.Operators, To: to}, f, nil)
	}
}

// password takes a TOTP off the end of a text. Digits that are none are left
// where they stand if the person has no TOTP: they belong to the words.
func (st *step) password(who asker, text string) (asker, string, bool) {
	p, ok := st.rules.Audience.Person(who.name)
	rest, digits := command.Trailing(text)
	if !ok || p.Code == nil || digits == "" || who.source == command.Local {
		return who, text, true
	}
	if c, err := command.Parse(rest, who.source); err == nil && free(c.Verb) {
		return who, rest, true // a slip in a proof that nobody asked for must not cost an ACK
	}
	if !st.at.Trusted {
		st.answer(who, false, notice.NoClock, notice.Reply{})
		st.audited(who, "a TOTP", "failed: the clock is not to be trusted")
		return who, text, false
	}
	key := who.name // both numbers of a person share the one secret
	t := st.s.talkOf(key)
	step, good := p.Code(digits, st.at.Wall)
	if !good || step <= t.Step {
		t.Tries = with(t.Tries, st.at.Box)
		t.Tries = t.Tries[max(0, len(t.Tries)-totpWarns):] // a flood must not fill the memory
		warns := len(t.Tries) == totpWarns && (t.Told.IsZero() || !st.at.Box.Before(t.Told.Add(lockedFor)))
		if warns {
			t.Told = st.at.Box
		}
		st.s.keepTalk(key, t)
		if warns {
			st.note(0, "locked", "%s: %d wrong TOTPs within an hour", who.name, totpWarns)
			st.warn(who)
		}
		st.vain(who, func() { st.answer(who, false, notice.TOTPWrong, notice.Reply{}) })
		st.audited(who, "a TOTP", "failed: the TOTP is wrong or was used before")
		return who, text, false
	}
	t.Step = step
	st.s.keepTalk(key, t)
	who.totp = true
	return who, rest, true
}

// free says that a command needs no proof.
func free(v command.Verb) bool {
	_, by := command.Need(v)
	return by == command.NoProof && v != command.Code
}

// vain answers a text that led to nothing, unless the number has had enough of
// such answers: an autoresponder is not argued with. What can be carried out
// is carried out however often it comes.
func (st *step) vain(who asker, answer func()) {
	if who.source == command.Local {
		answer()
		return
	}
	key := who.talkKey()
	t := st.s.talkOf(key)
	t.Vain = since(t.Vain, st.at.Box)
	if len(t.Vain) >= helpsMost {
		st.note(0, "ignored", "%s: a text that leads to nothing, and %d were answered within an hour", who.name, helpsMost)
		st.s.keepTalk(key, t)
		return
	}
	t.Vain = append(t.Vain, st.at.Box)
	st.s.keepTalk(key, t)
	answer()
}

// echoes counts how often in a row the same text came, and says whether it is
// still answered.
func (st *step) echoes(who asker, text string) (answered bool) {
	if who.source == command.Local {
		return true
	}
	key := who.talkKey()
	t := st.s.talkOf(key)
	same := digest(strings.ToUpper(strings.TrimSpace(text)))
	if t.Last != same || !st.at.Box.Before(t.At.Add(echoLasts)) { // who asks STATUS every quarter of an hour is no robot
		t.Last, t.Echo = same, 0
	}
	t.Echo, t.At = t.Echo+1, st.at.Box
	st.s.keepTalk(key, t)
	return t.Echo <= echoesMost
}

// answers counts what one number is answered, and says how urgent the next
// answer is. Somebody who fakes the number could ask without end: beyond what a
// person asks in an outage nothing is taken from the SIM's reserve.
func (st *step) answers(who asker) event.Class {
	key := who.talkKey()
	t := st.s.talkOf(key)
	if t.Many = since(t.Many, st.at.Box); len(t.Many) >= answersMost {
		return event.Proof
	}
	t.Many = append(t.Many, st.at.Box)
	st.s.keepTalk(key, t)
	return event.Operators
}

// audited keeps who asked for what with which proof, and what came of it.
func (st *step) audited(who asker, order, proof string) {
	st.emit(event.Audit{By: who.name, From: who.address, Way: who.way(), Order: order, Proof: proof, Effect: st.said})
}

func (who asker) way() string {
	switch {
	case who.source == command.Local:
		return "socket"
	case who.rang:
		return "call"
	}
	return "text"
}

// masked is a command as it may be written down: numbers as three digits, and
// no code of a plan, which is good until the plan is gone.
func masked(c command.Command) string {
	if c.Verb == command.Approve || c.Verb == command.Deny {
		return strings.Replace(c.Order, " "+c.Code, "", 1)
	}
	if c.Phone == "" {
		return c.Order
	}
	return strings.Replace(c.Order, c.Phone, hidden(c.Phone), 1)
}
