package notice

import (
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
)

func shown(part, of string, value, was float64) Figure {
	return Figure{Finding: event.Finding{Part: part, Of: of, OK: true, Value: value}, Was: was, Known: was != 0}
}

func failed(part, of string, value float64, why string) Figure {
	return Figure{Finding: event.Finding{Part: part, Of: of, Value: value, Why: why, Until: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)}}
}

// What is wrong comes first, the trend stands in brackets, and where there is
// no room what matters least is left out.
func TestTheVerdictOfASelfTest(t *testing.T) {
	t.Parallel()
	well := []Figure{
		shown(event.Mail, "", 1.9, 0), shown(event.Signal, "lte0", -71, -73), shown("path", "cell", 8.2, 0), shown("loop", "lte0", 6.1, 4.2),
		shown(event.Disk, "", 0.819, 0), shown(event.Heat, "", 45, 0), shown(event.Clock, "", 0, 0), shown(event.Credit, "lte0", 12.4, 12.6),
	}
	ill := []Figure{failed(event.Mail, "", 0, "the login was refused"), failed(event.Credit, "lte0", 1.2, Low), failed("loop", "lte0", 0, NotBack), well[1]}
	long := strings.Repeat("the server of the mail does not answer and nobody knows why, ", 3)
	for _, c := range []struct {
		lang string
		t    Trial
		want string
	}{
		{"en", Trial{Figures: well, Whole: true, Audit: "3fa91c02"}, "waw-12 selftest ok: loop 6.1 s (4.2), -71 dBm (-73), credit 12.40 (12.60), mail ok 1.9 s, cell up 8.2 s, queue 3, last send 6 h ago, 81% free, audit 3fa91c02."},
		{"pl", Trial{Figures: well, Whole: true, Audit: "3fa91c02"}, "waw-12 autotest ok: petla 6.1 s (4.2), -71 dBm (-73), konto 12.40 (12.60), mail ok 1.9 s, cell po 8.2 s, kolejka 3, ostatni SMS 6 h temu, audyt 3fa91c02."},
		{"it", Trial{Figures: well, Whole: true, Audit: "3fa91c02"}, "waw-12 autotest ok: giro 6.1 s (4.2), -71 dBm (-73), credito 12.40 (12.60), mail ok 1.9 s, cell su in 8.2 s, coda 3, ultimo SMS 6 h fa, audit 3fa91c02."},
		{"en", Trial{Figures: ill}, "waw-12 selftest NOT OK: loop: sent, not back in 10 min; credit 1.20 low; mail: the login was refused. -71 dBm (-73)."},
		{"pl", Trial{Figures: ill}, "waw-12 autotest BLAD: petla: wyslany, nie wrocil w 10 min; konto 1.20 malo; mail: the login was refused. -71 dBm (-73)."},
		{"it", Trial{Figures: ill}, "waw-12 autotest NON OK: giro: inviato, non tornato in 10 min; credito 1.20 basso; mail: the login was refused. -71 dBm (-73)."},
		{"en", Trial{Figures: []Figure{failed(event.Credit, "lte0", 40, Ends)}}, "waw-12 selftest NOT OK: credit ends 1 Feb 2027. "},
		{"en", Trial{Figures: []Figure{shown("loop", "lte0", 4, 0), shown("loop", "lte1", 5, 0), failed(event.Signal, "lte1", -109, "weak")}, Audit: "3fa91c02"}, "waw-12 selftest NOT OK: signal: weak. lte0 loop 4.0 s, lte1 loop 5.0 s, audit 3fa91c02."},
		{"en", Trial{Figures: []Figure{well[3], failed(event.Signal, "lte0", 0, "weak, look at the antenna of the modem"), failed(event.Mail, "", 0, long), failed("path", "cell", 0, long)}, Audit: "3fa91c02"}, "waw-12 selftest NOT OK: signal: weak, look at the antenna of the modem; +2. audit 3fa91c02."},
	} {
		f := Facts{Site: "waw-12", Kind: event.Selftest, Now: stamp(0), Trial: &c.t}
		if c.t.Whole {
			f.Board = Board{Queue: 3, LastSend: night.Add(-6 * time.Hour), Subjects: []Line{{"transit-a", judged(event.IsUp, "", 0)}}}
		}
		text := Wording{}.Text(c.lang, f)
		if n, gsm := Septets(text); n > segment || !gsm || text != strings.TrimSpace(c.want) {
			t.Errorf("%d septets\n got %s\nwant %s", n, text, c.want)
		}
	}
}

func TestWhatASIMHasLeft(t *testing.T) {
	t.Parallel()
	money := func(value float64, why string, age time.Duration) Money {
		m := Money{Finding: event.Finding{Part: event.Credit, Of: "lte0", Value: value, Unit: "EUR", Until: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), Why: why}}
		if why != NoAnswer {
			m.At = stamp(-age)
		}
		return m
	}
	for lang, want := range map[string]string{
		"en": "waw-12 credit 12.40 EUR until 1 Feb 2027 on lte0, credit 1.20 EUR until 1 Feb 2027, low on lte0 (as of 03:02Z), credit not known, the operator does not answer on lte0.",
		"pl": "waw-12 konto 12.40 EUR wazne do 1 lut 2027 na lte0, konto 1.20 EUR wazne do 1 lut 2027, malo na lte0 (stan z 03:02Z), konto nieznane, operator nie odpowiada na lte0.",
		"it": "waw-12 credito 12.40 EUR fino al 1 feb 2027 su lte0, credito 1.20 EUR fino al 1 feb 2027, basso su lte0 (del 03:02Z), credito non noto, l'operatore non risponde su lte0.",
	} {
		all := []Money{money(12.40, "", 0), money(1.20, Low, time.Hour), money(0, NoAnswer, 0)}
		if got := (Wording{}).Credit(lang, "waw-12", all, stamp(0)); got != Fit(want, segment) {
			t.Errorf("%s\n got %s\nwant %s", lang, got, want)
		}
	}
}
