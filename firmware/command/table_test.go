package command

import (
	"slices"
	"strings"
	"testing"

	"heliograph/firmware/notice"
)

func TestEveryUsageOfTheTableIsItsVerb(t *testing.T) {
	t.Parallel()
	seen := map[Verb]bool{}
	for _, e := range Table() {
		if seen[e.Verb] || len(e.Usage) == 0 {
			t.Errorf("%s: twice in the table, or without a usage", e.Verb)
		}
		seen[e.Verb] = true
		for _, u := range e.Usage {
			c, err := Parse(u, Air)
			if err != nil || c.Verb != e.Verb {
				t.Errorf("%s: its usage %q is %+v, %v", e.Verb, u, c, err)
			}
		}
		if role, proof := Need(e.Verb); role != e.Role || proof != e.Proof {
			t.Errorf("%s: the table says %s, %s; Need says %s, %s", e.Verb, e.Role, e.Proof, role, proof)
		}
	}
}

func TestNoTwoVerbsShareAWord(t *testing.T) {
	t.Parallel()
	owner := map[string]Verb{}
	claim := func(v Verb, word string) {
		if was, taken := owner[word]; taken {
			t.Errorf("%q is both %s and %s", word, was, v)
		}
		owner[word] = v
		var keys []string
		for w := range strings.FieldsSeq(word) {
			keys = append(keys, key(w))
		}
		if word != "?" && strings.Join(keys, " ") != word {
			t.Errorf("%s: %q can never match: it is not written as key writes it", v, word)
		}
	}
	for _, r := range rows {
		for _, w := range append([]string{string(r.verb)}, r.aliases...) {
			claim(r.verb, w)
		}
	}
	for _, w := range codeWords {
		claim(Code, w)
	}
	// Of two long words one slip apart one would be taken for the other.
	for a, v := range owner {
		for b, w := range owner {
			if v < w && len(a) > 4 && len(b) > 4 && slip(a, b) {
				t.Errorf("%q (%s) is one slip from %q (%s)", a, v, b, w)
			}
		}
	}
}

// TestEveryWordIsTaken types each alias with what its verb wants.
func TestEveryWordIsTaken(t *testing.T) {
	t.Parallel()
	for _, r := range rows {
		for _, alias := range r.aliases {
			text := strings.ToLower(strings.Replace(r.usage[0], string(r.verb), alias, 1))
			if c, err := Parse(text, Air); err != nil || c.Verb != r.verb {
				t.Errorf("%q is %+v, %v; want %s", text, c, err, r.verb)
			}
		}
	}
}

func TestPolishAndItalianHaveWordsForWhatIsTypedAtNight(t *testing.T) {
	t.Parallel()
	for want, texts := range map[Verb][]string{
		Ack: {"Potwierdzam 7", "przyjmuję 7", "biorę", "preso", "ricevuto", "confermo 7"}, Nack: {"nie ja", "nie mogę", "non io", "non posso"},
		Status: {"stan", "sytuacja", "stato", "situazione"}, Sig: {"sygnał", "zasięg", "segnale"}, Queue: {"kolejka", "coda"}, Who: {"kto", "dyżur", "chi"}, Log: {"dziennik", "cronologia"},
		Mute: {"wycisz 2h", "silenzia 2h"}, Unmute: {"odcisz", "riattiva"}, Maint: {"prace start x 2h", "lavori inizio x 2h"}, Open: {"otwórz x y", "apri x y"}, Link: {"połącz 7 8", "unisci 7 8"},
		Cancel: {"odwołaj 7", "annulla 7"}, Say: {"powiedz 7 x", "ogłoś 7 x", "comunica 7 x"}, ETR: {"termin 7 6:30", "stima 7 6:30"}, Scope: {"zakres 7 x", "ambito 7 x"}, Clear: {"zamknij 7", "chiudi 7"},
		Hold: {"wstrzymaj", "sospendi"}, Go: {"wznów", "riprendi"}, Approve: {"zatwierdź 4f7", "zatwierdzam 4f7", "approvo 4f7"}, Deny: {"odrzuć 4f7", "rifiuto 4f7"}, Resend: {"ponów 120", "reinvia 120"},
		Test: {"autotest", "prova"}, Drill: {"ćwiczenie", "esercitazione"}, Balance: {"saldo", "credito"}, Swap: {"zamień bob", "scambio bob"}, Take: {"zastępuję", "subentro"}, Reboot: {"zrestartuj", "riavvia"},
		Erase: {"wymaż +48600100201", "elimina +48600100201"}, Help: {"pomoc", "aiuto"}, Stop: {"rezygnuję", "basta"}, Start: {"zapisz", "iscrivimi"}, Code: {"kod 4711", "codice 4711"},
	} {
		for _, text := range texts {
			for _, typed := range []string{text, fold(text), strings.ToUpper(text)} {
				if c, err := Parse(typed, Air); err != nil || c.Verb != want {
					t.Errorf("%q is %+v, %v; want %s", typed, c, err, want)
				}
			}
		}
	}
}

func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	if !Approver.May(Operator) || !Operator.May(Operator) || Operator.May(Approver) || Viewer.May(Operator) || Role("").May(Viewer) || Role("root").May(Viewer) || Approver.May("") {
		t.Error("viewer < operator < approver does not hold")
	}
	for want, verbs := range map[[2]string][]Verb{
		{"viewer", "none"}:   {Status, Sig, Queue, Who, Log, Help, Stop, Start, Code},
		{"operator", "none"}: {Ack, Nack, Deny, Hold, Balance},
		{"operator", "code"}: {Mute, Unmute, Maint, Open, Link, Cancel, Say, ETR, Scope, Clear, Go, Resend, Test, Drill, LTE, Proxy, Swap, Take},
		{"approver", "plan"}: {Approve},
		{"approver", "code"}: {Erase},
		{"approver", "two"}:  {Reboot, "FROB"},
	} {
		for _, v := range verbs {
			if role, proof := Need(v); string(role) != want[0] || string(proof) != want[1] {
				t.Errorf("%s needs %s, %s; want %v", v, role, proof, want)
			}
		}
	}
	var theirs []Verb
	for _, e := range Table() {
		if e.Subscriber {
			theirs = append(theirs, e.Verb)
		}
	}
	if !slices.Equal(theirs, []Verb{Help, Stop, Start}) {
		t.Errorf("subscribers may send %v", theirs)
	}
}

func TestHelpOnEveryVerbFitsOneText(t *testing.T) {
	t.Parallel()
	for _, e := range Table() {
		for _, lang := range []string{"en", "pl", "it"} {
			said := HelpOn(e.Verb, lang)
			if n, gsm := notice.Septets(notice.Transliterate(said)); n > 130 || !gsm || e.What[lang] == "" || !strings.Contains(said, e.Usage[0]) {
				t.Errorf("%s in %s, %d septets: %q", e.Verb, lang, n, said)
			}
		}
		if HelpOn(e.Verb, "de") != HelpOn(e.Verb, "en") {
			t.Errorf("%s: a language that is not known is not English", e.Verb)
		}
	}
	if got, want := HelpOn(Say, "it"), "SAY 7 splicing has begun = le tue parole a chi è stato avvisato di #7. Prima chiede un codice."; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	if got := HelpOn("FROB", "en"); got != "" {
		t.Errorf("FROB is explained: %q", got)
	}
}

func TestTheTableIsACopy(t *testing.T) {
	t.Parallel()
	Table()[0].Usage[0] = "spoilt"
	if Table()[0].Usage[0] == "spoilt" {
		t.Error("who changes the table changes the vocabulary")
	}
}
