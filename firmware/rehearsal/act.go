package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"heliograph/firmware/rehearsal/isp"
	"heliograph/firmware/rehearsal/screen"
	"heliograph/storage"
)

// Do carries one act out.
func (w *World) Do(ctx context.Context, a screen.Act) (string, error) {
	said, err := w.do(ctx, a)
	if err == nil && a.Verb != screen.Say && a.Verb != screen.Spoof { // a text stands in the log as the person's own
		w.note("you", "%s", said)
	}
	return said, err
}

func (w *World) do(ctx context.Context, a screen.Act) (string, error) {
	switch a.Verb {
	case screen.Cut, screen.BlackHole, screen.Loss, screen.Gateway, screen.OwnPort, screen.OneTarget:
		return w.toggleNetwork(a)
	case screen.Flap:
		return w.flap(a)
	case screen.NoCarrier, screen.Portal:
		return w.toggleAir(screen.Act{Verb: a.Verb})
	case screen.Mend:
		return "mended everything in the network", w.mendAll()
	case screen.Hang, screen.Unplug, screen.Fill, screen.Refuse:
		return w.toggleModem(screen.Act{Verb: a.Verb})
	case screen.Kill:
		return w.kill()
	case screen.Plug:
		return w.plug()
	case screen.FullDisk:
		return w.fillDisk()
	case screen.Say:
		return w.say(a)
	case screen.Spoof:
		return w.spoof(a)
	case screen.Ring:
		number := w.number(a.Phone)
		w.mobile.Phone(number).Call(w.modems[0].Number(), 2)
		return a.Phone + " rings the box and hangs up", nil
	case screen.Speed:
		return w.speed()
	}
	return "", fmt.Errorf("nobody here can %q", a.Verb)
}

// faults are the acts that a network can do, in its own words.
var faults = map[screen.Verb]isp.Fault{
	screen.Cut: isp.Cut, screen.BlackHole: isp.BlackHole, screen.Loss: isp.Loss, screen.Gateway: isp.Gateway, screen.OwnPort: isp.OwnPort,
}

// done are the words for an act, and for its undoing.
var done = map[screen.Verb][2]string{
	screen.Cut:       {"cut the fibre of %s", "mended the fibre of %s"},
	screen.BlackHole: {"a router upstream of %s swallows everything", "the router upstream of %s routes again"},
	screen.Loss:      {"four packets in ten get lost on the fibre of %s", "the fibre of %s loses nothing any more"},
	screen.Gateway:   {"the gateway of %s has no power", "the gateway of %s is on again"},
	screen.OwnPort:   {"pulled the cable of the box's port towards %s", "put the cable towards %s back"},
	screen.OneTarget: {"one target of %s answers no more", "all targets of %s answer again"},
	screen.NoCarrier: {"the cellular side has no signal", "the cellular side has its signal again"},
	screen.Portal:    {"the carrier wants money: a captive portal answers in place of everybody", "the carrier lets everything through again"},
	screen.Hang:      {"the modem hangs", "the modem lives again"},
	screen.Unplug:    {"pulled the modem's USB cable", "put the modem's USB cable back"},
	screen.Fill:      {"the SIM has no room for texts", "the SIM has room again"},
	screen.Refuse:    {"the mobile network refuses texts with CMS 38", "the mobile network takes texts again"},
}

// toggle remembers that something is broken now, or no more.
func (w *World) toggle(a screen.Act) (on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken[a] = !w.broken[a]
	return w.broken[a]
}

func (w *World) toggleNetwork(a screen.Act) (string, error) {
	a = screen.Act{Verb: a.Verb, Uplink: a.Uplink}
	on := w.toggle(a)
	if err := w.network1(a, on); err != nil {
		w.toggle(a)
		return "", err
	}
	return worded(a.Verb, on, a.Uplink), nil
}

func worded(v screen.Verb, on bool, args ...any) string {
	words := done[v][0]
	if !on {
		words = done[v][1]
	}
	if len(args) == 0 || args[0] == "" {
		return words
	}
	return fmt.Sprintf(words, args...)
}

// network1 breaks or mends one thing.
func (w *World) network1(a screen.Act, on bool) error {
	if a.Verb == screen.OneTarget {
		return w.network.Target(w.firstTarget(a.Uplink), !on)
	}
	if on {
		return w.network.Break(a.Uplink, faults[a.Verb])
	}
	return w.network.Mend(a.Uplink, faults[a.Verb])
}

// toggleAir breaks or mends the cellular side.
func (w *World) toggleAir(a screen.Act) (string, error) {
	if !w.network.Cellular() {
		return "", errors.New("there is a cellular side only where the rehearsal has a network of its own: this system refuses namespaces")
	}
	on := w.toggle(a)
	do := w.network.MendCell
	if on {
		do = w.network.BreakCell
	}
	if err := do(isp.Fault(a.Verb)); err != nil {
		w.toggle(a)
		return "", err
	}
	return worded(a.Verb, on), nil
}

func (w *World) firstTarget(uplink string) string {
	for _, u := range w.network.Plan().Uplinks {
		if u.Name == uplink && len(u.Targets) > 0 {
			return u.Targets[0].String()
		}
	}
	return ""
}

func (w *World) mendAll() error {
	w.mu.Lock()
	var targets []screen.Act
	for a, on := range w.broken {
		if on && (a.Uplink != "" || a.Verb == screen.NoCarrier || a.Verb == screen.Portal) {
			w.broken[a] = false
			if a.Verb == screen.OneTarget {
				targets = append(targets, a)
			}
		}
	}
	w.mu.Unlock()
	err := w.network.MendAll()
	for _, a := range targets {
		err = errors.Join(err, w.network1(a, false))
	}
	return err
}

// flap lets a fibre go and come three times, each time for one and a half of
// what the configuration takes for a fault.
func (w *World) flap(a screen.Act) (string, error) {
	w.mu.Lock()
	half := 0 * time.Second
	for _, u := range w.config.Uplinks {
		if u.Name == a.Uplink {
			half = time.Duration(float64(u.Every)*float64(u.Down.After)*1.5/w.scale) + 200*time.Millisecond
		}
	}
	w.mu.Unlock()
	if half == 0 {
		return "", fmt.Errorf("there is no uplink %q", a.Uplink)
	}
	w.work.Go(func() {
		for i := range 6 {
			w.flip(a.Uplink, i%2 == 0)
			if !pause(w.over, half) {
				return
			}
		}
		w.note("fibre", "%s is calm again", a.Uplink)
	})
	return fmt.Sprintf("the fibre of %s flaps: three times dark and light, %.1f s each", a.Uplink, half.Seconds()), nil
}

// flip cuts or mends a fibre, whatever the player did to it meanwhile.
func (w *World) flip(uplink string, cut bool) {
	a := screen.Act{Verb: screen.Cut, Uplink: uplink}
	w.mu.Lock()
	w.broken[a] = cut
	w.mu.Unlock()
	if err := w.network1(a, cut); err != nil {
		w.note("fibre", "%v", err)
	}
}

func (w *World) toggleModem(a screen.Act) (string, error) {
	on := w.toggle(a)
	var err error
	switch m := w.modems[0]; a.Verb {
	case screen.Hang:
		m.Hang(on)
	case screen.Unplug:
		if on {
			m.Vanish()
		} else {
			err = m.Return()
		}
	case screen.Fill:
		if on {
			err = m.Fill("SM")
		} else {
			err = m.Clear("SM")
		}
	case screen.Refuse:
		code := 0
		if on {
			code = 38 // 23.040 §3.1: network out of order
		}
		w.mobile.Congested(code)
	}
	if err != nil {
		w.toggle(a)
		return "", err
	}
	return worded(a.Verb, on), nil
}

// kill is kill -9; the supervisor starts the appliance again.
func (w *World) kill() (string, error) {
	w.mu.Lock()
	c := w.child
	w.mu.Unlock()
	if c == nil {
		return "", errors.New("the appliance does not run: put its plug back first")
	}
	c.cmd.Process.Kill()
	<-c.done
	return "kill -9 on the appliance", nil
}

// plug pulls the power of box and modem, or puts it back.
func (w *World) plug() (string, error) {
	w.mu.Lock()
	on := w.power
	w.mu.Unlock()
	if on {
		w.Crash()
		w.modems[0].Vanish()
		return "pulled the plug of box and modem", nil
	}
	if err := w.modems[0].Return(); err != nil {
		return "", err
	}
	w.modems[0].Reboot()
	return "put the plug back", w.Start()
}

// fillDisk fills the disk of the rehearsal, or makes room again.
func (w *World) fillDisk() (string, error) {
	if !w.network.Places() {
		return "", errors.New("the disk can only be filled where the rehearsal has one of its own: this system refuses namespaces")
	}
	if w.disk() == "full" {
		return "made room on the disk", os.Remove(w.filler())
	}
	f, err := os.OpenFile(w.filler(), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4096} { // to the last page
		page := make([]byte, size)
		for err == nil {
			_, err = f.Write(page)
		}
		if !storage.IsFull(err) {
			return "", err
		}
		err = nil
	}
	return "the disk is full", nil
}

// say texts the box, and keeps the text for the person's screen.
func (w *World) say(a screen.Act) (string, error) {
	number := w.number(a.Phone)
	if err := w.mobile.Phone(number).Send(w.modems[0].Number(), a.Text); err != nil {
		return "", err
	}
	w.mu.Lock()
	w.mine[number] = append(w.mine[number], screen.Text{At: w.Elapsed(), Mine: true, Body: a.Text})
	w.mu.Unlock()
	w.note(a.Phone, "> %s", a.Text)
	return a.Phone + " texts the box: " + a.Text, nil
}

// sees is how long somebody who faked a number waits for what he will not get.
const sees = 10 * time.Second

// spoof texts the box with a number that is not the sender's: on the wire it is
// the owner's, and so whatever comes back is on the owner's phone.
func (w *World) spoof(a screen.Act) (string, error) {
	phone := w.mobile.Phone(w.number(a.Phone))
	before := len(phone.Texts())
	if err := phone.Send(w.modems[0].Number(), a.Text); err != nil {
		return "", err
	}
	w.note("stranger", "> %s (with %s's number)", a.Text, a.Phone)
	w.work.Go(func() {
		ctx, cancel := context.WithTimeout(w.over, sees)
		defer cancel()
		if w.Until(ctx, "", func() bool { return len(phone.Texts()) > before }) == nil {
			w.note("stranger", "saw nothing: what came back is on %s's phone", a.Phone)
		} else if w.over.Err() == nil {
			w.note("stranger", "saw nothing, and nothing came back")
		}
	})
	return "a stranger texts the box with " + a.Phone + "'s number: " + a.Text, nil
}

// number is that of a phone on the screen, of a person of the configuration,
// or a stranger's as it stands.
func (w *World) number(who string) string {
	if i := slices.IndexFunc(w.o.Named, func(p [2]string) bool { return p[0] == who }); i >= 0 {
		return w.o.Named[i][1]
	}
	if number := w.names[who]; number != "" {
		return number
	}
	for _, p := range w.config.People {
		switch who {
		case p.Name:
			return p.SMS
		case p.Name + "-also":
			return p.Also
		}
	}
	return who
}

// scales are the speeds that a player can choose from.
var scales = []float64{1, 5, 20, 60}

// speed stops the appliance and starts it with the next scale.
func (w *World) speed() (string, error) {
	w.mu.Lock()
	next := scales[0]
	for _, s := range slices.Backward(scales) {
		if s > w.scale {
			next = s
		}
	}
	w.scale = next
	runs := w.child != nil
	w.mu.Unlock()
	said := fmt.Sprintf("configured durations are divided by %g from now on", next)
	if !runs {
		return said, nil
	}
	w.Halt()
	return said, w.Start()
}

var _ screen.World = (*World)(nil)
var _ io.Closer = (*World)(nil)
