package notice

import "strings"

// Help lists the words that somebody may send, as many as one segment holds,
// the commonest first, and what ACK does if it is among them. What is left is
// in the second list.
func (w Wording) Help(lang, site string, words []string, second bool) string {
	t := tongue(lang)
	fit := func(list []string, more string) string {
		said := strings.Join(list, " ")
		if after, is := strings.CutPrefix(said+" ", "ACK "); is {
			said = t.takesIt + ". " + strings.TrimSpace(after)
		}
		return Transliterate(clip(site, 24) + " " + strings.NewReplacer("{words}", said, "{more}", more).Replace(t.answers[Help]))
	}
	first := len(words)
	for n, _ := Septets(fit(words, "")); n > segment && first > 1; n, _ = Septets(fit(words[:first], t.rest)) {
		first--
	}
	switch {
	case second && first < len(words):
		return Fit(fit(words[first:], ""), segment)
	case first < len(words):
		return fit(words[:first], t.rest)
	}
	return fit(words, "")
}
