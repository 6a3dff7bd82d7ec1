package directory

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Subscriber is somebody who is told when their line is hit. A customer with
// two lines stands in the list twice.
type Subscriber struct {
	Code         string // in the operator's own books; may be empty
	Name         string
	Phones       []string // E.164
	Mails        []string
	Language     string // en, pl or it; empty is the site's
	Region       string
	Municipality string
	Box          string
	Uplink       string
	Line         string
	Tags         []string
	Channels     []string // what they agreed to: sms, mail …; empty is every channel there is an address for, and one word that is no channel, as "none", is none of them
	Class        string   // of service: business, home …
	Partner      string   // for sources that know
}

// Takes tells whether a subscriber agreed to a channel.
func (s Subscriber) Takes(channel string) bool {
	return len(s.Channels) == 0 || slices.Contains(s.Channels, channel)
}

// The channels whose addresses a subscriber has.
const sms, mail = "sms", "mail"

// Version says which list it is.
type Version struct {
	ID      string    `json:"id"`    // of its content
	Taken   time.Time `json:"taken"` // when it was read, last
	Source  string    `json:"source"`
	Count   int       `json:"count"`
	Refused int       `json:"refused"` // rows that are not in it
	With    With      `json:"with,omitzero"`
}

// With is how many of a list can be reached, and found by where they hang.
type With struct {
	Numbers   int `json:"numbers,omitempty"` // to which they may be texted
	Addresses int `json:"addresses,omitempty"`
	Regions   int `json:"regions,omitempty"`
	Boxes     int `json:"boxes,omitempty"`
	Uplinks   int `json:"uplinks,omitempty"`
	Lines     int `json:"lines,omitempty"`
}

func (w *With) count(s *Subscriber) {
	for _, x := range []struct {
		n  *int
		is bool
	}{
		{&w.Numbers, len(s.Phones) > 0 && s.Takes(sms)}, {&w.Addresses, len(s.Mails) > 0 && s.Takes(mail)},
		{&w.Regions, s.Region != ""}, {&w.Boxes, s.Box != ""}, {&w.Uplinks, s.Uplink != ""}, {&w.Lines, s.Line != ""},
	} {
		if x.is {
			*x.n++
		}
	}
}

// shrunk finds what a new list has less than half of.
func (v Version) shrunk(before Version) *Shrunk {
	now, was := v.With, before.With
	for _, x := range []struct {
		what     string
		now, was int
	}{
		{"", v.Count, before.Count}, {"with a number", now.Numbers, was.Numbers}, {"with a mail address", now.Addresses, was.Addresses},
		{"with a region", now.Regions, was.Regions}, {"with a box", now.Boxes, was.Boxes}, {"with an uplink", now.Uplinks, was.Uplinks}, {"with a line", now.Lines, was.Lines},
	} {
		if few := x.was < 10 || 10*x.was < before.Count; x.what != "" && few {
			continue // what only some have may well come and go
		}
		if 2*x.now < x.was {
			return &Shrunk{Now: x.now, Before: x.was, What: x.what}
		}
	}
	return nil
}

const (
	longestText = 300 // bytes of one field
	mostOf      = 100 // entries of one field
)

// texts are the fields of one value, in the order in which they are kept.
func (s *Subscriber) texts() [10]*string {
	return [...]*string{&s.Code, &s.Name, &s.Language, &s.Region, &s.Municipality, &s.Box, &s.Uplink, &s.Line, &s.Class, &s.Partner}
}

// lists are those of several.
func (s *Subscriber) lists() [4]*[]string {
	return [...]*[]string{&s.Phones, &s.Mails, &s.Tags, &s.Channels}
}

// tidy is a copy in the one way in which all are kept; the error says why it
// cannot be.
func (s Subscriber) tidy() (Subscriber, error) {
	for _, t := range s.texts() {
		*t = strings.Join(strings.Fields(*t), " ")
		if err := sound(*t); err != nil {
			return s, err
		}
	}
	for _, l := range s.lists() {
		if len(*l) > mostOf {
			return s, fmt.Errorf("%.20q and %d more are too many for one subscriber", (*l)[0], len(*l)-1)
		}
		kept := make([]string, 0, len(*l))
		for _, t := range *l {
			if t = strings.Join(strings.Fields(t), " "); t != "" && !slices.Contains(kept, t) {
				kept = append(kept, t)
			}
			if err := sound(t); err != nil {
				return s, err
			}
		}
		*l = kept
	}
	for i, c := range s.Channels {
		s.Channels[i] = strings.ToLower(c)
	}
	for _, p := range s.Phones {
		if len(p) < 3 || p[0] != '+' || strings.Trim(p[1:], "0123456789") != "" {
			return s, fmt.Errorf("%q is no number with its country code, as +48600100201 is", p)
		}
	}
	if s.Code == "" && len(s.Phones)+len(s.Mails) == 0 {
		return s, errors.New("has neither code nor number nor mail address: nobody would know who it is")
	}
	return s, nil
}

func sound(t string) error {
	switch {
	case len(t) > longestText:
		return fmt.Errorf("%.20q… has %d bytes: a field has at most %d", t, len(t), longestText)
	case !utf8.ValidString(t):
		return fmt.Errorf("%.40q is not UTF-8", t)
	case strings.ContainsFunc(t, unicode.IsControl):
		return fmt.Errorf("%.40q holds a control character", t)
	case t == Everybody:
		return fmt.Errorf("%q is no name: it would mean everybody", t)
	}
	return nil
}

// fold makes one of the ways in which a name may be written: people text it
// at night, and the configuration has it without accents and spaces, so that
// Dolny Śląsk is dolny-slask, too.
func fold(name string) string {
	name = strings.Join(strings.Fields(strings.ToLower(name)), "-")
	if strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return name
	}
	var b strings.Builder
	for _, r := range name {
		i := slices.IndexFunc(accented[:], func(a struct{ letters, bare string }) bool { return strings.ContainsRune(a.letters, r) })
		switch {
		case i >= 0:
			b.WriteString(accented[i].bare)
		case !unicode.Is(unicode.Mn, r): // an accent that stands behind its letter
			b.WriteRune(r)
		}
	}
	return b.String()
}

// accented are the letters of Latin-1 and Latin Extended-A, and two of B.
var accented = [...]struct{ letters, bare string }{
	{"àáâãäåāăą", "a"},
	{"çćĉċč", "c"},
	{"ďđð", "d"},
	{"èéêëēĕėęě", "e"},
	{"ĝğġģ", "g"},
	{"ĥħ", "h"},
	{"ìíîïĩīĭįı", "i"},
	{"ĵ", "j"},
	{"ķ", "k"},
	{"ĺļľŀł", "l"},
	{"ñńņň", "n"},
	{"òóôõöøōŏő", "o"},
	{"ŕŗř", "r"},
	{"śŝşšș", "s"},
	{"ţťŧț", "t"},
	{"ùúûüũūŭůűų", "u"},
	{"ŵ", "w"},
	{"ýÿŷ", "y"},
	{"źżž", "z"},
	{"æ", "ae"},
	{"œ", "oe"},
	{"ß", "ss"},
	{"þ", "th"},
}

// lower is how codes and mail addresses are compared.
func lower(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(text), " "))
}

func (s Subscriber) encode(row []byte) []byte {
	for _, t := range s.texts() {
		row = binary.AppendUvarint(row, uint64(len(*t)))
		row = append(row, *t...)
	}
	for _, l := range s.lists() {
		row = binary.AppendUvarint(row, uint64(len(*l)))
		for _, t := range *l {
			row = binary.AppendUvarint(row, uint64(len(t)))
			row = append(row, t...)
		}
	}
	return row
}

// decode reads a row; the texts share one copy of it.
func decode(row []byte) (Subscriber, error) {
	d := decoder{rest: string(row)}
	var s Subscriber
	for _, t := range s.texts() {
		*t = d.text()
	}
	for _, l := range s.lists() {
		n := d.length()
		if n == 0 {
			continue
		}
		*l = make([]string, 0, n)
		for range n {
			*l = append(*l, d.text())
		}
	}
	if d.bad || d.rest != "" {
		return Subscriber{}, &Damaged{Reason: "a row cannot be read"}
	}
	return s, nil
}

type decoder struct {
	rest string
	bad  bool
}

// length reads a number that is no greater than what is left.
func (d *decoder) length() int {
	n, shift := 0, 0
	for i := 0; i < len(d.rest) && i < 4; i++ {
		n |= int(d.rest[i]&0x7f) << shift
		if shift += 7; d.rest[i] < 0x80 {
			d.rest = d.rest[i+1:]
			d.bad = d.bad || n > len(d.rest)
			return min(n, len(d.rest))
		}
	}
	d.bad, d.rest = true, ""
	return 0
}

func (d *decoder) text() string {
	n := d.length()
	t := d.rest[:n]
	d.rest = d.rest[n:]
	return t
}

// Fold is the form in which names of places are compared.
func Fold(name string) string { return fold(name) }
