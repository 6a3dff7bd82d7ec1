package command

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// phrase is what follows a verb.
type phrase struct {
	rest   string
	more   []string // lines that belong to it if it has words to pass on
	strict bool     // words that mean nothing are not forgiven
}

// courtesies may end any order.
var courtesies = []string{"PLEASE", "PLS", "PLZ", "THANKS", "THX", "THANK YOU", "NOW", "PROSZE", "DZIEKI", "DZIEKUJE", "TERAZ", "GRAZIE", "PREGO", "ADESSO", "SUBITO"}

// command reads the phrase of a verb.
func (p phrase) command(v Verb) (Command, *Refusal) {
	c := Command{Verb: v}
	p.rest = lead(p.rest)
	if v != Say && v != Open {
		p.rest = polite(p.rest)
	}
	no := p.read(&c)
	if no == nil && !blank(p.rest) && (p.strict || !forgiven(v)) {
		no = refuse(tooMuch, string(v)).offer(c.unmasked())
	}
	return c, no
}

// forgiven are the verbs whose further words do no harm: those that change
// nothing, or only keep something from happening.
func forgiven(v Verb) bool {
	_, proof := Need(v)
	return proof == NoProof && v != Code
}

func polite(s string) string {
	for {
		i := strings.LastIndexByte(s, ' ')
		if !slices.Contains(courtesies, strings.Trim(fold(s[i+1:]), separators)) {
			return s
		}
		s = strings.TrimRight(s[:max(i, 0)], " "+separators)
	}
}

// read leaves in rest what it did not use.
func (p *phrase) read(c *Command) *Refusal {
	switch c.Verb {
	case Ack:
		return p.ack(c)
	case Say, Open:
		return p.words(c)
	case Maint:
		return p.maint(c)
	case ETR:
		return p.etr(c)
	case Nack, Status, Log, Hold, Go:
		return p.mayNumber(c)
	case Clear, Cancel:
		return p.mustNumber(c)
	case Link:
		return p.two(c)
	case Scope:
		return p.scope(c)
	case Mute:
		return p.mute(c)
	case Approve, Deny:
		return p.plan(c)
	case Resend:
		return p.id(c)
	case Test, Drill, LTE, Proxy:
		return p.choice(c)
	case Swap:
		return p.person(c)
	case Erase:
		return p.phone(c)
	case Help:
		return p.about(c)
	case Code:
		return p.code(c)
	}
	return nil
}

func (p *phrase) mayNumber(c *Command) *Refusal {
	n, rest, ok := number(p.rest)
	switch {
	case ok:
		c.Number, p.rest = n, rest
	case figured(p.rest):
		return refuse(wrongNumber, clip(firstOf(p.rest))).offer(example(c.Verb, 0))
	}
	return nil
}

// figured says that a text begins with a number, or what was meant to be one.
func figured(s string) bool {
	s = strings.TrimPrefix(s, "#")
	return s != "" && s[0] >= '0' && s[0] <= '9'
}

func (p *phrase) mustNumber(c *Command) *Refusal {
	if no := p.mayNumber(c); no != nil || c.Number != 0 {
		return no
	}
	return refuse(needsNumber, string(c.Verb)).offer(example(c.Verb, 0))
}

// two are the incidents of LINK.
func (p *phrase) two(c *Command) *Refusal {
	a, rest, ok := number(p.rest)
	b, rest, ok2 := number(joined(rest))
	if !ok || !ok2 || a == b {
		return refuse(needsTwo, string(c.Verb)).offer("LINK 7 8")
	}
	c.Number, c.Other, p.rest = a, b, rest
	return nil
}

// ands join two names or numbers, folded.
var ands = []string{"AND", "TO", "WITH", "I", "ORAZ", "Z", "ZE", "DO", "E", "ED", "CON", "A", "+", "&"}

func joined(s string) string {
	if first, rest := word(s); slices.Contains(ands, fold(first)) {
		return rest
	}
	return strings.TrimLeft(s, "+&")
}

// ack takes ACK in any form: words that mean nothing are passed over, but not
// a number that is none, nor an order behind an OK.
func (p *phrase) ack(c *Command) *Refusal {
	for v, rest, ok := cut(p.rest); ok && v == Ack; v, rest, ok = cut(p.rest) {
		p.rest = lead(rest)
	}
	if v, rest, ok := cut(p.rest); ok && !forgiven(v) {
		if next, no := (phrase{rest: rest}).command(v); no == nil {
			return refuse(several, string(Ack), string(v)).offer(next.unmasked())
		}
	}
	rest, numbers := p.numbers()
	switch {
	case len(numbers) > 2:
		return refuse(tooMany, string(Ack)).offer(example(Ack, numbers[0]), string(Ack))
	case len(numbers) > 0:
		if c.Number = numbers[0]; len(numbers) == 2 && numbers[1] != numbers[0] {
			c.Other = numbers[1]
		}
	case figured(rest) && !timely(rest):
		return refuse(wrongNumber, clip(firstOf(rest))).offer("ACK 7", "ACK")
	}
	p.rest = rest
	return nil
}

// numbers are the incidents of ACK: of "7 8" both, of "7 8 at last" and
// "7 20 min" the first only, for the second may be anything.
func (p *phrase) numbers() (rest string, list []int) {
	rest = p.rest
	var after string
	for len(list) < 3 && !timely(rest) {
		n, r, ok := number(rest)
		if !ok || len(list) > 0 && n >= 100_000 { // a TOTP out of habit
			break
		}
		list, rest = append(list, n), joined(r)
		if len(list) == 1 {
			after = r
		}
	}
	if len(list) > 1 && !blank(rest) {
		return after, list[:1]
	}
	if len(list) == 0 {
		if _, hash, ok := strings.Cut(rest, " #"); ok && !strings.Contains(hash, "#") {
			if n, _, ok := number(hash); ok {
				return "", []int{n}
			}
		}
	}
	return rest, list
}

// timely says that a text begins with a length or a time of day.
func timely(s string) bool {
	_, _, long := duration(fold(s))
	_, at := clock(firstOf(s))
	return long || at && strings.ContainsAny(firstOf(s), ":.")
}

// words are those of SAY and OPEN, over all lines.
func (p *phrase) words(c *Command) *Refusal {
	for _, line := range p.more {
		if !ours(line) {
			p.rest += " " + line
		}
	}
	p.rest = lead(p.rest)
	if c.Verb == Say {
		if no := p.mustNumber(c); no != nil {
			return no
		}
	} else {
		name, rest := word(p.rest)
		if c.Scope = []string{bare(name)}; blank(c.Scope[0]) {
			return refuse(needsSubject, string(c.Verb)).offer(example(c.Verb, 0))
		}
		p.rest = rest
	}
	if c.Text = lead(" " + p.rest); blank(c.Text) {
		return refuse(needsText, string(c.Verb)).offer(example(c.Verb, c.Number))
	}
	p.rest = ""
	return nil
}

// ours says that a line is a text of ours that a phone put below an answer.
func ours(line string) bool {
	_, no, ok := sited(line, nil)
	return ok && no != nil && no.why == echo
}

func (p *phrase) scope(c *Command) *Refusal {
	if no := p.mustNumber(c); no != nil {
		return no
	}
	if c.Scope = names(p.rest); len(c.Scope) == 0 {
		return refuse(needsSubject, string(c.Verb)).offer(example(c.Verb, c.Number))
	}
	p.rest = ""
	return nil
}

// names are written with commas or spaces between, or a word.
func names(s string) []string {
	var list []string
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		if w = bare(w); !blank(w) && !slices.Contains(list, w) && !slices.Contains([]string{"and", "oraz", "i", "e", "ed"}, strings.ToLower(w)) {
			list = append(list, w)
		}
	}
	return list
}

func (p *phrase) mute(c *Command) *Refusal {
	rest := skip(fold(p.rest), inWords)
	if rest == "" {
		return nil
	}
	d, after, ok := duration(rest)
	if !ok {
		return refuse(needsLength, string(c.Verb)).offer("MUTE 2h", "MUTE 90 min")
	}
	c.For, p.rest = d, after
	return nil
}

// etr is a time with an incident's number in front or not: "ETR 0630" is a
// time of day.
func (p *phrase) etr(c *Command) *Refusal {
	var ok bool
	n, rest, _ := number(p.rest)
	if c.At, ok = clock(p.rest); ok {
		p.rest = ""
		return nil
	}
	if c.At, ok = clock(rest); ok && n != 0 {
		c.Number, p.rest = n, ""
		return nil
	}
	return refuse(needsTime, string(ETR)).offer(example(ETR, n), strings.Replace(example(ETR, n), "06:30", "+2h", 1))
}

// plan is the code of one that waits for approval, and for APPROVE how it is
// narrowed.
func (p *phrase) plan(c *Command) *Refusal {
	code, rest := word(p.rest)
	code = strings.ToUpper(strings.TrimPrefix(bare(code), "#"))
	if len(code) < 3 || len(code) > 8 || strings.Trim(code, "0123456789ABCDEF") != "" {
		return refuse(needsPlan, string(c.Verb)).offer(example(c.Verb, 0))
	}
	if c.Code, p.rest = code, rest; c.Verb == Deny {
		return nil
	}
	only := slices.DeleteFunc(strings.Fields(fold(rest)), func(w string) bool {
		return slices.Contains([]string{"ONLY", "TYLKO", "SOLO", "SOLTANTO"}, strings.Trim(w, separators))
	})
	if len(only) == 1 {
		c.Word = strings.ToLower(meaning[Approve][strings.Trim(only[0], separators)])
	}
	if c.Word == "" && (len(only) > 1 || !blank(rest)) {
		return refuse(tooMuch, string(Approve)).offer("APPROVE "+code, "APPROVE "+code+" MAIL ONLY")
	}
	p.rest = ""
	return nil
}

func (p *phrase) id(c *Command) *Refusal {
	first, rest := word(p.rest)
	id, err := strconv.ParseUint(strings.Trim(first, separators+"#"), 10, 64)
	if err != nil || id == 0 {
		return refuse(needsID, string(c.Verb)).offer(example(c.Verb, 0))
	}
	c.ID, p.rest = id, rest
	return nil
}

func (p *phrase) person(c *Command) *Refusal {
	first, rest := word(p.rest)
	if after := joined(p.rest); after != p.rest {
		first, rest = word(after)
	}
	if c.Person = bare(first); blank(c.Person) || polite(c.Person) == "" {
		return refuse(needsPerson, string(c.Verb)).offer(example(c.Verb, 0))
	}
	p.rest = rest
	return nil
}

// phone is a number in the international form: + or 00, then ITU-T E.164's
// fifteen digits at most.
func (p *phrase) phone(c *Command) *Refusal {
	end := strings.IndexFunc(p.rest, func(r rune) bool { return !strings.ContainsRune("+0123456789 -().", r) })
	if end < 0 {
		end = len(p.rest)
	}
	var digits strings.Builder
	for _, r := range p.rest[:end] {
		if unicode.IsDigit(r) {
			digits.WriteRune(r)
		}
	}
	full, intl := digits.String(), strings.HasPrefix(p.rest, "+")
	if !intl {
		full, intl = strings.CutPrefix(full, "00")
	}
	if !intl || len(full) < 8 || len(full) > 15 || full[0] == '0' || strings.LastIndexByte(p.rest[:end], '+') > 0 {
		return refuse(needsPhone, string(c.Verb)).offer(example(c.Verb, 0))
	}
	c.Phone, p.rest = "+"+full, p.rest[end:]
	return nil
}

// More is what HELP MORE is about: the words that a first answer has no room for.
const More = "MORE"

var moreWords = []string{More, "WIECEJ", "DALEJ", "ALTRO"}

// about is the verb that HELP is asked about; whoever cries for help in other
// words gets it too.
func (p *phrase) about(c *Command) *Refusal {
	if v, _, ok := cut(p.rest); ok && v != Code {
		c.Word, p.rest = string(v), ""
		return nil
	}
	one, rest := word(p.rest)
	if slices.Contains(moreWords, key(one)) {
		c.Word, p.rest = More, ""
		return nil
	}
	if v, ok := nearest(key(one)); ok && rest == "" {
		return refuse(slipped, clip(strings.ToUpper(bare(one)))).offer("HELP " + string(v))
	}
	return nil
}

func (p *phrase) code(c *Command) *Refusal {
	code, no := figures(p.rest)
	if no != nil || strings.ContainsFunc(p.rest, unicode.IsLetter) {
		return refuse(justCode).offer("HELP")
	}
	c.Code, p.rest = code.Code, ""
	return nil
}
