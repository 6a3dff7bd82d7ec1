package slack

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"heliograph/drivers/delivery"
)

// Slack cuts a text at 40,000 characters. The head is kept in memory, so what
// it repeats is shorter.
const longest, longestFirst = 35_000, 3_000

// escape keeps a text from being markup: Slack reads <…> as links and mentions
// (Formatting text for app surfaces, "Escaping text"). It ends before the limit.
func escape(s string, limit int) string {
	var b strings.Builder
	for _, r := range s {
		piece := string(r)
		switch r {
		case '&':
			piece = "&amp;"
		case '<':
			piece = "&lt;"
		case '>':
			piece = "&gt;"
		}
		if b.Len()+len(piece)+len("…") > limit {
			return b.String() + "…"
		}
		b.WriteString(piece)
	}
	return b.String()
}

// labels begin a headline.
var labels = map[delivery.Phase]string{
	delivery.Identified: "IDENTIFIED", delivery.Monitoring: "MONITORING", delivery.Resolved: "RESOLVED",
	delivery.Scheduled: "PLANNED", delivery.InProgress: "IN PROGRESS", delivery.Completed: "COMPLETED",
}

// headline is where an incident stands: state, name and title in one line, the
// facts in a second.
func headline(c *delivery.Case) string {
	label := labels[c.Phase]
	if c.Drill {
		label = strings.TrimSpace("DRILL " + label)
	}
	var words []string
	if label != "" {
		words = append(words, "*"+label+"*")
	}
	if c.Site != "" {
		words = append(words, escape(c.Site, 100))
	}
	if c.Number != 0 {
		words = append(words, fmt.Sprintf("#%d", c.Number))
	}
	lines := []string{strings.Join(append(words, escape(c.Title, 300)), " ")}
	if f := facts(c); f != "" {
		lines = append(lines, f)
	}
	return strings.Join(lines, "\n")
}

func facts(c *delivery.Case) string {
	var f []string
	span := func(a, b time.Time) {
		switch {
		case a.IsZero():
		case b.IsZero():
			f = append(f, clock(a)+" –")
		case a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly):
			f = append(f, a.UTC().Format("2006-01-02 15:04 – ")+b.UTC().Format("15:04 UTC"))
		default:
			f = append(f, clock(a)+" – "+clock(b))
		}
	}
	if c.From.IsZero() {
		span(c.Opened, c.Resolved)
	} else {
		span(c.From, c.Until)
	}
	if !c.ETR.IsZero() && !c.Phase.Over() {
		f = append(f, "ETR "+clock(c.ETR))
	}
	if c.By != "" {
		f = append(f, escape(c.By, 100))
	}
	return strings.Join(f, " · ")
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// under joins a headline and what stands under it.
func under(head, text string) string { return strings.TrimSpace(head + "\n" + text) }

// uuid is the same for the same message of the same telling, so that Slack may
// know a repeated one.
func uuid(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80 // RFC 9562 §5.5 gives the shape
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
