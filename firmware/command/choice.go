package command

import (
	"slices"
	"strconv"
	"strings"
)

// meaning is what the words behind a verb stand for, folded, in the three
// languages. Empty is the same as no word.
var meaning = map[Verb]map[string]string{
	LTE:     levers,
	Proxy:   levers,
	Drill:   {"END": "END", "STOP": "END", "OFF": "END", "KONIEC": "END", "FINE": "END", "START": "", "BEGIN": ""},
	Maint:   {"START": "START", "BEGIN": "START", "POCZATEK": "START", "INIZIO": "START", "INIZIA": "START", "END": "END", "STOP": "END", "KONIEC": "END", "FINE": "END"},
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

// maint reads "start NAMES LENGTH words" and "end", of one or of all.
func (p *phrase) maint(c *Command) *Refusal {
	first, rest := word(p.rest)
	c.Word = strings.ToLower(meaning[Maint][key(first)])
	p.rest = lead(rest)
	switch c.Word {
	case "start":
		return p.begin(c)
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
	if c.For != 0 {
		add(length(c.For))
	}
	add(c.At.String())
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
