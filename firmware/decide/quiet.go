package decide

import "time"

// waitsUntil is the morning, in box time, until which what can wait lets
// somebody sleep; zero: it does not wait. With a clock that cannot be believed
// nothing does.
func (st *step) waitsUntil(name string) time.Time {
	p, ok := st.rules.Audience.Person(name)
	if !ok || !st.at.Trusted {
		return time.Time{}
	}
	ends := p.Quiet.Ends(st.at.Wall, st.zone())
	if ends.IsZero() {
		return ends
	}
	return st.boxOf(ends)
}
