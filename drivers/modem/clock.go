package modem

import (
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// Clocks that were never set show one of their makers' first days; nothing
// before this is believed.
const firstYear = 2024

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

func wall(s string, zone int) (time.Time, bool) {
	loc := time.UTC
	if zone != 0 {
		loc = time.FixedZone("", zone)
	}
	for _, layout := range []string{"06/01/02,15:04:05", "2006/01/02,15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil && t.Year() >= firstYear && t.Year() < firstYear+40 {
			return t, true
		}
	}
	return time.Time{}, false
}
