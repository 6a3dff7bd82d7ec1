package command

// Role is what a person may do.
type Role string

// Roles, the least first: each may do what those before it may.
const (
	Viewer   Role = "viewer"
	Operator Role = "operator"
	Approver Role = "approver"
)

var rank = map[Role]int{Viewer: 1, Operator: 2, Approver: 3}

// May says whether this role is need or above. An unknown role may nothing.
func (r Role) May(need Role) bool { return rank[r] > 0 && rank[r] >= rank[need] }

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
	Usage      []string          // ways to write it, the commonest first; each parses
	What       map[string]string // by language ("en", "pl", "it"): a short sentence on what it does
	Role       Role              // the least that may
	Proof      Proof
	Subscriber bool // subscribers may send it
}

// Table lists every verb in the order of the card: the commonest first.
func Table() []Entry {
	var all []Entry
	for _, r := range rules {
		role, proof := Need(r.verb)
		all = append(all, Entry{Verb: r.verb, Usage: []string{r.usage}, What: map[string]string{"en": r.usage}, Role: role, Proof: proof})
	}
	return all
}

// Need is what a verb asks of its sender.
func Need(v Verb) (Role, Proof) {
	switch v {
	case Status, Sig, Queue, Who, Log, Help, Stop, Start, Code:
		return Viewer, NoProof
	case Ack, Nack, Deny, Hold, Balance:
		return Operator, NoProof
	case Approve:
		return Approver, ByPlan
	case Erase:
		return Approver, ByCode
	case Reboot:
		return Approver, ByTwo
	}
	return Operator, ByCode
}

// HelpOn is one sentence on a verb with an example, 130 septets at most.
func HelpOn(v Verb, lang string) string { return "" }

// Trailing takes a group of six digits from the very end of a text ("say 7
// done 123456", or "123 456"); digits is empty if there is none.
func Trailing(text string) (rest, digits string) { return text, "" }
