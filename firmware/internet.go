package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
	"heliograph/drivers/mail"
	"heliograph/drivers/push"
	"heliograph/drivers/site"
	"heliograph/drivers/slack"
	"heliograph/drivers/statuspage"
	"heliograph/drivers/webhook"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// dialer connects over one path; it resolves names by itself.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// account is a channel's driver over one path.
type account interface {
	delivery.Sender
	Check(context.Context) error
	Close() error
}

// ways are the paths that there are, by name.
type ways struct {
	mu    sync.Mutex
	paths map[string]*way
}

func (w *ways) get(name string) *way {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.paths[name]
}

func (w *ways) set(name string, x *way) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.paths == nil {
		w.paths = map[string]*way{}
	}
	if x == nil {
		delete(w.paths, name)
		return
	}
	w.paths[name] = x
}

func (w *ways) all() []*way {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []*way
	for _, x := range w.paths {
		list = append(list, x)
	}
	return list
}

// connectWithin is how long a connect over the main table may take: a silent
// path must not hold up what the backhaul could carry.
const connectWithin = 10 * time.Second

// dial gives the dialer of a path.
func (w *ways) dial(path string) dialer {
	if path == event.Primary {
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			// A resolver of its own: net's shared one would have this dial wait for
			// the answer to a question that was asked while the line was dark.
			d := net.Dialer{Timeout: connectWithin, Resolver: new(net.Resolver)}
			return d.DialContext(ctx, network, address)
		}
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		x := w.get(path)
		if x == nil {
			return nil, fmt.Errorf("there is no backhaul %s", path)
		}
		c, err := x.path.Dial(ctx, network, address)
		if err != nil && ctx.Err() == nil {
			x.doubt()
		}
		return c, err
	}
}

// secured is the TLS of a path's connections; every backhaul is metered.
func secured(path string) *tls.Config {
	if path == event.Primary {
		return nil
	}
	return https.Frugal()
}

// byPath carries each delivery over the path that its claim names.
type byPath struct {
	channel string
	on      map[string]account
	told    func(error) // the account's own trouble; nil takes it back
}

func (s byPath) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	x, ok := s.on[j.Path]
	if !ok {
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Retry, Worker: true, Code: fmt.Sprintf("there is no path %q", j.Path)}
	}
	r, err := x.Send(ctx, j)
	var e *delivery.Error
	if err == nil || errors.As(err, &e) && !e.Worker {
		s.told(nil)
	} else if e != nil && e.Advice != "" {
		s.told(e)
	}
	return r, err
}

func (s byPath) close() {
	for _, x := range s.on {
		x.Close()
	}
}

// pathsOf names all paths of a configuration.
func pathsOf(c config.Config) []string {
	names := []string{event.Primary}
	for _, b := range c.Backhaul {
		names = append(names, b.Name)
	}
	return names
}

// runChannel runs the worker of a channel.
func (a *appliance) runChannel(ctx context.Context, channel string, c config.Config) {
	part := "channel " + channel
	s, err := a.channelOf(channel, c)
	if err != nil {
		a.warn(part, channel+": "+err.Error())
		a.engine.Put(event.WorkerChanged{Worker: channel, Channel: channel, State: "not usable", Why: err.Error()})
		return
	}
	defer s.close()
	a.keep(channel, s)
	defer a.keep(channel, byPath{})
	s.told(nil) // what ailed the account before is mended, or will show again
	a.engine.Put(event.WorkerChanged{Worker: channel, Channel: channel, Fit: true, State: "ready"})
	a.desk.Work(ctx, channel, s)
	a.engine.Put(event.WorkerChanged{Worker: channel, Channel: channel, State: "stopped"})
}

// channelOf makes a channel's driver for every path.
func (a *appliance) channelOf(channel string, c config.Config) (byPath, error) {
	s := byPath{channel: channel, on: map[string]account{}, told: func(err error) {
		text := ""
		if err != nil {
			text = channel + ": " + err.Error()
		}
		a.warn("account "+channel, text)
	}}
	if channel == event.OZmap {
		return a.taggingOf(c, s)
	}
	for _, path := range pathsOf(c) {
		x, err := accountOf(channel, c, a.ways.dial(path), secured(path), driverMemory{"channel " + channel, a.engine})
		if err != nil {
			s.close()
			return s, err
		}
		s.on[path] = x
	}
	return s, nil
}

// accountOf makes the driver of a channel over one path, and that of its test
// target if it has one.
func accountOf(channel string, c config.Config, dial dialer, conf *tls.Config, memory driverMemory) (account, error) {
	var own account
	if slices.Contains(earnest(c), channel) {
		x, err := ownAccount(channel, c, dial, conf, memory)
		if err != nil {
			return nil, err
		}
		own = x
	}
	return withTest(channel, c, dial, conf, memory, own), nil
}

// ownAccount makes the driver for what is real.
func ownAccount(channel string, c config.Config, dial dialer, conf *tls.Config, memory driverMemory) (account, error) {
	ch := c.Channels
	switch channel {
	case event.Mail:
		m := ch.Mail
		return mail.New(mail.Options{
			Server: m.SMTP.Server, User: m.SMTP.User, Auth: m.SMTP.Auth, Secret: m.SMTP.Secret.Reveal(), From: m.From, Private: mailsOf(c.People), Dial: dial, TLS: conf,
		})
	case event.Statuspage:
		return statuspage.New(statuspage.Options{Page: ch.Statuspage.Page, Token: ch.Statuspage.Token.Reveal(), Components: ch.Statuspage.Components, Dial: dial, TLS: conf, Memory: memory})
	case event.Slack:
		return slack.New(slack.Options{Channel: ch.Slack.Channel, Token: ch.Slack.Token.Reveal(), Webhook: ch.Slack.Webhook.Reveal(), Dial: dial, TLS: conf, Memory: memory})
	case event.Push:
		return byTarget(ch.Push, func(p config.Push) (string, account, error) {
			x, err := push.New(push.Options{URL: p.URL.Reveal(), Dial: dial, TLS: conf})
			return p.Name, x, err
		})
	case event.Site:
		x, err := site.New(siteOf(c, dial, conf, memory))
		return unkept{x}, err
	case event.Webhook:
		return byTarget(ch.Webhook, func(w config.Webhook) (string, account, error) {
			x, err := webhook.New(webhook.Options{URL: w.URL, Secret: w.Secret.Reveal(), Token: w.Token.Reveal(), Dial: dial, TLS: conf})
			return w.Name, x, err
		})
	}
	return nil, errors.New("this build has no driver for it")
}

func mailsOf(people []config.Person) []string {
	var all []string
	for _, p := range people {
		if p.Mail != "" {
			all = append(all, p.Mail)
		}
	}
	return all
}

func siteOf(c config.Config, dial dialer, conf *tls.Config, memory driverMemory) site.Options {
	s := c.Channels.Site
	o := site.Options{
		Title: s.Title, URL: s.URL, Language: c.Language, Zone: c.Timezone, Days: s.Days, Dial: dial, TLS: conf, Memory: memory,
		Put:  site.Put{URL: s.Put.URL, User: s.Put.User, Secret: s.Put.Secret.Reveal()},
		SFTP: site.SFTP{Server: s.SFTP.Server, User: s.SFTP.User, Key: s.SFTP.Key.Reveal(), HostKey: s.SFTP.HostKey, Folder: s.SFTP.Folder},
	}
	for _, u := range c.Uplinks {
		for _, part := range u.Serves {
			if !slices.Contains(o.Parts, part) {
				o.Parts = append(o.Parts, part)
			}
		}
	}
	return o
}

// unkept is a driver that keeps no connection.
type unkept struct{ *site.Site }

func (unkept) Close() error { return nil }

// targets are the accounts of one channel, by the address that deliveries
// have.
type targets map[string]account

// byTarget makes the accounts of a channel that has several.
func byTarget[T any](list []T, open func(T) (string, account, error)) (account, error) {
	all := targets{}
	for _, one := range list {
		name, x, err := open(one)
		if err != nil {
			all.Close()
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[name] = x
	}
	return all, nil
}

func (t targets) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	x, ok := t[j.To]
	if !ok {
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Never, Code: j.To + " is not in the configuration any more"}
	}
	return x.Send(ctx, j)
}

// Check checks them all.
func (t targets) Check(ctx context.Context) error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if err := t[name].Check(ctx); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(faults...)
}

func (t targets) Close() error {
	var faults []error
	for _, x := range t {
		faults = append(faults, x.Close())
	}
	return errors.Join(faults...)
}

// keep remembers the channel's driver for its self-test.
func (a *appliance) keep(channel string, s byPath) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.accounts == nil {
		a.accounts = map[string]byPath{}
	}
	if s.on == nil {
		delete(a.accounts, channel)
		return
	}
	a.accounts[channel] = s
}

// settingsOf are what a channel's worker depends on.
func settingsOf(channel string, c config.Config) any {
	ch := c.Channels
	of := map[string]any{
		event.Mail: []any{ch.Mail, mailsOf(c.People)}, event.Statuspage: []any{ch.Statuspage, c.Drill.Statuspage}, event.Slack: []any{ch.Slack, c.Drill.Slack},
		event.OZmap: []any{ch.OZmap, subjectNames(c)}, event.Push: ch.Push, event.Webhook: ch.Webhook, event.Site: []any{ch.Site, c.Uplinks, c.Language, c.Timezone},
	}
	return []any{of[channel], pathsOf(c)}
}

// syncInternet starts and restarts what goes over the Internet.
func (a *appliance) syncInternet(c config.Config, start func(string, any, func(context.Context))) {
	a.endBackhauls(c)
	for i, b := range c.Backhaul {
		start(partOf(b), []any{i, b}, func(ctx context.Context) { a.runBackhaul(ctx, i, b) })
	}
	if c.Heartbeat.URL != "" {
		start("heartbeat", []any{c.Site, c.Heartbeat}, func(ctx context.Context) { a.beat(ctx, c.Site, c.Heartbeat) })
	}
	if c.Proxy.Address.IsValid() {
		start("proxy", c.Proxy, func(ctx context.Context) { a.runProxy(ctx, c.Proxy) })
	}
	if in := c.Intake; in.Address.IsValid() {
		start("intake", []any{in, c.Backhaul}, func(ctx context.Context) { a.runIntake(ctx, in, c.Backhaul) })
	}
	for _, channel := range online(c) {
		start("channel "+channel, settingsOf(channel, c), func(ctx context.Context) { a.runChannel(ctx, channel, c) })
	}
}

func partOf(b config.Backhaul) string { return "backhaul " + b.Name }

// endBackhauls ends those that are gone or changed before another begins: their
// places in the list are their routing tables, and who leaves one sweeps it.
func (a *appliance) endBackhauls(c config.Config) {
	stays := map[string]any{}
	for i, b := range c.Backhaul {
		stays[partOf(b)] = []any{i, b}
	}
	for name, p := range a.running() {
		if strings.HasPrefix(name, "backhaul ") && !reflect.DeepEqual(stays[name], p.settings) {
			p.end()
			a.forget(name)
			a.gone(name)
		}
	}
}

// gone takes a part's worker out of the state after a reload.
func (a *appliance) gone(part string) {
	for prefix, channel := range map[string]string{"modem ": event.SMS, "channel ": ""} {
		if worker, ok := strings.CutPrefix(part, prefix); ok {
			if channel == "" {
				channel = worker
			}
			a.engine.Put(event.WorkerChanged{Worker: worker, Channel: channel, Gone: true})
			if channel == event.SMS {
				a.engine.Put(event.WorkerChanged{Worker: ringer(worker), Channel: event.Ring, Gone: true})
			}
		}
	}
	if name, ok := strings.CutPrefix(part, "channel "); ok {
		a.warn("account "+name, "")
	}
	if name, ok := strings.CutPrefix(part, "backhaul "); ok {
		a.warn("path "+name, "")
	}
}
