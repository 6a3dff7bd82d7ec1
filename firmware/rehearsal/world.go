// Package rehearsal is a night on this machine: the appliance as a real process
// with nothing faked on its side, and around it a small ISP, a modem with a
// mobile network, and phones. The screen plays on it, the standard night and
// the stories run on it unattended.
package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/modem/emulator"
	"heliograph/firmware/config"
	"heliograph/firmware/control"
	"heliograph/firmware/rehearsal/isp"
	"heliograph/firmware/rehearsal/outside"
	"heliograph/firmware/rehearsal/screen"
	"heliograph/storage"
)

// Options of a world.
type Options struct {
	Binary string        // the appliance
	Config string        // as a user would write it; where ports and files are is filled in, and DIR is the folder
	Scale  float64       // configured durations are divided by it
	Keep   string        // the folder to live in and leave; empty: one that is removed at the end
	Submit time.Duration // how long the network takes to accept a text
	PIN    string        // of all SIMs; empty: none

	// Reconnect gives the accounts in the configuration the places that the
	// rehearsal has for them.
	Reconnect bool

	// Named are phones that are shown, in this order: name and number.
	Named [][2]string

	// Supervise starts an appliance that died by itself again. Without it its
	// death ends whatever waits for it.
	Supervise bool

	// Hear is told all that happens, line by line, and Show is shown how all is,
	// several times a second. Each may be nil.
	Hear func(screen.Line)
	Show func(screen.View)
}

// World is one rehearsal.
type World struct {
	o       Options
	dir     string
	began   time.Time
	config  config.Config // as the user wrote it
	network *isp.Network
	out     *outside.Internet // nil: the configuration has nobody there, or there are no places
	mobile  *emulator.Network
	modems  []*emulator.Modem
	client  *control.Client
	over    context.Context // ends with the rehearsal
	stop    context.CancelFunc
	work    sync.WaitGroup
	ears    sync.WaitGroup // those who note what arrives on phones

	mu     sync.Mutex
	scale  float64
	child  *child // nil while no appliance runs
	power  bool   // a supervisor would start it again
	starts int
	seen   seen
	broken map[screen.Act]bool // what stays broken until the act is done again
	log    []screen.Line
	mine   map[string][]screen.Text // what people wrote, by number
	names  map[string]string        // numbers of those who are not in the configuration
}

// New builds a world; the appliance is started by Start.
func New(o Options) (*World, error) {
	w := &World{
		o: o, scale: o.Scale, began: time.Now(), mobile: emulator.NewNetwork(),
		broken: map[screen.Act]bool{}, mine: map[string][]screen.Text{}, names: map[string]string{},
	}
	w.over, w.stop = context.WithCancel(context.Background())
	if err := w.build(); err != nil {
		w.Close()
		return nil, err
	}
	w.work.Go(func() { w.watch(w.over) })
	if o.Show != nil {
		w.work.Go(func() {
			for pause(w.over, lookEvery) {
				o.Show(w.Look())
			}
		})
	}
	if o.Supervise {
		w.work.Go(func() { w.supervise(w.over) })
	}
	return w, nil
}

func (w *World) build() error {
	var err error
	if w.dir = w.o.Keep; w.dir == "" {
		if w.dir, err = os.MkdirTemp("", "heliograph-rehearsal-"); err != nil {
			return err
		}
	} else if w.dir, err = filepath.Abs(w.dir); err != nil {
		return err
	}
	for _, d := range []string{w.dir, w.Data()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return err
		}
	}
	text := strings.ReplaceAll(w.o.Config, "DIR", w.dir)
	if err := w.confide(); err != nil {
		return err
	}
	if w.config, err = w.parse(text); err != nil {
		return err
	}
	if err := w.open(); err != nil {
		return err
	}
	if err := w.lay(); err != nil {
		return err
	}
	if err := w.plugModems(); err != nil {
		return err
	}
	for _, p := range w.o.Named {
		w.follow(p[0], p[1])
	}
	w.client = control.Dial(w.socket())
	return w.outfit(text)
}

// lay builds the network: of namespaces where this process has its own.
func (w *World) lay() error {
	lay := isp.LayLoopback
	if isp.Inside() {
		lay = isp.Lay
	}
	var err error
	plan := planOf(w.config, isp.Inside())
	if w.out != nil {
		w.reach(&plan)
	}
	if w.network, err = lay(plan); err != nil {
		return err
	}
	if w.out != nil {
		if err := w.network.Cover("/etc/resolv.conf", filepath.Join(w.dir, "resolv.conf")); err != nil {
			return err
		}
	}
	if w.network.Places() {
		// A disk of its own, so that one can fill it.
		return w.network.Mount(w.Data(), diskSize)
	}
	return nil
}

// diskSize is that of the disk of a rehearsal: a store, its ballast and room.
const diskSize = 64 << 20

func (w *World) plugModems() error {
	w.mobile.USSD(creditCode, "Your credit is {credit} EUR until 01.02.2030.")
	w.mobile.Credit(1240, 2)
	w.mobile.SubmitDelay(w.o.Submit)
	for i, c := range w.config.Modems {
		number := c.Number
		if number == "" {
			number = fmt.Sprintf("+4860010%04d", 9000+i)
		}
		trace := func(line string) { w.overhear(i, line) }
		m, err := emulator.New(emulator.Options{Network: w.mobile, Number: number, PIN: w.o.PIN, Trace: trace, Persona: w.makeOf(c.Name)})
		if err != nil {
			return err
		}
		w.modems = append(w.modems, m)
		if _, err := m.ServePTYAt(w.port(c.Name)); err != nil {
			return err
		}
	}
	return nil
}

// makeOf is what a modem is. One that is a network card as well is a SIM7600,
// which has to be told to connect: the dial is seen on its wire.
func (w *World) makeOf(modem string) emulator.Persona {
	if slices.ContainsFunc(w.config.Backhaul, func(b config.Backhaul) bool { return b.Via == "netdev" && b.Modem == modem }) {
		return emulator.SIM7600()
	}
	return emulator.Quectel()
}

func (w *World) port(modem string) string { return filepath.Join(w.dir, modem) }
func (w *World) socket() string           { return filepath.Join(w.dir, "control.sock") }
func (w *World) file() string             { return filepath.Join(w.dir, "heliograph.yaml") }
func (w *World) journal() string          { return filepath.Join(w.dir, "appliance.log") }

// Dir is the folder of the rehearsal.
func (w *World) Dir() string { return w.dir }

// Mobile is the mobile network with its phones.
func (w *World) Mobile() *emulator.Network { return w.mobile }

// Client speaks to the appliance.
func (w *World) Client() *control.Client { return w.client }

// Journal is what the appliance has logged.
func (w *World) Journal() ([]byte, error) { return os.ReadFile(w.journal()) }

// Data is the appliance's folder.
func (w *World) Data() string { return filepath.Join(w.dir, "data") }

func (w *World) parse(text string) (config.Config, error) {
	c, faults := config.Parse(w.file(), []byte(text), os.DirFS("/"), nil)
	return c, faults.Err()
}

// follow notes what arrives on a phone.
func (w *World) follow(name, number string) {
	p := w.mobile.Phone(number)
	w.ears.Go(func() {
		for t := range p.Arrived() {
			w.note(name, "< %s", t.Body)
		}
	})
}

// Close ends everything and leaves nothing behind but what was to be kept.
func (w *World) Close() error {
	w.stop()
	w.Halt()
	w.work.Wait()
	for _, m := range w.modems {
		m.Close()
	}
	w.mobile.Close()
	w.ears.Wait() // nothing is told to Hear any more
	var err error
	if w.network != nil {
		if w.o.Keep != "" && w.network.Places() {
			err = w.rescue()
		}
		err = errors.Join(err, w.network.Close())
	}
	if w.out != nil {
		w.out.Close()
	}
	if w.o.Keep == "" && w.dir != "" {
		err = errors.Join(err, os.RemoveAll(w.dir))
	}
	return err
}

// rescue copies the store from the disk that vanishes to the folder to keep.
func (w *World) rescue() error {
	entries, err := os.ReadDir(w.Data())
	if err != nil {
		return err
	}
	to := filepath.Join(w.dir, "kept")
	err = os.MkdirAll(to, 0o700)
	for _, e := range entries {
		b, rerr := os.ReadFile(filepath.Join(w.Data(), e.Name()))
		err = errors.Join(err, rerr, os.WriteFile(filepath.Join(to, e.Name()), b, 0o600))
	}
	return err
}

// Sound checks the store of the stopped appliance, page by page and row by row.
func (w *World) Sound() error { return storage.Check(filepath.Join(w.Data(), "heliograph.db")) }

// Elapsed is the time since the world began.
func (w *World) Elapsed() time.Duration { return time.Since(w.began) }

// note puts a line in the log.
func (w *World) note(who, format string, args ...any) {
	l := screen.Line{At: w.Elapsed(), Who: who, What: fmt.Sprintf(format, args...)}
	w.mu.Lock()
	w.log = append(w.log, l)
	w.log = w.log[max(0, len(w.log)-500):]
	w.mu.Unlock()
	if w.o.Hear != nil {
		w.o.Hear(l)
	}
}

// Has counts the texts on a phone that hold all of these words.
func (w *World) Has(number string, words ...string) int {
	found := 0
	for _, t := range w.mobile.Phone(number).Texts() {
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(t.Body, word) }) {
			found++
		}
	}
	return found
}

// Text waits until a phone has a text with all of these words.
func (w *World) Text(ctx context.Context, number string, words ...string) error {
	return w.Until(ctx, fmt.Sprintf("no text to %s with %q", number, words), func() bool { return w.Has(number, words...) > 0 })
}

// Until waits for something outside this process.
func (w *World) Until(ctx context.Context, failure string, is func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		if w.died() {
			return errors.New("the appliance ended by itself" + w.lastWords())
		}
		select {
		case <-ctx.Done():
			return errors.New(failure + w.lastWords())
		case <-tick.C:
		}
	}
	return nil
}

// lastWords quotes the end of the appliance's log, for a failure.
func (w *World) lastWords() string {
	b, err := os.ReadFile(w.journal())
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return "; the appliance's last words:\n" + strings.Join(lines[max(0, len(lines)-8):], "\n")
}

// tool runs a command of the appliance's binary beside it.
func (w *World) tool(words ...string) (said []byte, err error) {
	return exec.Command(w.o.Binary, words...).CombinedOutput()
}

// command is the appliance's command line.
func (w *World) command() *exec.Cmd {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := exec.Command(w.o.Binary, "run", "-c", w.file(), fmt.Sprintf("--scale=%g", w.scale))
	if w.out != nil {
		c.Env = append(os.Environ(), "SSL_CERT_FILE="+w.trust(), "GODEBUG=netdns=go")
	}
	return c
}
