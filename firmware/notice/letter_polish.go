package notice

import (
	"strings"

	"heliograph/firmware/event"
)

// In Polish names stand where they need no ending: after a colon, or as the
// subject of the sentence.
var polishLetters = letters{
	months: strings.Fields("stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"),
	on:     "{date} o {clock}", since: "od {date}, {clock}", wrote: "Dnia {date} o {clock} pisaliśmy:",
	ago: "{length} temu", lasting: "od {length}", justNow: "przed chwilą", sinceNow: "od tej chwili",
	delayed: "Opóźnione: to wiadomość z {when}.", delayedLong: "Opóźnione: napisano {length} temu.",
	earlier: "Wcześniej pisaliśmy:", omitted: "Starsze wiadomości pominięto.",
	drill: "ĆWICZENIA", drillLine: "ĆWICZENIA: to nie dzieje się naprawdę.",
	trouble: also(map[event.Kind]string{
		event.Down: "brak połączenia", event.Degraded: "słabe połączenie", event.Unwelled: "brak oceny", event.Opened: "problem", event.Unstable: "niestabilne połączenie",
	}, map[event.Kind]string{event.Maintenance: plannedPolish.name}),
	outage: also(map[event.Kind]string{
		event.Down: "przerwy w połączeniach z Internetem", event.Degraded: "wolne połączenia z Internetem",
		event.Unwelled: "zakłócenia w połączeniach z Internetem", event.Opened: "zakłócenia w działaniu usług", event.Unstable: "niestabilne połączenia z Internetem",
	}, map[event.Kind]string{event.Maintenance: plannedPolish.name}),
	news: map[event.Kind]string{
		event.BoxNews: "wiadomość o urządzeniu", event.Selftest: "autotest", event.PowerLost: "brak zasilania",
		event.PowerBack: "zasilanie wróciło", event.Reply: "odpowiedź",
	},
	internet: "połączenia z Internetem", services: "nasze usługi",
	inside: also(map[event.Kind]string{
		event.Down:      `AWARIA: {{.Subject}}, brak połączenia {{.Since}}.`,
		event.Degraded:  `POGORSZENIE: {{.Subject}}, słabe połączenie {{.Since}}.`,
		event.Unwelled:  `USTERKA: {{.Subject}}, nie można ocenić stanu {{.Since}}{{with .Title}}: {{.}}{{end}}.`,
		event.Opened:    `ZGŁOSZENIE{{with .By}} ({{.}}){{end}}: {{.Subject}}, {{.Since}}{{with .Title}}: {{.}}{{end}}.`,
		event.Update:    `NOWE: {{.Subject}}{{with .State}}, stan: {{.}}{{end}}, otwarte {{.Since}}{{with .Title}}: {{.}}{{end}}.`,
		event.Unstable:  `NIESTABILNE: {{.Subject}} raz działa, raz nie {{.Since}}, {{.Changes}}; teraz: {{.State}}. Następna wiadomość, gdy się ustali.`,
		event.Reminder:  `WCIĄŻ OTWARTE, już {{.Lasted}}: {{.Subject}}{{with .State}}, stan: {{.}}{{end}}, otwarte {{.Since}}{{with .Title}}: {{.}}{{end}}.`,
		event.Reopened:  `{{if .Down}}ZNOWU AWARIA: {{.Subject}}, brak połączenia{{else}}ZNOWU PROBLEM: {{.Subject}}{{with .State}}, {{.}}{{end}}{{end}} {{.Since}}.`,
		event.AckedBy:   `{{.Subject}}: zajmuje się tym {{.By}}.`,
		event.AllClear:  `KONIEC ALARMU: {{.Subject}}{{if .State}} {{.State}}{{else}},{{end}} {{.Since}}; {{.Was}} {{.Lasted}}.`,
		event.Cancelled: `ODWOŁANE: {{.Subject}}, fałszywy alarm{{with .By}} ({{.}}){{end}}.{{with .Title}} {{.}}.{{end}}`,
		event.BrokenOff: `ĆWICZENIA PRZERWANE: trwa prawdziwa awaria.`,
		event.Unwatched: `BEZ NADZORU: {{.Subject}} nie jest już sprawdzane, więc nie będzie wiadomości o końcu alarmu.`,
		event.Reply:     `{{.Title}}`,
		event.Selftest:  `Autotest {{with .Faults}}BŁĄD: {{.}}{{else}}ok{{end}}.`,
		event.BoxNews:   `URZĄDZENIE, {{.At}}: {{.Title}}.`,
		event.PowerLost: `BRAK ZASILANIA, {{.At}}. Urządzenie działa na zasilaniu rezerwowym: to może być jego ostatnia wiadomość do powrotu prądu.`,
		event.PowerBack: `ZASILANIE WRÓCIŁO, {{.At}}{{with .Lasted}}; nie było go {{.}}{{end}}.`,
	}, plannedPolish.inside),
	partner: also(map[event.Kind]string{
		event.Down:      `{{.Subject}}: brak połączenia {{.Since}}.`,
		event.Degraded:  `{{.Subject}}: połączenie jest złej jakości {{.Since}}.`,
		event.Opened:    `{{.Subject}}: problem występuje {{.Since}}{{with .Title}}: {{.}}{{end}}.`,
		event.Update:    `{{.Subject}}: nowe informacje{{with .State}} (obecny stan: {{.}}){{end}}{{with .Title}}: {{.}}{{end}}. Problem trwa {{.Since}}.`,
		event.Unstable:  `{{.Subject}}: połączenie jest niestabilne {{.Since}}, {{.Changes}}; obecny stan: {{.State}}.`,
		event.Reopened:  `{{if .Down}}{{.Subject}}: ponowna awaria, brak połączenia {{.Since}}.{{else}}{{.Subject}}: problem wystąpił ponownie i trwa {{.Since}}.{{end}}`,
		event.AllClear:  `{{.Subject}}: wszystko znowu działa {{.Since}}. Problem trwał {{.Lasted}}. Zgłoszenie jest zamknięte.`,
		event.Cancelled: `{{.Subject}}: nasza wiadomość była fałszywym alarmem, prosimy ją pominąć.{{with .Title}} {{.}}.{{end}}`,
		event.Unwatched: `{{.Subject}}: już tego nie sprawdzamy, więc nie wyślemy wiadomości o końcu awarii. Po naszej stronie zgłoszenie jest zamknięte.`,
	}, plannedPolish.partner),
	carrier: map[event.Kind]string{
		event.Down:      `Prosimy o otwarcie zgłoszenia: {{.Subject}} nie działa {{.Since}}.`,
		event.Degraded:  `Prosimy o otwarcie zgłoszenia: {{.Subject}} działa źle {{.Since}}.`,
		event.Opened:    `Prosimy o otwarcie zgłoszenia: {{.Subject}}, problem występuje {{.Since}}{{with .Title}}: {{.}}{{end}}.`,
		event.Update:    `Nowe informacje do naszego zgłoszenia: {{.Subject}}{{with .State}} (obecny stan: {{.}}){{end}}{{with .Title}}: {{.}}{{end}}. Problem trwa {{.Since}}.`,
		event.Unstable:  `{{.Subject}} działa niestabilnie {{.Since}}, {{.Changes}}; obecny stan: {{.State}}.`,
		event.Reopened:  `Prosimy o wznowienie naszego zgłoszenia: {{.Subject}} znowu {{if .Down}}nie działa{{else}}działa źle{{end}} {{.Since}}.`,
		event.AllClear:  `{{.Subject}}: usługę przywrócono {{.At}} po {{.Lasted}}. Prosimy nie zamykać zgłoszenia do czasu podania przyczyny awarii (RFO).`,
		event.Cancelled: `{{.Subject}}: nasze zgłoszenie było fałszywym alarmem. Prosimy je zamknąć.{{with .Title}} {{.}}.{{end}}`,
		event.Unwatched: `{{.Subject}}: już tego nie sprawdzamy i nie potwierdzimy naprawy. Prosimy zamknąć zgłoszenie, gdy po Państwa stronie wszystko będzie w porządku.`,
	},
	public: also(map[event.Kind]string{
		event.Down:      `{{if not .All}}Niektóre {{end}}{{.What}}{{with .Where}} ({{.}}){{end}} nie działają {{.Since}}. Pracujemy nad tym.`,
		event.Degraded:  `Niektóre {{.What}}{{with .Where}} ({{.}}){{end}} działają wolno lub z przerwami {{.Since}}. Pracujemy nad tym.`,
		event.Opened:    `{{with .Title}}{{.}}. {{end}}Niektóre {{.What}}{{with .Where}} ({{.}}){{end}} działają z zakłóceniami {{.Since}}. Pracujemy nad tym.`,
		event.Update:    `{{with .Title}}{{.}}. {{end}}Nadal pracujemy nad problemem, który trwa {{.Since}}. Chodzi o {{.What}}{{with .Where}} ({{.}}){{end}}.`,
		event.Unstable:  `{{.What}}{{with .Where}} ({{.}}){{end}} raz działają, raz nie {{.Since}}. Pracujemy nad tym.`,
		event.Reopened:  `{{if not .All}}Niektóre {{end}}{{.What}}{{with .Where}} ({{.}}){{end}} znowu {{if .Down}}nie działają{{else}}działają z zakłóceniami{{end}} {{.Since}}. Pracujemy nad tym.`,
		event.AllClear:  `{{.What}}{{with .Where}} ({{.}}){{end}} znowu działają {{.Since}}. Problem trwał {{.Lasted}}. Przepraszamy za utrudnienia.`,
		event.Cancelled: `Nasza wiadomość była fałszywym alarmem. Chodziło o {{.What}}{{with .Where}} ({{.}}){{end}}.{{with .Title}} {{.}}.{{end}}`,
		event.Unwatched: `Zamykamy ten komunikat. Chodziło o {{.What}}{{with .Where}} ({{.}}){{end}}.`,
	}, plannedPolish.public),
	places: map[event.Place]string{
		event.PlacePort: "usterka jest na naszym porcie", event.PlaceGateway: "drugi koniec łącza nie odpowiada",
		event.PlaceUpstream: "usterka leży za drugim końcem łącza, który odpowiada",
		event.PlaceNames:    "nie działa tylko DNS", event.PlaceTarget: "nie odpowiada tylko jeden cel", event.PlaceBox: "nasze sprawdzanie nie działa",
	},
	checks: "bez odpowiedzi {lost} z {of} sprawdzeń", loss: "straty pakietów {n}%", latency: "mediana czasu odpowiedzi {n} ms",
	seen: "Stwierdzono", failing: "Nie działają:", serves: "Obsługuje", by: "Operator",
	circuit: "Łącze", account: "Numer klienta", asns: "ASN (nasz / Państwa)", circuitOf: "łącze {n}",
	peers: "Adresy (nasz / Państwa)", severity: "Wpływ", start: "Początek",
	severities: map[event.Kind]string{
		event.Down: "usługa nie działa", event.Degraded: "usługa działa źle", event.Unwelled: "nieznana", event.Opened: "usługa działa źle",
	},
	linkUp: "nasz port ma link", linkDown: "nasz port nie ma linku lub adresu", gatewayUp: "Państwa koniec łącza odpowiada", gatewayDown: "Państwa koniec łącza nie odpowiada",
	checked: "Sprawdzono", others: "inne nasze łącza także nie działają", alone: "inne nasze łącza działają",
	intrusive: "Testy przerywające ruch: tylko po telefonie do nas.", contact: "Telefon całą dobę",
	askTicket: "Prosimy o odpowiedź z numerem zgłoszenia i przewidywanym czasem naprawy.",
	has:       "Przyjęte przez: {by}.", nobody: "Nikt się tym jeszcze nie zajął.", ask: "Aby przyjąć, wyślij do urządzenia SMS: ACK {n}.",
	etr: "Przewidywany koniec: {when}.", fromTo: "Od {from} do {to}.",
	next: "Napiszemy, gdy coś się zmieni i gdy będzie po wszystkim.", postMortem: "Prześlemy analizę przyczyn.",
	callUs: "W razie potrzeby prosimy dzwonić: {phone}.", dear: "Szanowni Państwo,", duty: "Nasz dyżur: {phone}", reference: "Numer sprawy: {n}",
	queue: "Czeka na wysłanie", lastSend: "Ostatni SMS", modems: "Modemy", allUp: "Działa",
	plain: "Są nowe informacje w sprawie {reference}. Napiszemy, gdy będzie ich więcej.", plainOver: "Sprawa {reference} jest zamknięta.",
	nothing:     "Ta wiadomość nie dotyczy żadnej awarii i nie wymaga działania.",
	publicPlain: "Niektóre nasze usługi działają z zakłóceniami. Pracujemy nad tym.", publicOver: "Ta sprawa jest zamknięta.",
}
