package notice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"

	"heliograph/firmware/event"
)

// Letter is what goes over a channel that is not a text: its JSON is what the
// outbox keeps.
type Letter struct {
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text"`
	Case    *Case  `json:"case,omitempty"`
}

// Reader is for whom a letter is worded.
type Reader string

// Readers, with how they read.
const (
	Staff      Reader = "staff"       // people of the house, by mail: all evidence
	Partner    Reader = "partner"     // customers and peers, by mail: formal, nothing of the inside
	CarrierNOC Reader = "carrier"     // the carrier's desk, by mail: a trouble ticket
	Public     Reader = "public"      // everybody, on pages: regions, never an inner name
	Subscriber Reader = "subscribers" // those who hang on the network, by text and mail: as Public, and who writes
	Room       Reader = "room"        // people of the house, in a chat thread
	Machine    Reader = "machine"     // a program: the Case is what it reads
	Pocket     Reader = "push"        // people of the house, on a lock screen: one line
)

// outside says whether a letter leaves the house: then it is worded without
// what is meant for the house only.
func (r Reader) outside() bool { return r == Partner || r == CarrierNOC || r.everybody() }

// everybody says whether a reader may be anyone at all.
func (r Reader) everybody() bool { return r == Public || r == Subscriber }

// kept is a letter in the outbox. What it is worded for and in is needed again
// when it goes out.
type kept struct {
	Letter
	To   Reader `json:"to,omitempty"`
	Lang string `json:"lang,omitempty"`
}

// letters is how one language words letters. Unlike texts they keep their
// diacritics.
type letters struct {
	months                  []string // as they stand in a date
	on, since, wrote        string   // {date} and {clock}
	ago, lasting            string   // {length}
	justNow, sinceNow       string
	delayed, delayedLong    string // {when}; {length}
	earlier, omitted        string // what was written at an unknown time; what is left out
	drill, drillLine        string
	trouble                 map[event.Kind]string // what it is called in titles, by the kind it began with
	outage                  map[event.Kind]string // the same for the public
	news                    map[event.Kind]string // subjects of what belongs to no incident
	internet, services      string                // what the public misses
	inside                  map[event.Kind]string // templates
	partner, carrier        map[event.Kind]string
	public                  map[event.Kind]string
	places                  map[event.Place]string // for partners
	checks                  string                 // {lost} and {of}
	loss, latency           string                 // {n}
	seen, failing, serves   string
	by                      string // carrier
	circuit, account, asns  string
	circuitOf               string // {n}
	peers, severity, start  string
	severities              map[event.Kind]string
	linkUp, gatewayUp       string
	linkDown, gatewayDown   string
	checked, others, alone  string
	intrusive, contact      string
	askTicket               string
	has, nobody, ask        string // {by}; ""; {n}
	etr, fromTo             string // {when}; {from} {to}
	next, postMortem        string
	dear, duty, reference   string // "", {phone}, {n}
	callUs                  string // {phone}
	queue, lastSend, modems string
	allUp                   string
	plain, plainOver        string // {reference}: when nothing better can be said
	nothing                 string // to somebody outside, of what is about no incident
	publicPlain             string
	publicOver              string
}

func writing(lang string) *letters {
	switch lang {
	case "pl":
		return &polishLetters
	case "it":
		return &italianLetters
	}
	return &englishLetters
}

// letterKey names one template of a letter.
type letterKey struct {
	to   Reader // Staff for all who are inside
	kind event.Kind
	lang string
}

// letterheads are parsed once; a fault in them is a fault of the build.
var letterheads = func() map[letterKey]*template.Template {
	set := map[letterKey]*template.Template{}
	for _, lang := range Languages() {
		l := writing(lang)
		for to, list := range map[Reader]map[event.Kind]string{Staff: l.inside, Partner: l.partner, CarrierNOC: l.carrier, Public: l.public} {
			for kind, text := range list {
				set[letterKey{to, kind, lang}] = template.Must(template.New(string(to) + "/" + string(kind) + "/" + lang).Parse(text))
			}
		}
	}
	return set
}()

// Letter words a notice for a reader in a language, as JSON. A reader that is
// not known reads what staff does, and a language that is not known is English.
// What cannot be worded without a placeholder left in it gives way to a plain
// sentence.
func (w Wording) Letter(to Reader, lang string, f Facts) string {
	if !slices.Contains(Languages(), lang) {
		lang = Languages()[0]
	}
	return w.draft(to, lang, f.tidied().placed(to)).JSON()
}

func (w Wording) draft(to Reader, lang string, f Facts) kept {
	d := draft{letters: writing(lang), t: tongue(lang), lang: lang, to: to, f: f.worded(to, lang)}
	text, err := w.owners(d)
	if err != nil {
		text, err = d.text()
	}
	if err != nil {
		text = d.plainly(w)
	}
	letter := Letter{Subject: d.subject(), Text: text}
	if f.Incident > 0 {
		c := d.caseOf(text)
		letter.Case = &c
	}
	return kept{Letter: letter, To: to, Lang: lang}
}

// JSON is the letter as the outbox keeps it.
func (k kept) JSON() string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // it is not for a web page, and bytes are paid for
	if err := e.Encode(k); err != nil {
		panic("a letter that cannot be written as JSON: " + err.Error()) // its fields are plain values
	}
	return strings.TrimSpace(b.String())
}

// tidied is the facts on one line each: a line break in a name would begin a
// paragraph, or a header.
func (f Facts) tidied() Facts {
	f.Site, f.Title, f.By, f.Acked = line(f.Site), line(f.Title), line(f.By), line(f.Acked)
	f.Regions = slices.DeleteFunc(lines(f.Regions), func(s string) bool { return s == "" || placeholder(s, "") != "" })
	f.Scope, f.Others = lines(f.Scope), lines(f.Others)
	c := f.Carrier
	f.Carrier = Carrier{Name: line(c.Name), ASN: c.ASN, Circuit: line(c.Circuit), Account: line(c.Account)}
	f.Peers, f.CallBack = Peers{Ours: line(f.Peers.Ours), Theirs: line(f.Peers.Theirs)}, line(f.CallBack)
	return f
}

// placed leaves out the places that nobody outside could make anything of, or
// should: other systems on the LAN name them, and no person has read those. For
// the partners and the house they stay.
func (f Facts) placed(to Reader) Facts {
	if to.everybody() {
		f.Regions = slices.DeleteFunc(slices.Clone(f.Regions), func(s string) bool {
			return Leftover(s) != "" || tells(s) != "" || ticketed.MatchString(s)
		})
	}
	return f
}

// line is words in one line, without what nobody sees: a mark of no width would
// part what the guard looks for, and be gone again in the text.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

func lines(list []string) []string {
	var tidy []string
	for _, s := range list {
		tidy = append(tidy, line(s))
	}
	return tidy
}

// marks are what is left where a template was not filled in.
var marks = []string{"&^", "<no value>", "<nil>", "{{", "}}", "%!", "???"}

// placeholder finds a mark that is not in what was given.
func placeholder(text, given string) string {
	for _, mark := range marks {
		if strings.Contains(text, mark) && !strings.Contains(given, mark) {
			return mark
		}
	}
	return ""
}

// draft is one letter as it is being written.
type draft struct {
	*letters
	t    *language
	lang string
	to   Reader
	f    Facts
}

// text is the whole letter, checked.
func (d draft) text() (string, error) {
	v := d.view()
	head, err := d.head(v)
	if err != nil {
		return "", err
	}
	var text string
	switch d.to {
	case Partner:
		text = d.forPartner(head)
	case CarrierNOC:
		text = d.forCarrier(head)
	case Public:
		text = paragraphs(d.drilled(), head, d.expected())
	case Subscriber:
		text = d.forSubscriber(head)
	case Room, Machine:
		text = d.forRoom(head)
	case Pocket:
		text = d.forPocket(head)
	default:
		text = d.forStaff(head)
	}
	if mark := placeholder(text, d.given()); mark != "" {
		return "", fmt.Errorf("leaves the placeholder %q in the letter", mark)
	}
	return text, nil
}

// given is what may have a mark in it by itself: at home everything that was
// handed over, outside nothing.
func (d draft) given() string {
	if d.to.outside() {
		return ""
	}
	b, _ := json.Marshal(d.f.Board)
	return strings.Join([]string{d.f.Site, d.f.Title, d.f.By, strings.Join(d.f.Scope, " "), strings.Join(d.f.Others, " "), string(b)}, "\n")
}

// head is the sentence that says it all.
func (d draft) head(v letterView) (string, error) {
	group, kind := d.to, d.kind()
	switch {
	case d.to.everybody():
		group = Public
	case !d.to.outside():
		group = Staff
	}
	t, ok := letterheads[letterKey{group, kind, d.lang}]
	if !ok {
		return "", fmt.Errorf("there is no letter of kind %q for %s", kind, d.to)
	}
	var b strings.Builder
	if err := t.Execute(&b, v); err != nil {
		return "", err
	}
	text := strings.Join(strings.Fields(b.String()), " ")
	if d.to.everybody() || d.to == CarrierNOC && d.f.Carrier.Circuit != "" {
		text = capital(text) // it begins with a word of ours, not with a name
	}
	return text, nil
}

// kind is what a reader hears of: outside, everything in between is an update.
func (d draft) kind() event.Kind {
	switch {
	case !d.to.outside():
		return d.f.Kind
	case slices.Contains([]event.Kind{event.Unwelled, event.Reminder, event.AckedBy}, d.f.Kind):
		return event.Update
	}
	return d.f.Kind
}

// plainly is what is said when the letter cannot be worded.
func (d draft) plainly(w Wording) string {
	plain, over := d.plain, d.plainOver
	switch {
	case !d.to.outside():
		return w.Text(d.lang, d.f)
	case d.f.Incident == 0:
		plain, over = d.nothing, d.nothing
	case d.to.everybody():
		plain, over = d.publicPlain, d.publicOver
	}
	if d.over() {
		plain = over
	}
	name := d.reference()
	if placeholder(name, "") != "" {
		name = "#"
	}
	return paragraphs(d.drilled(), fill(plain, "reference", name))
}

func (d draft) over() bool {
	return slices.Contains([]event.Kind{event.AllClear, event.Cancelled, event.Unwatched, event.Dismissed, event.BrokenOff, event.Completed, event.CalledOff}, d.f.Kind)
}

// reference is how an incident is called in mail: "waw-12 #7".
func (d draft) reference() string { return strings.TrimSpace(lead(d.f.Site, d.f.Incident)) }

// subject stays the same through an incident's life, so that mail programs
// keep its letters together.
func (d draft) subject() string {
	name := d.heading()
	if placeholder(name, "") != "" {
		name = capital(d.trouble[event.Opened])
	}
	if d.f.Drill {
		name = d.drill + ": " + name
	}
	if d.to == Subscriber {
		return d.f.brand() + ": " + name // the number is our own affair
	}
	return "[" + d.reference() + "] " + name
}

// heading names the incident in a subject: "No connection: transit-a".
func (d draft) heading() string {
	switch news, ok := d.news[d.f.Kind]; {
	case d.f.Incident == 0 && ok && !d.to.outside():
		return capital(news)
	case d.f.Incident == 0:
		return capital(d.news[event.BoxNews])
	case d.to == Public:
		return d.title()
	case d.to == Subscriber:
		return capital(d.outage[d.f.first()]) // whom it concerns may change, a thread's subject may not
	}
	return capital(d.trouble[d.f.first()]) + ": " + d.thing()
}

// title names it on pages and in threads: "transit-a: no connection".
func (d draft) title() string {
	name := d.thing() + ": " + d.trouble[d.f.first()]
	if d.to.everybody() {
		name = capital(d.outage[d.f.first()])
		if where := strings.Join(d.f.Regions, ", "); where != "" {
			name = where + ": " + d.outage[d.f.first()]
		}
	}
	if placeholder(name, "") != "" {
		return capital(d.trouble[event.Opened])
	}
	return name
}

// thing is what the trouble is with. It is the first of the scope, for the
// scope may grow while the title stays.
func (d draft) thing() string {
	switch {
	case d.to == CarrierNOC && d.f.Carrier.Circuit != "":
		return fill(d.circuitOf, "n", d.f.Carrier.Circuit)
	case len(d.f.Scope) > 0:
		return d.f.Scope[0]
	}
	return d.f.Site
}

// first is the kind of the incident's first notice; if that was not handed
// over, what the verdicts tell.
func (f Facts) first() event.Kind {
	if f.First != "" {
		return f.First
	}
	if isWork(f.Kind) {
		return event.Maintenance
	}
	if slices.Contains([]event.Kind{event.Down, event.Degraded, event.Unwelled, event.Opened}, f.Kind) {
		return f.Kind
	}
	worst := f.Verdict.Condition
	if f.Kind == event.AllClear {
		worst = f.Was.Condition
	}
	switch worst {
	case event.IsDegraded:
		return event.Degraded
	case event.IsUnknown:
		return event.Unwelled
	case "":
		return event.Opened
	}
	return event.Down
}

// fill puts facts into a sentence: name, value, name, value.
func fill(sentence string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		pairs[i] = "{" + pairs[i] + "}"
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// paragraphs joins what there is, with a line left free between.
func paragraphs(parts ...string) string { return joined("\n\n", parts...) }

// block joins what there is, a line each.
func block(parts ...string) string { return joined("\n", parts...) }

func joined(gap string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), gap)
}
