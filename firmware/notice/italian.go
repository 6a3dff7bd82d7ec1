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
	templates: map[event.Kind]string{
		event.Down:      `GUASTO {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Degraded:  `DEGRADO {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Unwelled:  `ANOMALIA {{.Subject}} {{.At}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Opened:    `SEGNALATO {{.Subject}} {{.At}}{{with .By}} da {{.}}{{end}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Update:    `NOVITÀ {{.Subject}} {{.State}} {{.Since}}{{if .Title}}: {{.Title}}.{{else}}{{with .Cause}}, ora {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{end}}{{.Affected}}`,
		event.Unstable:  `INSTABILE {{.Subject}} {{.Since}} ({{.Changes}}), ora {{.State}}{{with .Place}}: {{.}}{{end}}. Scrivo quando si stabilizza.{{.Tail}}`,
		event.Reminder:  `{{.Still}} {{.Subject}} {{.Since}} ({{.Lasted}}), nessuno se ne occupa.{{with .Title}} {{.}}.{{end}}{{with .Cause}} {{.}}.{{end}}{{.Tail}}`,
		event.Reopened:  `DI NUOVO GUASTO {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.AckedBy:   `{{.Subject}}: se ne occupa {{.By}}.`,
		event.AllClear:  `CESSATO ALLARME {{.Subject}} {{.State}} {{.At}}, {{.Was}} {{.Lasted}}{{with .Span}} ({{.}}){{end}}.{{.Tail}}`,
		event.Cancelled: `ANNULLATO {{.Subject}} {{.At}}: falso allarme{{with .By}}, dice {{.}}{{end}}.{{with .Title}} {{.}}.{{end}}`,
		event.Unwatched: `NON SORVEGLIATO {{.Subject}} {{.At}}: non lo controllo più, non ci sarà un cessato allarme.`,
		event.Reply:     `{{.Title}}`,
		event.Selftest:  `autotest {{with .Faults}}NON OK: {{.}}. {{else}}ok: {{end}}{{with .Modems}}{{.}}, {{end}}coda {{.Queue}}, ultimo SMS {{.LastSend}}.{{with .Up}} Ok: {{.}}.{{end}}`,
		event.BoxNews:   `APPARATO {{.At}}: {{.Title}}`,
		event.PowerLost: `MANCA CORRENTE {{.At}}. Vado a riserva: forse è il mio ultimo SMS finché non torna.`,
		event.PowerBack: `CORRENTE TORNATA {{.At}}{{with .Lasted}}, è mancata per {{.}}{{end}}.`,
	},
	answers: map[Answer]string{
		Yours:        "#{number} è tuo. Silenzio fino al cessato allarme.",
		YoursAlready: "#{number} è già tuo. Silenzio fino al cessato allarme.",
		YoursAll:     "{list} tuoi. Silenzio fino al cessato allarme.",
		TheirsBefore: "#{number} se ne occupa {by}, e ora anche tu.",
		NothingToAck: "niente da confermare: nessun incidente aperto.",
		WhichToAck:   "quale? {asks}. Aperti: {list}",
		NoSuch:       "#{number} non è aperto. Aperti: {list}",
		Over:         "#{number} è chiuso, niente da fare.",
		Help:         "ACK 7 = me ne occupo io, basta SMS su #7. STATUS = cosa va, cosa no, cosa è aperto. Anche uno squillo dal tuo numero conferma.",
		Unknown:      `non conosco la parola "{word}". Invia ACK, STATUS o HELP.`,
		NotAllowed:   "{word}: il tuo ruolo non lo permette. Chiedi a un operatore o invia HELP.",
		NoSubject:    `qui non c'è niente di nome "{word}". STATUS elenca i nomi.`,
		NeedsText:    "{word}: manca qualcosa. Invia HELP.",
		Done:         "#{number} {word}: fatto.",
		Failed:       "#{number} non eseguito: {word}",
	},
}
