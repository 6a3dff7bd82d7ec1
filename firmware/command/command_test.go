package command

import (
	"errors"
	"reflect"
	"testing"
)

func TestWhatOperatorsType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		from Source
		want Command
	}{
		{"ACK 7", Air, Command{Verb: Ack, Number: 7}},
		{"ack", Air, Command{Verb: Ack}},
		{"  Ack #7. ", Air, Command{Verb: Ack, Number: 7}},
		{"Ack7", Air, Command{Verb: Ack, Number: 7}},
		{"ACK#12", Air, Command{Verb: Ack, Number: 12}},
		{"ok", Air, Command{Verb: Ack}},
		{"OK, I am on it", Air, Command{Verb: Ack}},
		{"Potwierdzam 3", Air, Command{Verb: Ack, Number: 3}},
		{"Status?", Air, Command{Verb: Status}},
		{"stan", Air, Command{Verb: Status}},
		{"stato\n", Air, Command{Verb: Status}},
		{"?", Air, Command{Verb: Help}},
		{"help!", Air, Command{Verb: Help}},
		{"open billing Card payments fail", Local, Command{Verb: Open, Scope: []string{"billing"}, Text: "Card payments fail"}},
		{"say 7 splicing: 06:30", Local, Command{Verb: Say, Number: 7, Text: "splicing: 06:30"}},
		{"CANCEL 7", Local, Command{Verb: Cancel, Number: 7}},
		{"clear #7", Local, Command{Verb: Clear, Number: 7}},
		{"selftest", Local, Command{Verb: Test}},
		{"lte On", Local, Command{Verb: LTE, Word: "on"}},
		{"LTE auto.", Local, Command{Verb: LTE, Word: "auto"}},
	} {
		got, err := Parse(c.text, c.from)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: got %+v, %v; want %+v", c.text, got, err, c.want)
		}
	}
}

func TestWhatIsRefusedSaysWhatToSend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		from Source
		want string
	}{
		{"", Air, "Nothing in your text. Send ACK 7, STATUS or HELP."},
		{"AKC 7", Air, "Not understood: AKC. Did you mean ACK 7?"},
		{"ACCK", Air, "Not understood: ACCK. Did you mean ACK 7?"},
		{"sttus", Air, "Not understood: STTUS. Did you mean STATUS?"},
		{"where are you", Air, "Not understood: WHERE. Send ACK 7, STATUS or HELP."},
		{"ack 0", Air, "No such number. Send ACK 7"},
		{"cancel", Local, "CANCEL needs an incident's number, such as: CANCEL 7"},
		{"say 7", Local, "SAY needs a text, such as: SAY 7 splicing has begun"},
		{"lte maybe", Local, "LTE is one of: LTE ON, LTE OFF, LTE AUTO"},
		{"open", Local, "OPEN needs what it is about, such as: OPEN billing card payments fail"},
		{"open billing", Local, "OPEN needs a text, such as: OPEN billing card payments fail"},
		{"frobnicate everything at once", Local, "Not understood: FROBNICATE. Known: ACK, STATUS, OPEN, SAY, CLEAR, CANCEL, SELFTEST, LTE, PROXY, HELP."},
		{"ŁĄŚĆŻŹĆÓŁĄŚĆŻŹĆÓŁĄŚĆŻŹĆÓ", Air, "Not understood: ŁĄŚĆŻŹĆÓŁĄŚĆŻŹĆÓŁĄŚĆ... Send ACK 7, STATUS or HELP."},
	} {
		_, err := Parse(c.text, c.from)
		var r *Refusal
		if !errors.As(err, &r) || r.Why != c.want {
			t.Errorf("%q: got %v; want %q", c.text, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"ACK 7", "ack#7", "?", "", "OPEN x y", "SAY 99999999999 x", "\x00\xff", "ACK\u00a07"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, local bool) {
		from := Air
		if local {
			from = Local
		}
		_, err := Parse(text, from)
		if err != nil && len([]rune(err.Error())) > 160 {
			t.Fatalf("%q: the refusal does not fit a text: %q", text, err)
		}
	})
}
