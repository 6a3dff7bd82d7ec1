package decide

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// Carrier is a worker as the configuration describes it.
type Carrier struct {
	Name     string
	Channel  string
	Fallback bool // it carries only what no other worker of its channel can
	Online   bool // it needs a path to the Internet
}

// health is how a worker fared with what it was given. All times are box time.
type health struct {
	faults int       // refusals for its own reasons, and texts without an answer, since its last success
	ill    time.Time // since the first of them
	last   time.Time // the latest of them
	rest   time.Time // it claims nothing before this
	why    string    // what it said at last

	step    int       // of congestion, up to len(spread); zero: none
	held    time.Time // outside audiences are not told by it before this
	crowded time.Time // the first refusal for congestion since its last success
	refused time.Time // the latest one
	eased   bool      // the network has taken something since

	stop    event.Limited // a limit of its own that is used up
	stopped time.Time     // since when
}

// rests is how long a worker that refuses for its own reasons claims nothing.
// It grows, so that a sick worker does not grab the urgent text again and
// again; a single one must still be tried every minute.
var rests = []time.Duration{time.Second, 4 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second, time.Minute}

// spread is the pause between texts to outside audiences while the network is
// congested (3GPP TS 24.011 Annex E, causes 22, 42 and 47; 23.040 §9.2.3.22,
// cause 192).
var spread = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute}

const (
	behindRest = time.Second      // a refused row is due this long after its worker: what else waits goes first
	forgiven   = 10 * time.Minute // after so long without a fault a worker is as good as any
	slow       = time.Minute      // a worker that is busy with one text for longer hangs: texts take up to 45 s (3GPP TS 24.011 §10.1, TR1M)
	standIn    = 15 * time.Minute // a fallback waits so long for the others before it carries what is not urgent
	calm       = 5 * time.Minute  // congestion is over after so long without a refusal, if something was taken
	calmUnseen = 30 * time.Minute // and after so long in any case
)

// doubtful says that a better worker, if there is one, should carry what is
// urgent.
func (h health) doubtful(now time.Time) bool { return h.sick(now) || h.step > 0 }

func (h health) sick(now time.Time) bool { return h.faults > 0 && now.Before(h.last.Add(forgiven)) }

// stops says that a limit keeps the worker from carrying a class.
func (h health) stops(class event.Class, now time.Time) bool {
	return h.stop.Free.After(now) && class >= h.stop.Class
}

// Ration is what a worker may carry now.
type Ration struct {
	Nothing     bool
	Own         bool        // only what no other worker may carry
	From, Below event.Class // the classes from From on and, unless Below is zero, more urgent than Below
	Short       event.Class // from this class on single parts only; zero: texts of any length
	Until       time.Time   // box time at which that may change though nothing happens; zero: never
}

// Carries says whether a class is in the ration.
func (r Ration) Carries(class event.Class) bool {
	return !r.Nothing && !r.Own && class >= r.From && (r.Below == 0 || class < r.Below)
}

// Ration shares the work out among the workers of a channel. busy tells since
// when the workers that carry something have been at it.
func (r Rules) Ration(s State, worker string, busy map[string]time.Time, now time.Time) Ration {
	h := s.Health[worker]
	if h.rest.After(now) {
		return Ration{Nothing: true, Until: h.rest}
	}
	var q Ration
	if h.step > 0 {
		q.Short = event.Partners
		if h.held.After(now) {
			q.Below, q.Until = event.Partners, h.held
		}
	}
	self, ok := r.carrier(worker)
	switch {
	case !ok:
	case self.Online:
		return r.overNet(s, q)
	case self.Fallback:
		return r.fallback(s, self, q, busy, now)
	case h.doubtful(now):
		if better, lasts := r.better(s, self, busy, now); better {
			q.From = event.Partners
			q.Until = earliest(q.Until, lasts)
		}
	}
	return q
}

// overNet lets a worker carry what there is a path for. While only a reserve is
// left of the budget, that is what operators and all-clears need.
func (r Rules) overNet(s State, q Ration) Ration {
	switch {
	case r.Path(s, event.Operators) == "":
		return Ration{Nothing: true, Until: q.Until}
	case r.Path(s, event.Partners) == "":
		q.Below = event.Partners
	}
	return q
}

func (r Rules) carrier(name string) (Carrier, bool) {
	i := slices.IndexFunc(r.Carriers, func(c Carrier) bool { return c.Name == name })
	if i < 0 {
		return Carrier{}, false
	}
	return r.Carriers[i], true
}

// Fallback says that a worker is one of last resort.
func (r Rules) Fallback(worker string) bool {
	c, _ := r.carrier(worker)
	return c.Fallback
}

// others are the workers of the same channel that are not for fallback.
func (r Rules) others(self Carrier) []Carrier {
	return slices.DeleteFunc(slices.Clone(r.Carriers), func(c Carrier) bool {
		return c.Name == self.Name || c.Channel != self.Channel || c.Fallback
	})
}

// better finds a worker that may be trusted with urgent texts, and until when.
func (r Rules) better(s State, self Carrier, busy map[string]time.Time, now time.Time) (found bool, lasts time.Time) {
	for _, c := range r.others(self) {
		h := s.Health[c.Name]
		if h.doubtful(now) {
			continue
		}
		if able, end := s.able(c, busy, now); able {
			found, lasts = true, earliest(lasts, end)
		}
	}
	return found, lasts
}

// able says that a worker can take an urgent text, soon at least, and until
// when that is so if nothing happens.
func (s State) able(c Carrier, busy map[string]time.Time, now time.Time) (bool, time.Time) {
	h := s.Health[c.Name]
	if !s.Workers[c.Name].Fit || h.rest.After(now) || h.stops(event.Operators, now) {
		return false, time.Time{}
	}
	var lasts time.Time
	if since, at := busy[c.Name]; at {
		lasts = since.Add(slow)
	}
	if !h.crowded.IsZero() {
		lasts = earliest(lasts, h.crowded.Add(slow))
	}
	return lasts.IsZero() || lasts.After(now), lasts
}

// fallback lets a worker of last resort carry what is urgent as soon as no
// other can, and the rest after a while.
func (r Rules) fallback(s State, self Carrier, q Ration, busy map[string]time.Time, now time.Time) Ration {
	rest := true
	for _, c := range r.others(self) {
		since := s.out(c, now)
		if since.IsZero() || now.Before(since.Add(standIn)) {
			rest = false
			if !since.IsZero() {
				q.Until = earliest(q.Until, since.Add(standIn))
			}
			if able, lasts := s.able(c, busy, now); able {
				return Ration{Own: true, From: event.Proof, Until: earliest(q.Until, lasts)} // its own self-test goes by nobody else
			}
		}
	}
	if !rest {
		q.Below = event.Partners
	}
	return q
}

// out is since when a worker cannot carry what it should; zero: it can.
func (s State) out(c Carrier, now time.Time) time.Time {
	w, known := s.Workers[c.Name]
	h := s.Health[c.Name]
	var since time.Time
	switch {
	case !known:
		since = s.Booted.Box
	case !w.Fit:
		since = s.Unfit[c.Name].since.Box
	}
	if h.sick(now) {
		since = earliest(since, h.ill)
	}
	if h.stop.Free.After(now) {
		since = earliest(since, h.stopped)
	}
	return earliest(since, h.crowded)
}

// Compare orders workers that are idle: the sound before the doubtful, and
// those of last resort last.
func (r Rules) Compare(s State, a, b string, now time.Time) int {
	rank := func(name string) (n int) {
		if s.Health[name].doubtful(now) {
			n += 2
		}
		if r.Fallback(name) {
			n++
		}
		return n
	}
	return rank(a) - rank(b)
}

// Calm says that no congestion is known of a worker's network.
func (s State) Calm(worker string) bool { return s.Health[worker].step == 0 }

// Stopped is the limit of a worker that the state knows to be used up.
func (s State) Stopped(worker string) event.Limited { return s.Health[worker].stop }

func (s *State) heal(worker string, h health) {
	s.Health = cloned(s.Health)
	s.Health[worker] = h
}

// fared enters how an attempt ended into its worker's health.
func (st *step) fared(f event.Outcome) {
	if f.Worker == "" || f.Fate == event.Delivered || f.Fate == event.Undelivered || f.Fate == event.Expired {
		return // not the end of an attempt
	}
	h := st.s.Health[f.Worker]
	was := h
	switch {
	case f.Device:
		h = h.fault(st.at.Box, f.Code)
		h.rest = st.at.Box.Add(max(f.After, rests[min(h.faults, len(rests))-1]))
	case f.Fate == event.Unsure && !f.Cut:
		h = h.fault(st.at.Box, f.Code)
	case f.Fate == event.Taken:
		h.faults, h.ill, h.rest = 0, time.Time{}, time.Time{}
	}
	h = st.paced(f, h)
	if h != was {
		st.s.heal(f.Worker, h)
	}
}

func (h health) fault(now time.Time, why string) health {
	if !h.sick(now) {
		h.faults, h.ill = 0, now
	}
	h.faults++
	h.last, h.why = now, why
	return h
}

// paced keeps the pace of a worker whose network is congested: texts to
// outside audiences go one by one, further apart with each refusal and closer
// with each success. People on call are not held back.
func (st *step) paced(f event.Outcome, h health) health {
	switch {
	case f.Congested:
		return st.crowd(f, h)
	case h.step == 0:
		return h
	case f.Fate == event.Taken:
		h.eased, h.crowded = true, time.Time{}
		if f.Class >= event.Partners {
			h.step = max(h.step-1, 1)
		}
	}
	if f.Class >= event.Partners {
		h.held = st.at.Box.Add(st.spread(h.step))
	}
	return h
}

func (st *step) crowd(f event.Outcome, h health) health {
	now, begins := st.at.Box, h.step == 0
	if h.step == 0 || !h.held.After(now) {
		h.step = min(h.step+1, len(spread))
	}
	if next := now.Add(st.spread(h.step)); next.After(h.held) {
		h.held = next
	}
	if h.crowded.IsZero() {
		h.crowded = now
	}
	h.refused, h.eased = now, false
	if begins {
		st.note(0, "congested", "%s: congested%s, subscribers held back %s", f.Worker, led(", ", f.Code), until(st.rules.Language, h.held, st.at))
	}
	return h
}

// spread is the pause of a step; a tenth of chance keeps boxes that share a
// cell from coming back together.
func (st *step) spread(n int) time.Duration {
	d := spread[n-1]
	return d + time.Duration(st.at.Nonce%uint64(d/10))
}

func (h health) calmAt() time.Time {
	if h.step == 1 && h.eased {
		return h.refused.Add(calm)
	}
	return h.refused.Add(calmUnseen)
}

// ease ends congestion that has not shown for a while.
func (st *step) ease() {
	for _, name := range slices.Sorted(maps.Keys(st.s.Health)) {
		h := st.s.Health[name]
		if h.step == 0 || st.at.Box.Before(h.calmAt()) {
			continue
		}
		h.step, h.held, h.crowded, h.refused, h.eased = 0, time.Time{}, time.Time{}, time.Time{}, false
		st.s.heal(name, h)
		st.note(0, "congested", "%s: congestion is over, subscribers go on", name)
	}
}

// offered is when a row that a worker refused may go again: at once where
// another can take it, and else a moment after the worker has rested, so that
// one text which is always refused does not hold up the others.
func (st *step) offered(f event.Outcome, v audience.Verdict) audience.Verdict {
	switch {
	case v.Status != "":
	case f.Device && st.elsewhere(f, true):
		v.RetryAt = st.at.Box
	case f.Device:
		v.RetryAt = st.s.Health[f.Worker].rest.Add(behindRest)
	case f.Congested && st.elsewhere(f, false):
		v.RetryAt = st.at.Box
	}
	return v
}

// elsewhere says that another worker may carry what this one refused.
func (st *step) elsewhere(f event.Outcome, fallback bool) bool {
	self, _ := st.rules.carrier(f.Worker)
	return slices.ContainsFunc(st.rules.Carriers, func(c Carrier) bool {
		h := st.s.Health[c.Name]
		return c.Name != self.Name && c.Channel == self.Channel && (fallback || !c.Fallback) && st.s.Workers[c.Name].Fit &&
			h.step == 0 && !h.sick(st.at.Box) && !h.stops(f.Class, st.at.Box) && st.rules.Ration(st.s, c.Name, nil, st.at.Box).Carries(f.Class)
	})
}

// limited takes in that a worker has used up a limit. People hear of it once
// in the limit's window, across restarts.
func (st *step) limited(f event.Limited) {
	h := st.s.Health[f.Worker]
	if !h.stop.Free.After(st.at.Box) {
		h.stopped = st.at.Box
	}
	h.stop = f
	st.s.heal(f.Worker, h)
	if told, ok := st.s.Limited[f.Worker]; ok && st.at.Box.Before(told.Add(f.Window)) {
		return
	}
	st.s.Limited = cloned(st.s.Limited)
	st.s.Limited[f.Worker] = st.at.Box
	text := fmt.Sprintf("%s has used up its %d texts in %s", f.Worker, f.Max, window(f.Window))
	if f.Class > event.AllClears && f.Reserve > 0 {
		text = fmt.Sprintf("%s has used up its limit, %d of %d texts in %s; the %d are for you and all-clears",
			f.Worker, f.Max-f.Reserve, f.Max, window(f.Window), f.Reserve)
	}
	text += ". The rest waits " + until(st.rules.Language, f.Free, st.at)
	if by := st.instead(f); by != "" {
		text += " or goes by " + by
	}
	st.note(0, "limit", "%s", text)
	st.boxNews(text)
}

// instead names a worker that carries what a limit stops.
func (st *step) instead(f event.Limited) string {
	self, _ := st.rules.carrier(f.Worker)
	for _, c := range st.rules.others(self) {
		if st.s.Workers[c.Name].Fit && !st.s.Health[c.Name].stops(f.Class, st.at.Box) {
			return c.Name
		}
	}
	return ""
}

func window(d time.Duration) string {
	if d > 48*time.Hour {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return fmt.Sprintf("%d h", max(d/time.Hour, 1))
}

// until says how long something lasts: to an instant, or, while no clock can
// be trusted, for a length.
func until(language string, box time.Time, now event.Stamp) string {
	return notice.Until(language, box, now)
}

// Ailments are what keeps workers from carrying all they should, in short
// words for STATUS and the board.
func (r Rules) Ailments(s State, now event.Stamp) []string {
	return slices.Concat(r.ails(s, now), s.failing(), r.unprovedPaths(s))
}

// ails is what the self-test does not find out itself.
func (r Rules) ails(s State, now event.Stamp) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s.Health)) {
		h := s.Health[name]
		if h.step > 0 {
			list = append(list, fmt.Sprintf("%s congested, subscribers held back", name))
		}
		if h.sick(now.Box) && h.faults > 1 {
			list = append(list, fmt.Sprintf("%s fails%s", name, led(": ", h.why)))
		}
		if h.stop.Free.After(now.Box) {
			list = append(list, fmt.Sprintf("%s limit used up %s", name, until(r.Language, h.stop.Free, now)))
		}
	}
	for _, b := range r.Backhauls {
		if r.roams(s, b.Name) {
			list = append(list, b.Name+" is abroad and may not roam: mail and pages wait for an uplink")
		}
	}
	if len(r.Backhauls) > 0 && s.Backhaul == linkOff {
		list = append(list, "LTE is OFF by order")
	}
	return append(list, r.missed(s, now)...)
}
