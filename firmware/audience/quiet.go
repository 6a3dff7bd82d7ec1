package audience

import "time"

// Quiet is a time of day in which what can wait waits. From equal to To means
// never.
type Quiet struct {
	From, To Clock
	Except   []string // kinds that go all the same
}

// Ends is when the quiet that holds at an instant is over; zero: it is not
// quiet. The times are those of the wall, so the night in which the clocks
// change is an hour longer or shorter.
func (q Quiet) Ends(wall time.Time, zone *time.Location) time.Time {
	_, end := q.around(wall, zone)
	return end
}

// Began is when the quiet that holds at an instant has begun; zero: it is not
// quiet.
func (q Quiet) Began(wall time.Time, zone *time.Location) time.Time {
	began, _ := q.around(wall, zone)
	return began
}

func (q Quiet) around(wall time.Time, zone *time.Location) (began, end time.Time) {
	if q.From == q.To {
		return time.Time{}, time.Time{}
	}
	here := wall.In(zone)
	// What began yesterday may last into today.
	for _, day := range []int{-1, 0} {
		from := q.From.on(here, day)
		to := q.To.on(here, day)
		if !to.After(from) {
			to = q.To.on(here, day+1)
		}
		if !wall.Before(from) && wall.Before(to) {
			return from.UTC(), to.UTC()
		}
	}
	return time.Time{}, time.Time{}
}

func (c Clock) on(here time.Time, days int) time.Time {
	return time.Date(here.Year(), here.Month(), here.Day()+days, c.Hour, c.Minute, 0, 0, here.Location())
}
