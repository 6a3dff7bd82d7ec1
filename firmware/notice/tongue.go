package notice

import (
	"strings"

	"heliograph/firmware/event"
)

// language is how one language says the parts that templates are made of. The
// texts are written as people write them; Transliterate takes the marks off.
type language struct {
	day, now                 string
	lasting, since, sinceDay string // "for 4 min", "since 04:02Z", the same with a date
	ago, never               string
	months                   []string
	conditions               map[event.Condition]string
	places                   map[event.Place]string
	lost, lostBeyond         string // after "3/3 "
	loss                     string // before "23%"
	ask                      string // before the incident's number
	alsoDown, stillDown      string
	affected                 string
	changes                  func(int) string
	was                      map[event.Condition]string // before the length
	still                    map[event.Condition]string
	phrases                  *strings.Replacer // probes' words about link and gateway
	givenUp                  string            // before a count
	queue, open, none        string
	restarted                string // before when and why
	causes                   map[event.Cause]string
	allUp                    string // before a list of names
	plan                     planWords
	outer                    outerWords
	until, forSo             string // before an instant, before a length
	expected, notKnown       string // of the end
	told, nobody             string
	subscribers, page        string
	takesIt, rest            string // what HELP says of ACK 7, and of what it has no room for
	onCall, after, dutyUntil string
	emptyQueue, noLines      string
	trial                    trialWords
	drill                    string // after the site, before the incident's number
	rehearsal                rehearsalWords
	storm                    digestWords
	templates                map[event.Kind]string
	answers                  map[Answer]string
}

// Languages are the ones that every kind is worded in; the first is the default.
func Languages() []string { return []string{"en", "pl", "it"} }

func tongue(lang string) *language {
	switch lang {
	case "pl":
		return &polish
	case "it":
		return &italian
	}
	return &english
}
