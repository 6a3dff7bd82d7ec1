package modem

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// Clocks that were never set show one of their makers' first days (1980-01-06,
// 1970-01-01, 2000-01-01, 2004-01-01). Nothing before this is believed, and
// nothing believes twenty years after it.
var firstDay = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

const believable = 20

// agree is how far two clocks may differ and still bear each other out: the
// network's time is told in whole seconds, some minutes late at worst.
const agree = 2 * time.Minute

// plausible says whether a time can be: not before the software was built,
// not twenty years after.
func (o *Options) plausible(t time.Time) bool {
	floor := firstDay
	if o.Built.After(floor) {
		floor = o.Built
	}
	return !t.Before(floor) && t.Before(floor.AddDate(believable, 0, 0))
}

// netTime is the network's time as it was last told with no doubt about its
// zone, and when.
type netTime struct {
	time time.Time
	at   time.Time
}

func (r netTime) now() (time.Time, bool) {
	if r.at.IsZero() {
		return time.Time{}, false
	}
	return r.time.Add(time.Since(r.at)), true
}

// parseCCLK reads "yy/MM/dd,hh:mm:ss±zz", zz in quarters of an hour
// (27.007 §8.15). The year may have four digits, the zone and the quotes may
// be missing.
func parseCCLK(line string) (time.Time, bool) {
	_, rest, _ := strings.Cut(line, ":")
	s := strings.Trim(strings.TrimSpace(rest), `"`)
	zone := 0
	if i := strings.LastIndexAny(s, "+-"); i > 8 {
		quarters, err := strconv.Atoi(s[i:])
		if err != nil || quarters < -96 || quarters > 96 {
			return time.Time{}, false
		}
		zone, s = quarters*15*60, s[:i]
	}
	return wall(s, zone)
}

// parseNITZ reads what the network said at registration: +CTZE has local time
// and zone, +CTZEU has universal time (27.007 §8.41).
func parseNITZ(line string) (time.Time, bool) {
	if f := at.Fields(line, "+CTZEU"); len(f) >= 3 {
		return wall(f[2], 0)
	}
	f := at.Fields(line, "+CTZE")
	if len(f) < 3 {
		return time.Time{}, false
	}
	quarters, err := strconv.Atoi(f[0])
	if err != nil || quarters < -96 || quarters > 96 {
		return time.Time{}, false
	}
	return wall(f[2], quarters*15*60)
}

// parseQLTS reads Quectel's `+QLTS: "2026/11/21,09:00:00+04,0"`, asked for as
// universal time with the zone beside it; empty before the first NITZ.
func parseQLTS(line string) (time.Time, bool) {
	s := first(at.Fields(line, "+QLTS"))
	if len(s) < 19 {
		return time.Time{}, false
	}
	return wall(s[:19], 0)
}

func wall(s string, zone int) (time.Time, bool) {
	loc := time.UTC
	if zone != 0 {
		loc = time.FixedZone("", zone)
	}
	for _, layout := range []string{"06/01/02,15:04:05", "2006/01/02,15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil && t.Year() >= firstDay.Year() && t.Year() < firstDay.Year()+2*believable {
			return t, true
		}
	}
	return time.Time{}, false
}

// nitz takes the network's time as it was told unasked.
func (s *session) nitz(line string) {
	t, ok := parseNITZ(line)
	if !ok || !s.m.opts.plausible(t) {
		return
	}
	s.m.mu.Lock()
	s.m.reference = netTime{t, time.Now()}
	s.m.mu.Unlock()
	s.m.opts.Inbox.NetworkTime(t, "NITZ")
}

// askClock reads the modem's clock, which the network may have set. Some makes
// show universal time with the local zone beside it: where there is a
// reference it settles that, and where there is none and the zone matters, the
// clock is not passed on.
func (s *session) askClock() error {
	if err := s.askReference(); err != nil {
		return err
	}
	lines, err := s.get("+CCLK?", at.Polling, 0)
	if err != nil || len(lines) == 0 {
		return err
	}
	t, ok := parseCCLK(lines[0])
	if !ok || !s.m.opts.plausible(t) {
		return nil
	}
	s.m.mu.Lock()
	known, there := s.m.reference.now()
	s.m.mu.Unlock()
	t, wrong, ok := settle(t, known, there, s.persona.Vendor == "quectel" && !s.local)
	s.m.suspect(func(c *suspicions) { c.clock = wrong })
	if ok {
		s.m.opts.Inbox.NetworkTime(t, "CCLK")
	}
	return nil
}

// settle compares a clock with the reference: it is right, off by its own zone,
// or wrong. Without a reference it is taken unless its zone is in doubt.
func settle(t, known time.Time, there, doubtful bool) (_ time.Time, wrong string, ok bool) {
	_, zone := t.Zone()
	off := time.Duration(zone) * time.Second
	switch {
	case !there:
		return t, "", !doubtful || off == 0
	case t.Sub(known).Abs() <= agree:
		return t, "", true
	case t.Add(off).Sub(known).Abs() <= agree:
		return t.Add(off), "it shows universal time beside a local zone", true
	}
	return t, fmt.Sprintf("it is off by %s", t.Sub(known).Round(time.Minute)), false
}

// askReference asks a Quectel for the network's own time.
func (s *session) askReference() error {
	if s.persona.Vendor != "quectel" {
		return nil
	}
	lines, err := s.get("+QLTS=1", at.Polling, 0)
	if err != nil || len(lines) == 0 {
		return err
	}
	if t, ok := parseQLTS(lines[0]); ok && s.m.opts.plausible(t) {
		s.m.mu.Lock()
		s.m.reference = netTime{t, time.Now()}
		s.m.mu.Unlock()
	}
	return nil
}
