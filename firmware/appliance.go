package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/backhaul/path"
	"heliograph/drivers/modem"
	"heliograph/drivers/probe"
	"heliograph/drivers/route"
	"heliograph/firmware/blackbox"
	"heliograph/firmware/config"
	"heliograph/firmware/control"
	"heliograph/firmware/dispatch"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/firmware/schedule"
	"heliograph/firmware/watch"
	"heliograph/storage"
)

// built is the day before which no clock is believed. It is later than
// anything a modem or a board without a battery starts with.
var built = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// appliance is the wiring of one run. Its parts that a reload may change run
// under a name; reload restarts those whose configuration differs.
type appliance struct {
	path    string
	scale   float64
	log     *slog.Logger
	config  config.Config // in force; who does not run the reload asks inForce
	store   *storage.Store
	engine  *engine.Engine
	desk    *dispatch.Desk
	clock   *clockTrust
	freezer *freezer
	data    string        // its folder; the same as long as it runs
	lines   lines         // GPIO and the restart of this box
	timing  asking        // time servers, and the setting of the clock
	looking looking       // name servers and routes
	lists   *lists        // of subscribers, for the engine
	listing listing       // who reads them anew
	finding listing       // who looks what others have tagged
	reset   chan struct{} // the wall clock was set: the schedule is built anew
	routed  bool          // there are routing tables of ours; belongs to the part "routes", and after its end to live

	ways    ways       // the backhauls
	leasing sync.Mutex // of what follows; held while a lease is handed on
	wanted  string     // the backhaul that is leased

	mu       sync.Mutex
	parts    map[string]*part
	accounts map[string]byPath       // the channels' drivers
	modems   map[string]*modem.Modem // those that run
	warnings map[string]string
	leaving  event.Cause // why it stops, if not by order
}

// part is something that runs and can be restarted.
type part struct {
	settings any
	stop     context.CancelFunc
	done     chan struct{}
}

// readConfig reads a configuration and everything it points to.
func readConfig(path string, scale float64) (config.Config, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return config.Config{}, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return config.Config{}, fmt.Errorf("read the configuration: %w; name it with -c FILE", err)
	}
	c, faults := config.Parse(path, data, os.DirFS("/"), os.LookupEnv)
	if err := faults.Err(); err != nil {
		return c, err
	}
	if scale > 1 {
		c = c.Scaled(scale)
	}
	return c, nil
}

// run is `heliograph run`: it returns when ctx ends, after what was being
// said is said. A store that turns out broken is opened anew, so that the
// watch goes on; the store itself sets the file aside at the third time.
func run(ctx context.Context, path string, scale float64, reload <-chan os.Signal, log *slog.Logger) error {
	c, err := readConfig(path, scale)
	if err != nil {
		return err
	}
	for {
		c, err = runOnce(ctx, path, scale, c, reload, log)
		var broken *storage.Broken
		if !errors.As(err, &broken) || ctx.Err() != nil {
			return err
		}
		log.Error("the store failed; it is opened anew", "why", err)
	}
}

// runOnce lives with one opened store. It returns the configuration in force
// at its end: the file may have become a bad one since.
func runOnce(ctx context.Context, path string, scale float64, c config.Config, reload <-chan os.Signal, log *slog.Logger) (config.Config, error) {
	store, err := storage.Open(storage.Options{Dir: c.Data, Log: func(s string) { log.Warn(s) }})
	if err != nil {
		return c, err
	}
	a := &appliance{
		path: path, scale: scale, log: log, config: c, store: store, reset: make(chan struct{}, 1), data: c.Data, lines: thisBox, timing: overUplinks, looking: overMainTable,
		parts: map[string]*part{}, warnings: map[string]string{}, lists: &lists{dir: c.Data}, listing: newListing(), finding: newListing(),
	}
	err = a.live(ctx, reload)
	return a.config, errors.Join(err, a.lists.Close(), store.Close())
}

// build makes the engine and what only it needs.
func (a *appliance) build() error {
	rules, err := rulesOf(a.config)
	if err != nil {
		return err
	}
	a.freezer = newFreezer(blackbox.New(), a.log)
	a.engine, err = engine.New(engine.Options{
		Store: a.store, Rules: rules, Workers: workersOf(a.config), Version: version, Floor: built, Parts: modem.Parts,
		Same: func(x, y string) bool {
			n := a.engine.Rules().Number(x)
			return x == y || n != "" && n == a.engine.Rules().Number(y)
		},
		Log: func(what, text string) { a.log.Info(text, "what", what) }, Keep: a.config.Retention, Marked: a.freezer.marked, Outside: a.outside, Lists: a.lists,
	})
	if err != nil {
		return err
	}
	a.freezer.engine = a.engine
	a.desk = dispatch.New(a.engine)
	a.clock = newClockTrust(built, a.clockTold)
	return a.freezer.missing(a.store.View)
}

// live builds the parts and runs them until ctx ends or the engine fails.
func (a *appliance) live(ctx context.Context, reload <-chan os.Signal) error {
	if err := a.build(); err != nil {
		return err
	}
	listener, err := control.Listen(a.config.Control.Socket)
	if err != nil {
		return err
	}
	asked := ctx // ends when somebody wants a stop; what follows ends for a fault, too
	if err := path.Sweep(); err != nil && len(a.config.Backhaul) > 0 {
		a.log.Warn("what an earlier run left of a backhaul could not be taken away", "why", err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	var failed error
	engineCtx, stopEngine := context.WithCancel(context.WithoutCancel(ctx))
	defer stopEngine()
	all.Go(func() {
		if failed = a.engine.Run(engineCtx, a.desk); failed != nil {
			stop(failed)
		}
	})
	keeper := a.guarded(engineCtx, &all)
	freezeCtx, stopFreezer := context.WithCancel(engineCtx)
	defer stopFreezer()
	var freezing sync.WaitGroup
	freezing.Go(func() { a.freezer.run(freezeCtx) })
	b := &box{engine: a.engine, store: a.store, version: version, warnings: a.warned, log: a.log, freezer: a.freezer, updater: a.updater()}
	metrics := metricsOf(a.engine, a.store)
	all.Go(func() { a.clock.Run(ctx) })
	all.Go(func() {
		if err := control.Serve(ctx, listener, control.Handler(b, metrics)); err != nil {
			a.log.Error("the control socket failed", "why", err)
		}
	})
	a.sync(ctx, a.config, b, metrics)
	all.Go(func() { a.notifySystemd(ctx) })
	all.Go(func() { b.updater.prove(ctx) })
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-reload:
			a.reload(ctx, b, metrics)
		}
	}
	a.log.Info("stopping: what is being sent is finished first")
	a.engine.Rest(grace)
	a.stopAll()
	a.unroute()
	ordered := context.Cause(ctx) == context.Cause(asked)
	keeper.end(ordered)
	stopFreezer()
	freezing.Wait() // it needs the engine's pen
	stopEngine()
	all.Wait()
	return errors.Join(failed, keeper.release(ordered && failed == nil))
}

// grace is how long a stop waits for a text that is with a modem: most are
// taken within four seconds. What is cut short is unsure, and goes again.
const grace = 8 * time.Second

// clockTold passes the clock's trust on to the engine and the schedule.
func (a *appliance) clockTold(trusted bool, why string) {
	a.log.Info("clock", "trusted", trusted, "why", why)
	a.engine.Trust(trusted, why)
	select {
	case a.reset <- struct{}{}:
	default:
	}
}

// sync starts, restarts and stops parts until they are those of c.
func (a *appliance) sync(ctx context.Context, c config.Config, b *box, metrics http.Handler) {
	wanted := map[string]bool{}
	start := func(name string, settings any, run func(context.Context)) {
		wanted[name] = true
		a.restart(ctx, name, settings, run)
	}
	for _, m := range c.Modems {
		device := m
		device.Limits, device.Credit, device.Fallback = config.ModemLimits{}, config.Credit{}, false // not the driver's: the port need not be closed for it
		rings := len(ringers(c)) > 0
		start("modem "+m.Name, []any{device, rings, c.BlackBox, c.Board.Reboot}, func(ctx context.Context) { a.runModem(ctx, m, rings, c.BlackBox, c.Board.Reboot) })
	}
	a.syncInternet(c, start)
	plan, err := routesOf(c)
	start("routes", []any{plan, err}, func(ctx context.Context) { a.keepRoutes(ctx, plan, err) })
	start("probes", []any{c.Uplinks, c.Services}, func(ctx context.Context) { a.watchAll(ctx, c) })
	timetable := timetableOf(c)
	start("schedule", timetable, func(ctx context.Context) {
		if err := schedule.Run(ctx, a.engine, timetable, a.reset); err != nil {
			a.warn("schedule", err.Error())
		}
	})
	if c.Subscribers.From.Kind != "" {
		start("subscribers", []any{c.Subscribers, c.Country}, func(ctx context.Context) { a.keepList(ctx, c) })
	}
	if o := c.Channels.OZmap; o.URL != "" && o.Read {
		start("tags", []any{o, subjectNames(c)}, func(ctx context.Context) { a.keepTags(ctx, c) })
	}
	start("lines", c.Board, func(ctx context.Context) { a.runLines(ctx, c.Board) })
	if len(c.Clock.NTP) > 0 || c.Clock.Set {
		start("clock", []any{c.Clock, c.Uplinks}, func(ctx context.Context) { a.keepClock(ctx, c.Clock, c.Uplinks) })
	}
	needs := needsOf(c)
	start("shared fate", []any{needs, c.Prefixes, interfacesOf(c)}, func(ctx context.Context) { a.keepFate(ctx, needs, c) })
	if at := c.Control.Metrics; at.Address.IsValid() {
		start("metrics", at, func(ctx context.Context) { a.serveMetrics(ctx, at, b, metrics) })
	}
	for name, p := range a.running() {
		if !wanted[name] {
			p.end()
			a.forget(name)
			a.gone(name)
		}
	}
}

func (a *appliance) restart(ctx context.Context, name string, settings any, run func(context.Context)) {
	a.mu.Lock()
	old := a.parts[name]
	a.mu.Unlock()
	if old != nil && reflect.DeepEqual(old.settings, settings) {
		return
	}
	if old != nil {
		old.end()
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	p := &part{settings: settings, stop: stop, done: make(chan struct{})}
	a.mu.Lock()
	a.parts[name] = p
	a.mu.Unlock()
	a.warn(name, "")
	go func() {
		defer close(p.done)
		run(ctx)
	}()
}

func (p *part) end() {
	p.stop()
	<-p.done
}

func (a *appliance) running() map[string]*part {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := map[string]*part{}
	for name, p := range a.parts {
		all[name] = p
	}
	return all
}

func (a *appliance) forget(name string) {
	a.mu.Lock()
	delete(a.parts, name)
	a.mu.Unlock()
	a.warn(name, "")
}

func (a *appliance) stopAll() {
	all := a.running()
	for _, p := range all {
		p.stop()
	}
	for _, p := range all {
		<-p.done
	}
}

// warn keeps what does not work as configured for STATUS; empty takes it back.
func (a *appliance) warn(part, text string) {
	a.mu.Lock()
	was := a.warnings[part]
	if a.warnings[part] = text; text == "" {
		delete(a.warnings, part)
	}
	if text != was {
		a.engine.Put(event.Faults{List: slices.Sorted(maps.Values(a.warnings))})
	}
	a.mu.Unlock()
	if text != "" && text != was {
		a.log.Warn(text)
	}
}

func (a *appliance) warned() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(maps.Values(a.warnings))
}

// runModem runs a modem and the worker that carries its deliveries.
func (a *appliance) runModem(ctx context.Context, c config.Modem, rings bool, shown config.BlackBox, reboots bool) {
	by := a.leversOf(c, reboots)
	defer by.close()
	a.findSocket(sysfs, c)
	m, err := modemOf(c, rings, shown, by, a.engine, a.clock, a.log)
	if err != nil {
		a.warn("modem "+c.Name, err.Error())
		return
	}
	a.runs(c.Name, m)
	defer a.runs(c.Name, nil)
	defer a.freezer.recorder.Attach(c.Name, dialogue(m))()
	var both sync.WaitGroup
	both.Go(func() { a.desk.Work(ctx, c.Name, m) })
	if rings {
		both.Go(func() { a.desk.Work(ctx, ringer(c.Name), modem.Caller{Modem: m}) })
	}
	if err := m.Run(ctx); err != nil && ctx.Err() == nil {
		a.warn("modem "+c.Name, err.Error())
	}
	both.Wait()
	a.engine.Put(event.WorkerChanged{Worker: c.Name, Channel: event.SMS, State: "stopped"})
	if rings {
		a.engine.Put(event.WorkerChanged{Worker: ringer(c.Name), Channel: event.Ring, State: "stopped"})
	}
}

// keepRoutes gives each uplink with a gateway a routing table of its own.
// What the plan could not hold (fault) stays a warning whatever else comes.
// The tables outlive this part: a reload takes them over without a gap in
// which every probe would fail.
func (a *appliance) keepRoutes(ctx context.Context, plan route.Plan, fault error) {
	tell := func(err error) {
		text := ""
		if err := errors.Join(fault, err); err != nil {
			text = err.Error()
		}
		a.warn("routes", text)
	}
	tell(nil)
	if len(plan.Tables) == 0 {
		a.unroute()
		return
	}
	a.routed = true
	if err := route.Keep(ctx, plan, tell); err != nil {
		a.routed = false
		tell(err)
	}
}

// unroute takes the routing tables away.
func (a *appliance) unroute() {
	if !a.routed {
		return
	}
	if err := route.Remove(); err != nil {
		a.log.Warn("the routing tables could not be taken away", "why", err)
		return
	}
	a.routed = false
}

func (a *appliance) watchAll(ctx context.Context, c config.Config) {
	w := watch.New(tapped{a.engine, a.freezer.recorder}, subjectsOf(c))
	var both sync.WaitGroup
	if ports := interfacesOf(c); len(ports) > 0 {
		both.Go(func() { probe.Watch(ctx, ports, func(l probe.LinkEvent) { w.LinkChanged(l.Interface) }) })
	}
	w.Run(ctx)
	both.Wait()
}

// reload puts a new configuration in force, whole or not at all.
func (a *appliance) reload(ctx context.Context, b *box, metrics http.Handler) {
	c, err := readConfig(a.path, a.scale)
	if err == nil {
		err = a.take(ctx, c, b, metrics)
	}
	if err != nil {
		// systemctl reload has already said that all is well: STATUS is where this can be seen.
		first, _, _ := strings.Cut(err.Error(), "\n")
		a.warn("configuration", "the configuration file was refused at the last reload, an older one is in force: "+first)
		a.log.Error("the new configuration is refused; the last good one stays in force", "why", err)
		return
	}
	a.warn("configuration", "")
	a.log.Info("the new configuration is in force")
}

func (a *appliance) take(ctx context.Context, c config.Config, b *box, metrics http.Handler) error {
	if c.Data != a.config.Data || c.Control.Socket != a.config.Control.Socket || c.Board.Watchdog != a.config.Board.Watchdog {
		return errors.New("data, control.socket and board.watchdog cannot change while the appliance runs: restart it for them")
	}
	rules, err := rulesOf(c)
	if err != nil {
		return err
	}
	if err := a.engine.Reload(ctx, rules, workersOf(c)); err != nil {
		return err
	}
	a.mu.Lock()
	a.config = c
	a.mu.Unlock()
	a.sync(ctx, c, b, metrics)
	return nil
}
