package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"heliograph/drivers/heartbeat"
	"heliograph/drivers/https"
	"heliograph/drivers/proxy"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// beat tells a dead man's switch, over whichever path is up, that the box
// lives, and which path that was.
func (a *appliance) beat(ctx context.Context, site string, c config.Heartbeat) {
	s, err := heartbeat.New(heartbeat.Options{URL: c.URL, Site: site})
	metered := s
	if err == nil {
		metered, err = heartbeat.New(heartbeat.Options{URL: c.URL, Site: site, TLS: https.Frugal()})
	}
	if err != nil {
		a.warn("heartbeat", "heartbeat: "+err.Error())
		return
	}
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for {
		a.beatOnce(ctx, s, metered)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (a *appliance) beatOnce(ctx context.Context, s, metered *heartbeat.Switch) {
	path := a.engine.Rules().Path(a.engine.State(), event.Operators)
	if path == "" {
		return // in an outage nothing is dialled for this: the missing beat says what it should
	}
	if path != event.Primary {
		s = metered
	}
	err := s.Beat(ctx, path, heartbeat.Dial(a.ways.dial(path)), heartbeat.Alive)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		a.warn("heartbeat", "heartbeat over "+path+": "+err.Error())
	default:
		a.warn("heartbeat", "")
	}
}

// gate opens the duty desk's proxy while an incident lasts or a person has
// ordered it, and leases the path for whoever uses it.
type gate struct {
	appliance *appliance
	proxy     *proxy.Proxy

	mu     sync.Mutex
	users  int       // connections through it
	rested time.Time // since when there is none
	needs  bool      // as the engine was told
}

const (
	gateEvery = time.Second
	gateKeeps = time.Minute      // a browser that reads a page comes back for the next
	gateWaits = 45 * time.Second // how long a browser waits for the backhaul
	gateLooks = 250 * time.Millisecond
)

func (a *appliance) runProxy(ctx context.Context, c config.Proxy) {
	g := &gate{appliance: a}
	pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err == nil {
		g.proxy, err = proxy.New(proxy.Options{
			Address: c.Address, Certificate: pair, Users: c.Users.Reveal(), Hosts: c.Hosts, Limit: c.Limit, Wait: gateWaits + connectWithin,
			Lookup: g.lookup, Dial: g.dial, Log: func(line string) { a.log.Info(line, "what", "proxy") },
		})
	}
	if err != nil {
		a.warn("proxy", "proxy: "+err.Error())
		return
	}
	tick := time.NewTicker(gateEvery)
	defer tick.Stop()
	for {
		g.turn()
		select {
		case <-ctx.Done():
			g.shut()
			return
		case <-tick.C:
		}
	}
}

// turn opens or shuts it as the state says.
func (g *gate) turn() {
	reason := g.appliance.engine.State().ProxyFor()
	if reason == "" {
		g.shut()
		return
	}
	text := ""
	if err := g.proxy.Open(reason); err != nil {
		text = "proxy: " + err.Error()
	}
	g.appliance.warn("proxy", text)
	g.mu.Lock()
	idle := g.users == 0 && time.Since(g.rested) > gateKeeps
	g.mu.Unlock()
	if idle {
		g.need(false)
	}
}

func (g *gate) shut() {
	if err := g.proxy.Close(); err != nil {
		g.appliance.log.Warn("the proxy could not be closed", "why", err)
	}
	g.need(false)
}

// need tells the engine whether somebody is at the gate.
func (g *gate) need(is bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.needs != is {
		g.needs = is
		g.appliance.engine.Put(event.Needs{Who: "the proxy", Is: is})
	}
}

// way waits for a path to the Internet, which may have to be dialled first.
func (g *gate) way(ctx context.Context) (string, error) {
	g.mu.Lock()
	g.rested = time.Now()
	g.mu.Unlock()
	g.need(true)
	ctx, cancel := context.WithTimeout(ctx, gateWaits)
	defer cancel()
	tick := time.NewTicker(gateLooks)
	defer tick.Stop()
	for {
		if path := g.appliance.engine.Rules().Path(g.appliance.engine.State(), event.Operators); path != "" {
			return path, nil
		}
		select {
		case <-ctx.Done():
			return "", errors.New("no uplink works and the backhaul is not up yet: try again in a minute")
		case <-tick.C:
		}
	}
}

func (g *gate) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	path, err := g.way(ctx)
	if err != nil {
		return nil, err
	}
	if path == event.Primary {
		return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	}
	w := g.appliance.ways.get(path)
	if w == nil {
		return nil, fmt.Errorf("there is no backhaul %s", path)
	}
	return w.path.Lookup(ctx, host)
}

func (g *gate) dial(ctx context.Context, network, address string) (net.Conn, error) {
	path, err := g.way(ctx)
	if err != nil {
		return nil, err
	}
	c, err := g.appliance.ways.dial(path)(ctx, network, address)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	g.users++
	g.mu.Unlock()
	return &passage{Conn: c, gate: g}, nil
}

// passage is a connection through the gate.
type passage struct {
	net.Conn
	gate *gate
	once sync.Once
}

// CloseWrite passes on that the browser has said all: the other side ends the
// connection then, and with the last of them the backhaul is given back.
func (p *passage) CloseWrite() error {
	if c, ok := p.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (p *passage) Close() error {
	p.once.Do(func() {
		p.gate.mu.Lock()
		defer p.gate.mu.Unlock()
		p.gate.users--
		p.gate.rested = time.Now()
	})
	return p.Conn.Close()
}
