package decide

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heliograph/firmware/audience"
	"heliograph/firmware/command"
	"heliograph/firmware/event"
)

const totpOfAll = "123456"

// house is two approvers, an operator and a viewer, each with an authenticator,
// and two partners outside: of three and of two telephones.
func house() Rules {
	r := rules(0)
	r.Manual = []string{"billing", "voip"}
	everybody := func(digits string, wall time.Time) (int64, bool) { return wall.Unix(), digits == totpOfAll }
	r.Audience = audience.Rules{
		People: []audience.Person{
			{Name: "ada", SMS: "+1", Role: "approver", Code: everybody}, {Name: "bob", SMS: "+3", Role: "approver", Code: everybody, Language: "pl"},
			{Name: "eve", SMS: "+5", Code: everybody}, {Name: "dan", SMS: "+7", Role: "viewer", Code: everybody},
		},
		Steps: []audience.Step{{Who: []string{"ada", "bob"}}},
	}
	for i, telephones := range []int{3, 2} {
		g := audience.Group{Name: audience.Partner + string(rune('x'+i))}
		for n := range telephones {
			g.To = append(g.To, event.Recipient{Name: g.Name, Channel: event.SMS, Address: fmt.Sprintf("+4%d%d", i, n)})
		}
		r.Audience.Groups = append(r.Audience.Groups, g)
	}
	r.Approve = Approve{Asks: true, Over: 2}
	return r
}

// spoken are orders that change something and need a proof, and some that only
// ask.
var spoken = []string{
	"open billing it hurts", "open voip no tone", "say 1 hello", "say 2 hello", "etr 1 +2h", "etr 2 ?", "scope 1 voip", "link 1 2", "link 2 1", "clear 1", "clear 2",
	"cancel 1", "cancel 2", "go", "go 1", "mute 2h", "mute", "unmute", "maint start billing 2h", "maint end", "test", "lte off", "proxy on", "swap bob", "take",
	"resend 1", "resend 3", "reboot", "erase +48600999999", "status", "who", "queue", "log 1", "help", "sig",
}

// free need no proof: they keep the box silent towards those outside, or say
// who has an incident.
var free1 = []string{"ack", "ack 1", "ack 2", "nack 1", "hold", "hold 1", "hold 2", "deny"}

func stamp(at time.Time, nonce uint64) event.Stamp {
	return event.Stamp{Box: at, Wall: at, Trusted: true, Nonce: nonce}
}

// begun is a box with an incident that ada has, and a plan that waits.
func begun(t *rapid.T, r Rules) (State, time.Time) {
	s, now := State{}, start
	for i, f := range []event.Fact{
		event.Booted{Version: "test"}, event.WorkerChanged{Worker: "lte0", Channel: event.SMS, Fit: true, State: "ready"},
		event.Ordered{Ask: 1, By: "root", Text: "open billing it hurts"}, event.Ordered{Ask: 2, By: "root", Text: "ada ack 1"},
	} {
		now = now.Add(time.Second)
		s, _ = r.Step(s, event.Event{Stamp: stamp(now, uint64(i)), Fact: f})
	}
	if len(s.Plans) != 1 || len(s.Incidents) != 1 {
		t.Fatalf("it begins with %d plans and %d incidents", len(s.Plans), len(s.Incidents))
	}
	return s, now
}

// apart is a state without what only remembers who texted, and, after a text
// that needs no proof, that whoever has an incident gave a sign of life.
func apart(s State, text string) State {
	s.Talks, s.NextNotice, s.wake = nil, 0, time.Time{}
	if c, err := command.Parse(strings.TrimRight(text, " 0123456789"), command.Air); err == nil && free(c.Verb) {
		s.Incidents = slices.Clone(s.Incidents)
		for i := range s.Incidents {
			s.Incidents[i].Word = time.Time{}
		}
	}
	return s
}

var digits = regexp.MustCompile(`\d{4}`)

// Nobody gets in: whoever fakes the numbers of the house and never sees what
// comes back changes nothing, however long he tries. What he causes is answers
// to the numbers that he faked, and warnings to the others.
func TestWhoReadsNoCodesChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := house()
		s, now := begun(t, r)
		seen := map[string]bool{} // codes that are on phones that he has not
		for n := range rapid.IntRange(1, 80).Draw(t, "texts") {
			now = now.Add(time.Duration(rapid.IntRange(1, 900).Draw(t, "pause")) * time.Second)
			from := rapid.SampledFrom([]string{"+1", "+3", "+5", "+7", "+9", "", "billing"}).Draw(t, "from")
			text := rapid.OneOf(rapid.SampledFrom(spoken), rapid.StringMatching(`[0-9]{4}`), rapid.StringMatching(`approve [0-9A-F]{3}`),
				rapid.StringMatching(`(clear 1|mute|say 1 x) (0[0-9]{5})`), rapid.StringN(0, 20, -1)).Draw(t, "text")
			if c, err := command.Parse(text, command.Air); seen[digits.FindString(text)] || err == nil && (slices.Contains(byHeart, c.Verb) || s.knows(c)) {
				continue // he has guessed it, one time in thousands, or it is one that needs no proof
			}
			next, effects := r.Step(s, event.Event{Stamp: stamp(now, uint64(n)*7919), Fact: event.Texted{Worker: "lte0", From: from, Text: text}})
			before, after := apart(s, text), apart(next, text)
			if !reflect.DeepEqual(before, after) {
				t.Fatalf("%q from %s changed the state\nfrom %+v\nto   %+v", text, from, before.Incidents, after.Incidents)
			}
			for _, e := range effects {
				harmlessEffect(t, r, e, from, text)
				if p, ok := e.(event.Publish); ok && p.Notice.Kind == event.Reply {
					for _, said := range p.Notice.Texts[event.Direct] {
						if m := codeIn.FindStringSubmatch(said); m != nil {
							seen[m[1]] = true
						}
					}
				}
			}
			s = next
		}
	})
}

var codeIn = regexp.MustCompile(`(?:code|kod) (\d{4})`)

// byHeart are the verbs that need no proof and change something.
var byHeart = []command.Verb{command.Ack, command.Nack, command.Hold, command.Deny}

// knows says that an APPROVE has the code of somebody's plan.
func (s State) knows(c command.Command) bool {
	return c.Verb == command.Approve && slices.ContainsFunc(s.Plans, func(p Plan) bool {
		for name, d := range p.Codes {
			if d == digest(name, c.Code) {
				return true
			}
		}
		return false
	})
}

// harmlessEffect is an answer to the number that was faked, a warning to the
// others, a look into the store, or a line in a book.
func harmlessEffect(t *rapid.T, r Rules, e event.Effect, from, text string) {
	switch e := e.(type) {
	case event.Note, event.Audit, event.Fetch:
	case event.Publish:
		answer := e.Notice.Audience == "asker" && len(e.Notice.To) == 1 && e.Notice.To[0].Address == from && !e.Notice.Ledger
		warning := e.Notice.Kind == event.Warned && !slices.ContainsFunc(e.Notice.To, func(to event.Recipient) bool { return to.Address == from })
		if _, listed := r.listedName(from); !listed || !answer && !warning {
			t.Fatalf("%q from %q publishes %+v", text, from, e.Notice)
		}
	default:
		t.Fatalf("%q from %q does %#v", text, from, e)
	}
}

func (r Rules) listedName(number string) (string, bool) {
	for _, p := range r.Audience.People {
		if p.SMS == number {
			return p.Name, true
		}
	}
	return "", false
}

// shelf is the outbox as far as orders go: what was published, and how it
// stands.
type shelf struct {
	notices  map[uint64]event.Notice
	standing map[uint64]event.Standing
	codes    map[string][]string // per number, of plans
}

var planIn = regexp.MustCompile(`APPROVE ([0-9A-F]{3})`)

// take carries effects out and returns how many people outside are told by
// them, each of them newly or of an operator's words.
func (b *shelf) take(r Rules, effects []event.Effect) (outside int) {
	for _, e := range effects {
		switch e := e.(type) {
		case event.Publish:
			n := e.Notice
			b.notices[n.ID], b.standing[n.ID] = n, n.Standing
			if n.Kind == event.Asking {
				b.codes[n.To[0].Address] = append(b.codes[n.To[0].Address], planIn.FindStringSubmatch(n.Texts[event.Direct][n.To[0].Language])[1])
			}
			if g, ok := r.Audience.Group(n.Audience); ok && audience.IsMass(n.Audience) && n.Mark == event.Tells {
				if outside += len(n.To); n.Ledger {
					outside += g.Count() - len(n.Except)
				}
			}
		case event.Stand:
			for _, id := range e.Notices {
				if b.standing[id] != event.Withdrawn {
					b.standing[id] = e.Standing
				}
			}
		case event.Withdraw:
			for id, n := range b.notices {
				if slices.Contains(e.Notices, id) || e.Incident != 0 && n.Incident == e.Incident && id <= e.UpTo {
					b.standing[id] = event.Withdrawn
				}
			}
		}
	}
	return outside
}

// listed says that somebody will let a held notice out: UNMUTE, or GO.
func (s State) listed(id uint64) bool {
	return s.Muted != nil && slices.Contains(s.Muted.Notices, id) ||
		slices.ContainsFunc(s.Incidents, func(c Case) bool { return c.Live() && c.Hold && slices.Contains(c.Outside, id) })
}

// Nothing is lost and nobody is told by the hundred unasked: whatever orders
// the house gives, proven, in whatever order, what is held is on somebody's
// list, UNMUTE and GO let all of it out, and more people outside than the
// policy allows hear something only because an approver has said yes.
func TestOrdersLoseNothingAndSpareTheMany(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := house()
		r.Approve.Send, r.Approve.Wait = rapid.Bool().Draw(t, "send"), time.Duration(rapid.IntRange(0, 20).Draw(t, "wait"))*time.Minute
		s, now := State{}, start
		b := &shelf{notices: map[uint64]event.Notice{}, standing: map[uint64]event.Standing{}, codes: map[string][]string{}}
		step := func(f event.Fact, nonce int, asked bool) {
			now = now.Add(time.Duration(rapid.IntRange(1, 400).Draw(t, "pause")) * time.Second)
			waits := r.Approve.Send && slices.ContainsFunc(s.Plans, func(p Plan) bool { return due(p.Until, now) })
			next, effects := r.Step(s, event.Event{Stamp: stamp(now, uint64(nonce)*104729), Fact: f})
			s = next
			if told := b.take(r, effects); told > r.Approve.Over && !asked && !waits {
				t.Fatalf("%+v tells %d people outside, and nobody has said yes", f, told)
			}
			for id, is := range b.standing {
				if is == event.Held && !s.listed(id) {
					t.Fatalf("after %+v notice %d (%s to %s) is held and on nobody's list", f, id, b.notices[id].Kind, b.notices[id].Audience)
				}
			}
		}
		step(event.Booted{Version: "test"}, 0, false)
		for n := range rapid.IntRange(1, 60).Draw(t, "orders") {
			from := rapid.SampledFrom([]string{"+1", "+3", "+5", "+7"}).Draw(t, "from")
			text, asked := rapid.SampledFrom(slices.Concat(spoken, free1)).Draw(t, "order"), false
			if codes := b.codes[from]; len(codes) > 0 && rapid.Bool().Draw(t, "about a plan") {
				text = rapid.SampledFrom([]string{"approve ", "deny "}).Draw(t, "yes or no") + codes[len(codes)-1]
				asked = strings.HasPrefix(text, "approve") && from != "+5" && from != "+7"
			}
			if c, err := command.Parse(text, command.Air); err == nil && !free(c.Verb) && c.Verb != command.Approve {
				text += " " + totpOfAll
			}
			step(event.Texted{Worker: "lte0", From: from, Text: text}, n+1, asked)
		}
		for i, text := range []string{"unmute", "go"} {
			step(event.Ordered{Ask: 1, By: "root", Text: text}, 1000+i, false)
		}
		for id, is := range b.standing {
			if is == event.Held {
				t.Fatalf("notice %d (%s to %s) is still held", id, b.notices[id].Kind, b.notices[id].Audience)
			}
		}
	})
}
