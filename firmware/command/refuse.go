package command

import (
	"fmt"
	"strings"
)

// Refusal is a text that is not carried out. It tells the sender why and what
// to send instead, in one line that fits a text behind the site's name.
type Refusal struct {
	Word    string   // set when the text begins with a word that is none of ours
	Example []string // what to send instead; each is understood as it stands

	why  reason
	args []string
	from Source
}

// Error is the refusal in English.
func (r *Refusal) Error() string { return r.Say("en") }

// Say is the refusal in a language ("en", "pl", "it"), English for any other.
func (r *Refusal) Say(lang string) string {
	t, ok := tongues[lang]
	if !ok {
		t = tongues["en"]
	}
	args := make([]any, len(r.args))
	for i, a := range r.args {
		args[i] = a
	}
	why := fmt.Sprintf(t.why[r.why], args...)
	examples := r.Example[0]
	if last := len(r.Example) - 1; last > 0 {
		examples = strings.Join(r.Example[:last], ", ") + t.or + r.Example[last]
	}
	form := t.air
	switch {
	case r.why == slipped:
		form = t.mean
	case r.from == Local:
		form = t.local
	}
	return why + " " + fmt.Sprintf(form, examples)
}

type reason int

const (
	empty reason = iota
	tooLong
	garbled
	wordless
	echo
	strange      // the word
	slipped      // the word
	justNumber   // the number
	justCode     //
	needsNumber  // the verb, as in all below
	wrongNumber  //
	needsText    //
	needsSubject //
	needsLength  //
	misplaced    //
	needsTime    //
	needsPlan    //
	needsTwo     //
	needsID      //
	needsPerson  //
	needsPhone   //
	oneOf        // the verb, its words
	tooMuch      //
	tooMany      //
	several      // two verbs
)

// tongue is how refusals are worded in one language.
type tongue struct {
	air, local, mean, or string
	why                  map[reason]string
}

var tongues = map[string]tongue{
	"en": {air: "Send %s.", local: "Such as: %s.", mean: "Did you mean %s?", or: " or ", why: map[reason]string{
		empty:        "Nothing in your text.",
		tooLong:      "Your text is over 3000 characters.",
		garbled:      "Your text has characters that nobody can read.",
		wordless:     "That has no word in it.",
		echo:         "Only our own text came back, with no order from you.",
		strange:      `"%s" is not a word I know.`,
		slipped:      "Not understood: %s.",
		justNumber:   "%s alone is no order.",
		justCode:     "A code is the 4 digits that we texted to you.",
		needsNumber:  "%s needs an incident's number.",
		wrongNumber:  "%s: no incident has such a number.",
		needsText:    "%s needs words to pass on.",
		needsSubject: "%s needs what it is about.",
		needsLength:  "%s needs a length with h or min, 31 days at most.",
		misplaced:    "%s: the length comes right after the names.",
		needsTime:    "%s needs a time (24 h clock) or a length.",
		needsPlan:    "%s needs the code of the plan, as texted.",
		needsTwo:     "%s needs the numbers of two incidents.",
		needsID:      "%s needs the number of a delivery.",
		needsPerson:  "%s needs a name.",
		needsPhone:   "%s needs a full phone number with + and country.",
		oneOf:        "%s takes %s.",
		tooMuch:      "%s takes nothing more than this.",
		tooMany:      "%s takes two numbers at most; without one, all that wait.",
		several:      "%s and %s are two orders.",
	}},
	"pl": {air: "Wyślij %s.", local: "Na przykład: %s.", mean: "Czy chodzi o %s?", or: " lub ", why: map[reason]string{
		empty:        "Pusta wiadomość.",
		tooLong:      "Wiadomość ma ponad 3000 znaków.",
		garbled:      "Wiadomość zawiera nieczytelne znaki.",
		wordless:     "W wiadomości nie ma ani słowa.",
		echo:         "Wrócił tylko nasz SMS, bez polecenia.",
		strange:      `Nie znam słowa "%s".`,
		slipped:      "Nie rozumiem: %s.",
		justNumber:   "Sama liczba %s to nie polecenie.",
		justCode:     "Kod to 4 cyfry z naszego SMS-a.",
		needsNumber:  "%s wymaga numeru incydentu.",
		wrongNumber:  "%s: nie ma incydentu o takim numerze.",
		needsText:    "%s wymaga treści do przekazania.",
		needsSubject: "%s: podaj, czego dotyczy.",
		needsLength:  "%s wymaga czasu z h lub min, najwyżej 31 dni.",
		misplaced:    "%s: czas podaj zaraz po nazwach.",
		needsTime:    "%s wymaga godziny (zegar 24 h) lub czasu.",
		needsPlan:    "%s wymaga kodu planu z SMS-a.",
		needsTwo:     "%s wymaga numerów dwóch incydentów.",
		needsID:      "%s wymaga numeru wysyłki.",
		needsPerson:  "%s wymaga imienia.",
		needsPhone:   "%s wymaga pełnego numeru telefonu z + i kodem kraju.",
		oneOf:        "%s przyjmuje: %s.",
		tooMuch:      "%s nie przyjmuje nic więcej.",
		tooMany:      "%s przyjmuje najwyżej dwa numery; bez numeru: wszystkie.",
		several:      "%s i %s to dwa polecenia.",
	}},
	"it": {air: "Invia %s.", local: "Per esempio: %s.", mean: "Intendevi %s?", or: " o ", why: map[reason]string{
		empty:        "Messaggio vuoto.",
		tooLong:      "Il messaggio supera i 3000 caratteri.",
		garbled:      "Il messaggio contiene caratteri illeggibili.",
		wordless:     "Nel messaggio non c'è una parola.",
		echo:         "È tornato solo il nostro SMS, senza un comando.",
		strange:      `Non conosco la parola "%s".`,
		slipped:      "Non capisco: %s.",
		justNumber:   "%s da solo non è un comando.",
		justCode:     "Il codice sono le 4 cifre del nostro SMS.",
		needsNumber:  "%s vuole il numero dell'incidente.",
		wrongNumber:  "%s: nessun incidente ha questo numero.",
		needsText:    "%s vuole un testo da inoltrare.",
		needsSubject: "%s: indica che cosa riguarda.",
		needsLength:  "%s vuole una durata con h o min, al massimo 31 giorni.",
		misplaced:    "%s: la durata va subito dopo i nomi.",
		needsTime:    "%s vuole un orario (24 ore) o una durata.",
		needsPlan:    "%s vuole il codice del piano, come nell'SMS.",
		needsTwo:     "%s vuole i numeri di due incidenti.",
		needsID:      "%s vuole il numero dell'invio.",
		needsPerson:  "%s vuole un nome.",
		needsPhone:   "%s vuole il numero completo, con + e prefisso.",
		oneOf:        "%s accetta %s.",
		tooMuch:      "%s non accetta altro.",
		tooMany:      "%s accetta al massimo due numeri; senza numero, tutti.",
		several:      "%s e %s sono due comandi.",
	}},
}

func refuse(why reason, args ...string) *Refusal { return &Refusal{why: why, args: args} }

// offer says what to send instead.
func (r *Refusal) offer(examples ...string) *Refusal {
	r.Example = examples
	return r
}
