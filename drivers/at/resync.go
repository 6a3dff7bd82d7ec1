package at

import (
	"fmt"
	"time"
)

// stage of making a dirty wire clean.
type stage int

const (
	clean    stage = iota
	settling       // waiting for the line to fall quiet
	calling        // AT is out; any final result will do
	probing        // the probe is out; its own answer must come
	probed         // its answer came; the OK after it is still due
)

const (
	quietFor   = 300 * time.Millisecond
	quietLimit = 3 * time.Second
	callLimit  = time.Second
	probeLimit = 3 * time.Second
	maxResyncs = 2
)

// resync is the state of a dirty wire (field experience: the answer of a
// command that timed out comes as the answer of the next one).
type resync struct {
	stage  stage
	at     time.Time // when this stage is over
	until  time.Time // when settling ends although lines still come
	escape bool      // a message prompt may be open
	failed int       // in a row
}

// begin starts from silence, keeping count of failures.
func (r *resync) begin(prompt bool) {
	now := time.Now()
	r.stage, r.at, r.until = settling, now.Add(quietFor), now.Add(quietLimit)
	r.escape = r.escape || prompt
}

// heard pushes the end of settling out while lines still come.
func (r *resync) heard() {
	if r.stage != settling {
		return
	}
	if r.at = time.Now().Add(quietFor); r.at.After(r.until) {
		r.at = r.until
	}
}

// resyncDue goes to the next stage when the present one is over.
func (w *Wire) resyncDue() {
	r := &w.own.resync
	if !w.own.writing.IsZero() {
		r.at = w.own.writing
		return
	}
	switch r.stage {
	case settling:
		w.settled()
	case calling:
		w.probe()
	case probing, probed:
		w.resyncFailed()
	}
}

// settled ends a prompt, if one may be open, and calls.
func (w *Wire) settled() {
	r := &w.own.resync
	w.own.lex.reset()
	call, shown := "AT\r", "AT (resync)"
	if r.escape {
		call, shown = escape+"\r"+call, "ESC, "+shown
		r.escape = false
	}
	w.own.counts.Resyncs++
	r.stage, r.at = calling, time.Now().Add(callLimit)
	w.put(call, shown)
}

func (w *Wire) probe() {
	w.own.resync.stage, w.own.resync.at = probing, time.Now().Add(probeLimit)
	w.put("AT"+w.opts.Probe.Text+"\r", "AT"+w.opts.Probe.Text+" (resync)")
}

func (w *Wire) resyncFailed() {
	r := &w.own.resync
	if r.failed++; r.failed >= maxResyncs {
		w.close(fmt.Errorf("%w: %d resyncs failed", ErrUnresponsive, r.failed))
		return
	}
	w.opts.Trace(Note, "resync failed, once more")
	r.begin(true) // whatever was asked first, a prompt may be open by now
}

// resyncLine looks at a line while the wire is dirty. All but the probe's own
// answer is thrown away.
func (w *Wire) resyncLine(line string) {
	r := &w.own.resync
	switch {
	case r.stage == calling && isFinal(line, false):
		// The answer may belong to a command that was given up: let more come.
		r.at = time.Now().Add(quietFor)
	case r.stage == probing && w.opts.Probe.Match(line):
		r.stage = probed
	case r.stage == probed && line == "OK":
		*r = resync{}
		w.own.ready = time.Now().Add(w.opts.Gap)
		w.opts.Trace(Note, "in step again")
	default:
		r.heard()
	}
}
