package emulator

import (
	"slices"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"
)

// Text is one text as a phone shows it: all its parts put together.
type Text struct {
	At         time.Time `json:"at"` // when its last part arrived
	From       string    `json:"from"`
	To         string    `json:"to"`
	Body       string    `json:"body"`
	Parts      int       `json:"parts"`      // how many it came in
	Reference  int       `json:"reference"`  // concatenation reference, -1 for a single text
	References []int     `json:"references"` // TP-MR of each part in order; -1 where it was not sent by a modem
	Class      int       `json:"class"`      // 23.038 message class, -1 for none
	Again      bool      `json:"again"`      // sender and body were seen before
}

// Phone is a subscriber with a handset.
type Phone struct {
	number  string
	net     *Network
	arrived *feed[Text]

	// The Network's loop owns what follows.
	on         bool
	dead       byte // TP-ST for everything sent here; 0 while the number exists
	refused    int  // +CMS code for everything sent here
	texts      []Text
	seen       map[saying]bool
	partial    []*assembly
	duplicates int
	reference  int
	pickup     Pickup // what it does when called; RingsOut at first
	picksAfter time.Duration
	reply      string // to every text; empty for none
}

// saying is who said what.
type saying struct{ from, body string }

// assembly is a long text of which parts are missing.
type assembly struct {
	from          string
	reference, of int
	parts         map[int]*tpdu.TPDU
	references    []int
}

// Number is the phone's own number.
func (p *Phone) Number() string { return p.number }

// Texts lists what was received, in order, long texts put together.
func (p *Phone) Texts() []Text {
	var all []Text
	p.net.loop.do(func() { all = slices.Clone(p.texts) })
	return all
}

// Arrived gives every text as it arrives, from the first one on. Nothing is
// lost for a slow reader. The channel is closed when the Network closes.
func (p *Phone) Arrived() <-chan Text { return p.arrived.out }

// Duplicates counts the texts that repeat an earlier one (same sender, same
// body) and the parts that came twice.
func (p *Phone) Duplicates() int {
	var d int
	p.net.loop.do(func() { d = p.duplicates })
	return d
}

// Unfinished counts the long texts of which parts are missing.
func (p *Phone) Unfinished() int {
	var u int
	p.net.loop.do(func() { u = len(p.partial) })
	return u
}

// Off switches the phone off: the SMSC keeps its texts until it is on again or they expire.
func (p *Phone) Off() { p.net.loop.do(func() { p.on = false }) }

// On switches the phone on; what waits in the SMSC arrives at once.
func (p *Phone) On() {
	p.net.loop.do(func() {
		p.on, p.dead, p.refused = true, 0, 0
		p.net.offer(p.number)
	})
}

// Dead makes every delivery fail for good with this TP-ST (23.040 §9.2.3.15),
// for example 0x49: the number does not exist. Zero or On ends it.
func (p *Phone) Dead(status byte) {
	p.net.loop.do(func() {
		p.dead = status
		p.net.offer(p.number)
	})
}

// Refused makes the SMSC refuse every text to this number with a +CMS code at
// the time it is sent, for example 1 or 21. Zero or On ends it.
func (p *Phone) Refused(code int) { p.net.loop.do(func() { p.refused = code }) }

// Send texts a number from this phone; long bodies go in parts. A body that
// cannot be coded is not sent, and the error says why.
func (p *Phone) Send(to, body string) error {
	var err error
	p.net.loop.do(func() { err = p.write(to, body) })
	return err
}

func (p *Phone) write(to, body string) error {
	p.reference = p.reference%255 + 1
	parts, err := delivers(p.number, body, p.net.now(), p.reference)
	if err != nil {
		return err
	}
	all := make([]*message, len(parts))
	for i, t := range parts {
		all[i] = &message{t: t, to: to}
	}
	p.net.loop.after(p.net.knobs.deliver, func() { p.net.arrive(all...) })
	return nil
}

// receive is the handset's side of a delivery.
func (p *Phone) receive(m *message) {
	t, reference := m.t, -1
	if m.raw != nil {
		var err error
		if t, err = sms.Unmarshal(m.raw); err != nil {
			return // a handset drops what it cannot read
		}
	}
	if m.of != nil {
		reference = m.of.Reference
	}
	part, of, ref := chain(t)
	if of == 1 {
		p.show([]*tpdu.TPDU{t}, ref, []int{reference})
		return
	}
	p.assemble(t, part, of, ref, reference)
}

func (p *Phone) assemble(t *tpdu.TPDU, part, of, ref, reference int) {
	from := t.OA.Number()
	i := slices.IndexFunc(p.partial, func(a *assembly) bool {
		return a.from == from && a.reference == ref && a.of == of
	})
	if i < 0 {
		p.partial = append(p.partial, &assembly{from: from, reference: ref, of: of, parts: map[int]*tpdu.TPDU{}, references: make([]int, of)})
		i = len(p.partial) - 1
	}
	a := p.partial[i]
	if a.parts[part] != nil {
		p.duplicates++
		return
	}
	a.parts[part], a.references[part-1] = t, reference
	if len(a.parts) < of {
		return
	}
	p.partial = slices.Delete(p.partial, i, i+1)
	all := make([]*tpdu.TPDU, of)
	for n, t := range a.parts {
		all[n-1] = t
	}
	p.show(all, ref, a.references)
}

func (p *Phone) show(parts []*tpdu.TPDU, ref int, references []int) {
	first := parts[0]
	t := Text{
		At: time.Now(), From: first.OA.Number(), To: p.number, Body: text(parts...),
		Parts: len(parts), Reference: ref, References: references, Class: class(first.DCS),
	}
	known := saying{t.From, t.Body}
	t.Again = p.seen[known]
	p.seen[known] = true
	if t.Again {
		p.duplicates++
	}
	p.texts = append(p.texts, t)
	p.arrived.put(t)
	p.net.tell(Event{Kind: "arrived", Phone: p.number, Text: &t})
	p.answerText(t.From)
}
