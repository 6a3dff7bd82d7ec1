package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Role is what a person may do.
type Role string

// Roles, the least first: each may do what those before it may.
const (
	Viewer   Role = "viewer"
	Operator Role = "operator"
	Approver Role = "approver"
)

var rank = map[Role]int{Viewer: 1, Operator: 2, Approver: 3}

// May says whether this role is need or above. An unknown role may nothing,
// and nobody may what needs an unknown one.
func (r Role) May(need Role) bool { return rank[need] > 0 && rank[r] >= rank[need] }

// Proof is what shows that a command is its sender's own: a listed number can
// be written into a text by anybody.
type Proof string

// Proofs.
const (
	NoProof Proof = "none"
	ByCode  Proof = "code" // the call-back code, or a TOTP at the end
	ByPlan  Proof = "plan" // the code of the plan that is approved
	ByTwo   Proof = "two"  // two people
)

// Entry is one verb on the card.
type Entry struct {
	Verb       Verb
	Usage      []string          // ways to write it, the commonest first; each parses. Incident 7 stands for any
	What       map[string]string // by language ("en", "pl", "it"): a short sentence on what it does
	Role       Role              // the least that may
	Proof      Proof
	Subscriber bool // subscribers may send it
}

// Table lists every verb in the order of the card: the commonest first. Code
// is not in it: it is an answer, not an order.
func Table() []Entry {
	all := make([]Entry, len(rows))
	for i, r := range rows {
		all[i] = Entry{
			Verb: r.verb, Usage: slices.Clone(r.usage), Role: r.role, Proof: r.proof, Subscriber: r.subscriber,
			What: map[string]string{"en": r.en, "pl": r.pl, "it": r.it},
		}
	}
	return all
}

// Need is what a verb asks of its sender.
func Need(v Verb) (Role, Proof) {
	if r, ok := rowOf(v); ok {
		return r.role, r.proof
	}
	if v == Code {
		return Viewer, NoProof
	}
	return Approver, ByTwo
}

// proofs are what HelpOn says of a proof.
var proofs = map[string]map[Proof]string{
	"en": {ByCode: " It asks for a code first.", ByTwo: " It takes two people."},
	"pl": {ByCode: " Najpierw pyta o kod.", ByTwo: " Potrzeba dwóch osób."},
	"it": {ByCode: " Prima chiede un codice.", ByTwo: " Servono due persone."},
}

// HelpOn is a sentence on a verb with an example, 130 septets at most; English
// for a language that it does not know, empty for what is no verb.
func HelpOn(v Verb, lang string) string {
	if _, known := proofs[lang]; !known {
		lang = "en"
	}
	for _, e := range Table() {
		if e.Verb == v {
			return e.Usage[0] + " = " + e.What[lang] + proofs[lang][e.Proof]
		}
	}
	return ""
}

func rowOf(v Verb) (row, bool) {
	i := slices.IndexFunc(rows, func(r row) bool { return r.verb == v })
	if i < 0 {
		return row{}, false
	}
	return rows[i], true
}

// example is how a verb is written, about an incident if there is one.
func example(v Verb, number int) string {
	r, ok := rowOf(v)
	switch {
	case !ok:
		return string(Help)
	case number == 0:
		return r.usage[0]
	case v == Link:
		return fmt.Sprintf("%s %d %d", v, number, number%999_999+1)
	}
	return strings.Replace(r.usage[0], " 7", " "+strconv.Itoa(number), 1)
}

// named finds the verb of a word, or of two, as key writes it.
func named(word string) (Verb, bool) {
	for _, r := range rows {
		if word != "" && (word == string(r.verb) || slices.Contains(r.aliases, word)) {
			return r.verb, true
		}
	}
	return Code, slices.Contains(codeWords, word)
}

// noSlips are words of their own, though one slip from a verb's: TAK is yes in Polish.
var noSlips = []string{"TAK", "NIE", "HI", "HEY"}

// nearest finds the verb one slip away from a word.
func nearest(word string) (Verb, bool) {
	if slices.Contains(noSlips, word) {
		return "", false
	}
	for _, r := range rows {
		if slip(word, string(r.verb)) {
			return r.verb, true
		}
	}
	for _, r := range rows {
		if slices.ContainsFunc(r.aliases, func(a string) bool { return slip(word, a) }) {
			return r.verb, true
		}
	}
	return "", false
}

// slip says that one letter is more, less, other or swapped. Words of two
// letters are too short to tell.
func slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 2 || len(b) < 3 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		if i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:] {
			return true
		}
		return i < len(a) && a[i+1:] == b[i+1:]
	case 1:
		return a[i:] == b[i+1:]
	}
	return false
}
