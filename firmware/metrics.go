package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
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

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("heliograph_"+name, help, labels, nil)
}

var (
	descUp        = desc("uplink_up", "1 if the uplink or service is up, 0 if it is degraded or down, -1 if it is not known.", "name")
	descLoss      = desc("uplink_loss_ratio", "Windowed loss of the probes, 0 to 1.", "name")
	descLatency   = desc("uplink_latency_seconds", "Windowed median latency of the probes.", "name")
	descFit       = desc("worker_fit", "1 if the modem can send now.", "name")
	descIncidents = desc("incidents_open", "Incidents whose trouble lasts.")
	descQueue     = desc("deliveries", "Deliveries in the outbox by status.", "status")
	descTrusted   = desc("clock_trusted", "1 if the wall clock may be believed.")
	descLastSend  = desc("last_send_age_seconds", "Age of the last text that the network took.", "name")
	descBuild     = desc("build_info", "The version of the appliance.", "version")
)

func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descUp, descLoss, descLatency, descFit, descIncidents, descQueue, descTrusted, descLastSend, descBuild} {
		ch <- d
	}
}

func (c *collector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	s, r, now := c.engine.State(), c.engine.Rules(), c.engine.Now()
	for _, rule := range r.Subjects {
		v := s.Subjects[rule.Name].Current(rule)
		gauge(descUp, conditionValue[v.Condition], rule.Name)
		gauge(descLoss, v.Evidence.Loss, rule.Name)
		gauge(descLatency, v.Evidence.Latency.Seconds(), rule.Name)
	}
	for name, w := range s.Workers {
		gauge(descFit, truth(w.Fit), name)
	}
	for name, at := range s.LastSend {
		gauge(descLastSend, now.Box.Sub(at).Seconds(), name)
	}
	open := 0
	for _, i := range s.Incidents {
		if i.Live() {
			open++
		}
	}
	gauge(descIncidents, float64(open))
	gauge(descTrusted, truth(now.Trusted))
	gauge(descBuild, 1, version)
	for status, n := range c.queue() {
		gauge(descQueue, float64(n), string(status))
	}
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
	r := prometheus.NewRegistry()
	r.MustRegister(&collector{e, s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
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
