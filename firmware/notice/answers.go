package notice

import "heliograph/firmware/event"

// Answer is a reply to an operator's text.
type Answer string

// Answers.
const (
	Yours        Answer = "yours"         // ACK taken: Number
	YoursAlready Answer = "yours-already" // the same person's second ACK: Number
	TheirsBefore Answer = "theirs-before" // somebody (By) has it; now you do too: Number
	NothingToAck Answer = "nothing-to-ack"
	WhichToAck   Answer = "which-to-ack" // several wait: Items
	NoSuch       Answer = "no-such"      // Number is not an open incident
	Over         Answer = "over"         // Number is over
	Help         Answer = "help"
	Unknown      Answer = "unknown"     // not a word it knows: Word
	NotAllowed   Answer = "not-allowed" // the role does not allow Word
	NoSubject    Answer = "no-subject"  // nothing of that name (Word) is watched
	NeedsText    Answer = "needs-text"  // Word needs more: what to write
	Done         Answer = "done"        // Word was done to Number
	Failed       Answer = "failed"      // it could not be done: Word says why
)

// Reply is what an answer is about.
type Reply struct {
	Site   string
	Number int
	By     string
	Word   string
	Items  []Item
}

// Answer words a reply in one GSM-7 segment.
func (w Wording) Answer(lang string, a Answer, r Reply) string { return "" }

// Status answers STATUS in one GSM-7 segment: what is not up first, then open
// incidents, then the modems, then what is up.
func (w Wording) Status(lang, site string, b Board, now event.Stamp) string { return "" }
