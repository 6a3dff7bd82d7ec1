package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"heliograph/drivers/modem"
	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/firmware/event"
)

// selftestOf is what the self-test has to go by.
func selftestOf(c config.Config) decide.Selftest {
	s := decide.Selftest{Tell: c.Selftest.Tell}
	for _, m := range c.Modems {
		if m.Number != "" {
			s.Numbers = append(s.Numbers, decide.Own{Modem: m.Name, Number: m.Number})
		}
		if m.Credit.Given() {
			s.Credits = append(s.Credits, decide.Credit{Modem: m.Name, To: m.Credit.To, Say: m.Credit.Say, Low: m.Credit.Low, Read: reads(m)})
		}
	}
	for _, p := range c.Peers {
		s.Peers = append(s.Peers, decide.Peer{Name: p.Name, Number: p.Number, Every: p.Every, Told: c.Selftest.Peers})
	}
	return s
}

// reads is how an answer about a modem's credit is read.
func reads(m config.Modem) func(string) (event.Finding, bool) {
	return func(answer string) (event.Finding, bool) {
		amount, unit, until, ok := m.Credit.Read(answer)
		if unit == "" {
			unit = m.Limits.Price.Currency
		}
		return event.Finding{Part: event.Credit, Of: m.Name, Value: amount, Unit: unit, Until: until}, ok
	}
}

// inspect looks at parts of the box, and tells of each as soon as it is known:
// a silent operator must not hold up the disk.
func (a *appliance) inspect(e event.Inspect) {
	c := a.inForce()
	var channels []string
	for _, part := range e.Parts {
		look := map[string]func(config.Config) []event.Finding{
			event.Signal: a.signals, event.Credit: a.credits, event.Disk: a.disk, event.Clock: a.trusted, event.Heat: a.heat,
		}[part]
		if look == nil {
			channels = append(channels, part)
			continue
		}
		go func() { a.engine.Put(event.Inspected{Part: part, Findings: look(c)}) }()
	}
	go func() {
		for _, channel := range channels { // one after the other: the times are those of one user
			a.engine.Put(event.Inspected{Part: channel, Findings: a.logsIn(channel)})
		}
	}()
}

// inForce is the configuration, for whoever runs beside the reload.
func (a *appliance) inForce() config.Config {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config
}

// logsIn has a channel prove itself over the primary path.
func (a *appliance) logsIn(channel string) []event.Finding {
	a.mu.Lock()
	s, ok := a.accounts[channel]
	a.mu.Unlock()
	f := event.Finding{Part: channel}
	x, over := s.on[event.Primary]
	if !ok || !over {
		f.Why = "it does not run"
		return []event.Finding{f}
	}
	began := time.Now()
	if err := checked(x); err != nil {
		f.Why = short(err.Error())
	} else {
		f.OK = true
		s.told(nil)
	}
	f.Value = time.Since(began).Seconds()
	return []event.Finding{f}
}

// short is the first line of a reason.
func short(why string) string {
	first, _, _ := strings.Cut(why, "\n")
	return first
}

// What the history of a modem must show: the weakest mean signal with which
// texts still go, and how much of the time it may be without a network.
const (
	weakest  = -107 // dBm; 3GPP TS 27.007 §8.5 counts in steps of 2 from -113
	outMost  = 0.02
	outLeast = time.Hour
)

// signals are how the modems heard the network in the last days.
func (a *appliance) signals(c config.Config) []event.Finding {
	var all []event.Finding
	for _, m := range c.Modems {
		if x := a.modemNamed(m.Name); x != nil {
			all = append(all, heard(m.Name, x.History(), x.Health()))
		}
	}
	return all
}

func heard(name string, h modem.History, now modem.Health) event.Finding {
	f := event.Finding{Part: event.Signal, Of: name, OK: true, Value: float64(now.Signal)}
	sum, hours := 0, 0
	var watched, out time.Duration
	for _, hour := range h.Hours {
		if hour.Mean != 0 {
			sum, hours = sum+hour.Mean, hours+1
		}
		watched, out = watched+hour.Watched, out+hour.Out
	}
	if hours > 0 {
		f.Value = float64(sum / hours)
	}
	switch {
	case out >= outLeast && float64(out) > outMost*float64(watched):
		f.OK, f.Why = false, fmt.Sprintf("without network for %d h of %d: look at the antenna", int(out.Hours()), int(watched.Hours()))
	case f.Value != 0 && f.Value <= weakest:
		f.OK, f.Why = false, fmt.Sprintf("weak, %.0f dBm: look at the antenna", f.Value)
	}
	return f
}

// credits asks the SIMs that can be asked by a service code, all at once.
func (a *appliance) credits(c config.Config) []event.Finding {
	var mu sync.Mutex
	var all []event.Finding
	var asking sync.WaitGroup
	for _, m := range c.Modems {
		if m.Credit.USSD == "" {
			continue
		}
		asking.Go(func() {
			f := a.asked(m)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, f)
		})
	}
	asking.Wait()
	slices.SortFunc(all, func(x, y event.Finding) int { return strings.Compare(x.Of, y.Of) })
	return all
}

// askWithin bounds one question with all that it may wait for.
const askWithin = 100 * time.Second

func (a *appliance) asked(m config.Modem) event.Finding {
	f := event.Finding{Part: event.Credit, Of: m.Name}
	x := a.modemNamed(m.Name)
	if x == nil {
		f.Why = "the modem does not run"
		return f
	}
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	answer, err := x.Ask(ctx, m.Credit.USSD)
	if err != nil {
		f.Why = short(err.Error())
		return f
	}
	told, ok := reads(m)(answer)
	if !ok {
		a.log.Warn("what the operator says of the credit does not fit credit.match", "modem", m.Name, "answer", answer)
		f.Why = "the answer does not fit match: of its credit"
		return f
	}
	return told
}

func (a *appliance) modemNamed(name string) *modem.Modem {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.modems[name]
}

// diskLeast is the share of the data folder's disk that should be free, and
// diskEnough what is enough however large it is.
const (
	diskLeast  = 0.05
	diskEnough = 100 << 20
)

func (a *appliance) disk(config.Config) []event.Finding {
	f := event.Finding{Part: event.Disk}
	var s unix.Statfs_t
	if err := unix.Statfs(a.data, &s); err != nil {
		f.Why = err.Error()
		return []event.Finding{f}
	}
	free := uint64(s.Bsize) * s.Bavail
	f.Value = float64(s.Bavail) / float64(max(s.Blocks, 1))
	switch {
	case !a.store.HasBallast():
		f.Why = "its reserve is gone; make room in the data folder"
	case f.Value < diskLeast && free < diskEnough:
		f.Why = fmt.Sprintf("%d MB free; make room in the data folder", free>>20)
	default:
		f.OK = true
	}
	return []event.Finding{f}
}

func (a *appliance) trusted(config.Config) []event.Finding {
	f := event.Finding{Part: event.Clock}
	if f.OK = a.engine.Now().Trusted; !f.OK {
		_, why := a.clock.judge(a.clock.read())
		f.Why = why
	}
	return []event.Finding{f}
}

// hottest is the temperature at which boards begin to slow down.
const hottest = 85

// heat is the temperature of the hottest spot, if the kernel tells any.
func (a *appliance) heat(config.Config) []event.Finding { return heatOf(thermal) }

const thermal = "/sys/class/thermal"

func heatOf(folder string) []event.Finding {
	zones, err := filepath.Glob(filepath.Join(folder, "thermal_zone*", "temp"))
	if err != nil {
		return nil
	}
	most, known := 0.0, false
	for _, zone := range zones {
		b, err := os.ReadFile(zone)
		if err != nil {
			continue // a zone that is switched off
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(b)))
		if t := float64(n) / 1000; err == nil && t > -40 && t < 150 && (!known || t > most) {
			most, known = t, true
		}
	}
	if !known {
		return nil
	}
	f := event.Finding{Part: event.Heat, OK: most < hottest, Value: most}
	if !f.OK {
		f.Why = fmt.Sprintf("%.0f C: look at its fan and its place", most)
	}
	return []event.Finding{f}
}
