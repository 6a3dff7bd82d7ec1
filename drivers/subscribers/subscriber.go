// Package subscribers reads lists of subscribers from where operators keep
// them: a CSV file, or any system that lists them as JSON over HTTPS. It makes
// one kind of row of whatever it finds, names every row that it cannot use
// with what would be right, and gives the rest.
package subscribers

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Subscriber is somebody who is told when their line is hit.
type Subscriber struct {
	Code         string // in the operator's own books
	Name         string
	Phones       []string // as Normalise writes them
	Mails        []string
	Language     string // en, pl or it; empty is the site's
	Region       string
	Municipality string
	Box          string
	Uplink       string
	Line         string
	Tags         []string
	Channels     []string // what they agreed to; empty is every channel there is an address for, "none" is none
	Class        string
	Partner      string
}

// Note is what is to be said of one row.
type Note struct {
	Line   int    // of the file, or the number of the item, from 1
	Column string // as the source calls it; empty: the whole row
	Text   string // what is wrong and what would be right
	Taken  bool   // the row is taken without this
}

func (n Note) String() string {
	if n.Column == "" {
		return n.Text
	}
	return n.Column + ": " + n.Text
}

// Options say how a source's rows are read.
type Options struct {
	// Columns are what the source calls a field: columns of a CSV; of HTTP the
	// keys of an item, or JSON pointers into it. Fields that are left out go by
	// their usual names in English, Polish and Italian.
	Columns map[string][]string

	// Normalise writes a telephone number in one way, as +48600100201; the
	// error says what would be right.
	Normalise func(number string) (string, error)

	// Take gets each subscriber with its line. An error ends the reading.
	Take func(line int, s Subscriber) error

	// Note gets what is to be said of rows; one that is not Taken is refused.
	Note func(Note)
}

func (o *Options) check() error {
	if o.Normalise == nil || o.Take == nil || o.Note == nil {
		return errors.New("subscribers: it needs a Normalise, a Take and a Note")
	}
	for name := range o.Columns {
		if !slices.ContainsFunc(fields[:], func(f field) bool { return f.name == name && !f.hidden }) {
			return fmt.Errorf("subscribers: columns: there is no field %q", name)
		}
	}
	return nil
}

// cell is one value as the source has it.
type cell struct{ column, text string }

// raw is a row before it is understood, field by field.
type raw [len(fields)][]cell

// row understands one.
type row struct {
	o    *Options
	line int
	s    Subscriber

	faults  []Note // addresses that cannot be used
	remarks []Note // what does not matter so much
}

// read gives a row to Take, or says why not.
func (o *Options) read(line int, r *raw) error {
	w := &row{o: o, line: line}
	for i, text := range w.texts() {
		if text != nil {
			*text = plainly(join(r[i], fields[i].several))
		}
	}
	for _, c := range r[phoneField] {
		w.phones(c)
	}
	for _, c := range r[mailField] {
		w.mails(c)
	}
	for _, c := range r[tagsField] {
		w.s.Tags = append(w.s.Tags, split(c.text, ";,|\n")...)
	}
	w.language(r[languageField])
	w.channels(r)
	if w.s.Code == "" && len(w.s.Phones)+len(w.s.Mails) == 0 && len(w.faults) == 0 {
		w.fault("", "has neither code nor number nor mail address")
	}
	if len(w.faults) > 0 && len(w.s.Phones)+len(w.s.Mails) == 0 {
		o.Note(w.refusal())
		return nil
	}
	for _, n := range append(w.faults, w.remarks...) {
		n.Taken = true
		o.Note(n)
	}
	return o.Take(line, w.s)
}

// refusal makes one note of all that is wrong.
func (w *row) refusal() Note {
	n := w.faults[0]
	for _, f := range w.faults[1:] {
		n.Text += "; " + f.String()
	}
	return n
}

// texts are the fields that are kept as they stand, at their places in fields.
func (w *row) texts() [len(fields)]*string {
	return [len(fields)]*string{
		codeField: &w.s.Code, nameField: &w.s.Name, regionField: &w.s.Region, municipalityField: &w.s.Municipality, boxField: &w.s.Box,
		uplinkField: &w.s.Uplink, lineField: &w.s.Line, classField: &w.s.Class, partnerField: &w.s.Partner,
	}
}

func (w *row) fault(column, format string, args ...any) {
	w.faults = append(w.faults, Note{Line: w.line, Column: column, Text: fmt.Sprintf(format, args...)})
}

func (w *row) remark(column, format string, args ...any) {
	w.remarks = append(w.remarks, Note{Line: w.line, Column: column, Text: fmt.Sprintf(format, args...)})
}

// join takes the first value that is not empty, or all: a first and a last
// name stand in two columns.
func join(cells []cell, several bool) string {
	var all []string
	for _, c := range cells {
		if strings.TrimSpace(c.text) != "" {
			all = append(all, c.text)
		}
	}
	if len(all) > 1 && !several {
		all = all[:1]
	}
	return strings.Join(all, " ")
}

// plainly writes a text in one way: é is one letter on all systems, and what
// cannot be seen is a space.
func plainly(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(norm.NFC.String(text)), " ")
}

func split(text, separators string) []string {
	var parts []string
	for _, p := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if p = plainly(p); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

// phones reads the numbers of one cell. A slash may part two numbers or, in
// one, the area from the rest: whatever gives numbers.
func (w *row) phones(c cell) {
	for _, text := range split(c.text, ";,\n") {
		if err := w.phone(text); err == nil {
			continue
		} else if parts := split(text, "/"); len(parts) < 2 {
			w.fault(c.column, "%s", advise(text, err))
			continue
		}
		for _, part := range split(text, "/") {
			if err := w.phone(part); err != nil {
				w.fault(c.column, "%s", advise(part, err))
			}
		}
	}
}

func (w *row) phone(text string) error {
	text = strings.Trim(text, `'"= `) // what Excel writes to keep its hands off
	text = strings.TrimPrefix(strings.TrimPrefix(text, "tel:"), "tel. ")
	if text == "" || text == "-" {
		return nil
	}
	number, err := w.o.Normalise(text)
	if err == nil && !slices.Contains(w.s.Phones, number) {
		w.s.Phones = append(w.s.Phones, number)
	}
	return err
}

// advise knows what spreadsheets make of numbers.
func advise(text string, err error) string {
	if upper := strings.ToUpper(text); strings.Contains(upper, "E+") && strings.Trim(upper, "0123456789.,E+") == "" {
		return fmt.Sprintf("%q was rounded by a spreadsheet: make the column a text there, put the numbers in again and save", text)
	}
	return err.Error()
}

func (w *row) mails(c cell) {
	for _, text := range split(c.text, ";,\n ") {
		text = strings.TrimPrefix(text, "mailto:")
		if text == "-" {
			continue
		}
		a, err := mail.ParseAddress(text)
		if err != nil || a.Name != "" || len(text) > 254 || !strings.Contains(a.Address[strings.LastIndexByte(a.Address, '@'):], ".") {
			w.fault(c.column, "%q is no mail address: write it as in noc@example.org, and ; between two", clip(text))
			continue
		}
		if !slices.ContainsFunc(w.s.Mails, func(m string) bool { return strings.EqualFold(m, a.Address) }) {
			w.s.Mails = append(w.s.Mails, a.Address)
		}
	}
}

func clip(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}

// spoken are ways to write the languages.
var spoken = map[string]string{
	"en": "en", "eng": "en", "english": "en", "angielski": "en", "inglese": "en", "gb": "en", "uk": "en",
	"pl": "pl", "pol": "pl", "polish": "pl", "polski": "pl", "polacco": "pl",
	"it": "it", "ita": "it", "italian": "it", "wloski": "it", "italiano": "it",
}

func (w *row) language(cells []cell) {
	for _, c := range cells {
		first, _, _ := strings.Cut(strings.ReplaceAll(plainly(c.text), "_", "-"), "-") // pl-PL, pl_PL
		if first == "" {
			continue
		}
		known, ok := spoken[simple(first)]
		if !ok {
			w.remark(c.column, "%q is not spoken: en, pl or it; the site's language is taken", clip(first))
		}
		w.s.Language = known
		return
	}
}

// agreed are ways to write channels; those of no channel are empty.
var agreed = map[string]string{
	"sms": "sms", "text": "sms", "texts": "sms", "mail": "mail", "mails": "mail", "email": "mail", "webhook": "webhook", "slack": "slack", "push": "push",
	"none": "", "no": "", "brak": "", "nie": "", "nessuno": "", "0": "",
}

// channels reads what somebody agreed to: a list of channels, else a yes or no
// for texts and for mails.
func (w *row) channels(r *raw) {
	var list []string
	listed := false
	for _, c := range r[channelsField] {
		for _, word := range split(c.text, ";,|+/ \n") {
			listed = true
			channel, known := agreed[simple(word)]
			if !known {
				w.remark(c.column, "%q is no channel: sms, mail, webhook, slack, push or none; it counts as not agreed", clip(word))
			} else if channel != "" && !slices.Contains(list, channel) {
				list = append(list, channel)
			}
		}
	}
	asked := len(r[smsField])+len(r[lettersField]) > 0
	if !listed && asked {
		list = append(w.consent(list, "sms", r[smsField]), w.consent(nil, "mail", r[lettersField])...)
	}
	if (listed || asked) && len(list) == 0 {
		list = []string{"none"}
	}
	w.s.Channels = list
}

// consent adds a channel if its column says yes, or if there is no such column.
func (w *row) consent(list []string, channel string, cells []cell) []string {
	for _, c := range cells {
		switch simple(c.text) {
		case "1", "true", "yes", "y", "tak", "t", "si", "s", "x", "ok":
		case "0", "false", "no", "n", "nie", "":
			return list
		default:
			w.remark(c.column, "%q is neither yes nor no, and counts as no", clip(c.text))
			return list
		}
	}
	return append(list, channel)
}
