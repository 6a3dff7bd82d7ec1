package screen

// drawHelp lays the table of keys over everything else, in two columns.
func drawHelp(out *sheet) {
	w, h := min(out.w, 84), 0
	const inset = 2
	half := (w - 2*inset - 2) / 2
	cols := [2]*page{{w: half}, {w: half}}
	group, at := "", 0
	for _, k := range keys {
		if k.group != group {
			if group = k.group; group == box {
				at = 1
			}
			if len(cols[at].lines) > 0 {
				cols[at].add()
			}
			cols[at].add(span{strong, group})
		}
		cols[at].para([]span{{lit, pad(" "+k.name(), 5)}}, plain, k.help)
	}
	h = max(len(cols[0].lines), len(cols[1].lines)) + 2
	r := rect{(out.w - w) / 2, max((out.h-h)/2, 0), w, h}
	blank := newSheet(w, h)
	blank.frame(rect{0, 0, w, h}, lit, []span{{strong, "Keys"}}, "any key leaves this page")
	for i, p := range cols {
		blank.paste(inset+i*(half+2), 1, h-2, p.sheet(), 0)
	}
	out.paste(r.x, r.y, h, blank, 0)
}
