package screen

import (
	"fmt"
	"slices"
	"strings"
)

// airWounds are what the player can break of the cellular side.
var airWounds = map[Verb]string{NoCarrier: "✗ no signal", Portal: "✗ portal"}

// words are the cellular connection in one row: port, state, what it carried,
// and a wire as long as there is room.
func (a *Air) words(w int) []span {
	k, state := dim, a.State
	wire := "╌"
	switch {
	case a.Up:
		k, state, wire = good, "UP", "═"
		if a.RTT > 0 {
			state += fmt.Sprintf(" %.0f ms", a.RTT)
		}
	case a.Why != "" || len(a.Faults) > 0:
		k, wire = bad, "╌"
		if w > 100 {
			state = strings.TrimSuffix(state+": "+a.Why, ": ")
		}
	case a.State == "dialling":
		k = warn
	case a.State == "down":
		state = "rests"
	}
	out := []span{{k, a.Interface + " "}, {dim, a.Name + " "}, {k, state + " "}}
	tail := []span{{dim, " " + volume(a.Bytes)}}
	if len(a.Faults) == 0 || w > 100 {
		tail[0].text += " on the air"
	}
	if a.Foreign > 0 {
		tail = append(tail, span{bad, fmt.Sprintf(" ✗ %d not ours", a.Foreign)})
	}
	var broken []span
	for _, v := range []Verb{NoCarrier, Portal} {
		if slices.Contains(a.Faults, string(v)) {
			broken = append(broken, span{bad, airWounds[v] + " "})
		}
	}
	room := w - length(tail) - length(broken)
	out = clip(out, room-2)
	return slices.Concat(out, broken, []span{{k, strings.Repeat(wire, max(room-length(out), 0))}}, tail)
}

func volume(n uint64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// matters is the entry that is shown where there is room for one: the newest
// that is not over, else the newest.
func matters(list []Entry) (Entry, bool) {
	for _, e := range slices.Backward(list) {
		if !e.Over {
			return e, true
		}
	}
	if len(list) == 0 {
		return Entry{}, false
	}
	return list[len(list)-1], true
}

func judgedEntry(e Entry) ink {
	if e.Over {
		return good
	}
	return bad
}

// drawOutside has a row for each mailbox, and what page and war room show.
func drawOutside(v View, w int) *sheet {
	p := &page{w: w}
	names := 8
	for _, m := range v.Outside.Mail {
		names = max(names, columns(harmless(m.Name)))
	}
	names = min(names, 12)
	for _, m := range v.Outside.Mail {
		row := []span{{strong, pad(cut(harmless(m.Name), names), names)}, {good, fmt.Sprintf(" %d ", m.Count)}, {plain, m.Subject}}
		if m.Count == 0 {
			row = []span{{strong, pad(cut(harmless(m.Name), names), names)}, {dim, " no mail"}}
		} else if length(row)+12 < w {
			row = append(row, span{dim, " · " + m.First})
		}
		p.add(row...)
	}
	if e, ok := matters(v.Outside.Page); ok {
		p.add(span{strong, pad("page", names)}, span{dim, count(v.Outside.Page)}, span{judgedEntry(e), strings.ToUpper(e.Phase)}, span{plain, " " + e.Title})
	} else {
		p.add(span{strong, pad("page", names)}, span{dim, " all operational"})
	}
	if e, ok := matters(v.Outside.Room); ok {
		p.add(span{strong, pad("war room", names)}, span{dim, count(v.Outside.Room)}, span{judgedEntry(e), e.Title}, span{dim, pinned(e)})
	} else {
		p.add(span{strong, pad("war room", names)}, span{dim, " silent"})
	}
	return p.sheet()
}

func pinned(e Entry) string {
	if e.Pinned {
		return " (pinned)"
	}
	return ""
}

// count is how many there are, as beside a mailbox.
func count(list []Entry) string { return fmt.Sprintf(" %d ", len(list)) }

// drawBrief is modem, box, outbox and outside in four rows.
func drawBrief(v View, w int) *sheet {
	p := &page{w: w}
	p.add(modemRow(v.Modem)...)
	b := []span{{strong, "box "}, boxWord(v.Box), {plain, " "}}
	if v.Box.Disk != "" {
		b = append(b, span{bad, "✗ disk " + v.Box.Disk + " "})
	}
	p.add(append(b, queued(v)...)...)
	mail := []span{{strong, "mail"}}
	for _, m := range v.Outside.Mail {
		mail = append(mail, span{dim, " " + m.Name}, span{plain, fmt.Sprintf(" %d", m.Count)})
	}
	p.add(mail...)
	row := []span{{strong, "page "}, {dim, "well"}}
	if e, ok := matters(v.Outside.Page); ok {
		row[1] = span{judgedEntry(e), e.Phase}
	}
	room := span{dim, "silent"}
	if e, ok := matters(v.Outside.Room); ok {
		head, _, _ := strings.Cut(e.Title, " ")
		room = span{judgedEntry(e), strings.ToLower(head)}
	}
	p.add(append(row, span{strong, " room "}, room)...)
	return p.sheet()
}
