package notice

import (
	"fmt"
	"strings"

	"heliograph/firmware/event"
)

var english = language{
	day: "d", now: "now", lasting: "for", since: "since", sinceDay: "since", ago: "%s ago", never: "never",
	months: strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
	conditions: map[event.Condition]string{
		event.IsUp: "up", event.IsDegraded: "degraded", event.IsDown: "down", event.IsUnknown: "unknown",
	},
	places: map[event.Place]string{
		event.PlacePort: "own port", event.PlaceGateway: "gateway", event.PlaceUpstream: "upstream",
		event.PlaceNames: "name service only", event.PlaceTarget: "one target only", event.PlaceBox: "this box",
	},
	lost: "lost", lostBeyond: "lost beyond gw", loss: "loss",
	ask: "Reply ACK", alsoDown: "Also down", stillDown: "Still down", affected: "Affected",
	changes: func(n int) string {
		if n == 1 {
			return "1 change"
		}
		return fmt.Sprintf("%d changes", n)
	},
	was: map[event.Condition]string{
		event.IsDown: "was down", event.IsDegraded: "was degraded", event.IsUnknown: "was unknown", "": "lasted",
	},
	still: map[event.Condition]string{
		event.IsDown: "STILL DOWN", event.IsDegraded: "STILL DEGRADED", "": "STILL OPEN",
	},
	phrases: strings.NewReplacer(),
	givenUp: "not delivered", queue: "queue", open: "Open", none: "Nothing open", allUp: "Up",
	restarted: "Restarted",
	causes: map[event.Cause]string{
		event.ByPower: "power cut", event.ByWatchdog: "watchdog", event.ByCrash: "crash", event.ByUpdate: "update", event.ByOrder: "by order",
	},
	templates: map[event.Kind]string{
		event.Down:      `DOWN {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Degraded:  `DEGRADED {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Unwelled:  `UNWELL {{.Subject}} {{.At}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Opened:    `OPENED {{.Subject}} {{.At}}{{with .By}} by {{.}}{{end}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Update:    `UPDATE {{.Subject}} {{.State}} {{.Since}}{{if .Title}}: {{.Title}}.{{else}}{{with .Cause}}, now {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{end}}{{.Affected}}`,
		event.Unstable:  `UNSTABLE {{.Subject}} {{.Since}} ({{.Changes}}), now {{.State}}{{with .Place}}: {{.}}{{end}}. Next text when it settles.{{.Tail}}`,
		event.Reminder:  `{{.Still}} {{.Subject}} {{.Since}} ({{.Lasted}}), nobody has it.{{with .Title}} {{.}}.{{end}}{{with .Cause}} {{.}}.{{end}}{{.Tail}}`,
		event.Reopened:  `DOWN AGAIN {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.AckedBy:   `{{.Subject}}: {{.By}} has it.`,
		event.AllClear:  `ALL CLEAR {{.Subject}} {{.State}} {{.At}}, {{.Was}} {{.Lasted}}{{with .Span}} ({{.}}){{end}}.{{.Tail}}`,
		event.Cancelled: `CANCELLED {{.Subject}} {{.At}}: false alarm{{with .By}}, says {{.}}{{end}}.{{with .Title}} {{.}}.{{end}}`,
		event.Unwatched: `NOT WATCHED {{.Subject}} {{.At}}: it is watched no longer, so no all-clear will come.`,
		event.Reply:     `{{.Title}}`,
		event.Selftest:  `selftest {{with .Faults}}NOT OK: {{.}}. {{else}}ok: {{end}}{{with .Modems}}{{.}}, {{end}}queue {{.Queue}}, last send {{.LastSend}}.{{with .Up}} Up: {{.}}.{{end}}`,
		event.BoxNews:   `BOX {{.At}}: {{.Title}}`,
		event.PowerLost: `SITE POWER LOST {{.At}}. I run on what is left: this may be my last text until it is back.`,
		event.PowerBack: `SITE POWER BACK {{.At}}{{with .Lasted}}, was dark {{.}}{{end}}.`,
	},
	answers: map[Answer]string{
		Yours:        "#{number} yours. Quiet till all-clear.",
		YoursAlready: "#{number} is yours already. Quiet till all-clear.",
		YoursAll:     "{list} yours. Quiet till all-clear.",
		TheirsBefore: "#{number} {by} has it, and now you too.",
		NothingToAck: "nothing to acknowledge: no incident is open.",
		WhichToAck:   "which one? {asks}. Open: {list}",
		NoSuch:       "no incident #{number} is open. Open: {list}",
		Over:         "#{number} is over, nothing to do.",
		Help:         "ACK 7 = I have it, texts about #7 stop. STATUS = what is up, down and open. A missed call from your number also acknowledges.",
		Unknown:      `"{word}" is not a word I know. Send ACK, STATUS or HELP.`,
		NotAllowed:   "{word}: your role does not allow it. Ask an operator, or send HELP.",
		NoSubject:    `nothing named "{word}" is watched here. STATUS lists the names.`,
		NeedsText:    "{word}: something is missing. Send HELP.",
		Done:         "#{number} {word}: done.",
		Failed:       "#{number} not done: {word}",
	},
}
