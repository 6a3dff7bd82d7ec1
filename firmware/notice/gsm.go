package notice

import (
	"time"

	"heliograph/firmware/event"
)

// Septets counts a text in GSM-7: characters of the extension table count two.
// gsm is false when a character is in neither table; n then counts the others.
func Septets(s string) (n int, gsm bool) { return 0, false }

// Transliterate writes a text in the GSM-7 alphabet, on one line.
func Transliterate(s string) string { return s }

// Fit transliterates a text and shortens it from the tail by whole clauses,
// else words, until it takes no more than so many septets.
func Fit(text string, septets int) string { return text }

// Again marks a text that may have arrived before, without making it longer
// than the segments it takes.
func Again(text string) string { return text }

// Length is a duration for people: "45 s", "4 min", "1 h 8 min", "2 d 3 h".
func Length(lang string, d time.Duration) string { return "" }

// Clock is when something was, as seen now: "04:02Z", "21 Nov 04:02Z" on
// another UTC day, or "for 4 min" while either clock cannot be trusted.
func Clock(lang string, st, now event.Stamp) string { return "" }
