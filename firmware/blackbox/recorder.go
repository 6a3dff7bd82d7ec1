// Package blackbox keeps the last minutes in memory: what was said to the
// modems and what the probes saw. When an incident opens, resolves or closes
// they are frozen, so that afterwards nobody has to guess what the box knew.
//
// It hides nothing itself: lines come masked from the modem's driver, which
// follows the dialogue and knows a text from a signal.
package blackbox

import (
	"slices"
	"sync"
	"time"

	"heliograph/firmware/event"
)

// Reach is how far back samples are kept.
const Reach = 10 * time.Minute

const (
	firstSamples = 1 << 10 // room to begin with
	mostSamples  = 1 << 14 // more than this only a box with a hundred probes has in ten minutes
	mostLines    = 2000    // of one modem
)

// Line is one line of the dialogue with a modem.
type Line struct {
	At    time.Time `json:"at"`
	Modem string    `json:"modem"`
	Dir   string    `json:"dir"` // ">" to the modem, "<" from it, "!" what the driver did
	Text  string    `json:"text"`
}

// Sample is what one probe saw.
type Sample struct {
	At      time.Time `json:"at"` // when its round was over
	Subject string    `json:"subject"`
	Probe   string    `json:"probe"`
	OK      bool      `json:"ok"`
	Local   bool      `json:"local,omitempty"` // failed on this box, not beyond it
	MS      float64   `json:"ms,omitempty"`    // how long the answer took
	Seen    string    `json:"seen,omitempty"`
}

// sample is a Sample in memory: it shares the strings of the probe, and its
// age is counted by the monotonic clock.
type sample struct {
	age                  time.Duration // since the recorder began
	rtt                  time.Duration
	subject, probe, seen string
	ok, local            bool
}

// Recorder is the memory. Its methods may be called from any goroutine.
type Recorder struct {
	began time.Time // with its monotonic reading: a clock that is set disorders nothing

	mu     sync.Mutex
	ring   []sample // grows while what falls out is younger than Reach
	head   int      // the oldest
	used   int
	modems map[string]*tape
}

// tape is where a modem's lines are.
type tape struct {
	live   func() []Line // nil while the modem does not run
	before []Line        // of an earlier run of the same modem
}

// New begins to remember.
func New() *Recorder {
	return &Recorder{began: time.Now(), ring: make([]sample, firstSamples), modems: map[string]*tape{}}
}

// Probed keeps one probe's result. It costs no allocation.
func (r *Recorder) Probed(subject string, x event.Result, at time.Time) {
	s := sample{age: at.Sub(r.began), rtt: x.RTT, subject: subject, probe: x.Probe, seen: x.Seen, ok: x.OK, local: x.Local}
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.used > 0 && s.age-r.ring[r.head].age > Reach {
		r.drop()
	}
	if r.used == len(r.ring) {
		r.grow()
	}
	r.ring[(r.head+r.used)%len(r.ring)] = s
	r.used++
}

func (r *Recorder) drop() {
	r.ring[r.head] = sample{} // lets go of its words
	r.head = (r.head + 1) % len(r.ring)
	r.used--
}

// grow makes room for one more: at the bound by dropping the oldest.
func (r *Recorder) grow() {
	if len(r.ring) >= mostSamples {
		r.drop()
		return
	}
	wider := make([]sample, 2*len(r.ring))
	n := copy(wider, r.ring[r.head:])
	copy(wider[n:], r.ring[:r.head])
	r.ring, r.head = wider, 0
}

// Attach names where a modem's last lines can be read, oldest first, until
// detach is called: then they are read once more and kept, because a modem
// that is restarted begins a new tape.
func (r *Recorder) Attach(modem string, lines func() []Line) (detach func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.modems[modem]
	if t == nil {
		t = &tape{}
		r.modems[modem] = t
	}
	t.live = lines
	return func() {
		last := lines()
		r.mu.Lock()
		defer r.mu.Unlock()
		t.before, t.live = tail(append(t.before, last...), mostLines), nil
	}
}

func tail[T any](list []T, most int) []T {
	return slices.Clone(list[max(0, len(list)-most):])
}

// lines are those of all modems after an instant, in the order of time.
func (r *Recorder) lines(since time.Time) []Line {
	type source struct {
		name string
		tape tape
	}
	r.mu.Lock()
	var sources []source
	for name, t := range r.modems {
		sources = append(sources, source{name, *t})
	}
	r.mu.Unlock()
	all := []Line{}
	for _, s := range sources {
		list := s.tape.before
		if s.tape.live != nil {
			list = append(slices.Clone(list), s.tape.live()...)
		}
		for _, l := range tail(list, mostLines) {
			if l.Modem = s.name; l.At.After(since) {
				all = append(all, l)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Line) int { return a.At.Compare(b.At) })
	return all
}

// samples are those after an instant, none older than Reach.
func (r *Recorder) samples(since, now time.Time) []Sample {
	from := max(since.Sub(r.began), now.Sub(r.began)-Reach)
	r.mu.Lock()
	defer r.mu.Unlock()
	all := []Sample{}
	for i := range r.used {
		s := r.ring[(r.head+i)%len(r.ring)]
		if s.age <= from {
			continue
		}
		all = append(all, Sample{
			At: r.began.Add(s.age), Subject: s.subject, Probe: s.probe, OK: s.ok, Local: s.local, Seen: short(s.seen),
			MS: float64(s.rtt.Microseconds()) / 1000,
		})
	}
	return all
}
