package audience

import (
	"cmp"
	"slices"
	"time"
)

// Rota says who has duty, and when. Its times are those of a wall: 09:00 stays
// 09:00 when the clocks change. A time that the wall shows twice counts the
// first time; one that it leaves out comes when the wall has passed it.
type Rota struct {
	Name      string
	Zone      *time.Location // of the wall; nil: UTC
	Layers    []Layer        // a later one covers the earlier ones while it holds
	Overrides []Shift        // cover all layers; a later one covers the earlier ones

	// Calendar gives the shifts that touch the time from an instant to
	// another, in the order of their beginnings; they lie below all layers,
	// and who are in it at the same time share the duty. Nil: there is none.
	Calendar func(from, to time.Time) []Shift
	Others   []string // people whom only the calendar names, in order
}

// Layer is people who take turns. Without Days and Between it always holds.
type Layer struct {
	Turns    []string // one after another; one name may stand there several times
	Handover Handover
	From     time.Time      // midnight UTC of the day on which the first of the turns begins; zero: turns are counted in ISO weeks, or days, from 5 January 1970
	Begins   bool           // it does not hold before From
	Days     []time.Weekday // it holds on these days only; none: on all
	Between  [2]Clock       // and between these times, past midnight if the second is not later; two that are equal mean a day from then on
}

// Handover is when one turn ends and the next begins.
type Handover struct {
	Daily bool // every day, and not on Day
	Day   time.Weekday
	Clock
}

// Clock is a time of day on the wall.
type Clock struct{ Hour, Minute int }

// Shift is the duty of one person from an instant to another.
type Shift struct {
	Who      string
	From, To time.Time
}

// Duty is who has duty from an instant to another; To zero: for ever. Nobody
// has it where Who is empty.
type Duty struct {
	Who      []string
	From, To time.Time
}

// Swap is duty that somebody took for another by text. It is durable.
type Swap struct {
	Rota string    `json:"rota"`
	Who  string    `json:"who"`           // who has the duty instead
	For  string    `json:"for,omitempty"` // whose duty it was; empty: whoever's
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// furthest is how far a change of duty is looked for.
const furthest = 5 * 366 * 24 * time.Hour

// At says who has duty at an instant and until when that is so; zero: for
// ever, or for longer than anybody plans: five years, a year by a calendar.
// Nobody in a gap.
func (r Rota) At(wall time.Time, swaps []Swap) (who []string, until time.Time) {
	for _, span := range r.spans() {
		s := r.look(wall, wall.Add(span), swaps)
		who = s.who(wall)
		for at := s.next(wall); !at.IsZero() && at.Before(s.to); at = s.next(at) {
			if !slices.Equal(s.who(at), who) {
				return who, at
			}
		}
	}
	return who, time.Time{}
}

// Next is the next change of duty after an instant, and who has it then; zero
// if there is none, nobody if a gap begins.
func (r Rota) Next(wall time.Time, swaps []Swap) (at time.Time, who []string) {
	if _, at = r.At(wall, swaps); at.IsZero() {
		return at, nil
	}
	who, _ = r.At(at, swaps)
	return at, who
}

// Plan is the duties from an instant to another without a hole between them:
// the first begins at from, the last ends at to or later.
func (r Rota) Plan(from, to time.Time, swaps []Swap) []Duty {
	var plan []Duty
	for at := from; at.Before(to); {
		who, until := r.At(at, swaps)
		plan = append(plan, Duty{who, at, until})
		if until.IsZero() {
			break
		}
		at = until
	}
	return plan
}

// NextOf is the duty that somebody has at an instant, else the next one, if it
// begins within a year. That of the instant begins with it.
func (r Rota) NextOf(name string, wall time.Time, swaps []Swap) (Duty, bool) {
	for at, end := wall, wall.AddDate(1, 0, 0); at.Before(end); {
		who, until := r.At(at, swaps)
		if slices.Contains(who, name) {
			return Duty{who, at, until}, true
		}
		if until.IsZero() {
			break
		}
		at = until
	}
	return Duty{}, false
}

// Everyone is all people of the rota in order: whom to tell while the box does
// not know the day.
func (r Rota) Everyone() []string {
	var all []string
	for _, l := range r.Layers {
		all = append(all, l.Turns...)
	}
	for _, o := range r.Overrides {
		all = append(all, o.Who)
	}
	return once(append(all, r.Others...))
}

// Ended takes out the swaps that are over.
func Ended(swaps []Swap, wall time.Time) []Swap {
	return slices.DeleteFunc(slices.Clone(swaps), func(s Swap) bool { return !wall.Before(s.To) })
}

// Rota finds a rota by name.
func (r Rules) Rota(name string) (Rota, bool) {
	i := slices.IndexFunc(r.Rotas, func(x Rota) bool { return x.Name == name })
	if i < 0 {
		return Rota{}, false
	}
	return r.Rotas[i], true
}

// OnDuty is the rules at an instant: from then on a rota's name means who has
// duty. Rules that were told no instant take it for everybody in the rota, as
// they do when the clock is not trusted: nobody is missed.
func (r Rules) OnDuty(wall time.Time, trusted bool, swaps []Swap) Rules {
	r.instant = instant{wall, trusted, swaps}
	return r
}

type instant struct {
	wall    time.Time
	trusted bool
	swaps   []Swap
}

// Expand puts in the place of a rota's name who has duty, each person once.
// Everybody in the rota comes instead while the clock is not trusted, in a
// gap, and when none of those on duty can be texted. Other names stay.
func (r Rules) Expand(names []string, wall time.Time, trusted bool, swaps []Swap) []string {
	if len(r.Rotas) == 0 {
		return names
	}
	var people []string
	for _, name := range names {
		if rota, ok := r.Rota(name); ok {
			people = append(people, r.onDuty(rota, wall, trusted, swaps)...)
		} else {
			people = append(people, name)
		}
	}
	return once(people)
}

func (r Rules) onDuty(rota Rota, wall time.Time, trusted bool, swaps []Swap) []string {
	if trusted {
		who, _ := rota.At(wall, swaps)
		if slices.ContainsFunc(who, r.texted) {
			return who
		}
	}
	all := rota.Everyone()
	for _, s := range swaps {
		if s.Rota == rota.Name {
			all = append(all, s.Who)
		}
	}
	return once(all)
}

func (r Rules) texted(name string) bool {
	p, ok := r.Person(name)
	return ok && p.SMS != ""
}

// once keeps each name where it stands first.
func once(names []string) []string {
	var kept []string
	for _, name := range names {
		if !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}

// sight is what is known of a rota for some time, to judge its instants by.
type sight struct {
	Rota
	shifts []Shift // of the calendar
	swaps  []Swap
	to     time.Time
}

func (r Rota) look(from, to time.Time, swaps []Swap) sight {
	s := sight{Rota: r, to: to}
	if r.Zone == nil {
		s.Zone = time.UTC
	}
	if r.Calendar != nil {
		s.shifts = r.Calendar(from, to)
	}
	for _, swap := range swaps {
		if swap.Rota == r.Name {
			s.swaps = append(s.swaps, swap)
		}
	}
	return s
}

// spans are how far ahead to look, the usual answer first.
func (r Rota) spans() []time.Duration {
	const day = 24 * time.Hour
	if r.Calendar != nil {
		return []time.Duration{35 * day, 366 * day}
	}
	return []time.Duration{furthest}
}

// who has duty at an instant.
func (s sight) who(at time.Time) []string {
	var who []string
	for _, shift := range s.shifts {
		if shift.holds(at) {
			who = append(who, shift.Who)
		}
	}
	for _, l := range s.Layers {
		if l.holds(at, s.Zone) {
			who = []string{l.turn(at, s.Zone)}
		}
	}
	for _, o := range s.Overrides {
		if o.holds(at) {
			who = []string{o.Who}
		}
	}
	for _, swap := range s.swaps {
		if swap.holds(at) {
			who = swap.in(who)
		}
	}
	return once(who)
}

// next is the next instant at which somebody else may have duty; zero: never.
func (s sight) next(at time.Time) time.Time {
	var next time.Time
	edge := func(t time.Time) {
		if t.After(at) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, shift := range slices.Concat(s.shifts, s.Overrides) {
		edge(shift.From)
		edge(shift.To)
	}
	for _, swap := range s.swaps {
		edge(swap.From)
		edge(swap.To)
	}
	for _, l := range s.Layers {
		l.edges(at, s.Zone, edge)
	}
	return next
}

func (s Shift) holds(at time.Time) bool { return !at.Before(s.From) && at.Before(s.To) }

func (s Swap) holds(at time.Time) bool { return !at.Before(s.From) && at.Before(s.To) }

// in puts somebody in the place of another.
func (s Swap) in(who []string) []string {
	if s.For == "" {
		return []string{s.Who}
	}
	var after []string
	for _, name := range who {
		if name == s.For {
			name = s.Who
		}
		after = append(after, name)
	}
	return after
}

// holds says whether a layer covers those below it at an instant.
func (l Layer) holds(at time.Time, zone *time.Location) bool {
	if len(l.Turns) == 0 || l.Begins && at.Before(wallTime(dayOf(l.From), l.Handover.Clock, zone)) {
		return false
	}
	if l.always() {
		return true
	}
	// A window begins a day before the instant at the earliest, and clocks
	// that change at midnight show a day twice.
	today := dayOf(at.In(zone))
	for day := today - 2; day <= today+1; day++ {
		from, to := l.window(day, zone)
		if l.on(day) && !at.Before(from) && at.Before(to) {
			return true
		}
	}
	return false
}

func (l Layer) always() bool { return len(l.Days) == 0 && l.Between[0] == l.Between[1] }

func (l Layer) on(day int) bool {
	return len(l.Days) == 0 || slices.Contains(l.Days, weekdayOf(day))
}

// window is when a layer holds that does so on a day.
func (l Layer) window(day int, zone *time.Location) (from, to time.Time) {
	a, b := l.Between[0], l.Between[1]
	end := day
	if cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Minute, b.Minute)) >= 0 {
		end++
	}
	return wallTime(day, a, zone), wallTime(end, b, zone)
}

// turn is whose turn it is at an instant.
func (l Layer) turn(at time.Time, zone *time.Location) string {
	// The day on which the last time of a hand-over was.
	day := dayOf(at.In(zone)) + 1
	for at.Before(wallTime(day, l.Handover.Clock, zone)) {
		day--
	}
	n := day - l.first()
	if !l.Handover.Daily {
		n = floor(n, 7)
	}
	return l.Turns[n-floor(n, len(l.Turns))*len(l.Turns)]
}

// first is the day from which turns are counted.
func (l Layer) first() int {
	const monday = 4 // 5 January 1970
	switch {
	case !l.From.IsZero():
		return dayOf(l.From)
	case l.Handover.Daily:
		return monday
	}
	return monday + (int(l.Handover.Day)+6)%7
}

// rotates says whether a hand-over hands anything over.
func (l Layer) rotates() bool {
	return slices.ContainsFunc(l.Turns, func(name string) bool { return name != l.Turns[0] })
}

// edges names the instants after one at which a layer may change, the next of
// each sort among them.
func (l Layer) edges(at time.Time, zone *time.Location, edge func(time.Time)) {
	today := dayOf(at.In(zone))
	for day := today - 2; day <= today+8; day++ {
		if l.rotates() && (l.Handover.Daily || weekdayOf(day) == l.Handover.Day) {
			edge(wallTime(day, l.Handover.Clock, zone))
		}
		if !l.always() && l.on(day) {
			from, to := l.window(day, zone)
			edge(from)
			edge(to)
		}
	}
	if l.Begins {
		edge(wallTime(dayOf(l.From), l.Handover.Clock, zone))
	}
}

// dayOf is the number of a date, counted from 1 January 1970.
func dayOf(t time.Time) int {
	year, month, day := t.Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// weekdayOf is the weekday of a date by number: that of 1970 began with a
// Thursday.
func weekdayOf(day int) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) }

// floor divides, downwards below zero too.
func floor(n, by int) int {
	if n < 0 {
		return -((by - 1 - n) / by)
	}
	return n / by
}

// wallTime is the first instant at which the wall shows a time of a date or a
// later one.
func wallTime(day int, c Clock, zone *time.Location) time.Time {
	t := time.Date(1970, 1, 1+day, c.Hour, c.Minute, 0, 0, zone)
	shown := func(t time.Time) int64 { _, offset := t.Zone(); return t.Unix() + int64(offset) }
	want := int64(day)*86400 + int64(c.Hour)*3600 + int64(c.Minute)*60
	begin, end := t.ZoneBounds()
	switch {
	case shown(t) > want: // the wall left it out
		return begin
	case shown(t) < want:
		return end
	case begin.IsZero():
		return t
	}
	// What the wall showed before the clocks were put back, it may have shown
	// then already.
	_, offset := begin.Add(-time.Second).Zone()
	if earlier := time.Unix(want-int64(offset), 0).In(zone); earlier.Before(begin) && earlier.Before(t) {
		return earlier
	}
	return t
}
