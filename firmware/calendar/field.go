package calendar

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// props are the properties of a component. Their names, and those of their
// parameters, are written in capitals by all and must not be by anybody.
type props []ics.IANAProperty

func (p props) all(name string) []ics.IANAProperty {
	var found []ics.IANAProperty
	for _, one := range p {
		if strings.EqualFold(one.IANAToken, name) {
			found = append(found, one)
		}
	}
	return found
}

func (p props) one(name string) (ics.IANAProperty, bool) {
	if found := p.all(name); len(found) > 0 {
		return found[0], true
	}
	return ics.IANAProperty{}, false
}

func (p props) text(name string) string {
	one, _ := p.one(name)
	return strings.TrimSpace(one.Value)
}

func param(p ics.IANAProperty, name string) string {
	for key, values := range p.ICalParameters {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return strings.TrimSpace(values[0])
		}
	}
	return ""
}

// time reads a date with its time, or a day, which begins in the zone of the
// site (RFC 5545 §3.3.4, §3.3.5).
func (r *reader) time(p ics.IANAProperty) (t time.Time, day bool, err error) {
	const date, clock = "20060102", "20060102T150405"
	value := strings.ToUpper(strings.TrimSpace(p.Value))
	zone := r.site
	switch tzid := param(p, "TZID"); {
	case len(value) == len(date) || strings.EqualFold(param(p, "VALUE"), "DATE"):
		t, err = time.Parse(date, value[:min(len(value), len(date))])
		t, day = onWall(t, r.site), true
	case strings.HasSuffix(value, "Z"):
		t, err = time.Parse(clock, strings.TrimSuffix(value, "Z"))
	default:
		if tzid != "" {
			zone = r.zone(tzid)
		}
		t, err = time.Parse(clock, value)
		t = onWall(t, zone)
	}
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return t, day, fmt.Errorf("%s is no date", strconv.Quote(clip(p.Value)))
	}
	return t, day, nil
}

var durations = regexp.MustCompile(`^\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$`)

// duration reads a length: days by the calendar, and the rest by the clock
// (RFC 5545 §3.3.6).
func duration(text string) (days int, rest time.Duration, err error) {
	m := durations.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(text)))
	if m == nil {
		return 0, 0, fmt.Errorf("%s is no length of time", strconv.Quote(clip(text)))
	}
	var n [5]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // digits, or nothing
	}
	rest = time.Duration(n[2])*time.Hour + time.Duration(n[3])*time.Minute + time.Duration(n[4])*time.Second
	return 7*n[0] + n[1], rest, nil
}

// whom an event names: its summary, else those who attend, else who organises
// it. What stands in the summary was written for people to read; the organiser
// is often who only keeps the calendar.
func whom(p props, people []Person) []string {
	if who := inText(p.text("SUMMARY"), people); len(who) > 0 {
		return who
	}
	var who []string
	for _, a := range p.all("ATTENDEE") {
		if !strings.EqualFold(param(a, "PARTSTAT"), "DECLINED") {
			who = append(who, byAddress(a, people)...)
		}
	}
	if len(who) == 0 {
		for _, o := range p.all("ORGANIZER") {
			who = append(who, byAddress(o, people)...)
		}
	}
	return once(who)
}

// byAddress is who has a mail address, else whose name stands beside it.
func byAddress(p ics.IANAProperty, people []Person) []string {
	address := strings.TrimSpace(p.Value)
	if len(address) > len("mailto:") && strings.EqualFold(address[:len("mailto:")], "mailto:") {
		address = address[len("mailto:"):]
	}
	for _, person := range people {
		if person.Mail != "" && (strings.EqualFold(address, person.Mail) || strings.EqualFold(param(p, "EMAIL"), person.Mail)) {
			return []string{person.Name}
		}
	}
	return inText(param(p, "CN"), people)
}

var (
	words  = regexp.MustCompile(`[\pL\pN._+@-]+`)
	pieces = regexp.MustCompile(`[\pL\pN]+`)
)

// inText is the people whose name or mail address stands in a text as a word
// of its own, in the order of the text.
func inText(text string, people []Person) []string {
	var who []string
	for _, word := range words.FindAllString(text, -1) {
		if name, ok := named(strings.Trim(word, "._+@-"), people); ok {
			who = append(who, name)
			continue
		}
		if strings.Contains(word, "@") {
			continue // the address of somebody else
		}
		for _, piece := range pieces.FindAllString(word, -1) {
			if name, ok := named(piece, people); ok {
				who = append(who, name)
			}
		}
	}
	return once(who)
}

func named(word string, people []Person) (string, bool) {
	i := slices.IndexFunc(people, func(p Person) bool {
		return strings.EqualFold(plain.Replace(word), p.Name) || p.Mail != "" && strings.EqualFold(word, p.Mail)
	})
	if i < 0 {
		return "", false
	}
	return people[i].Name, true
}

// plain takes the marks off letters: names in a configuration have none.
var plain = strings.NewReplacer(
	"ą", "a", "ć", "c", "ę", "e", "ł", "l", "ń", "n", "ó", "o", "ś", "s", "ź", "z", "ż", "z",
	"Ą", "A", "Ć", "C", "Ę", "E", "Ł", "L", "Ń", "N", "Ó", "O", "Ś", "S", "Ź", "Z", "Ż", "Z",
	"à", "a", "è", "e", "é", "e", "ì", "i", "ò", "o", "ù", "u", "À", "A", "È", "E", "É", "E", "Ì", "I", "Ò", "O", "Ù", "U",
	"ä", "a", "ö", "o", "ü", "u", "ß", "ss", "č", "c", "š", "s", "ž", "z", "ř", "r", "Č", "C", "Š", "S", "Ž", "Z", "Ř", "R",
)

func once(names []string) []string {
	var kept []string
	for _, name := range names {
		if !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}

var errOffset = errors.New("is no offset")

// offset reads +0100 as seconds east of Greenwich (RFC 5545 §3.3.14).
func offset(text string) (int, error) {
	text = strings.TrimSpace(text)
	if len(text) != 5 && len(text) != 7 || text[0] != '+' && text[0] != '-' {
		return 0, errOffset
	}
	n, err := strconv.Atoi(text[1:])
	if err != nil {
		return 0, errOffset
	}
	if len(text) == 5 {
		n *= 100
	}
	seconds := n/10000*3600 + n/100%100*60 + n%100
	if text[0] == '-' {
		seconds = -seconds
	}
	if seconds < -14*3600 || seconds > 14*3600 {
		return 0, errOffset
	}
	return seconds, nil
}
