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
	outer: outerEnglish,
	plan:  planWords{where: "in %s", everybody: "everywhere", list: "list of %s", tell: "tell", say: "say to", reboot: "reboot the box, asked by %s", open: "%[1]s: tagged %[3]s: %[2]d (%[4]s). Open an incident", widen: "%[1]s: tagged %[3]s: %[2]d (%[4]s). Take them in", mails: "%d by mail", texts: "%d by SMS", parts: "%d parts each", takes: "%s on %s", kept: "reserve kept", over: "%d beyond the SIM's limit", two: "two must approve", sendsAt: "goes at %s unless denied", sendsIn: "goes in %s unless denied", and: ", "},
	until: "until", forSo: "for", takesIt: "ACK 7 = I have it, or call me", rest: "; HELP MORE: the rest", page: "the status page", subscribers: "subscribers", expected: "expected to end", notKnown: "nobody knows yet when it ends", told: "told", nobody: "nobody", onCall: "on call", after: "after", dutyUntil: "duty", emptyQueue: "nothing failed", noLines: "nothing is written of it",
	trial: trialWords{
		loop: "loop", credit: "credit", up: "up", off: "off", free: "free", lastSend: "last send", audit: "audit",
		ends: "ends", until: "until", on: "on", unknown: "not known, the operator does not answer", asOf: "as of",
		whys: map[string]string{NotBack: NotBack, NotSent: NotSent, NoAnswer: NoAnswer, Low: Low},
	},
	drill:     "DRILL",
	rehearsal: rehearsalWords{first: "first text", took: "%s ACK %s", mail: "mail", page: "page", room: "chat", link: "cellular", clear: "all-clear", none: "none", silent: "No ACK", unreached: "Not reached"},
	storm:     digestWords{none: "no change", now: "now", open: "open", up: "up", next: "Next text", in: "in", usual: "Texts as usual again."},
	templates: also(map[event.Kind]string{
		event.Down:      `DOWN {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Degraded:  `DEGRADED {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.Unwelled:  `UNWELL {{.Subject}} {{.At}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Opened:    `OPENED {{.Subject}} {{.At}}{{with .By}} by {{.}}{{end}}{{with .Title}}: {{.}}{{end}}.{{.Tail}}`,
		event.Update:    `UPDATE {{.Subject}} {{.State}} {{.Since}}{{if .Title}}: {{.Title}}.{{else if .Expect}}: {{.Expect}}.{{else}}{{with .Cause}}, now {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{end}}{{.Affected}}`,
		event.Unstable:  `UNSTABLE {{.Subject}} {{.Since}} ({{.Changes}}), now {{.State}}{{with .Place}}: {{.}}{{end}}. Next text when it settles.{{.Tail}}`,
		event.Reminder:  `{{.Still}} {{.Subject}} {{.Since}} ({{.Lasted}}), nobody has it.{{with .Title}} {{.}}.{{end}}{{with .Cause}} {{.}}.{{end}}{{.Tail}}`,
		event.Reopened:  `DOWN AGAIN {{.Subject}} {{.At}}{{with .Cause}}, {{.}}{{end}}.{{with .Links}} {{.}}.{{end}}{{.Tail}}`,
		event.AckedBy:   `{{.Subject}}: {{.By}} has it.`,
		event.AllClear:  `ALL CLEAR {{.Subject}} {{.State}} {{.At}}, {{.Was}} {{.Lasted}}{{with .Span}} ({{.}}){{end}}.{{.Tail}}`,
		event.Cancelled: `CANCELLED {{.Subject}} {{.At}}: false alarm{{with .By}}, says {{.}}{{end}}.{{with .Title}} {{.}}.{{end}}`,
		event.Unwatched: `NOT WATCHED {{.Subject}} {{.At}}: it is watched no longer, so no all-clear will come.`,
		event.Dismissed: `CLOSED {{.Subject}} {{.At}} by {{or .By "an operator"}}, {{with .State}}still {{.}}{{else}}not mended{{end}} ({{.Lasted}}). No all-clear will come.`,
		event.Reply:     `{{.Title}}`,
		event.Selftest:  `selftest {{with .Faults}}NOT OK: {{.}}. {{else}}ok: {{end}}{{with .Figures}}{{.}}.{{end}}{{with .Up}} Up: {{.}}.{{end}}`,
		event.BoxNews:   `BOX {{.At}}: {{.Title}}`,
		event.PowerLost: `SITE POWER LOST {{.At}}. I run on what is left: this may be my last text until it is back.`,
		event.PowerBack: `SITE POWER BACK {{.At}}{{with .Lasted}}, was dark {{.}}{{end}}.`,
		event.Asking:    `{{with .Subject}}{{.}}: {{end}}{{.Plan}}. APPROVE {{.Code}} / DENY`,
		event.Duty:      `DUTY {{.Now}}{{with .By}}, was {{.}}{{end}}{{with .Until}} {{.}}{{end}}. {{.Open}}.`,
		event.Warned:    `CAREFUL {{.At}}: too many codes were asked for or guessed in the name of {{.By}}. If it is not {{.By}}, somebody fakes that number. ACK and STATUS go on; what changes things waits.`,
		event.BrokenOff: `BROKEN OFF {{.At}}: a real incident is open. Forget the drill.`,
		event.Closed:    `closed: {{.Told}} told, {{.Cleared}} cleared{{with .Missed}}, {{.}} unreachable{{end}}.`,
		event.Digest:    `{{.Times}}`,
		event.Rehearsed: `done: {{.Times}}`,
		event.Nag:       `{{.Title}}`,
	}, plannedEnglish.texts),
	answers: englishAnswers,
}
