package config

import "time"

// settle works out what a path's silent keys are from those that are given,
// and checks what only makes sense together.
func (r *reader) settle(key string, w *Watch) {
	if !r.has(key + ".doubt") {
		w.Doubt = min(w.Every, max(w.Every/2, 250*time.Millisecond))
	}
	if !r.has(key + ".timeout") {
		w.Timeout = min(w.Every*9/10, 5*time.Second)
	}
	if !r.has(key + ".down.quorum") {
		w.Down.Quorum = (len(w.Probes) + 1) / 2
	}
	if w.Doubt > w.Every {
		r.faultAt(key+".doubt", "is longer than every, which is "+written(w.Every), "while in doubt it must look more often, not less")
	}
	if n := len(w.Probes); n > 0 && w.Down.Quorum > n {
		r.faultAt(key+".down.quorum", "wants "+counted(w.Down.Quorum, "probe")+" to pass, but there "+areOnly(n), "write a number from 1 to "+count(n))
	}
	r.settleDegraded(key+".degraded", w)
}

func (r *reader) settleDegraded(key string, w *Watch) {
	d := &w.Degraded
	if d.Off || w.Every <= 0 {
		return
	}
	if !r.has(key + ".over") {
		d.Over = max(d.Over, 10*w.Every)
	}
	if !r.has(key + ".leave.loss") {
		d.LeaveLoss = d.Loss / 2
	}
	if !r.has(key + ".leave.latency") {
		d.LeaveLatency = d.Latency * 3 / 4
	}
	if d.LeaveLoss > d.Loss {
		r.faultAt(key+".leave.loss", "is higher than the loss that enters it", "write at most "+percent(d.Loss))
	}
	if d.LeaveLatency > d.Latency {
		r.faultAt(key+".leave.latency", "is higher than the latency that enters it", "write at most "+written(d.Latency))
	}
	if least, most := 4*w.Every, 1000*w.Every; d.Over != 0 && (d.Over < least || d.Over > most) {
		r.faultAt(key+".over", "is "+written(d.Over)+" while a round comes every "+written(w.Every), "write something from "+written(least)+" to "+written(most)+", four to a thousand rounds")
	}
}

// settleAll fills in what depends on the whole file.
func (r *reader) settleAll(c *Config) {
	for i := range c.Modems {
		if m := &c.Modems[i]; m.Country == "" {
			m.Country = regionOf(m.Number)
		}
	}
	c.Country = homeOf(*c)
	for i := range c.Modems {
		if m := &c.Modems[i]; m.Country == "" {
			m.Country = c.Country
		}
	}
	for i := range c.People {
		if c.People[i].Language == "" {
			c.People[i].Language = c.Language
		}
	}
	for i := range c.Partners {
		if c.Partners[i].Language == "" {
			c.Partners[i].Language = c.Language
		}
	}
	if !r.has("oncall") {
		c.OnCall = everybody(c.People)
	}
	r.settleRotas(c)
	r.settleMaintenance(c)
	r.settleDrill(c)
	if !r.has("selftest.tell") && !c.Selftest.Off && len(c.OnCall) > 0 {
		c.Selftest.Tell = c.OnCall[0].Who
	}
}

// homeOf is the country of the first number that tells.
func homeOf(c Config) string {
	for _, m := range c.Modems {
		if m.Country != "" {
			return m.Country
		}
	}
	for _, p := range c.People {
		if region := regionOf(p.SMS); region != "" {
			return region
		}
	}
	return ""
}

// everybody is the escalation of a file that has none: all who have a number,
// at once, reminded until somebody sends ACK.
func everybody(people []Person) []Step {
	var who []string
	for _, p := range people {
		if p.SMS != "" {
			who = append(who, p.Name)
		}
	}
	if who == nil {
		return nil
	}
	return []Step{{Who: who}, {Who: who, After: defaults.Reminder, Every: defaults.Reminder}}
}
