package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/event"
)

// converges is how long routing takes to find another way, at least: a text
// sent sooner may speak of something that heals by itself.
const converges = 20 * time.Second

// unbuilt are the keys that are read and checked, and not carried out yet.
var unbuilt []string

// Unbuilt names the keys of this file that this build does not carry out, by
// line.
func Unbuilt(c Config) []string {
	var found []mention
	for key, line := range c.lines {
		if slices.Contains(unbuilt, plain(key)) {
			found = append(found, mention{line, fmt.Sprintf("%s (line %d): read and checked, not carried out by this build", key, line)})
		}
	}
	return inOrder(found)
}

// mention is a sentence about a line.
type mention struct {
	line int
	text string
}

func inOrder(all []mention) []string {
	slices.SortFunc(all, func(a, b mention) int {
		if a.line != b.line {
			return a.line - b.line
		}
		return strings.Compare(a.text, b.text)
	})
	var texts []string
	for _, m := range all {
		texts = append(texts, m.text)
	}
	return texts
}

// warner collects what is allowed and probably not meant.
type warner struct {
	c   Config
	all []mention
}

func (w *warner) say(key, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	line := w.c.line(key)
	if line > 0 {
		text = w.c.Where(key) + ": " + text
	}
	w.all = append(w.all, mention{line, text})
}

// Where is a dotted key with its line, as warnings name it: "rota[0] (line
// 15)".
func (c Config) Where(key string) string { return fmt.Sprintf("%s (line %d)", key, c.line(key)) }

// line is the line of a key or of its nearest parent in the file; zero if
// there is none.
func (c Config) line(key string) int {
	for key != "" {
		if line, ok := c.lines[key]; ok {
			return line
		}
		key = key[:max(0, strings.LastIndexAny(key, ".["))]
	}
	return 0
}

// Warnings names what a configuration allows and its writer probably did not
// mean, each with what would be better.
func Warnings(c Config) []string {
	w := &warner{c: c}
	for i, u := range c.Uplinks {
		w.uplink(at("uplinks", i, ""), u)
	}
	for i, s := range c.Services {
		if !s.Manual {
			w.pace(at("services", i, ""), s.Name, s.Watch)
		}
	}
	w.oncall()
	w.rotas()
	w.planned()
	w.modems()
	w.budget()
	w.examples()
	w.clock()
	w.wakes()
	if c.Selftest.Off {
		w.say("selftest", "the box never proves that it still works: a dead SIM is found on the night it is needed; write selftest: {every: \"Mon 09:00\"}")
	}
	for _, text := range c.absent {
		w.all = append(w.all, mention{text: text})
	}
	return inOrder(w.all)
}

func (w *warner) uplink(key string, u Uplink) {
	w.pace(key, u.Name, u.Watch)
	n := len(u.Probes)
	switch hosts := targets(u.Probes); {
	case n == 1:
		w.say(key+".probes", "%s has one probe only: when that target fails, %s is called down; add a second one elsewhere", u.Name, u.Name)
	case len(hosts) == 1:
		w.say(key+".probes", "all probes of %s go to %s: when it fails, %s is called down; add another target", u.Name, hosts[0], u.Name)
	case u.Down.Quorum == n:
		w.say(key+".down.quorum", "all %d probes of %s must pass, so one target's failure calls it down; %d would do", n, u.Name, (n+1)/2)
	}
	for i, p := range u.Probes {
		if host := target(p); u.Gateway.IsValid() && host == u.Gateway.WithZone("").String() {
			w.say(at(key+".probes", i, ""), "goes to the gateway of %s, so it proves nothing beyond it; the gateway is watched anyway", u.Name)
		}
	}
	if !u.Gateway.IsValid() {
		w.say(key, "%s has no gateway, so a text cannot say whether the fault lies before or behind it; add gateway: ADDRESS", u.Name)
	}
	if u.Interface == "" {
		w.say(key, "%s has no interface, so its probes follow the main routing table and may leave by another uplink; add interface: NAME", u.Name)
	}
}

// pace warns of a verdict that comes too early.
func (w *warner) pace(key, name string, watch Watch) {
	if in := watch.DownIn(); in < converges {
		rounds := int((converges + watch.Every - 1) / watch.Every)
		w.say(key+".down", "%s is called down after %s, routing may need %s to find another way; after: %d would wait for that", name, length(in), length(converges), rounds)
	}
	if watch.Timeout > watch.Every {
		w.say(key+".timeout", "a probe of %s may take %s, longer than from round to round (%s): a bad round then delays the next", name, length(watch.Timeout), length(watch.Every))
	}
}

// targets are the different hosts that probes go to.
func targets(probes []Probe) []string {
	var hosts []string
	for _, p := range probes {
		hosts = append(hosts, target(p))
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

func target(p Probe) string {
	switch p.Kind {
	case event.ICMP:
		return p.Addr.String()
	case event.HTTP:
		u, err := url.Parse(p.URL)
		if err != nil {
			return p.URL
		}
		if a, err := netip.ParseAddr(u.Hostname()); err == nil {
			return a.String()
		}
		return u.Hostname()
	}
	return p.Target.Addr().String()
}

func (w *warner) oncall() {
	reach := map[string]bool{}
	for _, p := range w.c.People {
		reach[p.Name] = p.SMS != ""
	}
	first, later := map[string]bool{}, []string{}
	able, reminds := false, false
	for i, s := range w.c.OnCall {
		reminds = reminds || s.Every > 0
		for _, who := range w.c.Callable(s.Who) {
			able = able || reach[who]
			if !reach[who] && slices.Contains(s.Who, who) {
				w.say(at("oncall", i, "who"), "%s has no number and cannot be texted; add sms: to %s in people", who, who)
			}
			if s.Every == 0 && s.After == 0 {
				first[who] = true
			}
			if !slices.Contains(later, who) {
				later = append(later, who)
			}
		}
	}
	if !able {
		w.say("oncall", "nobody on call can be texted: an outage will be noticed and not told; add sms: to a person and the name to oncall")
		return
	}
	if len(first) == 0 {
		w.say("oncall", "nobody is told at once: the first text goes out %s after an incident opens", length(soonest(w.c.OnCall)))
	}
	if !reminds {
		w.say("oncall", "nobody is reminded while an incident lasts; add a step with every: 30m")
	}
	w.idle(later)
	w.viewers(later)
}

func soonest(steps []Step) time.Duration {
	least := steps[0].After
	for _, s := range steps {
		least = min(least, s.After)
	}
	return least
}

// idle names people who have a number and whom no step wakes.
func (w *warner) idle(oncall []string) {
	for i, p := range w.c.People {
		if p.SMS != "" && !slices.Contains(oncall, p.Name) && p.Role != Viewer {
			w.say(at("people", i, ""), "%s is in no step of oncall and will not be told of an incident", p.Name)
		}
	}
}

func (w *warner) viewers(oncall []string) {
	for i, p := range w.c.People {
		if p.Role == Viewer && slices.Contains(oncall, p.Name) {
			w.say(at("people", i, "role"), "%s is on call and may not acknowledge as a viewer; write role: operator", p.Name)
		}
	}
}

func (w *warner) modems() {
	if !slices.ContainsFunc(w.c.Modems, func(m Modem) bool { return !m.Fallback }) {
		w.say("modems", "every modem is a fallback, so each carries texts like any other; leave fallback out at the one that should carry them")
	}
	for i, m := range w.c.Modems {
		if m.PIN.Given() {
			w.say(at("modems", i, "pin"), "a PIN can lock the SIM out for good after a few wrong tries; in a locked rack it is safer to switch the SIM's PIN off")
		}
		if m.PIN.Given() && m.MinTries < 2 {
			w.say(at("modems", i, "min_tries"), "the last try may be spent: if the PIN is wrong, the SIM locks and only its PUK opens it; write 2 or more")
		}
		if strings.HasPrefix(m.Port, "/dev/ttyUSB") || strings.HasPrefix(m.Port, "/dev/ttyACM") {
			w.say(at("modems", i, "port"), "%s may be another port after a reset; use its link in /dev/serial/by-id or by-path", m.Port)
		}
	}
}

// fromManual are the numbers of the first configuration and of the manual: a
// stranger's phone, or nobody's.
var fromManual = regexp.MustCompile(`^\+48600100[23][0-9]{2}$`)

// examples warns of numbers that were never made the operator's own.
func (w *warner) examples() {
	like := func(key, number string) {
		if fromManual.MatchString(number) {
			w.say(key, "%s looks like the example's number; write your own", number)
		}
	}
	for i, p := range w.c.People {
		like(at("people", i, "sms"), p.SMS)
		like(at("people", i, "also"), p.Also)
	}
	for i, m := range w.c.Modems {
		like(at("modems", i, "number"), m.Number)
	}
	for i, p := range w.c.Partners {
		for _, number := range p.SMS {
			like(at("partners", i, "sms"), number)
		}
	}
}

// budget warns of limits that one bad night would use up. An outage texts
// everybody on call about six times: down, two updates, two reminders, the
// all-clear.
func (w *warner) budget() {
	const each, night = 6, 5
	texted := 0
	for _, p := range w.c.People {
		if p.SMS != "" {
			texted++
		}
	}
	want := texted * each * night
	for i, m := range w.c.Modems {
		if a := perDay(m.Limits.SMS); texted > 0 && a < want {
			w.say(at("modems", i, "limits"), "%s may send %s, about %d a day; a night with %d incidents and %s to tell needs about %d", m.Name, m.Limits.SMS, a, night, people(texted), want)
		}
	}
	if r := w.c.Limits.Recipient; r.Count < each {
		w.say("limits.recipient", "%s to one number is less than one outage needs (about %d): later texts would wait", r, each)
	}
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return count(n) + " people"
}

func perDay(r Rate) int {
	return int(float64(r.Count) * float64(24*time.Hour) / float64(r.Per.Window()))
}

// String is the rate as it is written.
func (r Rate) String() string { return fmt.Sprintf("%d/%s", r.Count, r.Per) }
