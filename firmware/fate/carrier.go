package fate

import (
	"slices"
	"strings"
	"unicode"
)

// carriers judges whether one company carries both paths.
func (j *judge) carriers(n Needs) {
	for i, s := range n.SIMs {
		for _, l := range n.Lines {
			if Same(l.Carrier, s.Operator) {
				j.say(false, s.Modem+" and "+l.Name+" both "+s.Operator,
					"%s is in the network of %s, who carries %s too: one fault there takes both; use a SIM of another operator", s.Modem, s.Operator, l.Name)
			}
		}
		for _, o := range n.SIMs[:i] {
			if Same(o.Operator, s.Operator) {
				j.say(o.Backhaul == "" || s.Backhaul == "", o.Modem+" and "+s.Modem+" both "+s.Operator,
					"%s and %s are both in the network of %s: they fail together; use a SIM of another operator in one", o.Modem, s.Modem, s.Operator)
			}
		}
	}
	for i, l := range n.Lines {
		for _, o := range n.Lines[:i] {
			if l.ASN != 0 && l.ASN == o.ASN || Same(l.Carrier, o.Carrier) {
				j.say(true, o.Name+" and "+l.Name+" of one carrier", "%s and %s are of one carrier: they may fail together", o.Name, l.Name)
			}
		}
	}
}

// Same says whether a carrier and a mobile operator, as a modem names it, are
// one: capitals, legal forms and countries do not count, and a longer name may
// go on where the shorter one ends, as in "Orange PL" and "Orange Polska S.A.".
func Same(carrier, operator string) bool {
	a, b := core(carrier), core(operator)
	n := min(len(a), len(b))
	return n > 0 && slices.Equal(a[:n], b[:n])
}

// forms are words of a company's name that it shares with others.
var forms = []string{
	"polska", "poland", "italia", "italy", "deutschland", "germany", "france", "espana", "spain", "slovakia", "slovensko", "austria", "europe",
	"gmbh", "spa", "srl", "sarl", "ltd", "limited", "inc", "llc", "plc", "zoo", "mobile", "wireless", "group",
}

// core are the words that make a name: small letters and digits; what stands
// between the letters of one word is taken out. Words of one or two letters
// are countries and legal forms, unless a digit makes a name of them (O2, A1).
func core(name string) []string {
	var words []string
	for w := range strings.FieldsSeq(strings.ToLower(name)) {
		w = strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, w)
		if len(w) < 3 && !strings.ContainsFunc(w, unicode.IsDigit) || slices.Contains(forms, w) {
			continue
		}
		words = append(words, w)
	}
	return words
}
