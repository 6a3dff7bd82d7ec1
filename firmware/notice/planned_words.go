package notice

import "heliograph/firmware/event"

// How planned work is spoken of. Who reads of it wants to know three things:
// where, when, and that somebody says when it is over.

var plannedEnglish = plannedWords{
	name: "planned work", window: "from {from} to {to}", overran: "planned work #{n} overran",
	texts: map[event.Kind]string{
		event.Maintenance: `PLANNED WORK {{.Subject}} {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Begun:       `PLANNED WORK BEGINS {{.Subject}} {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Moved:       `PLANNED WORK MOVED {{.Subject}}, now {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Overran:     `PLANNED WORK OVERRUNS {{.Subject}}, planned {{.When}}. The next text comes when it is over.`,
		event.Completed:   `PLANNED WORK DONE {{.Subject}} {{.At}}.`,
		event.CalledOff:   `PLANNED WORK CANCELLED {{.Subject}} {{.When}}: it will not take place.`,
	},
	outer: map[event.Kind]string{
		event.Maintenance: `{{.Brand}}: planned work{{with .Where}} in {{.}}{{end}}{{with .When}}, {{.}}{{end}}{{with .News}}: {{.}}{{end}}. Your Internet may not work then. We will text you when it is over.`,
		event.Begun:       `{{.Brand}}: planned work{{with .Where}} in {{.}}{{end}} begins{{with .When}}, {{.}}{{end}}. Your Internet may not work then. We will text you when it is over.`,
		event.Moved:       `{{.Brand}}: planned work{{with .Where}} in {{.}}{{end}} has a new time{{with .When}}: {{.}}{{end}}. Your Internet may not work then. We will text you when it is over.`,
		event.Overran:     `{{.Brand}}: planned work{{with .Where}} in {{.}}{{end}} takes longer than we said. We will text you when it is over. We are sorry.`,
		event.Completed:   `{{.Brand}}: planned work{{with .Where}} in {{.}}{{end}} is over{{with .At}} since {{.}}{{end}}. If your Internet does not work, switch your router off and on{{with .Call}} or call {{.}}{{end}}.`,
		event.CalledOff:   `{{.Brand}}: planned work{{with .Where}} in {{.}}{{end}}{{with .When}}, {{.}},{{end}} will not take place. Please disregard our message.`,
	},
	inside: map[event.Kind]string{
		event.Maintenance: `PLANNED WORK: {{.Subject}}, {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Begun:       `PLANNED WORK BEGINS: {{.Subject}}, {{.When}}{{with .Title}}: {{.}}{{end}}. Its probes page nobody until then.`,
		event.Moved:       `PLANNED WORK MOVED: {{.Subject}}, now {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Overran:     `PLANNED WORK OVERRUNS: {{.Subject}}, planned {{.When}}. What is still down is an outage from now on.`,
		event.Completed:   `PLANNED WORK DONE: {{.Subject}}, {{.At}}.`,
		event.CalledOff:   `PLANNED WORK CANCELLED: {{.Subject}}, {{.When}}.`,
	},
	partner: map[event.Kind]string{
		event.Maintenance: `We have planned work on {{.Subject}} {{.When}}{{with .Title}}: {{.}}{{end}}. The service may be interrupted during that time.`,
		event.Begun:       `The planned work on {{.Subject}} begins{{with .Title}}: {{.}}{{end}}. It is planned {{.When}}, and the service may be interrupted during that time.`,
		event.Moved:       `The planned work on {{.Subject}} has a new time: {{.When}}{{with .Title}}: {{.}}{{end}}. The service may be interrupted during that time.`,
		event.Overran:     `The planned work on {{.Subject}} takes longer than planned ({{.When}}).`,
		event.Completed:   `The planned work on {{.Subject}} was completed {{.At}}.`,
		event.CalledOff:   `The planned work on {{.Subject}} {{.When}} is cancelled and will not take place.`,
	},
	public: map[event.Kind]string{
		event.Maintenance: `We have planned work{{with .Where}} in {{.}}{{end}} {{.When}}{{with .Title}}: {{.}}{{end}}. During that time, {{.What}} may be interrupted.`,
		event.Begun:       `The planned work{{with .Where}} in {{.}}{{end}} begins{{with .Title}}: {{.}}{{end}}. It is planned {{.When}}; during that time, {{.What}} may be interrupted.`,
		event.Moved:       `The planned work{{with .Where}} in {{.}}{{end}} has a new time: {{.When}}{{with .Title}}: {{.}}{{end}}. During that time, {{.What}} may be interrupted.`,
		event.Overran:     `The planned work{{with .Where}} in {{.}}{{end}} takes longer than planned ({{.When}}). We apologise for that.`,
		event.Completed:   `The planned work{{with .Where}} in {{.}}{{end}} was completed {{.At}}.`,
		event.CalledOff:   `The planned work{{with .Where}} in {{.}}{{end}} {{.When}} is cancelled and will not take place.`,
	},
}

var plannedPolish = plannedWords{
	name: "prace planowe", window: "od {from} do {to}", overran: "po pracach planowych #{n}",
	texts: map[event.Kind]string{
		event.Maintenance: `PRACE PLANOWE {{.Subject}} {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Begun:       `POCZĄTEK PRAC PLANOWYCH {{.Subject}} {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Moved:       `NOWY TERMIN PRAC PLANOWYCH {{.Subject}} {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Overran:     `PRACE PLANOWE DŁUŻEJ {{.Subject}}, miały być {{.When}}. Napiszę, gdy się skończą.`,
		event.Completed:   `KONIEC PRAC PLANOWYCH {{.Subject}} {{.At}}.`,
		event.CalledOff:   `PRACE PLANOWE ODWOŁANE {{.Subject}} {{.When}}: nie odbędą się.`,
	},
	outer: map[event.Kind]string{
		event.Maintenance: `{{.Brand}}: prace planowe{{with .Where}} ({{.}}){{end}}{{with .When}}, {{.}}{{end}}{{with .News}}: {{.}}{{end}}. Internet może wtedy nie działać. Napiszemy, gdy będzie po wszystkim.`,
		event.Begun:       `{{.Brand}}: zaczynają się prace planowe{{with .Where}} ({{.}}){{end}}{{with .When}}, {{.}}{{end}}. Internet może wtedy nie działać. Napiszemy, gdy będzie po wszystkim.`,
		event.Moved:       `{{.Brand}}: nowy termin prac planowych{{with .Where}} ({{.}}){{end}}{{with .When}}: {{.}}{{end}}. Internet może wtedy nie działać. Napiszemy, gdy będzie po wszystkim.`,
		event.Overran:     `{{.Brand}}: prace planowe{{with .Where}} ({{.}}){{end}} trwają dłużej, niż zapowiadaliśmy. Napiszemy, gdy będzie po wszystkim. Przepraszamy.`,
		event.Completed:   `{{.Brand}}: prace planowe{{with .Where}} ({{.}}){{end}} zakończone{{with .At}} o {{.}}{{end}}. Jeśli internet nie działa, wyłącz i włącz router{{with .Call}} albo zadzwoń: {{.}}{{end}}.`,
		event.CalledOff:   `{{.Brand}}: prace planowe{{with .Where}} ({{.}}){{end}}{{with .When}}, {{.}},{{end}} nie odbędą się. Prosimy pominąć naszą wiadomość.`,
	},
	inside: map[event.Kind]string{
		event.Maintenance: `PRACE PLANOWE: {{.Subject}}, {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Begun:       `POCZĄTEK PRAC PLANOWYCH: {{.Subject}}, {{.When}}{{with .Title}}: {{.}}{{end}}. Do końca tego czasu pomiary nikogo nie budzą.`,
		event.Moved:       `NOWY TERMIN PRAC PLANOWYCH: {{.Subject}}, {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Overran:     `PRACE PLANOWE TRWAJĄ DŁUŻEJ: {{.Subject}}, miały trwać {{.When}}. To, co nadal nie działa, jest od teraz awarią.`,
		event.Completed:   `KONIEC PRAC PLANOWYCH: {{.Subject}}, {{.At}}.`,
		event.CalledOff:   `PRACE PLANOWE ODWOŁANE: {{.Subject}}, {{.When}}.`,
	},
	partner: map[event.Kind]string{
		event.Maintenance: `Zaplanowaliśmy prace dotyczące {{.Subject}} {{.When}}{{with .Title}}: {{.}}{{end}}. W tym czasie możliwe są przerwy w działaniu usługi.`,
		event.Begun:       `Rozpoczynają się prace planowe dotyczące {{.Subject}}{{with .Title}}: {{.}}{{end}}. Potrwają {{.When}}; w tym czasie możliwe są przerwy w działaniu usługi.`,
		event.Moved:       `Prace planowe dotyczące {{.Subject}} mają nowy termin: {{.When}}{{with .Title}}: {{.}}{{end}}. W tym czasie możliwe są przerwy w działaniu usługi.`,
		event.Overran:     `Prace planowe dotyczące {{.Subject}} trwają dłużej, niż zapowiadaliśmy ({{.When}}).`,
		event.Completed:   `Prace planowe dotyczące {{.Subject}} zakończono {{.At}}.`,
		event.CalledOff:   `Prace planowe dotyczące {{.Subject}} {{.When}} zostały odwołane i nie odbędą się.`,
	},
	public: map[event.Kind]string{
		event.Maintenance: `Zaplanowaliśmy prace{{with .Where}} ({{.}}){{end}} {{.When}}{{with .Title}}: {{.}}{{end}}. W tym czasie możliwe są przerwy w działaniu usług.`,
		event.Begun:       `Rozpoczynają się prace planowe{{with .Where}} ({{.}}){{end}}{{with .Title}}: {{.}}{{end}}. Potrwają {{.When}}; w tym czasie możliwe są przerwy w działaniu usług.`,
		event.Moved:       `Prace planowe{{with .Where}} ({{.}}){{end}} mają nowy termin: {{.When}}{{with .Title}}: {{.}}{{end}}. W tym czasie możliwe są przerwy w działaniu usług.`,
		event.Overran:     `Prace planowe{{with .Where}} ({{.}}){{end}} trwają dłużej, niż zapowiadaliśmy ({{.When}}). Przepraszamy.`,
		event.Completed:   `Prace planowe{{with .Where}} ({{.}}){{end}} zakończono {{.At}}.`,
		event.CalledOff:   `Prace planowe{{with .Where}} ({{.}}){{end}} {{.When}} zostały odwołane i nie odbędą się.`,
	},
}

var plannedItalian = plannedWords{
	name: "lavori programmati", window: "dal {from} al {to}", overran: "oltre i lavori programmati #{n}",
	texts: map[event.Kind]string{
		event.Maintenance: `LAVORI PROGRAMMATI {{.Subject}} {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Begun:       `INIZIO LAVORI PROGRAMMATI {{.Subject}} {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Moved:       `LAVORI PROGRAMMATI SPOSTATI {{.Subject}}, ora {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Overran:     `LAVORI PROGRAMMATI PROLUNGATI {{.Subject}}, previsti {{.When}}. Scrivo quando sono finiti.`,
		event.Completed:   `LAVORI PROGRAMMATI FINITI {{.Subject}} {{.At}}.`,
		event.CalledOff:   `LAVORI PROGRAMMATI ANNULLATI {{.Subject}} {{.When}}: non si fanno.`,
	},
	outer: map[event.Kind]string{
		event.Maintenance: `{{.Brand}}: lavori programmati{{with .Where}} a {{.}}{{end}}{{with .When}}, {{.}}{{end}}{{with .News}}: {{.}}{{end}}. Internet potrebbe mancare. Ti scriviamo appena finiscono.`,
		event.Begun:       `{{.Brand}}: iniziano i lavori programmati{{with .Where}} a {{.}}{{end}}{{with .When}}, {{.}}{{end}}. Internet potrebbe mancare. Ti scriviamo appena finiscono.`,
		event.Moved:       `{{.Brand}}: i lavori programmati{{with .Where}} a {{.}}{{end}} hanno un nuovo orario{{with .When}}: {{.}}{{end}}. Internet potrebbe mancare. Ti scriviamo appena finiscono.`,
		event.Overran:     `{{.Brand}}: i lavori programmati{{with .Where}} a {{.}}{{end}} durano più del previsto. Ti scriviamo appena finiscono. Ci scusiamo.`,
		event.Completed:   `{{.Brand}}: i lavori programmati{{with .Where}} a {{.}}{{end}} sono finiti{{with .At}} alle {{.}}{{end}}. Se Internet non va, spegni e riaccendi il router{{with .Call}} o chiama {{.}}{{end}}.`,
		event.CalledOff:   `{{.Brand}}: i lavori programmati{{with .Where}} a {{.}}{{end}}{{with .When}}, {{.}},{{end}} sono annullati. Ti preghiamo di ignorare il nostro messaggio.`,
	},
	inside: map[event.Kind]string{
		event.Maintenance: `LAVORI PROGRAMMATI: {{.Subject}}, {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Begun:       `INIZIO LAVORI PROGRAMMATI: {{.Subject}}, {{.When}}{{with .Title}}: {{.}}{{end}}. Fino ad allora i controlli non svegliano nessuno.`,
		event.Moved:       `LAVORI PROGRAMMATI SPOSTATI: {{.Subject}}, ora {{.When}}{{with .Title}}: {{.}}{{end}}.`,
		event.Overran:     `LAVORI PROGRAMMATI OLTRE IL TERMINE: {{.Subject}}, previsti {{.When}}. Ciò che non funziona è un guasto da ora.`,
		event.Completed:   `LAVORI PROGRAMMATI FINITI: {{.Subject}}, {{.At}}.`,
		event.CalledOff:   `LAVORI PROGRAMMATI ANNULLATI: {{.Subject}}, {{.When}}.`,
	},
	partner: map[event.Kind]string{
		event.Maintenance: `Abbiamo in programma lavori su {{.Subject}} {{.When}}{{with .Title}}: {{.}}{{end}}. In quel periodo il servizio potrebbe essere interrotto.`,
		event.Begun:       `Iniziano i lavori programmati su {{.Subject}}{{with .Title}}: {{.}}{{end}}. Sono previsti {{.When}}; in quel periodo il servizio potrebbe essere interrotto.`,
		event.Moved:       `I lavori programmati su {{.Subject}} hanno un nuovo orario: {{.When}}{{with .Title}}: {{.}}{{end}}. In quel periodo il servizio potrebbe essere interrotto.`,
		event.Overran:     `I lavori programmati su {{.Subject}} durano più del previsto ({{.When}}).`,
		event.Completed:   `I lavori programmati su {{.Subject}} sono terminati {{.At}}.`,
		event.CalledOff:   `I lavori programmati su {{.Subject}} {{.When}} sono annullati e non si svolgeranno.`,
	},
	public: map[event.Kind]string{
		event.Maintenance: `Abbiamo in programma lavori{{with .Where}} a {{.}}{{end}} {{.When}}{{with .Title}}: {{.}}{{end}}. In quel periodo i servizi potrebbero essere interrotti.`,
		event.Begun:       `Iniziano i lavori programmati{{with .Where}} a {{.}}{{end}}{{with .Title}}: {{.}}{{end}}. Sono previsti {{.When}}; in quel periodo i servizi potrebbero essere interrotti.`,
		event.Moved:       `I lavori programmati{{with .Where}} a {{.}}{{end}} hanno un nuovo orario: {{.When}}{{with .Title}}: {{.}}{{end}}. In quel periodo i servizi potrebbero essere interrotti.`,
		event.Overran:     `I lavori programmati{{with .Where}} a {{.}}{{end}} durano più del previsto ({{.When}}). Ci scusiamo.`,
		event.Completed:   `I lavori programmati{{with .Where}} a {{.}}{{end}} sono terminati {{.At}}.`,
		event.CalledOff:   `I lavori programmati{{with .Where}} a {{.}}{{end}} {{.When}} sono annullati e non si svolgeranno.`,
	},
}
