package notice

import (
	"fmt"
	"time"

	"heliograph/firmware/event"
)

// Length is a duration for people, in its two largest units: "45 s", "4 min",
// "1 h 8 min", "2 d 3 h". Shorter than nothing is nothing.
func Length(lang string, d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 24*time.Hour:
		return two(d, time.Hour, "h", time.Minute, "min")
	}
	return two(d, 24*time.Hour, tongue(lang).day, time.Hour, "h")
}

func two(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	s := fmt.Sprintf("%d %s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		s += fmt.Sprintf(" %d %s", rest, smallName)
	}
	return s
}

// Clock is when something was, as seen now: "04:02Z", "21 Nov 04:02Z" on
// another UTC day, or its length, "for 4 min", while either clock cannot be
// trusted: a wrong time is worse than none, and box time measures lengths well.
func Clock(lang string, st, now event.Stamp) string {
	if timed(st, now) {
		return wall(lang, st, now)
	}
	if ago := now.Box.Sub(st.Box); ago >= time.Second {
		return tongue(lang).lasting + " " + Length(lang, ago)
	}
	return tongue(lang).now
}

// since is Clock in a sentence: "since 04:02Z", "for 4 min".
func since(lang string, st, now event.Stamp) string {
	switch {
	case !timed(st, now):
		return Clock(lang, st, now)
	case sameDay(st.Wall, now.Wall):
		return tongue(lang).since + " " + wall(lang, st, now)
	}
	return tongue(lang).sinceDay + " " + wall(lang, st, now)
}

// Since is since when something lasts, as seen now: "since 04:02Z", "for 4 min".
func Since(lang string, st, now event.Stamp) string { return since(lang, st, now) }

// span is from when to when, in brackets after a length; empty without clock.
func span(lang string, from, to, now event.Stamp) string {
	if !timed(from, now) || !timed(to, now) {
		return ""
	}
	return wall(lang, from, now) + "-" + wall(lang, to, now)
}

func timed(st, now event.Stamp) bool { return st.Trusted && now.Trusted }

func wall(lang string, st, now event.Stamp) string {
	t := st.Wall.UTC()
	clock := t.Format("15:04") + "Z"
	if sameDay(t, now.Wall) {
		return clock
	}
	return fmt.Sprintf("%d %s %s", t.Day(), tongue(lang).months[t.Month()-1], clock)
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly)
}
