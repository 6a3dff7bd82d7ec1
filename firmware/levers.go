package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"heliograph/drivers/board"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/serialport"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// levers are the steps of recovery that are taken from outside a modem.
type levers struct {
	replug, power, restart func(context.Context) error
	acted                  func(string)
	close                  func()
}

// sysfs is where the kernel shows the box's devices.
const sysfs = board.Sysfs("/sys")

// leversOf makes those that the configuration and the box have.
func (a *appliance) leversOf(m config.Modem, reboots bool) levers {
	l := levers{
		acted: func(words string) { a.engine.Put(event.Acted{Worker: m.Name, Text: words}) }, close: func() {},
		replug: func(ctx context.Context) error { return a.replug(ctx, sysfs, m) },
	}
	if reboots {
		l.restart = func(ctx context.Context) error { return a.restartBox(ctx, m.Name) }
	}
	if m.Power.GPIO == "" {
		return l
	}
	line, err := a.lines.output(m.Power.GPIO)
	if err != nil {
		a.warn("power of "+m.Name, "the power of "+m.Name+" cannot be cut: "+err.Error())
		l.close = func() { a.warn("power of "+m.Name, "") } // the next configuration may have another line
		return l
	}
	l.power = func(ctx context.Context) error { return cutPower(ctx, line) }
	l.close = func() { line.Close() }
	return l
}

// open opens a modem's port. One that is not there is told from one that
// somebody else has: only the first is a reason to switch its power.
func open(port string) (io.ReadWriteCloser, error) {
	p, err := serialport.Open(port)
	if err == nil {
		return p, nil
	}
	if _, there := os.Stat(port); errors.Is(there, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", modem.ErrGone, err)
	}
	return nil, err
}

// off is how long a modem's power is cut: less, and its capacitors carry it.
const off = 10 * time.Second

// cutPower cuts a modem's power and gives it back, also when the appliance
// stops meanwhile.
func cutPower(ctx context.Context, line board.Output) error {
	if err := line.Set(true); err != nil {
		return err
	}
	select {
	case <-time.After(off):
	case <-ctx.Done():
	}
	return line.Set(false)
}

// socketName is under what the USB socket of a modem is remembered: when its
// port is gone the tty no longer tells.
func socketName(modem string) string { return "box/usb/" + modem }

// socketOf finds the USB socket of a modem, or where it was seen last. That a
// store is full or broken does not keep a modem from being mended.
func (a *appliance) socketOf(sys board.Sysfs, m config.Modem) (string, error) {
	var was string
	unknown := a.recall(socketName(m.Name), &was)
	now, err := sys.Port(m.Port)
	switch {
	case err != nil && was != "":
		return was, nil
	case err != nil:
		return "", errors.Join(err, unknown)
	case now != was:
		if err := a.remember(socketName(m.Name), now); err != nil {
			a.log.Warn("where a modem is plugged in cannot be remembered", "modem", m.Name, "why", err)
		}
	}
	return now, nil
}

// replug takes a modem off the USB bus and back.
func (a *appliance) replug(ctx context.Context, sys board.Sysfs, m config.Modem) error {
	socket, err := a.socketOf(sys, m)
	if err != nil {
		return err
	}
	return board.Reauthorise(ctx, socket)
}

// findSocket remembers where a modem is plugged in while that can be seen, and
// gives it back its drivers if the box went off in the middle of replug.
func (a *appliance) findSocket(sys board.Sysfs, m config.Modem) {
	socket, err := a.socketOf(sys, m)
	if err != nil {
		return // it is not on USB, or not plugged in
	}
	if err := board.Authorised(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		a.log.Warn("a modem was left without its drivers", "modem", m.Name, "why", err)
	}
}

// rebootByOrder restarts the box because two people wanted it. What is being
// sent is finished when the box stops its services.
func (a *appliance) rebootByOrder(by string) {
	a.log.Warn("the box restarts by order", "of", by)
	a.endLife(event.ByOrder)
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	if err := a.lines.restart(ctx); err != nil {
		a.warn("reboot", "the restart that was ordered failed: "+err.Error())
		if err := a.remember(lifeName, life{Boot: bootID()}); err != nil {
			a.log.Warn("it cannot be remembered that the box did not restart", "why", err)
		}
	}
}

const restartsName = "box/restarts"

// restartBox restarts the box for a modem that nothing else mends: never while
// another modem can send, and the less often the less it helps.
func (a *appliance) restartBox(ctx context.Context, worker string) error {
	for name, w := range a.engine.State().Workers {
		if w.Fit && w.Channel == "sms" && name != worker {
			return fmt.Errorf("%s can send: the box goes on with it", name)
		}
	}
	var was board.Restarts
	if err := a.recall(restartsName, &was); err != nil {
		return fmt.Errorf("read when the box was restarted last: %w", err)
	}
	next, err := was.Take(a.engine.Now().Box)
	if err != nil {
		return err
	}
	if err := a.remember(restartsName, next); err != nil {
		return fmt.Errorf("a restart that cannot be remembered might be one of many: %w", err)
	}
	a.endLife(event.ByOrder)
	if err := a.lines.restart(ctx); err != nil {
		return errors.Join(err, a.remember(lifeName, life{Boot: bootID()}))
	}
	return nil
}
