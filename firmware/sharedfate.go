package main

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/resolve"
	"heliograph/firmware/config"
	"heliograph/firmware/fate"
)

// looking is how names are looked up and routes read. Tests have a name server
// of their own. What nobody answers for within so long is missing in the
// answers.
type looking struct {
	ask    func(ctx context.Context, n fate.Needs, within time.Duration) fate.Answers
	routes func() ([]resolve.Route, error)
}

var overMainTable = looking{ask: inquire(resolve.Options{}), routes: resolve.Routes}

const (
	fateAfter = 2 * time.Minute    // from start to the first look: modems register, routes settle
	fateEvery = 7 * 24 * time.Hour // from look to look
	fateAgain = 24 * time.Hour     // likewise while something is found: it may have been mended
	fateSoon  = time.Hour          // after one that not everybody answered

	fateTotal  = 30 * time.Second // for one look
	checkTotal = 8 * time.Second  // for the look of a person who waits
	atOnce     = 16               // questions
)

// fateName is under what the answers are remembered: an appliance that starts
// in an outage would learn nothing.
const fateName = "box/fate"

// fated is what is remembered.
type fated struct {
	Answers   fate.Answers      `json:"answers"`
	Operators map[string]string `json:"operators,omitempty"` // by modem
}

// keepFate looks whether the spare path hangs on the primary one, after the
// start and then every week, until ctx ends.
func (a *appliance) keepFate(ctx context.Context, n fate.Needs, c config.Config) {
	var known fated
	if err := a.recall(fateName, &known); err != nil {
		a.log.Warn("what was known of shared fate cannot be read", "why", err)
	}
	known = fated{known.Answers.Of(n), a.operators(n, known.Operators)}
	told := a.tellFate(n, c, known, nil)
	rest(ctx, fateAfter)
	for ctx.Err() == nil {
		answers := a.looking.ask(ctx, n, fateTotal)
		if ctx.Err() != nil {
			return // what is missing in them nobody refused
		}
		was := known
		known = fated{learned(n, answers, was.Answers), a.operators(n, was.Operators)}
		if !reflect.DeepEqual(known, was) {
			if err := a.remember(fateName, known); err != nil {
				a.log.Warn("what is known of shared fate cannot be remembered", "why", err)
			}
		}
		told = a.tellFate(n, c, known, told)
		rest(ctx, nextFate(n, answers, told))
	}
}

// learned are the answers, and those of before where nobody answered. A network
// that is down says nothing and may deny everything: it teaches nothing.
func learned(n fate.Needs, answers, before fate.Answers) fate.Answers {
	if answers.Empty() {
		return before
	}
	return answers.Over(before).Of(n)
}

// nextFate is how long to wait for the next look.
func nextFate(n fate.Needs, answers fate.Answers, told []fate.Finding) time.Duration {
	names := namesOf(n)
	switch {
	case len(names) > 0 && answers.Empty() || len(answers.Unanswered(n.Hosts)) > 0:
		return fateSoon
	case fate.Brief(told) != "":
		return fateAgain
	}
	return fateEvery
}

// operators are the networks that the modems are in, or were when it was last
// known.
func (a *appliance) operators(n fate.Needs, known map[string]string) map[string]string {
	now := map[string]string{}
	s := a.engine.State()
	for _, sim := range n.SIMs {
		if name := cmp.Or(s.Workers[sim.Modem].Operator, known[sim.Modem]); name != "" {
			now[sim.Modem] = name
		}
	}
	return now
}

// tellFate puts what is found into STATUS and the self-test, and whole
// sentences into the log when they are not those told before.
func (a *appliance) tellFate(n fate.Needs, c config.Config, known fated, told []fate.Finding) []fate.Finding {
	n.SIMs = slices.Clone(n.SIMs)
	for i, sim := range n.SIMs {
		n.SIMs[i].Operator = known.Operators[sim.Modem]
	}
	found := fate.Judge(n, known.Answers, a.looking.network(c))
	a.warn("shared fate", fate.Brief(found))
	for _, f := range found {
		if !slices.Contains(told, f) {
			a.log.Info(f.Text, "what", "shared fate")
		}
	}
	return found
}

// report says for a person what shares a fate, or why that could not be seen.
func (l looking) report(ctx context.Context, c config.Config) []string {
	n := needsOf(c)
	known := l.ask(ctx, n, checkTotal)
	left := known.Unanswered(n.Hosts)
	if known.Empty() {
		known.Hosts = nil // who denies everything is not believed
	}
	var lines []string
	for _, f := range fate.Judge(n, known, l.network(c)) {
		lines = append(lines, f.Text)
	}
	names := namesOf(n)
	switch {
	case len(names) > 0 && known.Empty():
		lines = append(lines, fmt.Sprintf("could not look: no name server has an address for %s; run it again where the network works", strings.Join(names, ", ")))
	case len(left) > 0:
		for _, h := range left {
			lines = append(lines, fmt.Sprintf("%s %s: no name server answered for it; run it again", h.What, h.Name))
		}
	}
	if len(c.Prefixes) == 0 && len(names) > 0 {
		lines = append(lines, "only the networks and routes of this box were compared; name those that you announce, as in prefixes: [192.0.2.0/24]")
	}
	if lines == nil && len(names) > 0 {
		lines = append(lines, fmt.Sprintf("none: %s would be reached without your own network", strings.Join(names, ", ")))
	}
	return lines
}

// network is what this box knows of where it stands. An uplink without an
// interface is where the defaults lead.
func (l looking) network(c config.Config) fate.Network {
	w := fate.Network{Own: c.Prefixes, Uplinks: map[string]string{}}
	routes, err := l.routes()
	if err != nil {
		routes = nil // without them the prefixes are still compared
	}
	for _, u := range slices.Backward(c.Uplinks) { // the first one of an interface gives it its name
		if u.Interface != "" {
			w.Uplinks[u.Interface] = u.Name
			continue
		}
		for _, r := range routes {
			if r.To.Bits() == 0 && r.Interface != "" {
				w.Uplinks[r.Interface] = u.Name
			}
		}
	}
	for _, r := range routes {
		if r.To.Bits() > 0 {
			w.Routes = append(w.Routes, fate.Route{To: r.To, Interface: r.Interface, Direct: r.Direct})
		}
	}
	return w
}

// inquiry is one look.
type inquiry struct {
	resolver *resolve.Resolver
	slots    chan struct{}

	mu      sync.Mutex
	answers fate.Answers
}

// inquire gives an ask that looks up all that is needed.
func inquire(o resolve.Options) func(context.Context, fate.Needs, time.Duration) fate.Answers {
	return func(ctx context.Context, n fate.Needs, within time.Duration) fate.Answers {
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		r, err := resolve.New(o)
		if err != nil {
			return fate.Answers{}
		}
		q := &inquiry{resolver: r, slots: make(chan struct{}, atOnce)}
		q.run(ctx, n)
		return q.answers
	}
}

// run asks for the hosts first, then for what only they lead to.
func (q *inquiry) run(ctx context.Context, n fate.Needs) {
	q.answers = fate.Answers{Hosts: map[string]fate.Answer{}, Zones: map[string]fate.Zone{}, Mail: map[string][]string{}}
	q.each(namesOf(n), func(name string) { q.host(ctx, name) })
	if q.answers.Empty() && len(namesOf(n)) > 0 {
		return // nobody is there: the rest would only take time
	}
	var domains []string
	for _, i := range n.Inboxes {
		domains = append(domains, i.Domain)
	}
	q.each(domains, func(domain string) { q.mail(ctx, domain) })
	zoned := namesOf(n)
	for _, h := range q.answers.Hosts {
		zoned = append(zoned, h.Alias)
	}
	q.each(zoned, func(name string) { q.zone(ctx, name) })
	var servers []string
	for _, z := range q.answers.Zones {
		servers = append(servers, z.Servers...)
	}
	for _, hosts := range q.answers.Mail {
		servers = append(servers, hosts...)
	}
	servers = slices.DeleteFunc(servers, func(name string) bool { _, known := q.answers.Hosts[name]; return known })
	q.each(servers, func(name string) { q.host(ctx, name) })
}

// each does something for every name, once, several at a time.
func (q *inquiry) each(names []string, do func(string)) {
	var all sync.WaitGroup
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		if name == "" {
			continue
		}
		all.Go(func() {
			q.slots <- struct{}{}
			defer func() { <-q.slots }()
			do(name)
		})
	}
	all.Wait()
}

func (q *inquiry) host(ctx context.Context, name string) {
	addresses, alias, err := q.resolver.Host(ctx, name)
	if err == nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.answers.Hosts[name] = fate.Answer{Alias: alias, Addresses: addresses}
	}
}

func (q *inquiry) mail(ctx context.Context, domain string) {
	if hosts, err := q.resolver.Mail(ctx, domain); err == nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.answers.Mail[domain] = hosts
	}
}

func (q *inquiry) zone(ctx context.Context, name string) {
	if zone, servers, err := q.resolver.Zone(ctx, name); err == nil && zone != "" {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.answers.Zones[name] = fate.Zone{Name: zone, Servers: servers}
	}
}
