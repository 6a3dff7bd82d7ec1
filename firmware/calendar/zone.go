package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// zone is what a TZID means: a name of the time zone database, else what the
// file itself says of it, else a name that Windows uses, else, with a word,
// the zone of the site.
func (r *reader) zone(tzid string) *time.Location {
	if zone, ok := r.zones[tzid]; ok {
		return zone
	}
	zone := byName(tzid)
	if zone == nil {
		zone = byName(windows[tzid])
	}
	if zone == nil {
		r.say("the time zone %s is not known: its times are read as those of %s", strconv.Quote(clip(tzid)), r.site)
		zone = r.site
	}
	r.zones[tzid] = zone
	return zone
}

// byName finds a zone in the database, also behind the prefix that some
// programs put before it: /mozilla.org/20050126_1/Europe/Warsaw.
func byName(tzid string) *time.Location {
	segments := strings.Split(strings.Trim(tzid, "/"), "/")
	for n := range segments {
		name := strings.Join(segments[n:], "/")
		if name == "" || name == "Local" || len(segments)-n > 3 {
			continue
		}
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return nil
}

// defined takes in a zone that the file defines, unless the database has one
// of its name, which knows all its years.
func (r *reader) defined(z *ics.VTimezone) {
	tzid := props(z.Properties).text("TZID")
	if tzid == "" || byName(tzid) != nil {
		return
	}
	if zone, err := built(tzid, z); err == nil {
		r.zones[tzid] = zone
	}
}

// half is one of the two halves of a zone's year: when it begins, and how far
// east of Greenwich its clocks are then.
type half struct {
	begin string // for a POSIX TZ string: M3.5.0/2; empty: it always is
	since string // DTSTART
	east  int
}

// built makes a zone of a VTIMEZONE by its newest rules: its halves become the
// TZ string at the end of a time zone file (RFC 8536), which package time
// reads.
func built(name string, z *ics.VTimezone) (*time.Location, error) {
	var standard, daylight half
	for _, part := range z.Components {
		var into *half
		var p props
		switch c := part.(type) {
		case *ics.Standard:
			into, p = &standard, c.Properties
		case *ics.Daylight:
			into, p = &daylight, c.Properties
		default:
			continue
		}
		h, err := halfOf(p)
		if err != nil {
			return nil, err
		}
		if h.since >= into.since {
			*into = h
		}
	}
	switch {
	case standard.since == "":
		return nil, fmt.Errorf("it has no standard time")
	case daylight.since == "" || daylight.begin == "" && standard.begin == "" && daylight.since < standard.since:
		return time.FixedZone(name, standard.east), nil
	case daylight.begin == "" || standard.begin == "":
		return nil, fmt.Errorf("its clocks change by no rule")
	}
	return time.LoadLocationFromTZData(name, tzFile(standard.east,
		"<STD>"+posix(standard.east)+"<DST>"+posix(daylight.east)+","+daylight.begin+","+standard.begin))
}

var yearly = regexp.MustCompile(`^(-1|[1-4])(SU|MO|TU|WE|TH|FR|SA)$`)

func halfOf(p props) (half, error) {
	east, err := offset(p.text("TZOFFSETTO"))
	if err != nil {
		return half{}, err
	}
	h := half{since: p.text("DTSTART"), east: east}
	begin, err := time.Parse("20060102T150405", h.since)
	if err != nil {
		return half{}, err
	}
	rule := map[string]string{}
	for part := range strings.SplitSeq(strings.ToUpper(p.text("RRULE")), ";") {
		key, value, _ := strings.Cut(part, "=")
		rule[key] = value
	}
	month, err := strconv.Atoi(rule["BYMONTH"])
	day := yearly.FindStringSubmatch(strings.TrimPrefix(rule["BYDAY"], "+"))
	if rule["FREQ"] != "YEARLY" || err != nil || month < 1 || month > 12 || day == nil {
		return h, nil
	}
	week := strings.Replace(day[1], "-1", "5", 1)
	weekday := strings.Index("SUMOTUWETHFRSA", day[2]) / 2
	h.begin = fmt.Sprintf("M%d.%s.%d/%d:%02d", month, week, weekday, begin.Hour(), begin.Minute())
	return h, nil
}

// posix is an offset as TZ strings write it: west of Greenwich.
func posix(east int) string {
	sign, n := "-", east
	if n < 0 {
		sign, n = "", -n
	}
	return fmt.Sprintf("%s%d:%02d:%02d", sign, n/3600, n/60%60, n%60)
}

// tzFile is the least file of RFC 8536 §3 that has a footer: one type of time,
// which begins before all that matters.
func tzFile(east int, footer string) []byte {
	number := func(b []byte, n uint64, size int) []byte {
		for ; size > 0; size-- {
			b = append(b, byte(n>>(8*(size-1))))
		}
		return b
	}
	header := func(b []byte, times, types, chars uint64) []byte {
		b = append(append(b, "TZif2"...), make([]byte, 15)...)
		for _, n := range []uint64{0, 0, 0, times, types, chars} {
			b = number(b, n, 4)
		}
		return b
	}
	kind := append(number(nil, uint64(east), 4), 0, 0) // not daylight; its name begins at 0
	b := append(append(header(nil, 0, 1, 1), kind...), 0)
	b = header(b, 1, 1, 4)
	b = number(b, 1<<64-1<<33, 8) // of the only transition, in 1697
	b = append(b, 0)              // its type
	b = append(append(b, kind...), "STD\x00"...)
	return append(b, "\n"+footer+"\n"...)
}

// windows are the names that Outlook and Exchange write, by the zone of the
// database that the Unicode CLDR gives them (windowsZones.xml, territory 001).
var windows = map[string]string{
	"UTC": "Etc/UTC", "GMT Standard Time": "Europe/London", "Greenwich Standard Time": "Atlantic/Reykjavik",
	"Central European Standard Time": "Europe/Warsaw", "Central Europe Standard Time": "Europe/Budapest",
	"W. Europe Standard Time": "Europe/Berlin", "Romance Standard Time": "Europe/Paris", "E. Europe Standard Time": "Europe/Chisinau",
	"FLE Standard Time": "Europe/Kyiv", "GTB Standard Time": "Europe/Bucharest", "Russian Standard Time": "Europe/Moscow",
	"Belarus Standard Time": "Europe/Minsk", "Kaliningrad Standard Time": "Europe/Kaliningrad", "Turkey Standard Time": "Europe/Istanbul",
	"Israel Standard Time": "Asia/Jerusalem", "Egypt Standard Time": "Africa/Cairo", "South Africa Standard Time": "Africa/Johannesburg",
	"Morocco Standard Time": "Africa/Casablanca", "W. Central Africa Standard Time": "Africa/Lagos", "E. Africa Standard Time": "Africa/Nairobi",
	"Arab Standard Time": "Asia/Riyadh", "Arabian Standard Time": "Asia/Dubai", "Iran Standard Time": "Asia/Tehran",
	"Georgian Standard Time": "Asia/Tbilisi", "Caucasus Standard Time": "Asia/Yerevan", "Azerbaijan Standard Time": "Asia/Baku",
	"West Asia Standard Time": "Asia/Tashkent", "Pakistan Standard Time": "Asia/Karachi", "India Standard Time": "Asia/Kolkata",
	"Nepal Standard Time": "Asia/Kathmandu", "Bangladesh Standard Time": "Asia/Dhaka", "SE Asia Standard Time": "Asia/Bangkok",
	"China Standard Time": "Asia/Shanghai", "Singapore Standard Time": "Asia/Singapore", "Taipei Standard Time": "Asia/Taipei",
	"Tokyo Standard Time": "Asia/Tokyo", "Korea Standard Time": "Asia/Seoul", "W. Australia Standard Time": "Australia/Perth",
	"Cen. Australia Standard Time": "Australia/Adelaide", "AUS Central Standard Time": "Australia/Darwin",
	"E. Australia Standard Time": "Australia/Brisbane", "AUS Eastern Standard Time": "Australia/Sydney", "Tasmania Standard Time": "Australia/Hobart",
	"New Zealand Standard Time": "Pacific/Auckland", "Azores Standard Time": "Atlantic/Azores", "Cape Verde Standard Time": "Atlantic/Cape_Verde",
	"Newfoundland Standard Time": "America/St_Johns", "Atlantic Standard Time": "America/Halifax", "Eastern Standard Time": "America/New_York",
	"US Eastern Standard Time": "America/Indiana/Indianapolis", "Central Standard Time": "America/Chicago", "Canada Central Standard Time": "America/Regina",
	"Central Standard Time (Mexico)": "America/Mexico_City", "Central America Standard Time": "America/Guatemala",
	"Mountain Standard Time": "America/Denver", "US Mountain Standard Time": "America/Phoenix", "Pacific Standard Time": "America/Los_Angeles",
	"Alaskan Standard Time": "America/Anchorage", "Hawaiian Standard Time": "Pacific/Honolulu", "SA Pacific Standard Time": "America/Bogota",
	"Venezuela Standard Time": "America/Caracas", "SA Western Standard Time": "America/La_Paz", "Pacific SA Standard Time": "America/Santiago",
	"E. South America Standard Time": "America/Sao_Paulo", "Argentina Standard Time": "America/Buenos_Aires", "Montevideo Standard Time": "America/Montevideo",
}
