package config

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Drill is a rehearsal on real parts: marked, and to nobody but its list.
type Drill struct {
	Every      Schedule      // Cron is empty: by order only
	Tell       []string      // people and rotas; empty: whom an escalation calls
	For        time.Duration // it ends by itself after so long
	Backhaul   bool          // mail and pages go by the backhaul in it
	Statuspage Statuspage    // a page for tests; Page is empty: none is told
	Slack      Slack         // likewise a room
}

// Hours is a time of day in which people are not texted what can wait; From
// equal to To means never.
type Hours struct{ From, To ClockTime }

func (r *reader) drill(v value) Drill {
	d := defaults.Config.Drill
	if off(v) {
		return d
	}
	r.mapping(v, fields{
		"every":      func(v value) { d.Every = r.monthly(v) },
		"tell":       func(v value) { d.Tell = r.words(v, r.name) },
		"for":        func(v value) { d.For = r.span(v, 2*time.Minute, 2*time.Hour) },
		"backhaul":   func(v value) { d.Backhaul = r.yes(v) },
		"statuspage": func(v value) { d.Statuspage = r.testPage(v) },
		"slack":      func(v value) { d.Slack = r.testRoom(v) },
	})
	return d
}

// testPage reads a page for drills. Its key is that of the real page if it has
// none of its own: Statuspage's keys are those of a person, not of a page.
func (r *reader) testPage(v value) Statuspage {
	var s Statuspage
	if r.mapping(v, fields{
		"page":       func(v value) { s.Page = r.word(v) },
		"token":      func(v value) { s.Token = r.secret(v, later) },
		"components": func(v value) { s.Components = r.components(v) },
	}) {
		r.required(v, "page")
	}
	return s
}

func (r *reader) testRoom(v value) Slack {
	var s Slack
	if r.mapping(v, fields{
		"channel": func(v value) { s.Channel = r.word(v) },
		"token":   func(v value) { s.Token = r.secret(v, later) },
		"webhook": func(v value) { s.Webhook = r.secret(v, later) },
	}) && !r.has(v.key+".webhook") {
		r.required(v, "channel")
	}
	return s
}

// settleDrill lends a test target the key of the real one.
func (r *reader) settleDrill(c *Config) {
	if d := &c.Drill.Statuspage; d.Page != "" && !d.Token.Given() && !r.has("drill.statuspage.token") {
		d.Token = c.Channels.Statuspage.Token
	}
	if d := &c.Drill.Slack; d.Channel != "" && !d.Token.Given() && !d.Webhook.Given() && !r.has("drill.slack.token") {
		d.Token = c.Channels.Slack.Token
	}
	for i := range c.People {
		if !r.has(at("people", i, "quiet")) {
			c.People[i].Quiet = c.Quiet
		}
	}
}

// checkDrill sees that a drill does not reach what is real.
func (r *reader) checkDrill(c Config) {
	d, ch := c.Drill, c.Channels
	const other = "name one that is for tests only, or leave it out: then no drill shows anywhere"
	if d.Statuspage.Page != "" && d.Statuspage.Page == ch.Statuspage.Page {
		r.faultAt("drill.statuspage.page", "is the page that everybody reads", other)
	}
	if d.Slack.Channel != "" && d.Slack.Channel == ch.Slack.Channel || d.Slack.Webhook.Given() && d.Slack.Webhook.Reveal() == ch.Slack.Webhook.Reveal() {
		r.faultAt("drill.slack", "is the room of real incidents", other)
	}
	if d.Statuspage.Page != "" && !r.has("drill.statuspage.token") && !r.has("channels.statuspage.token") {
		r.faultAt("drill.statuspage", "has no token, and there is no statuspage in channels whose token it could use", "add token: {file: …}")
	}
	if d.Slack.Channel != "" && !r.has("drill.slack.token") && !r.has("drill.slack.webhook") && !r.has("channels.slack.token") {
		r.faultAt("drill.slack", "has no token, and there is no slack in channels whose token it could use", "add token: {file: …}")
	}
	if d.Backhaul && len(c.Backhaul) == 0 {
		r.faultAt("drill.backhaul", "wants a backhaul, and there is none", "describe it under backhaul, or take this line out")
	}
}

// ordinals are the weeks of a month, and what Schedule.Nth holds for them.
var ordinals = map[string]int{"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": -1}

var monthlyAs = regexp.MustCompile(`^(\w+) +(\w+ +\S+)$`)

// monthly reads a repeating wall time that may be one of the month: "1st Tue
// 10:00".
func (r *reader) monthly(v value) Schedule {
	s, ok := r.text(v)
	m := monthlyAs.FindStringSubmatch(s)
	if !ok || m == nil || len(strings.Fields(s)) != 3 {
		return r.schedule(v)
	}
	nth, known := ordinals[strings.ToLower(m[1])]
	cron, err := cronOf(m[2])
	switch {
	case !known:
		r.fault(v, shown(m[1])+" is no week of a month", `write 1st, 2nd, 3rd, 4th or last, as in "1st Tue 10:00"`)
	case err != nil:
		r.fault(v, err.Error(), `write it as in "1st Tue 10:00"`)
	}
	return Schedule{Text: s, Cron: cron, Nth: nth}
}

// nthWords says a time of the month: "every 1st Tuesday of the month 10:00".
func (s Schedule) nthWords() string {
	words := strings.Fields(s.Text)
	day := Schedule{Text: words[1] + " " + words[2]}.Words()
	name, at, _ := strings.Cut(strings.TrimPrefix(day, "every "), " ")
	return "every " + strings.ToLower(words[0]) + " " + name + " of the month " + at
}

// hours reads a quiet time of day.
func (r *reader) hours(v value) Hours {
	var h Hours
	if off(v) {
		return h
	}
	if r.mapping(v, fields{
		"from": func(v value) { h.From = r.clockTime(v) },
		"to":   func(v value) { h.To = r.clockTime(v) },
	}) {
		r.required(v, "from", "to")
	}
	return h
}

func (r *reader) limits(v value) Limits {
	l := defaults.Config.Limits
	r.mapping(v, fields{
		"recipient": func(v value) { l.Recipient = r.rate(v) },
		"news": func(v value) {
			if l.News = (Rate{}); !off(v) {
				l.News = r.rate(v)
			}
		},
	})
	return l
}

// drill says what a drill does.
func (p *plan) drill(c Config) {
	d := c.Drill
	who := []string{"whoever an escalation calls"}
	if len(d.Tell) > 0 {
		who = c.Whoever(d.Tell)
	}
	when := "by order only"
	if d.Every.Cron != "" {
		when = d.Every.Words() + " " + c.Timezone.String() + " and by order"
	}
	if d.Statuspage.Page != "" {
		who = append(who, "the test page "+d.Statuspage.Page)
	}
	if d.Slack.Channel != "" || d.Slack.Webhook.Given() {
		who = append(who, strings.TrimSpace("the test room "+d.Slack.Channel))
	}
	p.line("A drill comes %s, for at most %s, and reaches %s, nobody else.", when, length(d.For), listed(who))
	if d.Backhaul {
		p.line("In a drill, mail and pages go by the backhaul.")
	}
}

// quiet says when what can wait does.
func (p *plan) quiet(c Config) {
	var hours []Hours
	for _, x := range c.People {
		if x.Quiet.From != x.Quiet.To && !slices.Contains(hours, x.Quiet) {
			hours = append(hours, x.Quiet)
		}
	}
	for _, h := range hours {
		var who []string
		for _, x := range c.People {
			if x.Quiet == h {
				who = append(who, x.Name)
			}
		}
		p.line("From %s to %s, what can wait waits for %s: self-test texts, small news of the box, duty without an open incident, drills of the schedule.", h.From, h.To, listed(who))
	}
}
