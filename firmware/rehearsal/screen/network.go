package screen

import (
	"fmt"
	"slices"
	"strings"
)

// The places that the player can break, from the box outwards.
var (
	wounds = map[Verb]string{Cut: "✗ cut", Flap: "✗ flapping", Loss: "✗ loss", BlackHole: "✗ black hole", Gateway: "✗ no power", OwnPort: "✗ pulled"}
	fibre  = []Verb{Cut, Flap, Loss}
)

// broken tells whether the player did this to an uplink. What the world says
// of it may say more: "one target icmp 9.9.9.9".
func (u Uplink) broken(verb Verb) bool {
	return slices.ContainsFunc(u.Faults, func(f string) bool { return strings.HasPrefix(f, string(verb)) })
}

// wound is the first of some faults that an uplink has, in a word.
func (u Uplink) wound(verbs ...Verb) string {
	for _, verb := range verbs {
		if u.broken(verb) {
			return wounds[verb]
		}
	}
	return ""
}

// reached is how many targets the last probes reached.
func (u Uplink) reached() (n int) {
	for _, t := range u.Targets {
		if t.OK {
			n++
		}
	}
	return n
}

// wires are the inks of an uplink's parts: whole up to the first fault, grey
// behind it.
type wires struct{ port, gateway, fibre, upstream, targets ink }

func (u Uplink) wires() wires {
	k, whole := [5]ink{}, good
	for i, faults := range [][]Verb{{OwnPort}, {Gateway}, fibre, {BlackHole}, {}} {
		k[i] = whole
		if u.wound(faults...) != "" {
			k[i] = bad
			if slices.Equal(faults, fibre) && u.wound(Cut, Flap) == "" {
				k[i] = warn // loss lets something through
				continue
			}
			whole = grey
		}
	}
	return wires{k[0], k[1], k[2], k[3], k[4]}
}

// judgement is what the box says of an uplink: its name, the word, the place
// and the evidence.
func judgement(u Uplink, number int, s stance) []span {
	mark, k := "  ", strong
	if s.uplink == number {
		mark, k = "▸ ", lit
	}
	out := []span{{lit, mark}, {k, fmt.Sprintf("%d %s", number, u.Name)}, {plain, "  "}, {judged(u.Condition), strings.ToUpper(u.Condition)}}
	if u.Place != "" {
		out = append(out, span{judged(u.Condition), " at " + u.Place})
	}
	if u.Evidence != "" {
		out = append(out, span{dim, "  " + u.Evidence})
	}
	return out
}

// drawNetwork draws all uplinks: as boxes and wires where there is room, else
// in two rows each.
func drawNetwork(v View, s stance, w, h int) *sheet {
	roomy := len(v.Uplinks) > 0 && h >= tall(v)
	for _, u := range v.Uplinks {
		roomy = roomy && newPlan(v, u, w).fibre >= 14
	}
	if roomy {
		return drawRoomy(v, s, w)
	}
	return drawTight(v, s, w)
}

func drawTight(v View, s stance, w int) *sheet {
	site := cut(harmless(v.Site), 10)
	gap := max(columns(site), 7)
	p := &page{w: w}
	for i, u := range v.Uplinks {
		tree, down := "├─", "│"
		switch {
		case len(v.Uplinks) == 1 && v.Air == nil:
			tree, down = "──", " "
		case i == 0:
			tree = "┬─"
		case i == len(v.Uplinks)-1 && v.Air == nil:
			tree, down = "└─", " "
		}
		head, under := span{strong, pad(site, gap)}, boxWord(v.Box)
		if i > 0 {
			head, under = span{plain, pad("", gap)}, span{}
		}
		trunk := span{line, " " + tree}
		p.add(append([]span{head, trunk}, tightWire(u, w-gap-3)...)...)
		p.add(append([]span{{under.ink, pad(cut(under.text, gap), gap)}, {line, " " + down}}, judgement(u, i+1, s)...)...)
	}
	if v.Air != nil {
		p.add(append([]span{{line, pad("", gap) + " └─ "}}, v.Air.words(w-gap-4)...)...)
	}
	return p.sheet()
}

// tightWire is one uplink in one row; the fibre takes what room is left.
func tightWire(u Uplink, w int) []span {
	k := u.wires()
	port := "─"
	if word := u.wound(OwnPort); word != "" {
		port = " " + word + " "
	}
	out := []span{{k.port, " " + u.Interface + " "}, {k.port, port + "─ "}, {k.gateway, "gw " + u.Gateway}}
	if word := u.wound(Gateway); word != "" {
		out = append(out, span{bad, " " + word})
	}
	upstream := []span{{k.upstream, " upstream"}}
	if word := u.wound(BlackHole); word != "" {
		upstream = append(upstream, span{bad, " " + word})
	}
	upstream = append(upstream, span{k.targets, " ── "})
	for _, t := range u.Targets {
		upstream = append(upstream, dot(u, t))
	}
	if count := fmt.Sprintf(" %d/%d", u.reached(), len(u.Targets)); length(out)+length(upstream)+len(count)+6 < w {
		upstream = append(upstream, span{dim, count})
	}
	long := max(w-length(out)-length(upstream)-2, 2)
	out = append(out, span{plain, " "})
	out = append(out, glass(u, k, long, u.wound(fibre...))...)
	return append(out, upstream...)
}

// glass is the fibre, with a word at the place where it is broken.
func glass(u Uplink, k wires, long int, word string) []span {
	if word == "" {
		return []span{{k.fibre, strings.Repeat("═", long)}}
	}
	far, wire := grey, "═"
	if k.fibre == warn {
		far, wire = warn, "╌"
	}
	word = " " + word + " "
	left := max((long-columns(word))/2, 1)
	near := good
	if k.gateway != good {
		near = grey
	}
	return []span{{near, strings.Repeat("═", left)}, {k.fibre, word}, {far, strings.Repeat(wire, max(long-left-columns(word), 1))}}
}

// dot is a target: reached, not reached, or not known while nobody judges.
func dot(u Uplink, t Target) span {
	switch {
	case t.OK:
		return span{good, "●"}
	case u.Condition == "unknown" && len(u.Faults) == 0:
		return span{grey, "○"}
	}
	return span{bad, "✗"}
}

// boxWord is the state of the appliance in at most seven columns.
func boxWord(b Box) span {
	switch {
	case !b.Power:
		return span{bad, "✗ off"}
	case !b.Running:
		return span{bad, "✗ dead"}
	case !b.Watching:
		return span{warn, "◌ wakes"}
	}
	return span{good, "● on"}
}

// plan is where the parts of an uplink stand in a roomy drawing.
type plan struct {
	box, port, gateway, fibre, upstream, stub int // widths, in this order from the left
	targets                                   int
}

func newPlan(v View, u Uplink, w int) plan {
	p := plan{stub: 6, upstream: 16}
	p.box = min(max(columns(harmless(v.Site))+4, 12), 24)
	p.port, p.gateway = 14, 17
	for _, each := range v.Uplinks {
		p.port = max(p.port, columns(harmless(each.Interface))+8)
		p.gateway = max(p.gateway, columns(harmless(each.Gateway))+4)
		for _, t := range each.Targets {
			p.targets = max(p.targets, columns(harmless(t.Name))+2)
		}
	}
	p.targets = min(p.targets, w/4)
	p.fibre = w - p.box - p.port - p.gateway - p.upstream - p.stub - p.targets
	return p
}

// rowsOf is how many rows an uplink takes in a roomy drawing.
func rowsOf(u Uplink) int { return max(4, len(u.Targets)) + 2 }

// tall is how many rows a roomy drawing of all uplinks takes.
func tall(v View) int {
	n := -1
	for _, u := range v.Uplinks {
		n += rowsOf(u)
	}
	if v.Air != nil && n > 0 {
		n += 2
	}
	return max(n, 0)
}

func drawRoomy(v View, s stance, w int) *sheet {
	out := newSheet(w, tall(v))
	p := newPlan(v, v.Uplinks[0], w)
	state := boxWord(v.Box)
	k := line
	if state.ink != good {
		k = state.ink
	}
	out.frame(rect{0, 0, p.box, out.h}, k, nil, "")
	mid := out.h/2 - 1
	for i, words := range []span{{strong, v.Site}, state, {dim, fmt.Sprintf("start %d", v.Box.Starts)}} {
		words := clip([]span{words}, p.box-2)
		if len(words) > 0 {
			out.put((p.box-length(words))/2, mid+i, words[0].ink, words[0].text)
		}
	}
	y := 0
	for i, u := range v.Uplinks {
		drawUplink(out, u, p, y)
		x := p.box + 1
		for _, part := range clip(judgement(u, i+1, s), w-x) {
			x = out.put(x, y+rowsOf(u)-2, part.ink, part.text)
		}
		y += rowsOf(u)
	}
	if v.Air != nil {
		x := out.put(p.box-1, out.h-2, line, "├── ")
		for _, part := range clip(v.Air.words(w-x), w-x) {
			x = out.put(x, out.h-2, part.ink, part.text)
		}
	}
	return out
}

func drawUplink(out *sheet, u Uplink, p plan, y int) {
	k := u.wires()
	x := p.box
	out.put(x-1, y+1, line, "├")
	out.put(x, y+1, k.port, center(" "+u.Interface+" ", p.port, "─"))
	label(out, x, y+2, p.port, u.wound(OwnPort))
	if u.broken(OwnPort) {
		out.put(x+p.port-2, y+1, bad, "✗")
	}
	x += p.port
	node(out, rect{x, y, p.gateway, 4}, k.gateway, "gateway", u.Gateway, u.wound(Gateway))
	x += p.gateway
	for _, part := range glass(u, k, p.fibre, u.wound(fibre...)) {
		x = out.put(x, y+1, part.ink, part.text)
	}
	node(out, rect{x, y, p.upstream, 4}, k.upstream, "upstream", "", u.wound(BlackHole))
	drawTargets(out, u, k.targets, x+p.upstream, y)
}

// drawTargets fans out from the upstream router.
func drawTargets(out *sheet, u Uplink, k ink, x, y int) {
	n := len(u.Targets)
	if n == 0 {
		return
	}
	if n == 1 {
		y++
	} else {
		out.put(x, y+1, k, "──┤")
	}
	for i, t := range u.Targets {
		joint := "├"
		switch {
		case n == 1:
			joint = "───"
		case i == 1:
			joint = "┼"
		case i == 0:
			joint = "╭"
		}
		if i == n-1 && n > 1 {
			joint = "╰"
		}
		at := x + 3 - columns(joint)
		if n == 2 && i == 1 {
			y++ // the stem comes in between the two
		}
		at = out.put(at, y+i, k, joint+"─ ")
		ball := dot(u, t)
		at = out.put(at, y+i, ball.ink, ball.text+" ")
		name := clip([]span{{plain, t.Name}}, out.w-at)
		if len(name) > 0 {
			out.put(at, y+i, plain, name[0].text)
		}
	}
}

func node(out *sheet, r rect, k ink, name, address, word string) {
	frame := k
	if k == good {
		frame = line
	}
	out.frame(r, frame, nil, "")
	if r.w < 4 {
		return
	}
	out.put(r.x, r.y+1, k, "┤")
	out.put(r.x+r.w-1, r.y+1, k, "├")
	out.put(r.x+1, r.y+1, strong, center(name, r.w-2, " "))
	if word != "" {
		out.put(r.x+1, r.y+2, bad, center(word, r.w-2, " "))
		return
	}
	out.put(r.x+1, r.y+2, dim, center(address, r.w-2, " "))
}

func label(out *sheet, x, y, w int, word string) {
	if word != "" {
		out.put(x, y, bad, center(word, w, " "))
	}
}

// pad fills words with spaces up to w columns.
func pad(words string, w int) string {
	return words + strings.Repeat(" ", max(w-columns(words), 0))
}

func center(words string, w int, fill string) string {
	words = cut(harmless(words), w)
	left := (w - columns(words)) / 2
	return strings.Repeat(fill, left) + words + strings.Repeat(fill, max(w-left-columns(words), 0))
}
