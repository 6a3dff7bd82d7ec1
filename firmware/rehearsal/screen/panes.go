package screen

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// recent is how long a text is shown as new.
const recent = 5 * time.Second

func clock(d time.Duration) string {
	d = max(d, 0)
	return fmt.Sprintf("%02d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

// isFresh tells whether a text from the box has only just come.
func isFresh(v View, t Text) bool { return !t.Mine && v.Elapsed-t.At < recent }

// drawPhone lays out what a phone shows: the box's texts from the left, the
// person's own from the right, each with its time.
func drawPhone(v View, p Phone, w, h int) *sheet {
	out := &page{w: w}
	for i, t := range p.Texts {
		if i > 0 && h > 12 {
			out.add()
		}
		switch {
		case t.Mine:
			out.bubble(t, mine, mineAt)
		case isFresh(v, t):
			out.bubble(t, fresh, freshAt)
		default:
			out.bubble(t, theirs, theirsAt)
		}
	}
	if len(p.Texts) == 0 {
		out.addf(dim, " no texts yet")
	}
	return out.sheet()
}

// bubble adds one text. The time is its first word.
func (p *page) bubble(t Text, k, at ink) {
	stamp := clock(t.At)
	lines := wrap(stamp+" "+strings.TrimSpace(t.Body), p.w-2)
	widest := p.w - 2
	if t.Mine {
		widest = 0
		for _, words := range lines {
			widest = max(widest, columns(words))
		}
	}
	for i, words := range lines {
		row := []span{{plain, strings.Repeat(" ", max(p.w-widest-2, 0))}, {k, " "}}
		words = pad(words, widest) + " "
		if i == 0 {
			n := min(len(stamp), len(words)) // a very narrow phone breaks even the time
			row, words = append(row, span{at, words[:n]}), words[n:]
		}
		p.add(append(row, span{k, words})...)
	}
}

// drawIncidents has the incident that matters most at the bottom, where the
// newest line is.
func drawIncidents(v View, w, h int) *sheet {
	out := &page{w: w}
	if len(v.Incidents) == 0 {
		out.addf(dim, "Nothing is wrong. Press c to cut a fibre.")
	}
	for i, in := range slices.Backward(v.Incidents) {
		if len(v.Incidents) > 1 {
			out.add(headline(in)...)
		}
		for _, l := range in.Timeline {
			out.line(l, names(in.Timeline), h < 6)
		}
		if i > 0 {
			out.add()
		}
	}
	return out.sheet()
}

// phase is acknowledged also where the world only tells by whom.
func (in Incident) phase() string {
	if in.Phase == "open" && in.Owner != "" {
		return "acknowledged"
	}
	return in.Phase
}

// headline is an incident in one row.
func headline(in Incident) []span {
	k, phase := bad, in.phase()
	switch phase {
	case "acknowledged":
		k = warn
	case "resolved":
		k = good
	case "closed":
		k = grey
	}
	out := []span{{strong, fmt.Sprintf("#%d %s ", in.Number, in.Subject)}, {k, strings.ToUpper(phase)}}
	if in.Owner != "" {
		out = append(out, span{plain, " by " + in.Owner})
	}
	return append(out, span{dim, " since " + clock(in.Since)})
}

// names is how wide the column of names has to be.
func names(lines []Line) (w int) {
	for _, l := range lines {
		w = max(w, columns(harmless(l.Who)))
	}
	return min(w, 12)
}

// line adds a line of a timeline or the log: one row where rows are few.
func (p *page) line(l Line, names int, short bool) {
	head := []span{{dim, clock(l.At) + "  "}, {lit, pad(cut(harmless(l.Who), 12), names) + "  "}}
	if short {
		p.add(append(head, span{plain, l.What})...)
		return
	}
	p.para(head, plain, l.What)
}

func drawLog(v View, w, h int) *sheet {
	out := &page{w: w}
	for _, l := range v.Log {
		out.line(l, names(v.Log), h < 6)
	}
	if len(v.Log) == 0 {
		out.addf(dim, "Nothing was done yet.")
	}
	return out.sheet()
}

// statuses are the inks of a delivery's life.
var statuses = map[string]ink{"sending": lit, "unsure": warn, "sent": good, "delivered": good, "failed": bad}

// drawOutbox has a row for each status, with a bar.
func drawOutbox(v View, w, _ int) *sheet {
	out, most := &page{w: w}, 1
	for _, c := range v.Queue {
		most = max(most, c.N)
	}
	for _, c := range v.Queue {
		k := statuses[c.Status]
		if c.N == 0 {
			k = dim
		}
		long := max(w-18, 0)
		n := min(c.N, long)
		if most > long {
			n = (c.N*long + most - 1) / most
		}
		out.add(span{k, fmt.Sprintf("%-11s %4d  ", c.Status, c.N)}, span{k, strings.Repeat("▪", max(n, 0))})
	}
	return out.sheet()
}

// queued is the outbox in a row: what there is, the latest first.
func queued(v View) []span {
	var out []span
	for _, c := range slices.Backward(v.Queue) {
		if c.N > 0 {
			k := statuses[c.Status]
			if k == plain {
				k = dim
			}
			out = append(out, span{k, fmt.Sprintf("%d %s ", c.N, c.Status)})
		}
	}
	if len(out) == 0 {
		return []span{{dim, "nothing waits or went out"}}
	}
	return out
}

// bars are the signal, as a phone shows it.
func bars(n int) []span {
	n = min(max(n, 0), 5)
	steps, k := []rune("▁▂▄▆█"), good
	if n < 2 {
		k = warn
	}
	return []span{{k, string(steps[:n])}, {line, strings.Repeat("·", 5-n)}}
}

func fitness(m Modem) span {
	if m.Fit {
		return span{good, "FIT"}
	}
	return span{bad, "UNFIT"}
}

func drawModem(v View, w, _ int) *sheet {
	m, out := v.Modem, &page{w: w}
	out.add(append([]span{{strong, m.Name + " "}, {dim, m.Make + "  "}, fitness(m), {plain, "  "}}, append(bars(m.Bars), span{dim, fmt.Sprintf(" %d of 5", m.Bars)})...)...)
	why := m.State
	if m.Why != "" {
		why = strings.TrimPrefix(why+": "+m.Why, ": ")
	}
	out.para(nil, plain, why)
	out.add(span{lit, m.Line})
	if m.Fault != "" {
		out.add(span{bad, "✗ " + m.Fault})
	}
	return out.sheet()
}

// drawBox tells of the appliance itself.
func drawBox(v View, w, _ int) *sheet {
	out := &page{w: w}
	yes := func(is bool, word, other string) span {
		if is {
			return span{good, "● " + word + "  "}
		}
		return span{bad, "✗ " + other + "  "}
	}
	out.add(yes(v.Box.Power, "power", "no power"), yes(v.Box.Running, "alive", "dead"), yes(v.Box.Watching, "watching", "does not answer"))
	out.add(append([]span{{plain, fmt.Sprintf("started %s  ", times(v.Box.Starts))}}, disk(v.Box)...)...)
	return out.sheet()
}

func disk(b Box) []span {
	if b.Disk != "" {
		return []span{{bad, "✗ disk " + b.Disk}}
	}
	return []span{{dim, "disk has room"}}
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// modemRow is the modem in one row.
func modemRow(m Modem) []span {
	row := append([]span{{strong, m.Name + " "}, fitness(m), {plain, " "}}, bars(m.Bars)...)
	switch {
	case m.Fault != "":
		return append(row, span{bad, " ✗ " + m.Fault})
	case m.Fit || m.Why == "":
		return append(row, span{lit, " " + m.Line})
	}
	return append(row, span{bad, " " + m.Why})
}

// drawShort is modem, box and outbox where there is no room for each.
func drawShort(v View, w, h int) *sheet {
	m, out := v.Modem, &page{w: w}
	out.add(modemRow(m)...)
	b := []span{{strong, "box "}, boxWord(v.Box), {dim, fmt.Sprintf(" start %d ", v.Box.Starts)}}
	out.add(append(b, disk(v.Box)...)...)
	out.add(append([]span{{strong, "out "}}, queued(v)...)...)
	if h > 4 {
		out.para([]span{{dim, "at  "}}, dim, m.Line)
		out.para([]span{{dim, "    "}}, dim, strings.TrimSpace(m.State+" "+m.Why))
	}
	return out.sheet()
}
