package main

import (
	"cmp"
	"crypto/subtle"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pquerna/otp/hotp"

	"heliograph/firmware/audience"
	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
	"heliograph/firmware/reach"
	"heliograph/storage/directory"
	"heliograph/storage/outbox"
)

// rulesOf takes the pure part out of a checked configuration.
func rulesOf(c config.Config) (decide.Rules, error) {
	wording, err := notice.New(c.Texts.Templates, ownOf(c)...)
	if err != nil {
		return decide.Rules{}, fmt.Errorf("texts: %w", err)
	}
	r := decide.Rules{
		Site: c.Site, Brand: cmp.Or(c.Brand, c.Site), Subscribers: subscribersOf(c), Language: c.Language, Wording: wording, Selftest: selftestOf(c),
		Fold:   directory.Fold,
		Number: func(n string) string { e164, _ := config.E164(n, c.Country); return e164 },
	}
	for _, u := range c.Uplinks {
		rule := ruleOf(u.Name, u.Watch)
		rule.Parent, rule.Interface = u.Parent, u.Interface
		if u.Gateway.IsValid() {
			rule.Gateway = u.Gateway.String()
		}
		r.Subjects = append(r.Subjects, rule)
	}
	for _, s := range c.Services {
		if s.Manual {
			r.Manual = append(r.Manual, s.Name)
			continue
		}
		rule := ruleOf(s.Name, s.Watch)
		rule.Service = true
		r.Subjects = append(r.Subjects, rule)
	}
	for _, p := range c.People {
		r.Audience.People = append(r.Audience.People, audience.Person{
			Name: p.Name, SMS: p.SMS, Also: p.Also, Language: p.Language, Role: string(p.Role), Ring: p.Ring, Code: totpOf(p.TOTP), Quiet: quietOf(p.Quiet),
		})
	}
	for _, m := range c.Modems {
		r.Carriers = append(r.Carriers, decide.Carrier{Name: m.Name, Channel: "sms", Fallback: m.Fallback})
	}
	for _, m := range ringers(c) {
		r.Carriers = append(r.Carriers, decide.Carrier{Name: ringer(m.Name), Channel: event.Ring, Fallback: m.Fallback})
	}
	for _, channel := range online(c) {
		r.Carriers = append(r.Carriers, decide.Carrier{Name: channel, Channel: channel, Online: true})
	}
	for _, b := range c.Backhaul {
		r.Backhauls = append(r.Backhauls, decide.Backhaul{Name: b.Name, Modem: b.Modem, Roaming: b.Roaming})
	}
	a := c.Subscribers.Approve
	r.Approve = decide.Approve{Asks: true, Over: a.Over, Two: a.Two, Wait: a.Wait, Send: a.Then == "send"}
	r.Silence, r.Quota, r.Price = c.Silence, quotaOf(c), decide.Price(priceOf(c))
	r.Proxy = c.Proxy.Address.IsValid()
	r.Zone, r.Private = c.Timezone, privateOf(c)
	r.Audience.Groups, r.Places, r.OwnASN, r.CallBack = groupsOf(c), placesOf(c), c.ASN, c.CallBack
	r.Audience.Rotas = rotasOf(c)
	r.Planning = planningOf(c)
	r.Drill = drillOf(c)
	r.News = decide.News{Most: c.Limits.News.Count, Per: c.Limits.News.Per.Window()}
	for _, s := range c.OnCall {
		r.Audience.Steps = append(r.Audience.Steps, audience.Step(s))
	}
	return r, nil
}

// totpOf checks codes against a person's secret: six digits, 30 s, SHA-1, one
// step of tolerance to either side (RFC 6238 §5.2).
func totpOf(secret config.Secret) func(string, time.Time) (int64, bool) {
	if !secret.Given() {
		return nil
	}
	const period = 30
	return func(digits string, wall time.Time) (int64, bool) {
		for _, off := range []int64{0, -1, 1} {
			step := wall.Unix()/period + off
			want, err := hotp.GenerateCode(secret.Reveal(), uint64(step))
			if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(digits)) == 1 {
				return step, true
			}
		}
		return 0, false
	}
}

// quotaOf is how many texts a day the SIMs allow beside what is kept for
// operators and all-clears.
func quotaOf(c config.Config) int {
	all := 0
	for _, m := range c.Modems {
		switch {
		case m.Fallback:
		case m.Limits.SMS.Count == 0:
			return math.MaxInt
		default:
			perDay := float64(m.Limits.SMS.Count-m.Limits.Kept()) * float64(24*time.Hour) / float64(m.Limits.SMS.Per.Window())
			all += min(int(perDay), m.Limits.SMS.Count-m.Limits.Kept())
		}
	}
	return all
}

// priceOf is that of the first modem that has one.
func priceOf(c config.Config) config.Price {
	for _, m := range c.Modems {
		if m.Limits.Price.Each > 0 {
			return m.Limits.Price
		}
	}
	return config.Price{}
}

// ringers are the modems that also call, if anybody wants to be woken so.
func ringers(c config.Config) []config.Modem {
	if !slices.ContainsFunc(c.People, func(p config.Person) bool { return p.Ring }) {
		return nil
	}
	return c.Modems
}

// ringer is the worker of a modem's calls: while it rings, texts go on.
func ringer(modem string) string { return modem + " calls" }

func ruleOf(name string, w config.Watch) reach.Rule {
	r := reach.Rule{
		Name: name, Every: w.Every, Doubt: w.Doubt, Quorum: w.Down.Quorum, DownAfter: w.Down.After,
		UpAfter: w.Up.After, Hold: w.Up.Hold,
		Flap: reach.Flap{Changes: w.Flap.Changes, Over: w.Flap.Over, Calm: w.Flap.Calm},
	}
	if !w.Degraded.Off {
		r.Degraded = reach.Limits{
			Loss: w.Degraded.Loss, LeaveLoss: w.Degraded.LeaveLoss,
			Latency: w.Degraded.Latency, LeaveLatency: w.Degraded.LeaveLatency, Over: w.Degraded.Over,
		}
	}
	return r.Filled()
}

// workersOf says which workers carry texts, and how much each and each number
// may be sent. What the reserve holds, only words to operators and all-clears
// may use (promise 9).
func workersOf(c config.Config) []engine.Worker {
	var workers []engine.Worker
	for _, m := range c.Modems {
		w := engine.Worker{Name: m.Name, Channel: "sms"}
		if r := c.Limits.Recipient; r.Count > 0 {
			w.Limits = append(w.Limits, outbox.Limit{
				Key: "recipient", Scope: outbox.PerRecipient, Max: r.Count, Window: r.Per.Window(),
				// However much a person asked the box, the next alarm gets through.
				Reserve: r.Count / 4, ReserveClass: uint8(event.FirstWord),
			})
		}
		if r := m.Limits.SMS; r.Count > 0 {
			w.Limits = append(w.Limits, outbox.Limit{
				Key: "sim", Scope: outbox.PerWorker, Max: r.Count, Window: r.Per.Window(),
				Reserve: m.Limits.Kept(), ReserveClass: uint8(event.AllClears),
			})
		}
		workers = append(workers, w)
	}
	for _, m := range ringers(c) {
		workers = append(workers, engine.Worker{Name: ringer(m.Name), Channel: event.Ring})
	}
	for _, channel := range online(c) {
		workers = append(workers, engine.Worker{Name: channel, Channel: channel, Newest: states(channel)})
	}
	return workers
}
