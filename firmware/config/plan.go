package config

import (
	"fmt"
	"slices"
	"strings"
)

// Plan says in words what a configuration makes the box do, for a person to
// check before the night comes.
func Plan(c Config) string {
	var p plan
	p.line("%s watches %s and speaks %s; its clock is %s.", c.Site, watched(c), spoken(c.Language), c.Timezone)
	p.head("What is watched")
	for _, u := range c.Uplinks {
		p.uplink(u)
	}
	for _, s := range c.Services {
		p.service(s)
	}
	p.head("Who is told")
	p.rotas(c)
	p.oncall(c)
	p.groups(c)
	p.subscribers(c)
	p.maintenance(c)
	p.selftest(c)
	p.drill(c)
	p.quiet(c)
	p.head("How")
	for _, m := range c.Modems {
		p.modem(m)
	}
	p.internet(c)
	p.own(c)
	p.line("No number gets more than %s; the rest waits.", often(c.Limits.Recipient))
	if n := c.Limits.News; n.Count > 0 {
		p.line("Who would hear of more than %s %s hears of the rest together, every half hour.", counted(n.Count, "change"), strings.TrimPrefix(often(n), counted(n.Count, "text")+" "))
	}
	p.texts(c.Texts)
	p.line("All is kept in %s; closed incidents for %s.", c.Data, length(c.Retention))
	if c.BlackBox.Numbers {
		p.line("The black box of an incident shows telephone numbers in full.")
	}
	p.control(c.Control)
	p.board(c)
	return p.String()
}

type plan struct{ strings.Builder }

func (p *plan) head(title string) { fmt.Fprintf(p, "\n%s\n", title) }

func (p *plan) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func watched(c Config) string {
	words := counted(len(c.Uplinks), "uplink")
	if n := len(c.Services); n > 0 {
		words += " and " + counted(n, "service")
	}
	return words
}

func spoken(language string) string {
	return map[string]string{"en": "English", "pl": "Polish", "it": "Italian"}[language]
}

func (p *plan) uplink(u Uplink) {
	p.line("%s%s%s is looked at every %s, every %s while in doubt.", u.Name, through(u), from(u), length(u.Every), length(u.Doubt))
	p.watch(u.Name, u.Watch)
	if u.Parent != "" {
		p.line("  While %s is down, %s is excused.", u.Parent, u.Name)
	}
	p.served(u.Serves)
}

func through(u Uplink) string {
	var words []string
	if u.Interface != "" {
		words = append(words, u.Interface)
	}
	if u.Gateway.IsValid() {
		words = append(words, "gateway "+u.Gateway.String())
	}
	if u.Carrier.Name != "" {
		words = append(words, u.Carrier.Name)
	}
	if words == nil {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

func from(u Uplink) string {
	switch {
	case u.Source.IsValid() && u.Mark != 0:
		return fmt.Sprintf(", from %s with mark %#x,", u.Source, u.Mark)
	case u.Source.IsValid():
		return fmt.Sprintf(", from %s,", u.Source)
	case u.Mark != 0:
		return fmt.Sprintf(", with mark %#x,", u.Mark)
	}
	return ""
}

func (p *plan) service(s Service) {
	if s.Manual {
		p.line("%s is opened and closed by hand.", s.Name)
		p.served(s.Serves)
		return
	}
	p.line("%s is looked at every %s, every %s while in doubt.", s.Name, length(s.Every), length(s.Doubt))
	p.watch(s.Name, s.Watch)
	p.served(s.Serves)
}

func (p *plan) served(regions []string) {
	if len(regions) > 0 {
		p.line("  It serves %s.", listed(regions))
	}
}

// watch says when a path is down, up, degraded and unstable.
func (p *plan) watch(name string, w Watch) {
	var probes []string
	for _, probe := range w.Probes {
		probes = append(probes, probe.String())
	}
	p.line("  Probes: %s; each has %s to answer.", strings.Join(probes, ", "), length(w.Timeout))
	p.line("  %s is DOWN after %s %s: %s.", name, counted(w.Down.After, "round"), bad(w), length(w.DownIn()))
	p.line("  It is up again after %s and %s of calm.", counted(w.Up.After, "good round"), length(w.Up.Hold))
	if d := w.Degraded; !d.Off {
		p.line("  It is degraded at %s loss or %s latency over %s, until both are under %s and %s.", percent(d.Loss), length(d.Latency), length(d.Over), percent(d.LeaveLoss), length(d.LeaveLatency))
	}
	p.line("  After %d changes in %s it is called unstable once, until %s have been calm.", w.Flap.Changes, length(w.Flap.Over), length(w.Flap.Calm))
}

// bad says what makes a round bad.
func bad(w Watch) string {
	switch n := len(w.Probes); {
	case n == 1:
		return "in which its probe failed"
	case w.Down.Quorum == 1:
		return fmt.Sprintf("in which none of %d probes passed", n)
	default:
		return fmt.Sprintf("with fewer than %d of %d probes", w.Down.Quorum, n)
	}
}

// oncall says the escalation as one sentence.
func (p *plan) oncall(c Config) {
	var steps, who []string
	for _, s := range c.OnCall {
		s.Who = c.Whoever(s.Who)
		if s.Every > 0 {
			steps = append(steps, reminder(s, who, len(steps) > 1))
			continue
		}
		steps = append(steps, told(s, len(steps) > 0))
		who = append(who, s.Who...)
	}
	if steps == nil {
		p.line("Nobody is on call.")
		return
	}
	p.line("When an incident opens %s.", strings.Join(steps, ", "))
	for _, person := range c.People {
		if person.Also != "" {
			p.line("If a text to %s fails, the second number %s is tried at once, then the next person.", person.Name, person.Also)
		}
	}
	p.line("Those who were told get the all-clear, and nobody else.")
}

func told(s Step, again bool) string {
	who, when := listed(s.Who), "at once"
	if s.After > 0 {
		when = "after " + length(s.After)
	}
	if again {
		return who + " " + when + " unless somebody sends ACK"
	}
	return who + " " + are(s.Who) + " texted " + when
}

// reminder names its people anew only if they are not those told before.
func reminder(s Step, told []string, acked bool) string {
	text := listed(s.Who) + " " + are(s.Who) + " reminded"
	if slices.Equal(s.Who, told) {
		text = map[bool]string{true: "both are reminded", false: "all are reminded"}[len(told) == 2]
		if len(told) == 1 {
			text = "and again"
		}
	}
	text += " every " + length(s.Every)
	if s.After != s.Every {
		text += " from " + length(s.After) + " on"
	}
	if acked {
		return text + " until then"
	}
	return text + " until somebody sends ACK"
}

func are(who []string) string {
	if len(who) == 1 {
		return "is"
	}
	return "are"
}

func (p *plan) modem(m Modem) {
	number := ""
	if m.Number != "" {
		number = " (" + m.Number + ")"
	}
	p.line("%s%s sends at most %s, %d of them kept for operators and all-clears.", m.Name, number, often(m.Limits.SMS), m.Limits.Kept())
	if m.Fallback {
		p.line("  %s carries texts only when no other modem can.", m.Name)
	}
	if m.PIN.Given() {
		p.line("  Its PIN is sent only while the SIM leaves at least %s.", tries(m.MinTries))
	}
	if m.Power.GPIO != "" {
		p.line("  Its power is cut by %s when nothing gentler helps.", m.Power.GPIO)
	}
}

func often(r Rate) string {
	per := map[Period]string{Hour: "an hour", Day: "a day", Month: "in 30 days"}[r.Per]
	return counted(r.Count, "text") + " " + per
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return count(n) + " tries"
}

func (p *plan) texts(t Texts) {
	var own []string
	for kind, wordings := range t.Templates {
		for language := range wordings {
			own = append(own, string(kind)+" ("+language+")")
		}
	}
	for _, o := range t.Outside {
		own = append(own, o.name())
	}
	slices.Sort(own)
	if len(own) > 0 {
		p.line("Wording of your own: %s.", listed(own))
	}
}

func (p *plan) control(c Control) {
	switch m := c.Metrics; {
	case !m.Address.IsValid():
		p.line("Commands and metrics come over %s.", c.Socket)
	case m.Cert == "":
		p.line("Commands come over %s, metrics also over http://%s.", c.Socket, m.Address)
	default:
		p.line("Commands come over %s, metrics also over https://%s with a token.", c.Socket, m.Address)
	}
}
