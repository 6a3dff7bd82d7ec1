package main

import (
	"fmt"

	"heliograph/firmware/audience"
	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
	"heliograph/firmware/reach"
	"heliograph/storage/outbox"
)

// rulesOf takes the pure part out of a checked configuration.
func rulesOf(c config.Config) (decide.Rules, error) {
	wording, err := notice.New(c.Texts.Templates)
	if err != nil {
		return decide.Rules{}, fmt.Errorf("texts: %w", err)
	}
	r := decide.Rules{
		Site: c.Site, Language: c.Language, Wording: wording, Selftest: c.Selftest.Tell,
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
			Name: p.Name, SMS: p.SMS, Also: p.Also, Language: p.Language, Role: string(p.Role),
		})
	}
	for _, m := range c.Modems {
		r.Carriers = append(r.Carriers, decide.Carrier{Name: m.Name, Channel: "sms", Fallback: m.Fallback})
	}
	for _, channel := range online(c) {
		r.Carriers = append(r.Carriers, decide.Carrier{Name: channel, Channel: channel, Online: true})
	}
	for _, b := range c.Backhaul {
		r.Backhauls = append(r.Backhauls, decide.Backhaul{Name: b.Name, Modem: b.Modem, Roaming: b.Roaming})
	}
	r.Proxy = c.Proxy.Address.IsValid()
	r.Zone, r.Private = c.Timezone, privateOf(c)
	r.Audience.Groups, r.Places, r.OwnASN, r.CallBack = groupsOf(c), placesOf(c), c.ASN, c.CallBack
	for _, s := range c.OnCall {
		r.Audience.Steps = append(r.Audience.Steps, audience.Step(s))
	}
	return r, nil
}

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
	for _, channel := range online(c) {
		workers = append(workers, engine.Worker{Name: channel, Channel: channel, Newest: states(channel)})
	}
	return workers
}
