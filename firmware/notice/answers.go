package notice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"heliograph/firmware/event"
)

// Answer is a reply to an operator's text.
type Answer string

// Answers, with what of a Reply they speak of.
const (
	Yours        Answer = "yours"          // an ACK was taken: Number
	YoursAlready Answer = "yours-already"  // the same person's second ACK: Number
	YoursAll     Answer = "yours-all"      // one ACK took several: Items
	TheirsBefore Answer = "theirs-before"  // somebody has it, now the sender too: Number, By
	NothingToAck Answer = "nothing-to-ack" // no incident is open
	WhichToAck   Answer = "which-to-ack"   // several wait: Items
	NoSuch       Answer = "no-such"        // no incident of this Number is open: Items
	Over         Answer = "over"           // it is over: Number
	Help         Answer = "help"           // is worded by Wording.Help
	Unknown      Answer = "unknown"        // not a word it knows: Word
	NotAllowed   Answer = "not-allowed"    // the role does not allow it: Word
	NoSubject    Answer = "no-subject"     // nothing of that name is watched: Word
	NeedsText    Answer = "needs-text"     // a command with a part missing: Word
	Done         Answer = "done"           // it was done: Number, Word
	Failed       Answer = "failed"         // it was not: Number, Word says why

	// Proofs.
	CodeFor   Answer = "code-for"   // Word is the code, Order what it carries out
	CodeWrong Answer = "code-wrong" // or used up, or too old
	TOTPWrong Answer = "totp-wrong"
	NoClock   Answer = "no-clock" // what needs the time of day, without one
	Locked    Answer = "locked"   // Word, Until

	// Silence.
	Muted      Answer = "muted"       // Until
	MutedNow   Answer = "muted-now"   // to the others: By, Until
	Unmuted    Answer = "unmuted"     //
	UnmutedNow Answer = "unmuted-now" // to the others: By
	NotMuted   Answer = "not-muted"
	MaintOn    Answer = "maint-on" // Word, Until
	MaintOff   Answer = "maint-off"
	NoMaint    Answer = "no-maint"

	WorkPlanned Answer = "work-planned" // Number, Word, Until: its window
	WorkEnded   Answer = "work-ended"   // Number
	WorkOff     Answer = "work-off"     // Number

	HeldNow   Answer = "held-now"    // Number
	GoesOn    Answer = "goes-on"     // Number
	HeldAll   Answer = "held-all"    // By: what comes as well
	GoesOnAll Answer = "goes-on-all" // By

	// Incidents.
	OnItsWay       Answer = "on-its-way"        // Number
	AfterQuiet     Answer = "after-quiet"       // Number, Until the end of the quiet hours
	Without        Answer = "withheld"          // Number, Groups, Word: what in the words is not for them
	WithoutYes     Answer = "withheld-yes"      // likewise, and Count wait for a yes
	HeldBack       Answer = "held-back"         // Number, Count, Until
	ClearOnItsWay  Answer = "clear-on-its-way"  // Number
	ClosedFailing  Answer = "closed-failing"    // Number, Word: what still fails
	CancelOnItsWay Answer = "cancel-on-its-way" // Number
	OpenedNow      Answer = "opened-now"        // Number, Word
	WaitsForYes    Answer = "waits-for-yes"     // Number, Count
	WhenThen       Answer = "when-then"         // Number
	ScopeSet       Answer = "scope-set"         // Number, Word
	NoRegion       Answer = "no-region"         // Word, List
	Linked         Answer = "linked"            // Number is a part of Other
	PassedOn       Answer = "passed-on"         // Number, By
	NobodyLeft     Answer = "nobody-left"       // Number
	NotResent      Answer = "not-resent"        // Word
	ResentNow      Answer = "resent-now"        // Word
	Erased         Answer = "erased"            // Word
	StillListed    Answer = "still-listed"      // Word
	ForSubscribers Answer = "for-subscribers"   // Word
	LeftIn         Answer = "left-in"           // Word

	// Plans.
	Approved    Answer = "approved"     //
	NeedsSecond Answer = "needs-second" //
	WhichPlan   Answer = "which-plan"   // APPROVE without a code
	NoPlan      Answer = "no-plan"      //
	Denied      Answer = "denied"       // Number
	DeniedSay   Answer = "denied-say"   // Number; words and a later end
	DeniedOnce  Answer = "denied-once"  // what GO does not ask about again: a reboot, a map's tag
	AsksOthers  Answer = "asks-others"  // a reboot
	NobodyElse  Answer = "nobody-else"  // likewise, and there is nobody to ask

	// Duty.
	NoPerson      Answer = "no-person"      // Word
	NoRota        Answer = "no-rota"        //
	Swapped       Answer = "swapped"        // By, Until
	NotOnDuty     Answer = "not-on-duty"    // By
	PromisePassed Answer = "promise-passed" // Number, Until
	StillYours    Answer = "still-yours"    // Number

	// The ways to the Internet.
	NoBackhaul Answer = "no-backhaul"
	LinkOn     Answer = "link-on"
	LinkOff    Answer = "link-off"
	LinkAuto   Answer = "link-auto"
	NoProxy    Answer = "no-proxy"
	ProxyOn    Answer = "proxy-on"
	ProxyOff   Answer = "proxy-off"
	ProxyAuto  Answer = "proxy-auto"

	TestBegun     Answer = "test-begun"
	NothingToTest Answer = "nothing-to-test" // Word
	NoCredit      Answer = "no-credit"

	// Drills.
	DrillBegun   Answer = "drill-begun"    // Number, List, Until is its length
	DrillEnds    Answer = "drill-ends"     // Number
	DrillOn      Answer = "drill-on"       // Number
	NoDrill      Answer = "no-drill"       // none is on
	NoDrillNow   Answer = "no-drill-now"   // Items are open
	NoDrillMuted Answer = "no-drill-muted" // all is muted
	NoDrillList  Answer = "no-drill-list"  // nobody could be told
)

// Reply is what an answer is about.
type Reply struct {
	Site   string
	Number int
	Other  int // another incident
	By     string
	Word   string
	Order  string // a command in its canonical form
	Role   string // that is needed
	Until  string // "until 05:10Z", "for 4 min"
	Count  int
	List   []string
	Groups []string // audiences: "subscribers", "partner:wholesale"
	Items  []Item
	Drill  bool // it is about one
}

// Answer words a reply in one GSM-7 segment. What the sender wrote is quoted
// only in part: it may be long.
func (w Wording) Answer(lang string, a Answer, r Reply) string {
	t := tongue(lang)
	number := "#" + strconv.Itoa(r.Number) + " "
	if r.Number == 0 {
		number = ""
	}
	word := r.Word
	if a != Failed {
		word = clip(word, 24)
	}
	text := strings.NewReplacer(
		"#{number} ", number, "{number}", strconv.Itoa(r.Number), "{by}", clip(r.By, 24), "{word}", word,
		"{list}", t.items(r.Items), "{asks}", asks(r.Items), "{other}", strconv.Itoa(r.Other), "{order}", Fit(r.Order, 60), "{role}", r.Role,
		"{until}", r.Until, "{count}", strconv.Itoa(r.Count), "{names}", Fit(strings.Join(r.List, ", "), 90),
		"{groups}", Fit(strings.Join(t.groups(r.Groups), ", "), 40),
	).Replace(t.answers[a])
	head := clip(r.Site, 24) + " "
	if r.Drill {
		head += Transliterate(t.drill) + " "
	}
	return Fit(head+text, segment)
}

// groups names audiences as people speak of them.
func (t *language) groups(all []string) (names []string) {
	for _, group := range all {
		if _, name, is := strings.Cut(group, ":"); is {
			names = append(names, name)
		} else if group == "public" {
			names = append(names, t.page)
		} else {
			names = append(names, t.subscribers)
		}
	}
	return names
}

// asks offers what to send: "ACK 7 / ACK 8".
func asks(items []Item) string {
	var words []string
	for _, i := range items[:min(len(items), 3)] {
		words = append(words, fmt.Sprintf("ACK %d", i.Number))
	}
	return strings.Join(words, " / ")
}

// items lists incidents: "#7 transit-a (ada), #8 billing".
func (t *language) items(items []Item) string {
	if len(items) == 0 {
		return "-"
	}
	var words []string
	for _, i := range items {
		w := fmt.Sprintf("#%d %s", i.Number, Facts{Scope: i.Scope}.clipped(24).subject())
		if i.By != "" {
			w += " (" + clip(i.By, 12) + ")"
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

// Status answers STATUS in one GSM-7 segment: what is not up first, then the
// open incidents, then the box and its modems, then what is up.
func (w Wording) Status(lang, site string, b Board, now event.Stamp) string {
	t := tongue(lang)
	var not, up []string
	for _, l := range b.Subjects {
		switch {
		case l.Verdict.Condition == event.IsUp:
			up = append(up, clip(l.Name, 24))
		case l.Verdict.Since.IsZero():
			not = append(not, clip(l.Name, 24)+" "+t.state(l.Verdict))
		default:
			not = append(not, clip(l.Name, 24)+" "+t.loud(l.Verdict)+" "+Clock(lang, began(l.Verdict, now), now))
		}
	}
	not = append(slices.Clone(b.Remarks), not...)
	open := t.none
	if len(b.Open) > 0 {
		open = t.open + " " + t.items(b.Open)
	}
	box := append(unfit(b.Modems), b.Faults...)
	if m := modems(b.Modems, false); m != "" {
		box = append(box, m)
	}
	box = append(box, fmt.Sprintf("%s %d", t.queue, b.Queue))
	parts := []string{strings.Join(not, ", "), open, strings.Join(box, ", "), t.up(up), t.restart(lang, b.Restart, now)}
	return Fit(clip(site, 24)+": "+sentences(parts), segment)
}

// loud writes an outage in capitals: it is found at a glance.
func (t *language) loud(v event.Verdict) string {
	if v.Condition == event.IsDown {
		return strings.ToUpper(t.state(v))
	}
	return t.state(v)
}

func (t *language) up(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return t.allUp + ": " + strings.Join(names, ", ")
}

// restart is why the box was not running before: "Restarted 4 min ago: power cut".
func (t *language) restart(lang string, r Restart, now event.Stamp) string {
	why, known := t.causes[r.Cause]
	if !known {
		return ""
	}
	return t.restarted + " " + fmt.Sprintf(t.ago, Length(lang, now.Box.Sub(r.At.Box))) + ": " + why
}

func sentences(parts []string) string {
	var b strings.Builder
	for _, p := range parts {
		if p != "" {
			b.WriteString(p + ". ")
		}
	}
	return b.String()
}
