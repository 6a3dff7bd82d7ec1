package screen

import (
	"fmt"
	"slices"
	"strings"
)

// The screen shows all that matters from this size on.
const leastWidth, leastHeight = 80, 24

// stance is how the player looks at the view.
type stance struct {
	uplink int            // the picked one, from 1
	focus  string         // a pane
	zoom   bool           // only that pane
	up     map[string]int // how far each pane is scrolled away from where it rests
	help   bool
	entry  *entry
	said   string // about the last act
	wrong  bool   // it is an error
	busy   int    // acts under way
}

// entry is the line in which a text is written.
type entry struct {
	key  key
	text []rune
	past int // how many texts back in the history
}

// pane is a part of the screen with a frame of its own.
type pane struct {
	id     string
	title  []span
	end    string
	phone  bool // its content goes up to the frame
	bottom bool // the newest is at the bottom, and that is where it rests
	hot    bool // something has only just come
	draw   func(w, h int) *sheet
}

// panes are all there are, in the order of Tab.
func panes(v View, s stance) []pane {
	net := pane{id: "network", title: []span{{strong, "Network"}}, draw: func(w, h int) *sheet { return drawNetwork(v, s, w, h) }}
	if !v.Places {
		net.end = "loopback: faults have no place"
	}
	list := []pane{net}
	for i, p := range v.Phones {
		list = append(list, pane{id: fmt.Sprint("phone", i), title: []span{{strong, p.Name}, {dim, " " + p.Number}}, bottom: true, phone: true,
			hot:  slices.ContainsFunc(p.Texts, func(t Text) bool { return isFresh(v, t) }),
			draw: func(w, h int) *sheet { return drawPhone(v, p, w, h) }})
	}
	title := []span{{strong, "Incident"}}
	if len(v.Incidents) > 0 {
		title = headline(v.Incidents[0])
	}
	if v.Outside != nil {
		list = append(list,
			pane{id: "brief", title: []span{{strong, "Appliance"}}, draw: func(w, h int) *sheet { return drawBrief(v, w) }},
			pane{id: "outside", title: []span{{strong, "Outside"}}, draw: func(w, h int) *sheet { return drawOutside(v, w) }})
	}
	return append(list,
		pane{id: "incident", title: title, bottom: true, draw: func(w, h int) *sheet { return drawIncidents(v, w, h) }},
		pane{id: "short", title: []span{{strong, "Appliance"}}, draw: func(w, h int) *sheet { return drawShort(v, w, h) }},
		pane{id: "outbox", title: []span{{strong, "Outbox"}}, draw: func(w, h int) *sheet { return drawOutbox(v, w, h) }},
		pane{id: "modem", title: []span{{strong, "Modem"}}, draw: func(w, h int) *sheet { return drawModem(v, w, h) }},
		pane{id: "box", title: []span{{strong, "Box"}}, draw: func(w, h int) *sheet { return drawBox(v, w, h) }},
		pane{id: "log", title: []span{{strong, "Done and seen"}}, bottom: true, draw: func(w, h int) *sheet { return drawLog(v, w, h) }})
}

// arrange says where each pane is. One that is not named is not shown.
func arrange(v View, s stance, w, h int) map[string]rect {
	top, room := 1, h-1-footRows(w)
	if s.zoom {
		return map[string]rect{s.focus: {0, top, w, room}}
	}
	at := map[string]rect{}
	if w >= 132 && room >= 30 {
		left := min(w*3/5, w-50)
		net := min(tall(v)+2, room/2)
		at["network"] = rect{0, top, left, net}
		row(at, v, rect{0, top + net, left, room - net})
		column(at, rect{left, top, w - left, room}, v.Outside != nil)
		return at
	}
	net := min(2*len(v.Uplinks)+2, room-13)
	if v.Air != nil {
		net = min(2*len(v.Uplinks)+3, room-12)
	}
	if tall(v)+2 <= room/2-2 {
		net = tall(v) + 2
	}
	net = max(net, 4)
	low := max(5, (room-net)/3)
	if room-net >= 20 {
		low = max(11, (room-net)/2)
	}
	at["network"] = rect{0, top, w, net}
	share := 11
	if v.Outside != nil {
		share = 10
		if low++; low > 11 {
			low = max(low, 12)
		}
	}
	row(at, v, rect{0, top + net, w, room - net - low})
	y, half := top+room-low, w*share/20
	at["incident"] = rect{0, y, half, low}
	right := rect{half, y, w - half, low}
	switch {
	case v.Outside != nil && low >= 11:
		at["short"] = rect{half, y, w - half, 5}
		at["outside"] = rect{half, y + 5, w - half, low - 5}
	case v.Outside != nil:
		at["brief"] = right
	case low >= 11:
		at["short"] = rect{half, y, w - half, 7}
		at["log"] = rect{half, y + 7, w - half, low - 7}
	default:
		at["short"] = right
	}
	return at
}

// row lays the phones side by side.
func row(at map[string]rect, v View, r rect) {
	n := len(v.Phones)
	for i := range n {
		x, next := r.w*i/n, r.w*(i+1)/n
		at[fmt.Sprint("phone", i)] = rect{r.x + x, r.y, next - x, r.h}
	}
}

// column stacks what has no picture, with the room that is left going to the
// incident and the log. Where that is little, the outbox gives way to what is
// told outside.
func column(at map[string]rect, r rect, outside bool) {
	type part struct {
		id string
		h  int
	}
	parts := []part{{"incident", 0}, {"outbox", 9}, {"modem", 6}, {"box", 4}, {"log", 0}}
	rest := r.h - 19
	if outside {
		const h = 9
		parts = slices.Insert(parts, 1, part{"outside", h})
		if rest -= h; rest < 12 {
			parts = slices.Delete(parts, 2, 3)
			rest += 9
		}
	}
	parts[0].h = rest * 3 / 5
	parts[len(parts)-1].h = rest - parts[0].h
	y := r.y
	for _, p := range parts {
		at[p.id] = rect{r.x, y, r.w, p.h}
		y += p.h
	}
}

// draw puts a view on a sheet of exactly this size.
func draw(v View, s stance, w, h int) *sheet {
	if w < leastWidth || h < leastHeight {
		return placard(fmt.Sprintf("heliograph needs %d x %d; this is %d x %d", leastWidth, leastHeight, w, h), w, h)
	}
	out := newSheet(w, h)
	drawBar(out, v)
	at := arrange(v, s, w, h)
	for _, p := range panes(v, s) {
		if r, ok := at[p.id]; ok {
			out.pane(p, r, s)
		}
	}
	drawFoot(out, v, s)
	if s.help {
		drawHelp(out)
	}
	return out
}

// placard is a sheet with nothing but a sentence in its middle.
func placard(sentence string, w, h int) *sheet {
	out := newSheet(w, h)
	for i, words := range wrap(sentence, max(w-2, 4)) {
		out.put(max((w-columns(words))/2, 0), h/2+i, plain, words)
	}
	return out
}

// inner is the place of a pane's content in its frame.
func (p pane) inner(r rect) rect {
	if p.phone {
		return rect{r.x + 1, r.y + 1, max(r.w-2, 0), max(r.h-2, 0)}
	}
	return r.inner()
}

// pane draws one with its frame, scrolled.
func (s *sheet) pane(p pane, r rect, st stance) {
	in := p.inner(r)
	content := p.draw(in.w, in.h)
	over := max(content.h-in.h, 0)
	up := min(st.up[p.id], over)
	first, end := up, p.end
	if p.bottom {
		first = over - up
	}
	if over > 0 {
		end = fmt.Sprintf("%d-%d of %d", first+1, first+in.h, content.h)
	}
	if over > 0 && st.focus != p.id {
		end = "↑ " + fmt.Sprint(first)
		if first == 0 {
			end = "↓ " + fmt.Sprint(over)
		}
	}
	k, title := line, p.title
	if p.hot {
		k, title = warn, append([]span{{warn, "● "}}, title...)
	}
	if st.focus == p.id {
		k = lit
	}
	s.frame(r, k, title, end)
	s.paste(in.x, in.y, in.h, content, first)
}

// drawBar is the first row: who, when, how fast, and the worst news.
func drawBar(out *sheet, v View) {
	out.put(0, 0, bar, strings.Repeat(" ", out.w))
	x := out.put(1, 0, barStrong, "heliograph")
	x = out.put(x, 0, bar, " rehearsal  ")
	x = out.put(x, 0, barStrong, cut(harmless(v.Site), 20))
	x = out.put(x, 0, bar, "  "+clock(v.Elapsed))
	if v.Scale > 0 {
		x = out.put(x, 0, bar, fmt.Sprintf("  speed %gx", v.Scale))
	}
	news := span{barGood, "all is well"}
	switch state := boxWord(v.Box); {
	case state.ink == bad:
		news = span{barBad, map[bool]string{true: "the box is dead", false: "the box has no power"}[v.Box.Power]}
	case len(v.Incidents) > 0 && v.Incidents[0].phase() == "open":
		news = span{barBad, fmt.Sprintf("#%d %s", v.Incidents[0].Number, v.Incidents[0].Subject)}
	case len(v.Incidents) > 0 && v.Incidents[0].phase() == "acknowledged":
		in := v.Incidents[0]
		news = span{barWarn, fmt.Sprintf("#%d %s: %s has it", in.Number, in.Subject, in.Owner)}
	case state.ink == warn:
		news = span{barWarn, "the box wakes up"}
	case slices.ContainsFunc(v.Uplinks, func(u Uplink) bool { return u.Condition != "up" }):
		news = span{barWarn, "not all is well"}
	}
	for _, words := range clip([]span{news}, out.w-x-4) {
		out.put(out.w-1-columns(words.text), 0, news.ink, words.text)
	}
}

// footRows is how many rows the keys and what was said take.
func footRows(w int) int { return 1 + len(hints(w-2)) }

// hints are the keys of the footer, in as many rows as they need.
func hints(w int) [][]span {
	var rows [][]span
	var now []span
	for _, k := range keys {
		if k.hint == "" {
			continue
		}
		next := []span{{lit, k.name()}, {dim, " " + k.hint + "  "}}
		if length(now)+length(next) > w {
			rows, now = append(rows, now), nil
		}
		now = append(now, next...)
	}
	return append(rows, now)
}

// drawFoot is what was said last, or the text that is being written, and below
// it the keys.
func drawFoot(out *sheet, v View, s stance) {
	rows := hints(out.w - 2)
	y := out.h - len(rows) - 1
	put := func(y int, words []span) {
		x := 1
		for _, p := range clip(words, out.w-2) {
			x = out.put(x, y, p.ink, p.text)
		}
	}
	put(y, status(v, s, out.w-2))
	for i, words := range rows {
		put(y+1+i, words)
	}
}

func status(v View, s stance, w int) []span {
	switch {
	case s.entry != nil:
		return s.entry.line(w)
	case s.said != "" && s.wrong:
		return []span{{bad, "✗ " + s.said}}
	case s.busy > 0:
		return []span{{warn, "… "}, {plain, s.said}}
	case s.said != "":
		return []span{{good, "✓ "}, {plain, s.said}}
	case len(v.Log) > 0:
		l := v.Log[len(v.Log)-1]
		return []span{{dim, clock(l.At) + " " + l.Who + " " + l.What}}
	}
	return []span{{dim, "Press c to cut a fibre, ? for all keys."}}
}

// line shows the end of a long text, where the cursor is.
func (e *entry) line(w int) []span {
	head := []span{{lit, "text as " + e.who() + " ▸ "}}
	tail := []span{{dim, "   Enter sends · Esc leaves · ↑ earlier"}}
	if w < length(head)+length(tail)+20 {
		tail = nil // what is written matters more than how
	}
	room := max(w-length(head)-length(tail)-1, 0)
	words := harmless(string(e.text))
	if words == "" && e.key.suggest != "" {
		return append(append(head, span{strong, "█"}, span{dim, e.key.suggest}), tail...)
	}
	for columns(words) > room {
		words = string([]rune(words)[1:])
	}
	return append(append(head, span{plain, words}, span{strong, "█"}), tail...)
}

func (e *entry) who() string {
	switch {
	case e.key.verb == Spoof:
		return "a stranger with " + e.key.phone + "'s number"
	case e.key.phone == stranger:
		return "a stranger"
	}
	return e.key.phone
}
