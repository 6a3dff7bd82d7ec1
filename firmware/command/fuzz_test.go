package command

import (
	"reflect"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// holds checks what is true of every text: its order is one line and is read
// as the same command, and a refusal keeps its promises.
func holds(t fatal, text string, from Source) {
	t.Helper()
	c, err := Parse(text, from)
	if err != nil {
		checkRefusal(t, text, err)
		return
	}
	if _, known := rowOf(c.Verb); !known && c.Verb != Code {
		t.Errorf("%q became the verb %q", text, c.Verb)
	}
	if strings.ContainsFunc(c.Order, unicode.IsControl) {
		t.Errorf("%q has the order %q", text, c.Order)
	}
	if c.Verb == Code {
		if c.Order != "CODE" {
			t.Errorf("%q: its code is in the order %q", text, c.Order)
		}
		return
	}
	if again, err := Parse(c.Order, from); err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("%q\n  became %+v\n  its order %q became\n  %+v, %v", text, c, c.Order, again, err)
	}
	if rest, digits := Trailing(text); digits != "" {
		if _, err := Parse(rest, from); err != nil || len(digits) != 6 {
			t.Errorf("%q: rest %q, digits %q: %v", text, rest, digits, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, e := range Table() {
		for _, u := range e.Usage {
			f.Add(u, true)
		}
	}
	for _, s := range []string{
		"ack#7", "", "SAY 99999999999 x", "\x00\xff", "ACK\u00a07", "4711", "say 7 done 123 456", "> waw-12 #7 DOWN\nack 7", "waw-12 #7 ack", "#7 say x", "7 ack",
		"maint start waw, lodz for 90 min new optics", "maint start a 2h 30 min 3h", "etr 7 23.11. 06:30 utc", "etr +1h30", "etr 7 ?", "open “a” – b", "approve 4f7 only mail", "erase 0048 600-100-201", "ok clear 7", "say 7 a\nSent from my x",
		"swap z bob", "ack 7 8 9", "hełp", "ACK７", "\u202eack 7", "mute 1.5 d 2h", "scope 7 i,a;b", "AKC 7", "ACK 7 = I have it",
	} {
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, local bool) {
		from := Air
		if local {
			from = Local
		}
		holds(t, text, from)
	})
}

// words are what texts are made of, in the tests below.
var words = func() []string {
	all := strings.Fields("7 #8 0 06:30 0630 2h 90 min 1h30 +2h ? 4F7 on OFF auto modem mail only sms start end waw,lodz waw; lodz i and - : , . ! 👍 123456 123 456 +48600100201 600 tomorrow 23 Nov 23.11 bob z with for na please thanks waw-12 waw-12: > “x” it's \n")
	for _, r := range rows {
		all = append(append(all, string(r.verb)), r.aliases...)
	}
	return all
}()

// TestAnyMixOfWordsHolds makes texts out of the vocabulary, which bytes drawn
// at random rarely hit.
func TestAnyMixOfWordsHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 7).Draw(t, "words"), " ")
		holds(t, text, Air)
	})
}

// TestNoiseChangesNothing types the same order with other spaces, in other
// capitals, in quotes, above a signature.
func TestNoiseChangesNothing(t *testing.T) {
	t.Parallel()
	var orders []string
	for _, e := range Table() {
		for _, u := range e.Usage {
			if e.Verb != Help || u != "?" {
				orders = append(orders, u)
			}
		}
	}
	space := rapid.SampledFrom([]string{" ", "  ", "\t", "\u00a0", "\u202f ", " \u200b"})
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.SampledFrom(orders).Draw(t, "order")
		want, err := Parse(order, Air)
		if err != nil {
			t.Fatal(err)
		}
		typed := rapid.SampledFrom([]func(string) string{strings.ToLower, strings.ToUpper, strings.ToTitle, func(s string) string { return s }}).Draw(t, "case")(order)
		var b strings.Builder
		b.WriteString(rapid.SampledFrom([]string{"", " ", "\n", "\ufeff", "> waw-12 #7 DOWN x\n", "\r\n \t"}).Draw(t, "front"))
		for i, w := range strings.Fields(typed) {
			if i > 0 {
				b.WriteString(space.Draw(t, "space"))
			}
			b.WriteString(w)
		}
		b.WriteString(rapid.SampledFrom([]string{"", " ", "\n", "\r\n\r\nSent from my iPhone", "\n-- \nAda", "\n> waw-12 #7 DOWN x", "\nwaw-12 #7 DOWN x"}).Draw(t, "back"))
		got, err := Parse(b.String(), Air)
		if err != nil {
			t.Fatalf("%q: %v", b.String(), err)
		}
		if !strings.EqualFold(got.Order, want.Order) || got.Verb != want.Verb || got.For != want.For || got.At != want.At || got.Code != want.Code || got.Word != want.Word {
			t.Fatalf("%q is %+v; want %+v", b.String(), got, want)
		}
	})
}
