package command

import (
	"slices"
	"strconv"
	"strings"
)

// meaning is what the words behind a verb stand for, folded, in the three
// languages. Empty is the same as no word.
var meaning = map[Verb]map[string]string{
	LTE:   levers,
	Proxy: levers,
	Drill: {"END": "END", "STOP": "END", "OFF": "END", "KONIEC": "END", "FINE": "END", "START": "", "BEGIN": ""},
	Maint: {"START": "START", "BEGIN": "START", "POCZATEK": "START", "INIZIO": "START", "INIZIA": "START", "END": "END", "STOP": "END", "KONIEC": "END", "FINE": "END",
		"PLAN": "PLAN", "SCHEDULE": "PLAN", "ZAPLANUJ": "PLAN", "PROGRAMMA": "PLAN", "EXTEND": "EXTEND", "PROLONG": "EXTEND", "PRZEDLUZ": "EXTEND", "PROLUNGA": "EXTEND"},
	Test:    {"MODEM": "MODEM", "MAIL": "MAIL", "EMAIL": "MAIL", "POCZTA": "MAIL", "POSTA": "MAIL", "PAGE": "PAGE", "STRONA": "PAGE", "PAGINA": "PAGE", "ALL": "ALL", "WSZYSTKO": "ALL", "TUTTO": "ALL"},
	Approve: {"MAIL": "MAIL", "EMAIL": "MAIL", "MEJL": "MAIL", "POCZTA": "MAIL", "POSTA": "MAIL", "SMS": "SMS", "TEXT": "SMS", "TEXTS": "SMS"},
}

var levers = map[string]string{
	"ON": "ON", "WL": "ON", "WLACZ": "ON", "ACCENDI": "ON", "OFF": "OFF", "WYL": "OFF", "WYLACZ": "OFF", "SPEGNI": "OFF", "AUTO": "AUTO", "AUTOMATIC": "AUTO",
}

// choice reads the one word that a verb takes; TEST and DRILL may be without.
func (p *phrase) choice(c *Command) *Refusal {
	first, rest := word(p.rest)
	w, ok := meaning[c.Verb][key(first)]
	if !ok && (!blank(p.rest) || c.Verb == LTE || c.Verb == Proxy) {
		return c.choices()
	}
	c.Word, p.rest = strings.ToLower(w), rest
	return nil
}

// choices says which words a verb takes.
func (c *Command) choices() *Refusal {
	var words []string
	for _, w := range meaning[c.Verb] {
		if w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	return refuse(oneOf, string(c.Verb), strings.Join(words, ", ")).offer(example(c.Verb, 0))
}

// maint reads "start NAMES LENGTH words", "plan NAMES TIME LENGTH words",
// "extend NUMBER LENGTH" and "end", of one or of all.
func (p *phrase) maint(c *Command) *Refusal {
	first, rest := word(p.rest)
	c.Word = strings.ToLower(meaning[Maint][key(first)])
	p.rest = lead(rest)
	switch c.Word {
	case "start":
		return p.begin(c)
	case "plan":
		return p.later(c)
	case "extend":
		return p.longer(c)
	case "end":
		if n, after, ok := number(p.rest); ok && blank(after) {
			c.Number, p.rest = n, ""
			return nil
		}
		c.Scope, p.rest = names(p.rest), ""
		return nil
	}
	return c.choices()
}

// begin reads names with commas between, the length right behind them, and
// words. A length further on is refused: it may be meant for the work.
func (p *phrase) begin(c *Command) *Refusal {
	list, rest := listed(p.rest)
	c.Scope = names(list)
	if _, _, long := duration(fold(list)); long || len(c.Scope) == 0 {
		return refuse(needsSubject, string(Maint)).offer(example(Maint, 0))
	}
	folded := skip(fold(rest), inWords)
	if d, after, ok := duration(folded); ok {
		c.For, rest = d, tail(rest, after)
	} else if lengthy(folded) {
		return refuse(misplaced, string(Maint)).offer(example(Maint, 0))
	}
	if c.Text = lead(" " + rest); blank(c.Text) {
		c.Text = ""
	}
	p.rest = ""
	return nil
}

// longer reads a number, and by how much.
func (p *phrase) longer(c *Command) *Refusal {
	if no := p.mustNumber(c); no != nil {
		return no.offer("MAINT EXTEND 7 2h")
	}
	d, rest, ok := duration(skip(skip(fold(lead(p.rest)), byWords), inWords))
	if !ok {
		return refuse(needsLength, string(Maint)).offer("MAINT EXTEND 7 2h")
	}
	c.For, p.rest = d, rest
	return nil
}

// byWords may stand before how much longer something lasts.
var byWords = []string{"BY", "O", "DI"}

// later reads names, when the work begins, how long it lasts, and words.
func (p *phrase) later(c *Command) *Refusal {
	list, rest := listed(p.rest)
	if c.Scope = names(list); len(c.Scope) == 0 {
		return refuse(needsSubject, string(Maint)).offer(planned)
	}
	words := strings.Fields(rest)
	for n := min(len(words), 4); n > 0; n-- { // "1 Dec 01:00" and what is longer goes before "1 Dec"
		at, ok := clock(strings.Join(words[:n], " "))
		if !ok || at.Unknown {
			continue
		}
		after := strings.Join(words[n:], " ")
		d, folded, ok := duration(skip(fold(after), inWords))
		if !ok {
			return refuse(needsLength, string(Maint)).offer(planned)
		}
		c.At, c.For = at, d
		if c.Text = lead(" " + tail(after, folded)); blank(c.Text) {
			c.Text = ""
		}
		p.rest = ""
		return nil
	}
	return refuse(needsTime, string(Maint)).offer(planned)
}

// planned is how work is planned.
const planned = "MAINT PLAN transit-a 1 Dec 01:00 4h"

// listed cuts off the names at the head of a text: words go on while commas
// join them.
func listed(s string) (list, rest string) {
	words := strings.Fields(s)
	n := min(1, len(words))
	for n > 0 && n < len(words) && (strings.HasSuffix(words[n-1], ",") || strings.HasPrefix(words[n], ",")) {
		n++
	}
	return strings.Join(words[:n], " "), strings.Join(words[n:], " ")
}

// lengthy says that there is a length anywhere in a folded text.
func lengthy(s string) bool {
	for ; s != ""; _, s = word(s) {
		if _, _, ok := duration(s); ok {
			return true
		}
	}
	return false
}

// tail is the end of a text that folding left so many words of.
func tail(text, folded string) string {
	words := strings.Fields(text)
	return strings.Join(words[len(words)-len(strings.Fields(folded)):], " ")
}

// order is the canonical form.
func (c Command) order() string {
	parts := []string{string(c.Verb)}
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	switch c.Verb {
	case Code:
		return string(Code)
	case Approve, Deny:
		add(c.Code)
		if add(strings.ToUpper(c.Word)); c.Word != "" {
			add("ONLY")
		}
		return strings.Join(parts, " ")
	}
	add(strings.ToUpper(c.Word))
	for _, n := range []uint64{uint64(c.Number), uint64(c.Other), c.ID} {
		if n != 0 {
			add(strconv.FormatUint(n, 10))
		}
	}
	add(strings.Join(c.Scope, ","))
	add(c.At.String())
	if c.For != 0 {
		add(length(c.For))
	}
	add(c.Person + c.Phone)
	add(c.Text)
	return strings.Join(parts, " ")
}

// unmasked is the order as it may be offered in an answer: without a
// telephone's number or words, of which an example is enough.
func (c Command) unmasked() string {
	if c.Phone != "" || c.Text != "" || len(c.order()) > 40 {
		return example(c.Verb, c.Number)
	}
	return c.order()
}
