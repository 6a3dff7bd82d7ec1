package decide

import (
	"fmt"
	"strings"
	"time"

	"heliograph/firmware/event"
)

// listing is the list of subscribers as it stands.
type listing struct {
	event.List
	due bool // it is to be read anew once nothing is open
}

// listDue has the list read, but never while something is open: the line is
// needed for other things then, and so is the list.
func (st *step) listDue() {
	if st.rules.Subscribers == nil {
		return
	}
	st.s.List.due = true
}

func (st *step) syncDue() {
	if st.s.List.due && len(st.s.live()) == 0 {
		st.s.List.due = false
		st.emit(event.Sync{})
	}
}

// listRead takes over which list there is. One that has shrunk is not taken,
// which people hear once.
func (st *step) listRead(f event.ListRead) {
	was := st.s.List
	st.s.List = listing{List: f.List, due: was.due}
	st.s.List.Why = or(f.Why, f.List.Why)
	switch {
	case f.Before > 0:
		said := strings.TrimSpace(fmt.Sprintf("%d of %d %s", f.Now, f.Before, f.With))
		if st.s.Shrunk == said {
			return
		}
		st.s.Shrunk = said
		st.note(0, "subscribers", "a new list has %s, and was not taken", said)
		st.boxNews(fmt.Sprintf("a new list of subscribers has only %s: not taken. If it is right: heliograph directory import --force", said))
	case f.Why != "" && f.Why != was.Why:
		st.note(0, "subscribers", "the list was not read: %s; the one in use stays", f.Why)
	case f.Why == "" && f.List.Version != was.Version && f.List.Version != "":
		st.s.Shrunk = ""
		st.lookAnew()
		st.note(0, "subscribers", "list of %s: %d subscribers", listDate(f.List.Taken), f.List.Subscribers)
	}
}

// lookAnew has incidents counted again in which the list before had nobody.
func (st *step) lookAnew() {
	for _, c := range st.s.live() {
		if c.Nobody {
			c.Nobody = false
			st.s.put(c)
		}
	}
}

func listDate(at time.Time) string { return at.UTC().Format("2 Jan 15:04") }

// oldList says of a list that nobody has read for long.
func (st *step) oldList() string {
	s, l := st.rules.Subscribers, st.s.List
	switch {
	case s == nil:
	case l.Version == "":
		return "no list of subscribers"
	case st.at.Trusted && s.Every > 0 && st.at.Wall.Sub(l.Taken) > 3*s.Every:
		return "list of " + l.Taken.In(st.zone()).Format("2 Jan")
	}
	return ""
}

// factOfLists takes the facts about lists that are kept elsewhere.
func (st *step) factOfLists(fact event.Fact) {
	switch f := fact.(type) {
	case event.ListDue:
		st.listDue()
	case event.ListRead:
		st.listRead(f)
	case event.TagsDue:
		st.tagsDue()
	case event.Tagged:
		st.sighted(f)
	case event.Overtaken:
		st.overtaken(f)
	}
}
