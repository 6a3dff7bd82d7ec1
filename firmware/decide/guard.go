package decide

import (
	"slices"

	"heliograph/firmware/audience"
	"heliograph/firmware/notice"
)

// leftover refuses an operator's words that would go outside with something in
// them that was to be filled in.
func (st *step) leftover(who asker, words string) bool {
	mark := notice.Leftover(words)
	if mark == "" || !st.speaksOutside() {
		return false
	}
	st.answer(who, false, notice.LeftIn, notice.Reply{Word: mark})
	return true
}

// speaksOutside says that there is anybody outside to be told.
func (st *step) speaksOutside() bool {
	return st.rules.Subscribers != nil || slices.ContainsFunc(st.rules.Audience.Groups, func(g audience.Group) bool { return audience.IsOutside(g.Name) })
}

// withheld are the audiences outside that hear of it without an operator's
// words, and what in these is not for them.
func (st *step) withheld(c Case, f notice.Facts, but []string) (groups []string, not string) {
	f.Kind = newsOf(c, f)
	for _, name := range c.Groups {
		if !audience.IsOutside(name) || name == audience.Map || slices.Contains(but, name) {
			continue
		}
		if word := notice.Withheld(readerOf(audience.Reader(name)), f); word != "" {
			groups, not = append(groups, name), or(not, word)
		}
	}
	return groups, not
}
