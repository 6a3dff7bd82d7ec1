package main

import (
	"fmt"
	"strconv"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/firmware/event"
	"heliograph/firmware/rehearsal/story"
)

// loops is how long a text to a modem's own number is on its way back, and an
// operator's answer on its way here.
const loops = 4 * time.Second

// machine answers what no person reads: a text to a modem's own number comes
// back to it, and an operator says what the SIM has left.
func (w *world) machine(by string, j delivery.Job) bool {
	for _, m := range w.modems {
		back := event.Received{Worker: m.Name, Hash: fmt.Sprint("machine ", time.Since(w.began), j.To), From: j.To, Text: j.Text, Sent: time.Now()}
		switch {
		case j.To == "", j.To == m.Number && by != m.Name:
			return false // it proves nothing of its modem: told as a text that nobody expects
		case j.To == m.Number && w.shown["loop"] == "lost":
			return true
		case j.To == m.Number:
		case j.To == m.Credit.To:
			back.Text = fmt.Sprintf("Your credit is %.2f EUR.", w.number("credit", 12.40))
		default:
			continue
		}
		time.AfterFunc(loops, func() { w.inbox.Put(back) })
		return true
	}
	return false
}

// show sets what a look at the box shows.
func (w *world) show(part, how string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shown[part] = how
}

func (w *world) number(part string, usual float64) float64 {
	if n, err := strconv.ParseFloat(w.shown[part], 64); err == nil {
		return n
	}
	return usual
}

// inspect is what main would find.
func (k *dialler) inspect(e event.Inspect) {
	for i, part := range e.Parts {
		f := k.finding(part)
		took := time.Duration(0)
		switch part {
		case event.Signal, event.Disk, event.Clock, event.Heat:
		case event.Credit:
			took = 2*time.Second + 30*time.Millisecond
		default:
			took = time.Second + time.Duration(40+i)*time.Millisecond
		}
		time.AfterFunc(took, func() { k.engine.Put(event.Inspected{Part: part, Findings: f}) })
	}
}

func (k *dialler) finding(part string) []event.Finding {
	k.mu.Lock()
	defer k.mu.Unlock()
	f := event.Finding{Part: part, OK: true}
	var all []event.Finding
	switch part {
	case event.Signal, event.Credit:
		for _, m := range k.modems {
			f.Of, f.Value = m.Name, k.number(part, -71)
			if part == event.Credit {
				if m.Credit.USSD == "" {
					continue
				}
				f.Value, f.Unit = k.number(part, 12.40), "EUR"
			}
			all = append(all, f)
		}
		return all
	case event.Disk:
		if f.Value = 0.81; k.shown[part] == "full" {
			f.OK, f.Value, f.Why = false, 0.01, "3 MB free; make room in the data folder"
		}
	case event.Clock:
		if k.shown[part] == "wrong" {
			f.OK, f.Why = false, "nobody bears it out"
		}
	case event.Heat:
		f.Value = k.number(part, 45)
	default:
		f.Value = 1
		if k.refuse[part] != nil {
			f.OK, f.Why = false, "the login was refused"
		}
	}
	return []event.Finding{f}
}

// proves does what a story says of the self-test.
func (s *stage) proves(l story.Line, how string) {
	if l.Verb == "inspect" {
		s.world.show(l.Who, how)
		return
	}
	s.engine.Put(event.SelftestDue{Scheduled: time.Now()})
}
