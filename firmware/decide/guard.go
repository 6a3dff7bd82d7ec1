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
