package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"heliograph/drivers/backhaul"
	"heliograph/drivers/backhaul/path"
	"heliograph/drivers/backhaul/pppd"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// way is a backhaul at work: the keeper that dials, and the path that only
// this box's own sockets may take.
type way struct {
	name   string
	path   *path.Path
	link   backhaul.Link
	idle   time.Duration
	meter  *meter
	engine interface{ Put(event.Fact) }
	log    *slog.Logger
	mtu    int  // as configured; 0: as the link says
	laid   bool // the path lies over the link; belongs to session

	changes chan backhaul.Status // the newest of the keeper's
	doubts  chan struct{}        // a connect over it failed
	mu      sync.Mutex
	keeper  *backhaul.Keeper // of this session; nil between two
	wanted  bool
	asked   time.Time    // when it was leased
	proof   event.Linked // as last told
}

// verifyAgain is how soon a connection that carries nothing is tried again,
// and tries how often before it is dialled anew.
const (
	verifyAgain = 10 * time.Second
	tries       = 3
)

// doubtsEvery is how often a connection that was seen to work is tried again
// because a connect over it failed: each try costs bytes.
const doubtsEvery = time.Minute

// A connection that carries nothing is dialled anew after a minute, then after
// longer and longer: a portal or an empty account does not go away by dialling.
const (
	redial       = time.Minute
	redialAtMost = 30 * time.Minute
)

// periodEvery is how often a budget is asked whether its next period has
// begun: one that is used up lets no byte through that would tell.
const periodEvery = 10 * time.Minute

// runBackhaul keeps one backhaul until ctx ends.
func (a *appliance) runBackhaul(ctx context.Context, number int, b config.Backhaul) {
	w := a.wayFor(ctx, number, b)
	if w == nil {
		return
	}
	a.join(w)
	defer a.ways.set(b.Name, nil)
	for pause := redial; ctx.Err() == nil; pause = min(2*pause, redialAtMost) {
		if w.session(ctx) {
			pause = redial / 2
		}
		rest(ctx, pause)
	}
	if err := w.path.Close(); err != nil {
		w.log.Warn("the path could not be taken away", "why", err)
	}
	a.engine.Put(event.Linked{Backhaul: b.Name, State: "stopped"})
}

// wayFor makes the way, again and again until it can be made; nil when ctx ends
// before.
func (a *appliance) wayFor(ctx context.Context, number int, b config.Backhaul) *way {
	part := "backhaul " + b.Name
	for pause := redial; ctx.Err() == nil; pause = min(2*pause, redialAtMost) {
		w, err := a.wayOf(number, b)
		if err == nil {
			a.warn(part, "")
			return w
		}
		a.warn(part, part+": "+err.Error())
		a.engine.Put(event.Linked{Backhaul: b.Name, State: "not usable", Why: err.Error(), Failed: true})
		rest(ctx, pause)
	}
	return nil
}

func (a *appliance) wayOf(number int, b config.Backhaul) (*way, error) {
	w := &way{name: b.Name, engine: a.engine, log: a.log.With("backhaul", b.Name), mtu: b.MTU, changes: make(chan backhaul.Status, 1), doubts: make(chan struct{}, 1)}
	var err error
	if w.link, err = a.linkOf(b); err != nil {
		return nil, err
	}
	if w.idle = b.Idle; w.idle == 0 {
		w.idle = -1
	}
	if w.meter, err = newMeter(b, a.engine, a.now, func() string { return a.card(b.Modem) }); err != nil {
		return nil, err
	}
	var pages []string
	if b.Check != "" {
		pages = []string{b.Check}
	}
	w.path, err = path.New(path.Options{
		Name: b.Name, Number: number, Interface: b.Interface, DHCP: b.Via == "netdev", Pages: pages, TLS: secured(b.Name),
		Memory: driverMemory{"backhaul " + b.Name, a.engine}, Used: w.meter.used,
		Tell: func(err error) {
			text := ""
			if err != nil {
				text = "backhaul " + b.Name + ": " + err.Error()
			}
			a.warn("path "+b.Name, text)
		},
	})
	return w, err
}

// linkOf makes the way to connect.
func (a *appliance) linkOf(b config.Backhaul) (backhaul.Link, error) {
	switch b.Via {
	case "ppp":
		return backhaul.NewPPP(backhaul.PPPOptions{Socket: pppd.SocketPath(b.Name), Commander: wire{a, b.Modem}})
	case "netdev":
		return backhaul.NewNetdev(backhaul.NetdevOptions{
			Interface: b.Interface, Commander: wire{a, b.Modem}, APN: b.APN, User: b.User, Password: b.Password.Reveal(),
		})
	}
	var gateways []netip.Addr
	if b.Gateway.IsValid() {
		gateways = []netip.Addr{b.Gateway}
	}
	return backhaul.NewInterface(backhaul.InterfaceOptions{Interface: b.Interface, Gateways: gateways})
}

// want leases the backhaul, or gives it back. Connections that are left on it
// are closed then: the metered path is not for what can go another way.
func (w *way) want(is bool) {
	w.mu.Lock()
	w.wanted = is
	if is && w.asked.IsZero() {
		w.asked = time.Now()
	}
	if !is {
		w.asked = time.Time{}
	}
	if w.keeper != nil {
		w.keeper.Want(is)
	}
	w.mu.Unlock()
	if !is {
		w.path.CloseAll()
	}
}

// since is how long ago it was leased.
func (w *way) since() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked.IsZero() {
		return 0
	}
	return time.Since(w.asked)
}

// shown is how long the connection took, and how fast it answers.
func (w *way) shown() (took, rtt time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.proof.Took, w.proof.RTT
}

// carried is how many bytes the guard let pass, both ways.
func (w *way) carried() int64 {
	c, err := w.path.Counters()
	if err != nil {
		return 0
	}
	return int64(c.Out.Bytes + c.In.Bytes)
}

// changed keeps the keeper's newest word for session.
func (w *way) changed(s backhaul.Status) {
	for {
		select {
		case w.changes <- s:
			return
		default:
		}
		select {
		case <-w.changes:
		default:
		}
	}
}

// session runs the keeper until ctx ends or a connection that carries nothing
// has to be dialled anew. It says whether one carried something.
func (w *way) session(ctx context.Context) (carried bool) {
	ctx, stop := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	defer keeping.Wait()
	defer stop()
	defer w.down()
	keeper, err := w.keep()
	if err != nil {
		w.engine.Put(event.Linked{Backhaul: w.name, State: "not usable", Why: err.Error(), Failed: true})
		<-ctx.Done()
		return false
	}
	keeping.Go(func() {
		if err := keeper.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			w.log.Warn("the link could not be put down in order", "why", err)
		}
	})
	bad, seen := 0, time.Time{}
	var link *path.Link // that is connected; nil: none is
	var again <-chan time.Time
	period := time.NewTicker(periodEvery)
	defer period.Stop()
	for {
		select {
		case <-ctx.Done():
			return carried
		case <-period.C:
			w.meter.used(0, 0)
		case s := <-w.changes:
			again, bad, link = nil, 0, nil
			w.down()
			if s.State != backhaul.Up {
				w.broken()
				w.engine.Put(event.Linked{Backhaul: w.name, State: string(s.State), Why: s.Cause, Advice: s.Advice, Failed: s.Tries > 0 || s.Kind != ""})
				continue
			}
			l := linkOf(s.Connection, w.mtu)
			link, again = &l, time.After(0)
		case <-w.doubts:
			if link != nil && again == nil && time.Since(seen) > doubtsEvery {
				again = time.After(0)
			}
		case <-again:
			again = nil
			if w.carries(ctx, *link) {
				carried, bad, seen = true, 0, time.Now()
				continue
			}
			if bad++; bad == tries {
				return carried // the keeper hangs up
			}
			again = time.After(verifyAgain)
		}
	}
}

// carries lays the path over a link that is up, if it does not lie yet, and
// proves it.
func (w *way) carries(ctx context.Context, l path.Link) bool {
	if !w.laid {
		if err := w.path.Up(l); err != nil {
			w.engine.Put(event.Linked{Backhaul: w.name, State: "not usable", Why: err.Error(), Failed: true})
			return false
		}
		w.laid = true
	}
	return w.verify(ctx)
}

// doubt has the path proved again, because a connect over it failed.
func (w *way) doubt() {
	select {
	case w.doubts <- struct{}{}:
	default:
	}
}

// broken begins to count anew how long the connection takes.
func (w *way) broken() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.proof.Up && !w.asked.IsZero() {
		w.asked = time.Now()
	}
	w.proof.Up = false
}

// keep makes the keeper of a session: one that ended in the middle of a call
// knows nothing that the next could use.
func (w *way) keep() (*backhaul.Keeper, error) {
	k, err := backhaul.New(backhaul.Options{Link: w.link, Idle: w.idle, Changed: w.changed})
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.changes: // of the session before
	default:
	}
	w.keeper = k
	k.Want(w.wanted)
	return k, nil
}

// verify proves that the path leads to the Internet, and tells.
func (w *way) verify(ctx context.Context) bool {
	p := w.path.Verify(ctx)
	for _, n := range w.path.Notes() {
		w.log.Info(n)
	}
	l := event.Linked{Backhaul: w.name, Up: p.Usable(), State: string(p.State), Why: p.Words, Advice: p.Advice, RTT: p.RTT, Took: w.since(), Failed: !p.Usable()}
	if l.Up {
		l.State = string(backhaul.Up)
	}
	w.mu.Lock()
	if l.Up && w.proof.Up {
		l.Took = w.proof.Took // it was only in doubt
	}
	w.proof = l
	w.mu.Unlock()
	w.engine.Put(l)
	return l.Up
}

func (w *way) down() {
	w.laid = false
	if err := w.path.Down(); err != nil {
		w.log.Warn("the path could not be taken down", "why", err)
	}
}

func linkOf(c backhaul.Connection, mtu int) path.Link {
	l := path.Link{Interface: c.Interface, Addresses: c.Addresses, Gateways: c.Gateways, DNS: c.DNS, MTU: c.MTU}
	if mtu != 0 {
		l.MTU = mtu
	}
	return l
}

// outside carries out what the engine wants of the world besides words.
func (a *appliance) outside(e event.Effect) {
	switch e := e.(type) {
	case event.Lease:
		a.lease(e)
	case event.Prove:
		go a.prove(e.Backhaul)
	case event.Inspect:
		a.inspect(e)
	case event.Reboot:
		go a.rebootByOrder(e.By)
	case event.Sync:
		a.listing.wake()
	case event.Find:
		a.finding.wake()
	}
}

// checkWithin is how long a channel's proof may take.
const checkWithin = time.Minute

// prove has every channel prove itself over a backhaul, one after the other,
// so that the times are those of one user.
func (a *appliance) prove(name string) {
	p := event.Proved{Backhaul: name}
	w := a.ways.get(name)
	if w == nil {
		p.Why = "it does not run"
		a.engine.Put(p)
		return
	}
	p.Took, p.RTT = w.shown()
	before := w.carried()
	a.mu.Lock()
	accounts := maps.Clone(a.accounts)
	a.mu.Unlock()
	for _, channel := range slices.Sorted(maps.Keys(accounts)) {
		x, ok := accounts[channel].on[name]
		if !ok {
			continue // it is being restarted, because the backhauls have changed
		}
		began := time.Now()
		c := event.Checked{Name: channel}
		if err := checked(x); err != nil {
			c.Why = err.Error()
		} else {
			accounts[channel].told(nil)
		}
		c.Took = time.Since(began)
		p.Channels = append(p.Channels, c)
	}
	p.Bytes = max(w.carried()-before, 0) // a guard that was laid anew counts anew
	a.engine.Put(p)
}

// checked is an account's proof. A driver's fault must not take the box down.
func checked(x account) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("driver fault: %v", p)
		}
	}()
	return x.Check(ctx)
}

// lease hands the engine's wish on to the backhauls.
func (a *appliance) lease(l event.Lease) {
	a.leasing.Lock()
	defer a.leasing.Unlock()
	a.wanted = l.Backhaul
	if l.Backhaul != "" {
		a.log.Info("a backhaul is wanted", "name", l.Backhaul, "why", l.Why)
	}
	for _, w := range a.ways.all() {
		w.want(w.name == l.Backhaul)
	}
}

// join brings a backhaul that begins to run among those that can be leased; it
// may be the one that is.
func (a *appliance) join(w *way) {
	a.leasing.Lock()
	defer a.leasing.Unlock()
	a.ways.set(w.name, w)
	w.want(a.wanted == w.name)
}

func (a *appliance) now() (time.Time, bool) {
	s := a.engine.Now()
	return s.Wall, s.Trusted
}
