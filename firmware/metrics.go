package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"go.etcd.io/bbolt"

	"heliograph/firmware/config"
	"heliograph/firmware/control"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/storage"
	"heliograph/storage/outbox"
)

// collector reads the box at each scrape, so that nothing is counted twice.
type collector struct {
	engine *engine.Engine
	store  *storage.Store
}

// gauge is one measured thing; Label is the name of what tells its series
// apart, empty if there is one only.
type gauge struct {
	Name, Help, Label string
	Values            map[string]float64 // by the label's value
}

// gauges are all that is measured, in their order.
func (c *collector) gauges() []gauge {
	s, r, now := c.engine.State(), c.engine.Rules(), c.engine.Now()
	up, loss, latency := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, rule := range r.Subjects {
		v := s.Subjects[rule.Name].Current(rule)
		up[rule.Name], loss[rule.Name], latency[rule.Name] = conditionValue[v.Condition], v.Evidence.Loss, v.Evidence.Latency.Seconds()
	}
	fit, age := map[string]float64{}, map[string]float64{}
	for name, w := range s.Workers {
		fit[name] = truth(w.Fit)
	}
	for name, at := range s.LastSend {
		age[name] = now.Box.Sub(at).Seconds()
	}
	open := float64(s.Open())
	queue := map[string]float64{}
	for status, n := range c.queue() {
		queue[string(status)] = float64(n)
	}
	backhaul, spent := map[string]float64{}, map[string]float64{}
	for _, b := range r.Backhauls {
		link, used := s.Link(b.Name)
		backhaul[b.Name], spent[b.Name] = truth(link.Up), float64(used.Used)
	}
	one := func(v float64) map[string]float64 { return map[string]float64{"": v} }
	return []gauge{
		{"uplink_up", "1 if the uplink or service is up, 0 if it is degraded or down, -1 if it is not known.", "name", up},
		{"uplink_loss_ratio", "Windowed loss of the probes, 0 to 1.", "name", loss},
		{"uplink_latency_seconds", "Windowed median latency of the probes.", "name", latency},
		{"worker_fit", "1 if the modem or account can send now.", "name", fit},
		{"incidents_open", "Incidents whose trouble lasts.", "", one(open)},
		{"deliveries", "Deliveries in the outbox by status.", "status", queue},
		{"backhaul_up", "1 if the cellular connection is up and was seen to work.", "name", backhaul},
		{"backhaul_used_bytes", "Bytes of the current period's budget that are used, as last told.", "name", spent},
		{"clock_trusted", "1 if the wall clock may be believed.", "", one(truth(now.Trusted))},
		{"last_send_age_seconds", "Age of the last delivery that was taken.", "name", age},
		{"build_info", "The version of the appliance.", "version", map[string]float64{version: 1}},
	}
}

// write gives them in the text format of Prometheus, version 0.0.4.
func (c *collector) write(w io.Writer) {
	for _, g := range c.gauges() {
		if len(g.Values) == 0 {
			continue
		}
		name := "heliograph_" + g.Name
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n", name, g.Help, name)
		for _, value := range slices.Sorted(maps.Keys(g.Values)) {
			series := name
			if g.Label != "" {
				series = fmt.Sprintf("%s{%s=%s}", name, g.Label, strconv.Quote(value))
			}
			fmt.Fprintf(w, "%s %s\n", series, strconv.FormatFloat(g.Values[value], 'g', -1, 64))
		}
	}
	metrics.WriteProcessMetrics(w)
}

func (c *collector) queue() map[outbox.Status]int {
	counts := map[outbox.Status]int{}
	for _, s := range outbox.Statuses {
		counts[s] = 0
	}
	// A store that fails shows in health; a scrape has nobody to tell.
	_ = c.store.View(func(tx *bbolt.Tx) error {
		for _, n := range outbox.Counts(tx) {
			counts[n.Status] += n.N
		}
		return nil
	})
	return counts
}

var conditionValue = map[event.Condition]float64{event.IsUp: 1, event.IsDegraded: 0, event.IsDown: 0, event.IsUnknown: -1}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func metricsOf(e *engine.Engine, s *storage.Store) http.Handler {
	c := &collector{e, s}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		c.write(w)
	})
}

// serveMetrics serves metrics and health on the configured address. At boot
// the address may not be on the box yet, so it is tried until it is.
func (a *appliance) serveMetrics(ctx context.Context, c config.Metrics, b *box, metrics http.Handler) {
	for ctx.Err() == nil {
		err := serveOn(ctx, c, control.Public(b, metrics, c.Token.Reveal()), func() { a.warn("metrics", "") })
		if err == nil {
			return
		}
		a.warn("metrics", "metrics are not served on "+c.Address.String()+": "+err.Error())
		select {
		case <-ctx.Done():
		case <-time.After(listenAgain):
		}
	}
}

const listenAgain = 10 * time.Second

// serveOn serves until ctx ends; off loopback the configuration has made sure
// of a certificate and a token.
func serveOn(ctx context.Context, c config.Metrics, h http.Handler, listening func()) error {
	l, err := net.Listen("tcp", c.Address.String())
	if err == nil && c.Cert != "" {
		l, err = control.Secure(l, c.Cert, c.Key)
	}
	if err != nil {
		return err
	}
	listening()
	return control.Serve(ctx, l, h)
}
