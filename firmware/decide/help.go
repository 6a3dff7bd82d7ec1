package decide

import (
	"strings"

	"heliograph/firmware/command"
	"heliograph/firmware/notice"
)

// help lists what may be sent, or tells of one word.
func (st *step) help(who asker, c command.Command) {
	if c.Word != "" && c.Word != command.More {
		st.say(who, true, notice.Fit(st.rules.Site+" "+command.HelpOn(command.Verb(c.Word), st.lang(who)), 160))
		return
	}
	if who.source == command.Local {
		var all []string
		for _, e := range command.Table() {
			all = append(all, e.Usage[0])
		}
		st.say(who, true, "Orders: "+strings.Join(all, ", ")+". HELP and a word tells more of it.")
		return
	}
	st.say(who, true, st.rules.Wording.Help(st.lang(who), st.rules.Site, st.verbsOf(who), c.Word == command.More))
}

// verbsOf are the words that the sender's role may use, and that mean anything
// here.
func (st *step) verbsOf(who asker) (verbs []string) {
	for _, e := range command.Table() {
		switch e.Verb {
		case command.Help, command.Stop, command.Start:
			continue
		case command.LTE:
			if len(st.rules.Backhauls) == 0 {
				continue
			}
		case command.Proxy:
			if !st.rules.Proxy {
				continue
			}
		case command.Take, command.Swap:
			if len(st.rules.Audience.Rotas) == 0 {
				continue
			}
		}
		if who.role.May(e.Role) {
			verbs = append(verbs, string(e.Verb))
		}
	}
	return verbs
}
