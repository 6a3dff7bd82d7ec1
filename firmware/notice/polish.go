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
	outer: outerPolish,
	plan:  planWords{where: "(%s)", everybody: "(wszyscy)", list: "lista z %s", tell: "powiadomić", say: "napisać do", reboot: "restart urządzenia, prosi %s", open: "%[1]s: oznaczono %[3]s: %[2]d (%[4]s). Otworzyć awarię", widen: "%[1]s: oznaczono %[3]s: %[2]d (%[4]s). Dołączyć", mails: "%d mailem", texts: "%d SMS-em", parts: "po %d części", takes: "%s na %s", kept: "rezerwa zostaje", over: "%d ponad limit SIM", two: "potrzeba dwóch zgód", sendsAt: "bez odpowiedzi wyjdzie o %s", sendsIn: "bez odpowiedzi wyjdzie za %s", and: ", "},
	until: "do", forSo: "przez", takesIt: "ACK 7 = biorę to (lub zadzwoń)", rest: "; HELP MORE: reszta", page: "strona statusu", subscribers: "abonenci", expected: "koniec spodziewany", notKnown: "nie wiadomo jeszcze, kiedy koniec", told: "powiadomiono", nobody: "nikt", onCall: "dyżur", after: "po", dutyUntil: "dyżur", emptyQueue: "nic nie przepadło", noLines: "nic o tym nie zapisano",
	trial: trialWords{
		loop: "pętla", credit: "konto", up: "po", off: "różnica", free: "wolne", lastSend: "ostatni SMS", audit: "audyt",
		ends: "ważne do", until: "ważne do", on: "na", unknown: "nieznane, operator nie odpowiada", asOf: "stan z",
		whys: map[string]string{NotBack: "wysłany, nie wrócił w 10 min", NotSent: "nie wysłany w 10 min", NoAnswer: "brak odpowiedzi", Low: "mało"},
	},
	drill:     "ĆWICZENIA",
	rehearsal: rehearsalWords{first: "pierwszy SMS", took: "%s ACK %s", mail: "mail", page: "strona", room: "czat", link: "łącze komórkowe", clear: "odwołanie", none: "brak", silent: "Bez ACK", unreached: "Nie dotarto do"},
	storm:     digestWords{none: "bez zmian", now: "teraz", open: "otwarte", up: "działa", next: "Następny SMS", in: "za", usual: "SMS-y znów jak zwykle."},
	templates: also(map[event.Kind]string{
		event.Down:      `AWARIA {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Degraded:  `POGORSZENIE {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Unwelled:  `USTERKA {{.Subject}} {{.At}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Opened:    `ZGŁOSZENIE {{.Subject}} {{.At}}{{with .By}} ({{.}}){{end}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Update:    `NOWE {{.Subject}} {{.State}} {{.Since}}{{if .Title}}: {{.Title}}.{{else if .Expect}}: {{.Expect}}.{{else}}{{with .Cause}}, teraz {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{end}}{{.Affected}}`,
		event.Unstable:  `NIESTABILNE {{.Subject}} {{.Since}} ({{.Changes}}), teraz {{.State}}{{with .Place}}: {{.}}{{end}}. Napiszę, gdy się ustali.{{.Tail}}`,
		event.Reminder:  `{{.Still}} {{.Subject}} {{.Since}} ({{.Lasted}}), nikt się nie zajął.{{with .Title}} {{.}}.{{end}}{{with .Cause}} {{.}}.{{end}}{{.Tail}}`,
		event.Reopened:  `ZNOWU AWARIA {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.AckedBy:   `{{.Subject}}: zajmuje się tym {{.By}}.`,
		event.AllClear:  `KONIEC ALARMU {{.Subject}} {{.State}} {{.At}}, {{.Was}} {{.Lasted}}{{with .Span}} ({{.}}){{end}}.{{.Tail}}`,
		event.Cancelled: `ODWOŁANE {{.Subject}} {{.At}}: fałszywy alarm{{with .By}} ({{.}}){{end}}.{{with .Title}} {{.}}.{{end}}`,
		event.Unwatched: `BEZ NADZORU {{.Subject}} {{.At}}: już nie sprawdzam, więc nie będzie wiadomości o końcu alarmu.`,
		event.Dismissed: `ZAMKNIĘTE {{.Subject}} {{.At}}{{with .By}} ({{.}}){{else}} przez operatora{{end}}, nadal {{with .State}}{{.}}{{else}}bez naprawy{{end}} ({{.Lasted}}). Nie będzie wiadomości o końcu alarmu.`,
		event.Reply:     `{{.Title}}`,
		event.Selftest:  `autotest {{with .Faults}}BŁĄD: {{.}}. {{else}}ok: {{end}}{{with .Figures}}{{.}}.{{end}}{{with .Up}} Działa: {{.}}.{{end}}`,
		event.BoxNews:   `URZĄDZENIE {{.At}}: {{.Title}}`,
		event.PowerLost: `BRAK ZASILANIA {{.At}}. Działam na rezerwie: to może być ostatni SMS do powrotu prądu.`,
		event.PowerBack: `ZASILANIE WRÓCIŁO {{.At}}{{with .Lasted}}, nie było {{.}}{{end}}.`,
		event.Asking:    `{{with .Subject}}{{.}}: {{end}}{{.Plan}}. APPROVE {{.Code}} / DENY`,
		event.Duty:      `DYŻUR {{.Now}}{{with .By}}, przedtem {{.}}{{end}}{{with .Until}} {{.}}{{end}}. {{.Open}}.`,
		event.Warned:    `UWAGA {{.At}}: za dużo kodów w imieniu {{.By}}. Jeśli to nie {{.By}}, ktoś podszywa się pod ten numer. ACK i STATUS działają, zmiany czekają.`,
		event.BrokenOff: `PRZERWANE {{.At}}: trwa prawdziwa awaria. Ćwiczenia nieważne.`,
		event.Closed:    `zamknięte: powiadomieni {{.Told}}, odwołanie dostali {{.Cleared}}{{with .Missed}}, nie udało się {{.}}{{end}}.`,
		event.Digest:    `{{.Times}}`,
		event.Rehearsed: `koniec: {{.Times}}`,
		event.Nag:       `{{.Title}}`,
	}, plannedPolish.texts),
	answers: polishAnswers,
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
