package notice

import "heliograph/firmware/event"

// How subscribers are spoken to. They did not ask for a text at night: it says
// what they will notice, since when, and what they need do, which is nothing.

var outerEnglish = outerWords{
	texts: map[event.Kind]string{
		event.Down:      `{{.Brand}}: no Internet{{with .Where}} in {{.}}{{end}} {{.Since}}. We are working on it{{with .Expect}}, {{.}}{{end}}. We will text you when it is over.`,
		event.Opened:    `{{.Brand}}: disturbed service{{with .Where}} in {{.}}{{end}} {{.Since}}{{with .News}}: {{.}}{{end}}. We are working on it{{with .Expect}}, {{.}}{{end}}. We will text you when it is over.`,
		event.Update:    `{{.Brand}}: still disturbed{{with .Where}} in {{.}}{{end}} {{.Since}}.{{with .News}} {{.}}.{{end}}{{with .Expect}} It is {{.}}.{{end}}{{with .Call}} Call {{.}}{{end}}`,
		event.Reopened:  `{{.Brand}}: no Internet again{{with .Where}} in {{.}}{{end}} {{.Since}}. We are working on it{{with .Expect}}, {{.}}{{end}}. We will text you when it is over.`,
		event.AllClear:  `{{.Brand}}: your Internet{{with .Where}} in {{.}}{{end}} works again{{with .At}} since {{.}}{{end}}. If yours does not, switch your router off and on{{with .Call}} or call {{.}}{{end}}. We are sorry.`,
		event.Cancelled: `{{.Brand}}: our message about an outage{{with .Where}} in {{.}}{{end}} was wrong. Please disregard it.`,
		event.Unwatched: `{{.Brand}}: our message about an outage{{with .Where}} in {{.}}{{end}} is closed.{{with .Call}} If yours does not work, call {{.}}{{end}}`,
	},
	since: "since {clock}", lasting: "for {length}", ends: "expected to end at {clock}",
	stopped: "{brand}: you will get no more texts about outages. START brings them back.",
	started: "{brand}: you will be told when your line is hit. STOP ends it, ? asks how your line is.",
	fine:    "{brand}: no outage is known on your line{where}. If it does not work, switch your router off and on, or call us{call}.",
	hit:     "{brand}: your line{where} is hit by an outage {since}{expect}. We are working on it and will text you when it is over.",
}

var outerPolish = outerWords{
	texts: map[event.Kind]string{
		event.Down:      `{{.Brand}}: brak internetu{{with .Where}} ({{.}}){{end}} {{.Since}}. Pracujemy nad tym{{with .Expect}}, {{.}}{{end}}. Napiszemy, gdy będzie po wszystkim.`,
		event.Opened:    `{{.Brand}}: zakłócenia{{with .Where}} ({{.}}){{end}} {{.Since}}{{with .News}}: {{.}}{{end}}. Pracujemy nad tym{{with .Expect}}, {{.}}{{end}}. Napiszemy, gdy będzie po wszystkim.`,
		event.Update:    `{{.Brand}}: zakłócenia trwają{{with .Where}} ({{.}}){{end}} {{.Since}}.{{with .News}} {{.}}.{{end}}{{with .Expect}} Wiemy: {{.}}.{{end}}{{with .Call}} Tel. {{.}}{{end}}`,
		event.Reopened:  `{{.Brand}}: znowu brak internetu{{with .Where}} ({{.}}){{end}} {{.Since}}. Pracujemy nad tym{{with .Expect}}, {{.}}{{end}}. Napiszemy, gdy będzie po wszystkim.`,
		event.AllClear:  `{{.Brand}}: internet{{with .Where}} ({{.}}){{end}} znów działa{{with .At}} od {{.}}{{end}}. Jeśli u Ciebie nie, wyłącz i włącz router{{with .Call}} albo zadzwoń: {{.}}{{end}}. Przepraszamy.`,
		event.Cancelled: `{{.Brand}}: nasza wiadomość o awarii{{with .Where}} ({{.}}){{end}} była pomyłką. Prosimy ją pominąć.`,
		event.Unwatched: `{{.Brand}}: sprawa awarii{{with .Where}} ({{.}}){{end}} jest zamknięta.{{with .Call}} Jeśli u Ciebie nie działa, zadzwoń: {{.}}{{end}}`,
	},
	since: "od {clock}", lasting: "od {length}", ends: "koniec spodziewany o {clock}",
	stopped: "{brand}: nie dostaniesz więcej SMS-ów o awariach. START je przywraca.",
	started: "{brand}: damy znać, gdy awaria dotknie Twojego łącza. STOP kończy, ? pyta o stan łącza.",
	fine:    "{brand}: nie znamy awarii na Twoim łączu{where}. Jeśli nie działa, wyłącz i włącz router albo zadzwoń{call}.",
	hit:     "{brand}: na Twoim łączu{where} jest awaria {since}{expect}. Pracujemy nad nią i napiszemy, gdy będzie po wszystkim.",
}

var outerItalian = outerWords{
	texts: map[event.Kind]string{
		event.Down:      `{{.Brand}}: Internet assente{{with .Where}} a {{.}}{{end}} {{.Since}}. Ci stiamo lavorando{{with .Expect}}, {{.}}{{end}}. Ti scriviamo appena finisce.`,
		event.Opened:    `{{.Brand}}: disservizio{{with .Where}} a {{.}}{{end}} {{.Since}}{{with .News}}: {{.}}{{end}}. Ci stiamo lavorando{{with .Expect}}, {{.}}{{end}}. Ti scriviamo appena finisce.`,
		event.Update:    `{{.Brand}}: il disservizio{{with .Where}} a {{.}}{{end}} continua {{.Since}}.{{with .News}} {{.}}.{{end}}{{with .Expect}} Sappiamo: {{.}}.{{end}}{{with .Call}} Tel. {{.}}{{end}}`,
		event.Reopened:  `{{.Brand}}: di nuovo senza Internet{{with .Where}} a {{.}}{{end}} {{.Since}}. Ci stiamo lavorando{{with .Expect}}, {{.}}{{end}}. Ti scriviamo appena finisce.`,
		event.AllClear:  `{{.Brand}}: Internet{{with .Where}} a {{.}}{{end}} funziona di nuovo{{with .At}} dalle {{.}}{{end}}. Se il tuo no, spegni e riaccendi il router{{with .Call}} o chiama {{.}}{{end}}. Ci scusiamo.`,
		event.Cancelled: `{{.Brand}}: il nostro messaggio su un guasto{{with .Where}} a {{.}}{{end}} era un errore. Ti preghiamo di ignorarlo.`,
		event.Unwatched: `{{.Brand}}: la segnalazione del guasto{{with .Where}} a {{.}}{{end}} è chiusa.{{with .Call}} Se il tuo Internet non va, chiama {{.}}{{end}}`,
	},
	since: "dalle {clock}", lasting: "da {length}", ends: "fine prevista alle {clock}",
	stopped: "{brand}: non riceverai più SMS sui guasti. START li riattiva.",
	started: "{brand}: ti avvisiamo quando la tua linea è colpita. STOP lo termina, ? chiede lo stato della linea.",
	fine:    "{brand}: nessun guasto noto sulla tua linea{where}. Se non va, spegni e riaccendi il router o chiamaci{call}.",
	hit:     "{brand}: la tua linea{where} è colpita da un guasto {since}{expect}. Ci stiamo lavorando e ti scriviamo appena finisce.",
}
