package notice

import "heliograph/firmware/event"

// How subscribers are spoken to. They did not ask for a text at night: it says
// what they will notice, since when, and what they need do, which is nothing.
// A follow-up has no number: it says what has changed.

var outerEnglish = outerWords{
	texts: also(map[event.Kind]string{
		event.Down:      `{{.Brand}}: no Internet{{with .Where}} in {{.}}{{end}} {{.Since}}. We are working on it{{with .Expect}}, {{.}}{{end}}. We will text you when it is back.`,
		event.Opened:    `{{.Brand}}: disturbed service{{with .Where}} in {{.}}{{end}} {{.Since}}{{with .News}}: {{.}}{{end}}. We are working on it{{with .Expect}}, {{.}}{{end}}. We will text you when it is over.`,
		event.Update:    `{{.Brand}}: still disturbed{{with .Where}} in {{.}}{{end}} {{.Since}}{{with .Expect}}, {{.}}{{end}}.{{with .News}} {{.}}.{{end}}{{with .Call}} Call {{.}}{{end}}`,
		event.Reopened:  `{{.Brand}}: no Internet again{{with .Where}} in {{.}}{{end}} {{.Since}}. We are working on it{{with .Expect}}, {{.}}{{end}}. We will text you when it is back.`,
		event.AllClear:  `{{.Brand}}: your Internet{{with .Where}} in {{.}}{{end}} works again{{if .At}} {{.Since}}{{end}}. If yours does not, switch your router off and on{{with .Call}} or call {{.}}{{end}}. We are sorry.`,
		event.Cancelled: `{{.Brand}}: our message about an outage{{with .Where}} in {{.}}{{end}} was a mistake. We are sorry.{{with .News}} {{.}}.{{end}}`,
		event.Unwatched: `{{.Brand}}: our message about an outage{{with .Where}} in {{.}}{{end}} is closed. If your Internet does not work{{with .Call}}, call {{.}}{{else}}, call us{{end}}.`,
		event.Dismissed: `{{.Brand}}: our engineer has closed the message about an outage{{with .Where}} in {{.}}{{end}}. It does not mean that all works again: if yours does not{{with .Call}}, call {{.}}{{else}}, call us{{end}}.`,
	}, plannedEnglish.outer),
	since: "since {clock}", sinceDay: "since {clock}", lasting: "for {length}", now: "now",
	ends: "should be over by {clock}", endsIn: "should be over {length}", endsDay: "should be over by {clock}", unknown: "we do not know yet for how long",
	stopped: "{brand}: you will get no more texts about outages. START brings them back.",
	started: "{brand}: you will be told when your line is hit. STOP ends it, ? asks how your line is.",
	fine:    "{brand}: no outage is known on your line{where}. If it does not work, switch your router off and on, or call us{call}.",
	hit:     "{brand}: your line{where} is hit by an outage {since}{expect}. We are working on it.{told}",
	told:    " We will text you when it is over.",
}

var outerPolish = outerWords{
	texts: also(map[event.Kind]string{
		event.Down:      `{{.Brand}}: brak internetu{{with .Where}} ({{.}}){{end}} {{.Since}}. Pracujemy nad tym{{with .Expect}}, {{.}}{{end}}. Damy znać SMS-em, gdy wróci.`,
		event.Opened:    `{{.Brand}}: zakłócenia{{with .Where}} ({{.}}){{end}} {{.Since}}{{with .News}}: {{.}}{{end}}. Pracujemy nad tym{{with .Expect}}, {{.}}{{end}}. Damy znać SMS-em, gdy miną.`,
		event.Update:    `{{.Brand}}: zakłócenia{{with .Where}} ({{.}}){{end}} trwają {{.Since}}{{with .Expect}}, {{.}}{{end}}.{{with .News}} {{.}}.{{end}}{{with .Call}} Tel. {{.}}{{end}}`,
		event.Reopened:  `{{.Brand}}: znowu brak internetu{{with .Where}} ({{.}}){{end}} {{.Since}}. Pracujemy nad tym{{with .Expect}}, {{.}}{{end}}. Damy znać SMS-em, gdy wróci.`,
		event.AllClear:  `{{.Brand}}: internet{{with .Where}} ({{.}}){{end}} znów działa{{if .At}} {{.Since}}{{end}}. Jeśli u Ciebie nie, wyłącz i włącz router{{with .Call}} albo zadzwoń: {{.}}{{end}}. Przepraszamy.`,
		event.Cancelled: `{{.Brand}}: nasza wiadomość o awarii{{with .Where}} ({{.}}){{end}} była pomyłką. Przepraszamy.{{with .News}} {{.}}.{{end}}`,
		event.Unwatched: `{{.Brand}}: nasza wiadomość o awarii{{with .Where}} ({{.}}){{end}} jest już nieaktualna. Jeśli internet nie działa, zadzwoń{{with .Call}}: {{.}}{{else}} do nas.{{end}}`,
		event.Dismissed: `{{.Brand}}: dyżurny zamknął zgłoszenie awarii{{with .Where}} ({{.}}){{end}}. To nie znaczy, że internet już działa: jeśli u Ciebie nie, zadzwoń{{with .Call}}: {{.}}{{else}} do nas.{{end}}`,
	}, plannedPolish.outer),
	since: "od {clock}", sinceDay: "od {clock}", lasting: "od {length}", now: "w tej chwili",
	ends: "przewidywany koniec {clock}", endsIn: "przewidywany koniec {length}", endsDay: "przewidywany koniec {clock}", unknown: "nie wiemy jeszcze, kiedy koniec",
	stopped: "{brand}: nie dostaniesz więcej SMS-ów o awariach. START je przywraca.",
	started: "{brand}: damy znać, gdy awaria dotknie Twojego łącza. STOP kończy, ? pyta o stan łącza.",
	fine:    "{brand}: nie wiemy o żadnej awarii Twojego łącza{where}. Jeśli nie działa, wyłącz i włącz router albo zadzwoń{call}.",
	hit:     "{brand}: na Twoim łączu{where} jest awaria {since}{expect}. Pracujemy nad tym.{told}",
	told:    " Damy znać, gdy minie.",
}

var outerItalian = outerWords{
	texts: also(map[event.Kind]string{
		event.Down:      `{{.Brand}}: Internet assente{{with .Where}} ({{.}}){{end}} {{.Since}}. Ci stiamo lavorando{{with .Expect}}, {{.}}{{end}}. Ti scriviamo appena torna.`,
		event.Opened:    `{{.Brand}}: disservizio{{with .Where}} ({{.}}){{end}} {{.Since}}{{with .News}}: {{.}}{{end}}. Ci stiamo lavorando{{with .Expect}}, {{.}}{{end}}. Ti scriviamo appena finisce.`,
		event.Update:    `{{.Brand}}: il disservizio{{with .Where}} ({{.}}){{end}} continua {{.Since}}{{with .Expect}}, {{.}}{{end}}.{{with .News}} {{.}}.{{end}}{{with .Call}} Tel. {{.}}{{end}}`,
		event.Reopened:  `{{.Brand}}: di nuovo senza Internet{{with .Where}} ({{.}}){{end}} {{.Since}}. Ci stiamo lavorando{{with .Expect}}, {{.}}{{end}}. Ti scriviamo appena torna.`,
		event.AllClear:  `{{.Brand}}: Internet{{with .Where}} ({{.}}){{end}} funziona di nuovo{{if .At}} {{.Since}}{{end}}. Se da te non va, spegni e riaccendi il router{{with .Call}} o chiama {{.}}{{end}}. Ci scusiamo.`,
		event.Cancelled: `{{.Brand}}: il nostro messaggio su un guasto{{with .Where}} ({{.}}){{end}} era un errore. Ci scusiamo.{{with .News}} {{.}}.{{end}}`,
		event.Unwatched: `{{.Brand}}: il nostro messaggio su un guasto{{with .Where}} ({{.}}){{end}} non è più attuale. Se Internet non va, chiama{{with .Call}} {{.}}{{else}}ci{{end}}.`,
		event.Dismissed: `{{.Brand}}: un tecnico ha chiuso la segnalazione del guasto{{with .Where}} ({{.}}){{end}}. Non vuol dire che Internet sia tornato: se da te non va, chiama{{with .Call}} {{.}}{{else}}ci{{end}}.`,
	}, plannedItalian.outer),
	since: "dalle {clock}", sinceDay: "dal {clock}", lasting: "da {length}", now: "in questo momento",
	ends: "ripristino previsto alle {clock}", endsIn: "ripristino previsto {length}", endsDay: "ripristino previsto il {clock}", unknown: "non sappiamo ancora per quanto",
	stopped: "{brand}: non riceverai più SMS sui guasti. START li riattiva.",
	started: "{brand}: ti avvisiamo quando la tua linea è colpita. STOP per non riceverne più, ? chiede lo stato della linea.",
	fine:    "{brand}: nessun guasto noto sulla tua linea{where}. Se non va, spegni e riaccendi il router o chiamaci{call}.",
	hit:     "{brand}: la tua linea{where} è colpita da un guasto {since}{expect}. Ci stiamo lavorando.{told}",
	told:    " Ti scriviamo appena finisce.",
}
