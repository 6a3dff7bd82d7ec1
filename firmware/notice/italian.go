package notice

import (
	"fmt"
	"strings"

	"heliograph/firmware/event"
)

var italian = language{
	day: "g", now: "adesso", lasting: "da", since: "dalle", sinceDay: "dal", ago: "%s fa", never: "mai",
	months: strings.Fields("gen feb mar apr mag giu lug ago set ott nov dic"),
	conditions: map[event.Condition]string{
		event.IsUp: "ok", event.IsDegraded: "degrado", event.IsDown: "guasto", event.IsUnknown: "stato ignoto",
	},
	places: map[event.Place]string{
		event.PlacePort: "porta propria", event.PlaceGateway: "gateway", event.PlaceUpstream: "a monte",
		event.PlaceNames: "solo DNS", event.PlaceTarget: "una sola destinazione", event.PlaceBox: "questo apparato",
	},
	lost: "persi", lostBeyond: "persi oltre il gw", loss: "perdita",
	ask: "Rispondi ACK", alsoDown: "Guasti anche", stillDown: "Ancora guasti", affected: "Coinvolti",
	changes: func(n int) string {
		if n == 1 {
			return "1 cambio"
		}
		return fmt.Sprintf("%d cambi", n)
	},
	was: map[event.Condition]string{
		event.IsDown: "guasto durato", event.IsDegraded: "degrado durato", event.IsUnknown: "stato ignoto per", "": "durata",
	},
	still: map[event.Condition]string{
		event.IsDown: "ANCORA GUASTO", event.IsDegraded: "ANCORA DEGRADO", "": "ANCORA APERTO",
	},
	phrases: strings.NewReplacer("no carrier", "senza segnale", "no answer in", "nessuna risposta in", "no answer", "nessuna risposta", "no address", "senza indirizzo"),
	givenUp: "non consegnati", queue: "coda", open: "Aperti", none: "Niente di aperto", allUp: "Ok",
	restarted: "Riavviato",
	causes: map[event.Cause]string{
		event.ByPower: "corrente mancata", event.ByWatchdog: "watchdog", event.ByCrash: "errore del programma", event.ByUpdate: "aggiornamento", event.ByOrder: "su ordine",
	},
	outer: outerItalian,
	plan:  planWords{where: "(%s)", everybody: "(tutti)", list: "elenco del %s", tell: "avvisare", say: "scrivere a", reboot: "riavvio dell'apparato, lo chiede %s", open: "%[1]s: segnati con %[3]s: %[2]d (%[4]s). Aprire un guasto", widen: "%[1]s: segnati con %[3]s: %[2]d (%[4]s). Aggiungerli", mails: "%d per mail", texts: "%d per SMS", parts: "%d parti l'uno", takes: "%s su %s", kept: "riserva intatta", over: "%d oltre il limite della SIM", two: "servono due sì", sendsAt: "senza risposta parte alle %s", sendsIn: "senza risposta parte tra %s", and: ", "},
	until: "fino alle", forSo: "per", takesIt: "ACK 7 = me ne occupo io (o chiama)", rest: "; HELP MORE: il resto", page: "pagina di stato", subscribers: "gli abbonati", expected: "fine prevista", notKnown: "non si sa ancora quando finisce", told: "avvisati", nobody: "nessuno", onCall: "di turno", after: "dopo", dutyUntil: "turno", emptyQueue: "niente è fallito", noLines: "non ne è scritto nulla",
	trial: trialWords{
		loop: "giro", credit: "credito", up: "su in", off: "scarto", free: "libero", lastSend: "ultimo SMS", audit: "audit",
		ends: "scade", until: "fino al", on: "su", unknown: "non noto, l'operatore non risponde", asOf: "del",
		whys: map[string]string{NotBack: "inviato, non tornato in 10 min", NotSent: "non inviato in 10 min", NoAnswer: "nessuna risposta", Low: "basso"},
	},
	drill:     "ESERCITAZIONE",
	rehearsal: rehearsalWords{first: "primo SMS", took: "%s ACK %s", mail: "mail", page: "pagina", room: "chat", link: "linea mobile", clear: "cessato allarme", none: "niente", silent: "Senza ACK", unreached: "Non raggiunti"},
	storm:     digestWords{none: "nessun cambio", now: "ora", open: "aperti", up: "su", next: "Prossimo SMS", in: "fra", usual: "Di nuovo SMS come al solito."},
	templates: also(map[event.Kind]string{
		event.Down:      `GUASTO {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Degraded:  `DEGRADO {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Unwelled:  `ANOMALIA {{.Subject}} {{.At}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Opened:    `SEGNALATO {{.Subject}} {{.At}}{{with .By}} da {{.}}{{end}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Update:    `NOVITÀ {{.Subject}} {{.State}} {{.Since}}{{if .Title}}: {{.Title}}.{{else if .Expect}}: {{.Expect}}.{{else}}{{with .Cause}}, ora {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{end}}{{.Affected}}`,
		event.Unstable:  `INSTABILE {{.Subject}} {{.Since}} ({{.Changes}}), ora {{.State}}{{with .Place}}: {{.}}{{end}}. Scrivo quando si stabilizza.{{.Tail}}`,
		event.Reminder:  `{{.Still}} {{.Subject}} {{.Since}} ({{.Lasted}}), nessuno se ne occupa.{{with .Title}} {{.}}.{{end}}{{with .Cause}} {{.}}.{{end}}{{.Tail}}`,
		event.Reopened:  `DI NUOVO GUASTO {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.AckedBy:   `{{.Subject}}: se ne occupa {{.By}}.`,
		event.AllClear:  `CESSATO ALLARME {{.Subject}} {{.State}} {{.At}}, {{.Was}} {{.Lasted}}{{with .Span}} ({{.}}){{end}}.{{.Tail}}`,
		event.Cancelled: `ANNULLATO {{.Subject}} {{.At}}: falso allarme{{with .By}}, dice {{.}}{{end}}.{{with .Title}} {{.}}.{{end}}`,
		event.Unwatched: `NON SORVEGLIATO {{.Subject}} {{.At}}: non lo controllo più, non ci sarà un cessato allarme.`,
		event.Dismissed: `CHIUSO {{.Subject}} {{.At}} da {{or .By "un operatore"}}, {{with .State}}ancora {{.}}{{else}}non ripristinato{{end}} ({{.Lasted}}). Non ci sarà un cessato allarme.`,
		event.Reply:     `{{.Title}}`,
		event.Selftest:  `autotest {{with .Faults}}NON OK: {{.}}. {{else}}ok: {{end}}{{with .Figures}}{{.}}.{{end}}{{with .Up}} Ok: {{.}}.{{end}}`,
		event.BoxNews:   `APPARATO {{.At}}: {{.Title}}`,
		event.PowerLost: `MANCA CORRENTE {{.At}}. Vado a riserva: forse è il mio ultimo SMS finché non torna.`,
		event.PowerBack: `CORRENTE TORNATA {{.At}}{{with .Lasted}}, è mancata per {{.}}{{end}}.`,
		event.Asking:    `{{with .Subject}}{{.}}: {{end}}{{.Plan}}. APPROVE {{.Code}} / DENY`,
		event.Duty:      `TURNO {{.Now}}{{with .By}}, prima {{.}}{{end}}{{with .Until}} {{.}}{{end}}. {{.Open}}.`,
		event.Warned:    `ATTENZIONE {{.At}}: troppi codici chiesti o tentati a nome di {{.By}}. Se non è {{.By}}, qualcuno falsifica quel numero. ACK e STATUS vanno, le modifiche aspettano.`,
		event.BrokenOff: `INTERROTTA {{.At}}: c'è un guasto vero. Esercitazione annullata.`,
		event.Closed:    `chiuso: avvisati {{.Told}}, cessato allarme a {{.Cleared}}{{with .Missed}}, non raggiunti {{.}}{{end}}.`,
		event.Digest:    `{{.Times}}`,
		event.Rehearsed: `finita: {{.Times}}`,
		event.Nag:       `{{.Title}}`,
	}, plannedItalian.texts),
	answers: italianAnswers,
}
