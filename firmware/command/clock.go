package command

import "time"

// Clock is a time of day as somebody wrote it: 06:30, 6:30, 0630, 06.30,
// 06:30Z, tomorrow 06:30, 23 Nov 06:30, 23.11 06:30, +2h, in 90 min, ? (not
// known).
type Clock struct {
	In           time.Duration // from now on; then nothing else is set
	Day          int           // of the month, with Month; zero when no date was given
	Month        time.Month
	Tomorrow     bool
	Hour, Minute int
	UTC          bool // Z or UTC was written
	Unknown      bool // "?": nobody knows yet
	Set          bool // something was written
}

// Resolve gives the next such instant after now; a plain time of day that is
// past today is tomorrow's. It is false for what cannot be, such as 31 Feb,
// and for a time that is not known.
func (c Clock) Resolve(now time.Time, zone *time.Location) (time.Time, bool) {
	return time.Time{}, false
}
