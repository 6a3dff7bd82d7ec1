package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

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

// String is the form that is read as the same Clock: "06:30", "06:30Z",
// "tomorrow 06:30", "23 Nov 06:30", "+2h", "?"; empty if it is not set.
func (c Clock) String() string {
	switch {
	case !c.Set:
		return ""
	case c.Unknown:
		return "?"
	case c.In != 0:
		return "+" + length(c.In)
	}
	s := fmt.Sprintf("%02d:%02d", c.Hour, c.Minute)
	if c.UTC {
		s += "Z"
	}
	switch {
	case c.Tomorrow:
		return "tomorrow " + s
	case c.Day != 0:
		return fmt.Sprintf("%d %.3s %s", c.Day, c.Month, s)
	}
	return s
}

// years is how far ahead a date is looked for: 29 Feb may be eight years off.
const years = 8

// Resolve gives the next such instant after now; a plain time of day that is
// past today is tomorrow's. It is false for what cannot be: 31 Feb, an hour
// that the change to summer time leaves out, a time that is not known.
func (c Clock) Resolve(now time.Time, zone *time.Location) (time.Time, bool) {
	if c.UTC || zone == nil {
		zone = time.UTC
	}
	here := now.In(zone)
	switch {
	case !c.Set || c.Unknown:
		return time.Time{}, false
	case c.In != 0:
		return here.Add(c.In), true
	case c.Tomorrow:
		return c.on(here.Year(), here.Month(), here.Day()+1, now, zone)
	case c.Day == 0:
		return c.daily(here, zone)
	}
	for y := here.Year(); y <= here.Year()+years; y++ {
		if at, ok := c.on(y, c.Month, c.Day, now, zone); ok {
			return at, true
		}
	}
	return time.Time{}, false
}

// daily is today's, or tomorrow's if today's is past. One that today does not
// have is not silently moved to tomorrow.
func (c Clock) daily(here time.Time, zone *time.Location) (time.Time, bool) {
	if at, ok := c.on(here.Year(), here.Month(), here.Day(), here, zone); ok {
		return at, true
	}
	if _, was := c.on(here.Year(), here.Month(), here.Day(), time.Time{}, zone); !was {
		return time.Time{}, false
	}
	return c.on(here.Year(), here.Month(), here.Day()+1, here, zone)
}

// on is that time of a day, if the day has it and it is after now. When the
// clocks go back it comes twice: the first that is still ahead counts.
func (c Clock) on(year int, month time.Month, day int, now time.Time, zone *time.Location) (time.Time, bool) {
	wall := time.Date(year, month, day, c.Hour, c.Minute, 0, 0, time.UTC)
	if c.Day != 0 && (wall.Day() != c.Day || wall.Month() != c.Month) {
		return time.Time{}, false
	}
	_, before := wall.AddDate(0, 0, -1).In(zone).Zone()
	_, after := wall.AddDate(0, 0, 1).In(zone).Zone()
	// The greater offset is the earlier instant.
	for _, offset := range []int{max(before, after), min(before, after)} {
		at := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if at.Hour() == c.Hour && at.Minute() == c.Minute && at.Day() == wall.Day() && at.After(now) {
			return at, true
		}
	}
	return time.Time{}, false
}

// Words of times, folded. They come before a time of day or a length, or
// stand for one.
var (
	atWords       = []string{"AT", "O", "ORE", "ALLE", "GODZ", "GODZINA", "BY", "DO", "ENTRO"}
	inWords       = []string{"IN", "ZA", "TRA", "FRA", "WITHIN", "FOR", "NA", "PER"}
	tomorrowWords = []string{"TOMORROW", "TMRW", "JUTRO", "DOMANI"}
	todayWords    = []string{"TODAY", "DZIS", "DZISIAJ", "OGGI"}
	unknownWords  = []string{"?", "UNKNOWN", "NIEZNANY", "NIEZNANE", "NIEZNANA", "IGNOTO", "IGNOTA", "SCONOSCIUTO"}
)

// months are the names of the months: English, Polish as in a date, Polish
// alone, Italian. Three letters or more of one are enough.
var months = [][]string{
	strings.Fields("JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER"),
	strings.Fields("STYCZNIA LUTEGO MARCA KWIETNIA MAJA CZERWCA LIPCA SIERPNIA WRZESNIA PAZDZIERNIKA LISTOPADA GRUDNIA"),
	strings.Fields("STYCZEN LUTY MARZEC KWIECIEN MAJ CZERWIEC LIPIEC SIERPIEN WRZESIEN PAZDZIERNIK LISTOPAD GRUDZIEN"),
	strings.Fields("GENNAIO FEBBRAIO MARZO APRILE MAGGIO GIUGNO LUGLIO AGOSTO SETTEMBRE OTTOBRE NOVEMBRE DICEMBRE"),
}

// clock reads a whole text as a time; ok is false if anything is left over.
func clock(s string) (c Clock, ok bool) {
	s = strings.TrimSpace(fold(s))
	if w := strings.TrimRight(s, separators); slices.Contains(unknownWords, w) {
		return Clock{Unknown: true, Set: true}, true
	}
	s = strings.TrimRight(lead(s), separators+"?")
	if d, rest, ok := duration(strings.TrimPrefix(skip(s, inWords), "+")); ok && rest == "" {
		return Clock{In: d, Set: true}, true
	}
	words := strings.Fields(s)
	for n := range min(len(words), 3) {
		last := len(words) - n
		if c, ok := dated(words[:n], words[n:]); ok {
			return c, true
		}
		if c, ok := dated(words[last:], words[:last]); ok {
			return c, true
		}
	}
	return Clock{}, false
}

// dated is a time on a day; the day may be left out.
func dated(day, at []string) (c Clock, ok bool) {
	c.Set = true
	return c, c.day(day) && c.time(at)
}

func (c *Clock) day(words []string) bool {
	words = slices.Clone(words)
	for i, w := range words {
		words[i] = strings.TrimRight(w, ".,")
	}
	switch len(words) {
	case 0:
		return true
	case 1:
		c.Tomorrow = slices.Contains(tomorrowWords, words[0])
		return c.Tomorrow || slices.Contains(todayWords, words[0]) || c.date(strings.FieldsFunc(words[0], func(r rune) bool { return r == '.' || r == '/' }))
	}
	return c.date(words) || c.date([]string{words[1], words[0]})
}

// date takes a day and a month, which is a number or a name.
func (c *Clock) date(words []string) bool {
	if len(words) != 2 {
		return false
	}
	c.Day, c.Month = small(words[0]), time.Month(small(words[1]))
	if c.Month == 0 {
		c.Month = monthOf(words[1])
	}
	return c.Day >= 1 && c.Day <= 31 && c.Month >= time.January && c.Month <= time.December
}

// small reads a number of one or two digits; zero if it is none.
func small(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) > 2 || n < 0 {
		return 0
	}
	return n
}

func monthOf(s string) time.Month {
	for _, names := range months {
		for i, name := range names {
			if len(s) >= 3 && strings.HasPrefix(name, s) {
				return time.Month(i + 1)
			}
		}
	}
	return 0
}

// time takes a time of day on the 24-hour clock: 06:30, 6.30, 0630, each with
// Z, UTC or GMT behind it or not.
func (c *Clock) time(words []string) bool {
	if len(words) > 1 && slices.Contains(atWords, strings.TrimRight(words[0], ".")) {
		words = words[1:]
	}
	s := strings.Join(words, "")
	for _, zone := range []string{"Z", "UTC", "GMT"} {
		if rest, ok := strings.CutSuffix(s, zone); ok && len(words) <= 2 {
			s, c.UTC, words = rest, true, words[:1]
			break
		}
	}
	if len(words) != 1 {
		return false
	}
	h, m, cut := strings.Cut(strings.ReplaceAll(s, ".", ":"), ":")
	if !cut && len(s) == 4 {
		h, m = s[:2], s[2:]
	}
	hour, err := strconv.ParseUint(h, 10, 8)
	minute, err2 := strconv.ParseUint(m, 10, 8)
	c.Hour, c.Minute = int(hour), int(minute)
	return err == nil && err2 == nil && len(h) <= 2 && len(m) == 2 && hour < 24 && minute < 60
}
