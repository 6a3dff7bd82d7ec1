package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	clock    = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])$`)
	weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	months   = []string{"", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
)

const scheduleWant = `write "Mon 06:30", "06:30" for every day, or a cron line of five fields, as in "30 6 * * 1"`

// schedule reads a repeating wall time.
func (r *reader) schedule(v value) Schedule {
	s, ok := r.text(v)
	if !ok {
		return Schedule{}
	}
	cron, err := cronOf(s)
	if err != nil {
		r.fault(v, err.Error(), scheduleWant)
		return Schedule{}
	}
	return Schedule{Text: s, Cron: cron}
}

// cronOf is a schedule as a cron line of five fields.
func cronOf(s string) (string, error) {
	words := strings.Fields(s)
	switch len(words) {
	case 1:
		return daily(s, words[0], "*")
	case 2:
		day := slices.Index(weekdays, weekday(words[0]))
		if day < 0 {
			return "", fmt.Errorf("%s is not a day of the week", shown(words[0]))
		}
		return daily(s, words[1], strconv.Itoa(day))
	case 5:
		return strings.ToLower(strings.Join(words, " ")), cronFault(words)
	}
	return "", fmt.Errorf("%s is not a time that repeats", shown(s))
}

// weekday shortens Monday to mon; anything else that is longer is no day.
func weekday(word string) string {
	full := []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	word = strings.ToLower(word)
	if i := slices.Index(full, word); i >= 0 {
		return weekdays[i]
	}
	return word
}

func daily(s, at, day string) (string, error) {
	m := clock.FindStringSubmatch(at)
	if m == nil {
		return "", fmt.Errorf("%s has no time of day like 06:30", shown(s))
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	return fmt.Sprintf("%d %d * * %s", minute, hour, day), nil
}

// cronFields are the five fields of crontab(5).
var cronFields = []struct {
	name        string
	least, most int
	words       []string
}{
	{"minute", 0, 59, nil},
	{"hour", 0, 23, nil},
	{"day of the month", 1, 31, nil},
	{"month", 1, 12, months},
	{"day of the week", 0, 6, weekdays},
}

func cronFault(words []string) error {
	for i, word := range words {
		f := cronFields[i]
		for part := range strings.SplitSeq(strings.ToLower(word), ",") {
			if !cronPart(part, f.least, f.most, f.words) {
				return fmt.Errorf("%s cannot be the %s (%d to %d) of a cron line", shown(word), f.name, f.least, f.most)
			}
		}
	}
	return nil
}

// cronPart checks one of: *, 5, 1-5, each with /step.
func cronPart(part string, least, most int, words []string) bool {
	span, step, stepped := strings.Cut(part, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1 || n > most) {
		return false
	}
	if span == "*" {
		return true
	}
	from, to, ranged := strings.Cut(span, "-")
	a, ok := cronNumber(from, least, most, words)
	if !ok || !ranged {
		return ok
	}
	b, ok := cronNumber(to, least, most, words)
	return ok && a <= b
}

func cronNumber(s string, least, most int, words []string) (int, bool) {
	if i := slices.Index(words, s); i >= least && s != "" {
		return i, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && digits.MatchString(s) && n >= least && n <= most
}

// clockTime reads a time of day.
func (r *reader) clockTime(v value) ClockTime {
	s, ok := r.text(v)
	if !ok {
		return ClockTime{}
	}
	m := clock.FindStringSubmatch(s)
	if m == nil {
		r.fault(v, shown(s)+" is not a time of day", `write it as in "06:00"`)
		return ClockTime{}
	}
	return clockOf(m)
}

// clockOf is a time of day that was found.
func clockOf(m []string) ClockTime {
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	return ClockTime{hour, minute}
}

// Words says a schedule as people do: "every Monday 06:30".
func (s Schedule) Words() string {
	words := strings.Fields(s.Text)
	switch len(words) {
	case 3:
		return s.nthWords()
	case 1:
		return "every day " + words[0]
	case 2:
		day := weekday(words[0])
		for _, full := range []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"} {
			if strings.EqualFold(full[:3], day) {
				return "every " + full + " " + words[1]
			}
		}
	}
	return "by the cron line " + s.Text
}
