package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/firmware/config"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/firmware/number"
)

// modemInbox brings what a modem hears to the engine, and returns when it is
// committed.
type modemInbox struct {
	name   string
	engine *engine.Engine
	clock  *clockTrust
	rings  bool // its calls have a worker
}

func (m *modemInbox) Message(ctx context.Context, in modem.Message) error {
	if !in.At.IsZero() {
		m.clock.Heard(in.At, scts)
	}
	return m.engine.Take(ctx, receivedOf(m.name, in))
}

// receivedOf keeps what must not be obeyed from looking like an order: binary
// messages, silent ones and what could not be decoded are kept as unreadable.
func receivedOf(worker string, in modem.Message) event.Received {
	r := event.Received{Worker: worker, Hash: hex.EncodeToString(in.Hash[:]), From: in.From, Sent: in.At, Text: in.Text}
	switch {
	case in.Reason != "":
		r.Fault = in.Reason
	case len(in.Data) > 0:
		r.Fault = "it is binary"
	case in.PID == 0x40: // 3GPP TS 23.040 §9.2.3.9: short message type 0
		r.Fault = "it is a silent message"
	}
	if r.Fault != "" {
		r.Text = hex.EncodeToString(in.PDU)
	}
	if in.Total > 1 {
		r.Chain, r.Number, r.Of = fmt.Sprintf("%d/%t", in.Reference, in.Wide), in.Seq, in.Total
	}
	return r
}

func (m *modemInbox) Report(ctx context.Context, in modem.Report) error {
	hash := sha256.Sum256(in.PDU) // the report itself holds a number
	return m.engine.Take(ctx, event.Reported{
		Worker: m.name, Hash: "report " + hex.EncodeToString(hash[:]), Reference: in.Reference, To: in.To, At: in.At,
		Delivered: in.Outcome == modem.Delivered, Trying: in.Outcome == modem.Trying, Code: in.Meaning,
	})
}

func (m *modemInbox) Call(ctx context.Context, number string) error {
	return m.engine.Take(ctx, event.Rang{Worker: m.name, From: number})
}

func (m *modemInbox) Health(h modem.Health) {
	if m.rings {
		m.engine.Put(event.WorkerChanged{Worker: ringer(m.name), Channel: event.Ring, Fit: h.Fit, State: string(h.State), Why: h.Why, Advice: h.Advice})
	}
	m.engine.Put(event.WorkerChanged{
		Worker: m.name, Channel: "sms", Fit: h.Fit, State: string(h.State), Why: h.Why, Advice: h.Advice,
		Operator: h.Operator, Signal: dBm(h.Signal), Network: join(h.Access, h.Registration),
	})
}

func (m *modemInbox) NetworkTime(t time.Time, source string) { m.clock.Heard(t, source) }

func dBm(signal int) string {
	if signal == 0 {
		return ""
	}
	return fmt.Sprintf("%d dBm", signal)
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// driverMemory keeps a driver's small values through the engine's pen.
type driverMemory struct {
	name   string
	engine *engine.Engine
}

func (m driverMemory) Load(name string) ([]byte, error) { return m.engine.Recall(m.name + "/" + name) }

func (m driverMemory) Store(name string, value []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return m.engine.Remember(ctx, m.name+"/"+name, value)
}

// modemOf makes the driver of a configured modem.
func modemOf(c config.Modem, rings bool, shown config.BlackBox, by levers, e *engine.Engine, clock *clockTrust, log *slog.Logger) (*modem.Modem, error) {
	log = log.With("modem", c.Name)
	return modem.New(modem.Options{
		Name: c.Name, Open: func() (io.ReadWriteCloser, error) { return open(c.Port) },
		Replug: by.replug, Power: by.power, Restart: by.restart, Acted: by.acted,
		PIN: c.PIN.Reveal(), MinTries: c.MinTries, SMSC: c.SMSC, Country: number.Code(c.Country),
		Memory: driverMemory{c.Name, e}, Inbox: &modemInbox{c.Name, e, clock, rings}, Built: built,
		Late: func(job uint64, p delivery.Part) {
			e.Put(event.LatePart{Delivery: job, Worker: c.Name, Part: event.Part(p)})
		},
		Log:   func(s string) { log.Info(s) },
		Trace: func(s string) { log.Debug(s) }, TraceNumbers: shown.Numbers,
	})
}

// runs remembers a modem's driver while it runs.
func (a *appliance) runs(name string, m *modem.Modem) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if m == nil {
		delete(a.modems, name)
		return
	}
	if a.modems == nil {
		a.modems = map[string]*modem.Modem{}
	}
	a.modems[name] = m
}

// card is the number of the SIM in a modem; empty if it is not known.
func (a *appliance) card(name string) string {
	a.mu.Lock()
	m := a.modems[name]
	a.mu.Unlock()
	if m == nil {
		return ""
	}
	return m.Health().ICCID
}

// wire lets a backhaul speak to the modem that carries it.
type wire struct {
	appliance *appliance
	modem     string
}

func (w wire) Command(ctx context.Context, cmd string) ([]string, error) {
	w.appliance.mu.Lock()
	m := w.appliance.modems[w.modem]
	w.appliance.mu.Unlock()
	if m == nil {
		return nil, fmt.Errorf("modem %s does not run", w.modem)
	}
	return m.Command(ctx, cmd)
}
