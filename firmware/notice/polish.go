package notice

import (
	"fmt"
	"strings"

	"heliograph/firmware/event"
)

var polish = language{
	day: "d", now: "teraz", lasting: "od", since: "od", sinceDay: "od", ago: "%s temu", never: "nigdy",
	months: strings.Fields("sty lut mar kwi maj cze lip sie wrz paź lis gru"),
	conditions: map[event.Condition]string{
		event.IsUp: "działa", event.IsDegraded: "pogorszenie", event.IsDown: "awaria", event.IsUnknown: "stan nieznany",
	},
	places: map[event.Place]string{
		event.PlacePort: "własny port", event.PlaceGateway: "brama", event.PlaceUpstream: "u dostawcy",
		event.PlaceNames: "tylko DNS", event.PlaceTarget: "tylko jeden cel", event.PlaceBox: "to urządzenie",
	},
	lost: "bez odpowiedzi", lostBeyond: "bez odpowiedzi za gw", loss: "straty",
	ask: "Odpisz ACK", alsoDown: "Awaria także", stillDown: "Nadal awaria", affected: "Dotyczy",
	changes: polishChanges,
	was: map[event.Condition]string{
		event.IsDown: "awaria trwała", event.IsDegraded: "pogorszenie trwało", event.IsUnknown: "brak oceny trwał", "": "trwało",
	},
	still: map[event.Condition]string{
		event.IsDown: "NADAL AWARIA", event.IsDegraded: "NADAL POGORSZENIE", "": "NADAL OTWARTE",
	},
	phrases: strings.NewReplacer("no carrier", "brak linku", "no answer in", "brak odpowiedzi w", "no answer", "brak odpowiedzi", "no address", "brak adresu"),
	givenUp: "niedoręczone", queue: "kolejka", open: "Otwarte", none: "Nic otwartego", allUp: "Działa",
	restarted: "Restart",
	causes: map[event.Cause]string{
		event.ByPower: "brak prądu", event.ByWatchdog: "watchdog", event.ByCrash: "błąd programu", event.ByUpdate: "aktualizacja", event.ByOrder: "na polecenie",
	},
	templates: map[event.Kind]string{
		event.Down:      `AWARIA {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Degraded:  `POGORSZENIE {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Unwelled:  `USTERKA {{.Subject}} {{.At}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Opened:    `ZGŁOSZENIE {{.Subject}} {{.At}}{{with .By}} ({{.}}){{end}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Update:    `NOWE {{.Subject}} {{.State}} {{.Since}}{{if .Title}}: {{.Title}}.{{else}}{{with .Cause}}, teraz {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{end}}{{.Affected}}`,
		event.Unstable:  `NIESTABILNE {{.Subject}} {{.Since}} ({{.Changes}}), teraz {{.State}}{{with .Place}}: {{.}}{{end}}. Napiszę, gdy się ustali.{{.Tail}}`,
		event.Reminder:  `{{.Still}} {{.Subject}} {{.Since}} ({{.Lasted}}), nikt się nie zajął.{{with .Title}} {{.}}.{{end}}{{with .Cause}} {{.}}.{{end}}{{.Tail}}`,
		event.Reopened:  `ZNOWU AWARIA {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.AckedBy:   `{{.Subject}}: zajmuje się tym {{.By}}.`,
		event.AllClear:  `KONIEC ALARMU {{.Subject}} {{.State}} {{.At}}, {{.Was}} {{.Lasted}}{{with .Span}} ({{.}}){{end}}.{{.Tail}}`,
		event.Cancelled: `ODWOŁANE {{.Subject}} {{.At}}: fałszywy alarm{{with .By}} ({{.}}){{end}}.{{with .Title}} {{.}}.{{end}}`,
		event.Unwatched: `BEZ NADZORU {{.Subject}} {{.At}}: już nie sprawdzam, więc nie będzie wiadomości o końcu alarmu.`,
		event.Reply:     `{{.Title}}`,
		event.Selftest:  `autotest {{with .Faults}}BŁĄD: {{.}}. {{else}}ok: {{end}}{{with .Modems}}{{.}}, {{end}}kolejka {{.Queue}}, ostatni SMS {{.LastSend}}.{{with .Up}} Działa: {{.}}.{{end}}`,
		event.BoxNews:   `URZĄDZENIE {{.At}}: {{.Title}}`,
		event.PowerLost: `BRAK ZASILANIA {{.At}}. Działam na rezerwie: to może być ostatni SMS do powrotu prądu.`,
		event.PowerBack: `ZASILANIE WRÓCIŁO {{.At}}{{with .Lasted}}, nie było {{.}}{{end}}.`,
	},
	answers: map[Answer]string{
		Yours:        "#{number} Twoje. Cisza do końca alarmu.",
		YoursAlready: "#{number} jest już Twoje. Cisza do końca alarmu.",
		YoursAll:     "{list} Twoje. Cisza do końca alarmu.",
		TheirsBefore: "#{number} zajmuje się tym {by}, teraz Ty też.",
		NothingToAck: "nie ma czego potwierdzać: nic nie jest otwarte.",
		WhichToAck:   "które? {asks}. Otwarte: {list}",
		NoSuch:       "#{number} nie jest otwarte. Otwarte: {list}",
		Over:         "#{number} już zakończone, nic do zrobienia.",
		Help:         "ACK 7 = zajmuję się tym, koniec SMS o #7. STATUS = co działa, co nie i co otwarte. Nieodebrane połączenie z Twojego numeru też potwierdza.",
		Unknown:      `nie znam słowa "{word}". Wyślij ACK, STATUS lub HELP.`,
		NotAllowed:   "{word}: Twoja rola na to nie pozwala. Poproś operatora albo wyślij HELP.",
		NoSubject:    `nie ma tu nic o nazwie "{word}". STATUS podaje nazwy.`,
		NeedsText:    "{word}: czegoś brakuje. Wyślij HELP.",
		Done:         "#{number} {word}: zrobione.",
		Failed:       "#{number} niewykonane: {word}",
	},
}

// polishChanges counts as Polish does: 1 zmiana, 2 zmiany, 5 zmian, 12 zmian,
// 22 zmiany.
func polishChanges(n int) string {
	few := n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14)
	switch {
	case n == 1:
		return "1 zmiana"
	case few:
		return fmt.Sprintf("%d zmiany", n)
	}
	return fmt.Sprintf("%d zmian", n)
}
