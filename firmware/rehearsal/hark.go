package rehearsal

import (
	"fmt"
	"slices"
	"strings"

	"heliograph/firmware/control"
	"heliograph/firmware/rehearsal/screen"
)

// arrived is what was noted of the Internet so far. Only watch touches it.
type arrived struct {
	mails int
	page  []string // of each entry, its phase and how often it was told
	room  []string // of each thread, its head
	link  string   // the backhaul's state
}

// hark notes what has come to mailboxes, page and war room.
func (w *World) hark() {
	if w.out == nil {
		return
	}
	a := &w.seen.outside
	mails := w.out.Mails()
	for _, m := range mails[a.mails:] {
		w.note("mail", "to %s: %s: %s", strings.Join(m.To, ", "), m.Subject, firstOf(m.Body))
	}
	a.mails = len(mails)
	var page, room []string
	for _, e := range w.out.Page() {
		page = append(page, fmt.Sprintf("%s: %s (told %d times)", e.Phase, e.Title, e.Updates))
	}
	for _, t := range w.out.Room() {
		room = append(room, t.Head)
	}
	w.noteNew("page", a.page, page)
	w.noteNew("war room", a.room, room)
	a.page, a.room = page, room
}

// noteNew notes what differs from before.
func (w *World) noteNew(who string, before, now []string) {
	for i, text := range now {
		if i >= len(before) || before[i] != text {
			w.note(who, "%s", text)
		}
	}
}

// firstOf is the first line of a text.
func firstOf(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// followBackhaul notes each change of the first backhaul.
func (w *World) followBackhaul(s control.Status) {
	if len(s.Backhauls) == 0 {
		return
	}
	b := s.Backhauls[0]
	state := b.State
	if b.Up {
		state = fmt.Sprintf("up, answers in %.0f ms", b.RTTMS)
	} else if b.Why != "" {
		state += ": " + b.Why
	}
	if w.seen.outside.link != state && (w.seen.outside.link != "" || b.Up) {
		w.note(b.Name, "%s", state)
	}
	w.seen.outside.link = state
}

// air is the cellular connection and what it leads to, for the screen. The
// caller holds the lock.
func (w *World) air() *screen.Air {
	if w.out == nil {
		return nil
	}
	b := w.config.Backhaul[0]
	a := &screen.Air{Name: b.Name, Interface: b.Interface, State: "unknown"}
	for _, have := range w.seen.status.Backhauls {
		if have.Name == b.Name && w.seen.answers {
			a.Up, a.State, a.Why, a.RTT = have.Up, have.State, have.Why, have.RTTMS
		}
	}
	by, foreign := w.aired()
	for _, n := range by {
		a.Bytes += n
	}
	a.Foreign = len(foreign)
	for _, f := range w.network.CellBroken() {
		a.Faults = append(a.Faults, string(f))
	}
	return a
}

// outsideNow is what mailboxes, page and war room show, for the screen.
func (w *World) outsideNow() *screen.Outside {
	if w.out == nil {
		return nil
	}
	o := &screen.Outside{Clear: true}
	for _, p := range append(slices.Clone(w.o.Named), [2]string{"wholesale"}) {
		box := screen.Mailbox{Name: p[0]}
		for _, m := range w.out.Mails() {
			if slices.Contains(m.To, w.mailOf(p[0])) {
				box.Count++
				box.Subject, box.First = m.Subject, firstOf(m.Body)
			}
		}
		if w.mailOf(p[0]) != "" {
			o.Mail = append(o.Mail, box)
		}
	}
	for _, e := range w.out.Page() {
		o.Page = append(o.Page, screen.Entry{Title: e.Title, Phase: e.Phase, Told: e.Updates, Over: e.Over()})
		o.Clear = o.Clear && e.Over()
	}
	for _, t := range w.out.Room() {
		o.Room = append(o.Room, screen.Entry{Title: t.Head, Told: t.Replies + 1, Over: t.Over(), Pinned: t.Pinned})
	}
	return o
}

// mailOf is where a person or partner of the configuration reads.
func (w *World) mailOf(name string) string {
	for _, p := range w.config.People {
		if p.Name == name {
			return p.Mail
		}
	}
	for _, p := range w.config.Partners {
		if p.Name == name && len(p.Mail) > 0 {
			return p.Mail[0]
		}
	}
	return ""
}
