package notice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
)

// told is what an address was told at a time of the night.
func told(text string, after time.Duration) Said {
	return Said{Wall: night.Add(after), Trusted: true, Text: text}
}

func TestMailQuotesWhatWasSaidBefore(t *testing.T) {
	var w Wording
	f := reported(Facts{Kind: event.Down, Scope: []string{"transit-a"}, Opened: stamp(0), Now: stamp(time.Minute)})
	down := w.Letter(Partner, "en", f)
	f.Kind, f.Title, f.Now = event.Update, "splicing has begun", stamp(time.Hour)
	update := w.Letter(Partner, "en", f)
	f.Kind, f.Title, f.Now = event.Cancelled, "", stamp(2*time.Hour)
	last := w.Letter(Partner, "en", f)

	earlier := []Said{told(down, time.Minute), {Text: Compose(update, []Said{told(down, time.Minute)}, stamp(0), stamp(0))}}
	got := written(t, Compose(last, earlier, stamp(2*time.Hour), stamp(2*time.Hour)))
	want := `Dear colleagues,

Our message about transit-a was a false alarm; please disregard it.

Reference: waw-12 #7
Our duty desk: +48600100299

Before that we wrote:
> Dear colleagues,
>
> Update on transit-a: splicing has begun. The trouble has been going on since 22 Nov 2024 04:02 UTC (05:02 CET).
>
> We write again when this changes, and when it is over.
>
> Reference: waw-12 #7
> Our duty desk: +48600100299

On 22 Nov 2024 04:03 UTC we wrote:
> Dear colleagues,
>
> transit-a has had no connection since 22 Nov 2024 04:02 UTC (05:02 CET).
>
> We write again when this changes, and when it is over.
>
> Reference: waw-12 #7
> Our duty desk: +48600100299`
	if got.Text != want {
		t.Errorf("\nwant %s\n\ngot %s", want, got.Text)
	}
	for lang, head := range map[string]string{"pl": "Dnia 22 listopada 2024 o 04:03 UTC pisaliśmy:\n> Dear", "it": "Il 22 novembre 2024 alle 04:03 UTC abbiamo scritto:\n> Dear"} {
		l := written(t, Compose(w.Letter(Partner, lang, f), earlier[:1], stamp(0), stamp(0)))
		if !strings.Contains(l.Text, "\n\n"+head) {
			t.Errorf("%s: %s", lang, l.Text)
		}
	}
}

// A long night must not make a mail that nobody can load over a bad line.
func TestQuotesAreBounded(t *testing.T) {
	f := reported(Facts{Kind: event.Update, Scope: []string{"transit-a"}, Opened: stamp(0), Now: stamp(0)})
	var earlier []Said
	for i := range 100 {
		f.Title = fmt.Sprintf("news %d %s", i, strings.Repeat("żółw ", 100))
		earlier = append(earlier, told(Wording{}.Letter(Staff, "en", f), time.Duration(i)*time.Minute))
	}
	l := written(t, Compose(earlier[99].Text, earlier, stamp(0), stamp(0)))
	if len(l.Text) > longest || !strings.Contains(l.Text, "news 99 ") || strings.Contains(l.Text, "news 0 ") ||
		!strings.HasSuffix(l.Text, "\n\nWhat we wrote before that is left out.") {
		t.Errorf("%d bytes: …%s", len(l.Text), l.Text[len(l.Text)-200:])
	}
	lines := l.Case.Timeline
	size := 0
	for _, p := range lines {
		size += len(p.Text)
		if len(p.Text) > lineLimit || strings.Contains(p.Text, "\n") || !strings.HasSuffix(p.Text, "…") {
			t.Errorf("is no short line: %s", p.Text)
		}
	}
	if size > longest || len(lines) < 20 || !strings.Contains(lines[len(lines)-1].Text, "news 99 ") {
		t.Errorf("%d lines of %d bytes", len(lines), size)
	}
}

// A page and a thread show their own past; they get it as a timeline, oldest
// first, whatever the order it is handed over in.
func TestTimelineOfACase(t *testing.T) {
	var w Wording
	f := reported(Facts{Kind: event.Down, Scope: []string{"transit-a"}, Opened: stamp(0), Now: stamp(time.Minute), First: event.Down})
	down := w.Letter(Public, "en", f)
	f.Kind, f.Title = event.Update, "splicing has begun"
	update := w.Letter(Public, "en", f)
	f.Kind, f.Title = event.AllClear, ""
	clear := w.Letter(Public, "en", f)
	l := written(t, Compose(clear, []Said{told(update, time.Hour), told(down, time.Minute), told("no letter", 0)}, stamp(0), stamp(0)))
	want := []Past{
		{night.Add(time.Minute), "Connections to the Internet in waw, lodz have been partly interrupted since 22 Nov 2024 04:02 UTC (05:02 CET). We are working on it."},
		{night.Add(time.Hour), "Splicing has begun. We are still working on the trouble with connections to the Internet in waw, lodz, which has been going on since 22 Nov 2024 04:02 UTC (05:02 CET)."},
	}
	if fmt.Sprint(l.Case.Timeline) != fmt.Sprint(want) {
		t.Errorf("\nwant %v\n got %v", want, l.Case.Timeline)
	}
	if strings.Contains(l.Text, "> ") || l.Text != l.Case.Text {
		t.Errorf("a page is quoted: %s", l.Text)
	}
}

// What went out late says so first: by the clock, or by its age without one.
func TestALateLetterSaysSo(t *testing.T) {
	f := reported(Facts{Kind: event.Down, Scope: []string{"transit-a"}, Opened: stamp(0), Now: stamp(0)})
	blind := event.Stamp{Box: stamp(40 * time.Minute).Box}
	for _, c := range []struct {
		lang  string
		now   event.Stamp
		first string
	}{
		{"en", stamp(15 * time.Minute), ""},
		{"en", stamp(16 * time.Minute), "Delayed: this is from 04:02 UTC."},
		{"pl", stamp(16 * time.Minute), "Opóźnione: to wiadomość z 04:02 UTC."},
		{"it", stamp(16 * time.Minute), "In ritardo. Ora del messaggio: 04:02 UTC."},
		{"en", stamp(20 * time.Hour), "Delayed: this is from 22 Nov 2024 04:02 UTC."},
		{"en", blind, "Delayed: this was written 40 min ago."},
		{"pl", blind, "Opóźnione: napisano 40 min temu."},
		{"it", blind, "In ritardo: scritto 40 min fa."},
	} {
		for _, to := range readers {
			queued := Wording{}.Letter(to, c.lang, f)
			want := written(t, queued)
			if c.first != "" {
				gap := "\n\n"
				if to == Pocket {
					gap = " "
				}
				want.Text, want.Case.Text = c.first+gap+want.Text, c.first+gap+want.Case.Text
			}
			got := written(t, Compose(queued, nil, stamp(0), c.now))
			if got.Text != want.Text || got.Case.Text != want.Case.Text || got.Subject != want.Subject {
				t.Errorf("%s %s\nwant %s\n got %s", to, c.lang, want.Text, got.Text)
			}
		}
	}
}

func TestWhatIsNoLetterGoesOutAsItIs(t *testing.T) {
	for _, s := range []string{"", "DOWN transit-a", "{}", `{"subject":"x"}`, "[1]", `{"text":"x"`} {
		if got := Compose(s, []Said{told("x", 0)}, stamp(0), stamp(time.Hour)); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}
