package backhaul

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/at"
	"heliograph/drivers/modem/emulator"
)

// atPort is a Commander on a real AT wire, to an emulated modem.
type atPort struct{ *at.Wire }

func (p atPort) Command(ctx context.Context, cmd string) ([]string, error) {
	a, err := p.Do(ctx, at.Command{Text: cmd, Free: true})
	return a.Lines, err
}

// plugged runs a story with a netdev link's modem in a bubble.
func plugged(t *testing.T, persona emulator.Persona, f func(t *testing.T, m *emulator.Modem, n *Netdev)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net := emulator.NewNetwork()
		m, err := emulator.New(emulator.Options{Network: net, Number: "+48600100200", Persona: persona})
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		defer m.Close()
		time.Sleep(20 * time.Second) // its start
		port, err := m.Open()
		if err != nil {
			t.Fatal(err)
		}
		wire := at.New(port, at.Options{})
		defer func() { wire.Close(); <-wire.Closed() }()
		n, err := NewNetdev(NetdevOptions{Interface: "usb0", APN: "internet", Commander: atPort{wire}})
		if err != nil {
			t.Fatal(err)
		}
		f(t, m, n)
	})
}

func persona(t *testing.T, name string) emulator.Persona {
	t.Helper()
	p, ok := emulator.PersonaByName(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return p
}

func TestEmulatedModemsConnect(t *testing.T) {
	t.Parallel()
	ec200 := persona(t, "ec25")
	ec200.Model = "EC200A"
	for way, p := range map[string]emulator.Persona{"quectel-asr": ec200, "simcom-qcrmcall": persona(t, "sim7600"), "simcom": persona(t, "a7670")} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			plugged(t, p, func(t *testing.T, m *emulator.Modem, n *Netdev) {
				for range 2 {
					if err := n.activate(t.Context()); err != nil || n.way.name != way {
						t.Fatalf("%s: %v", n.way.name, err)
					}
					if kind, apn, up := m.Context(1); kind != "IPV4V6" || apn != "internet" || !up {
						t.Errorf("the modem has %s %s, up: %v", kind, apn, up)
					}
					if err := n.do(t.Context(), n.way.deactivate); err != nil {
						t.Errorf("deactivate: %v", err)
					}
					if _, _, up := m.Context(1); up && len(n.way.deactivate) > 0 {
						t.Error("it is still up")
					}
				}
			})
		})
	}
}

func TestAnEmulatedNetworkThatRefusesSaysWhy(t *testing.T) {
	t.Parallel()
	plugged(t, persona(t, "sim7600"), func(t *testing.T, m *emulator.Modem, n *Netdev) {
		m.RefuseData("Requested service option not subscribed")
		err := n.activate(t.Context())
		var trouble *Trouble
		if !errors.As(err, &trouble) || trouble.Kind != Denied || !strings.Contains(trouble.Cause, "not subscribed") || trouble.Advice != askCarrier {
			t.Errorf("%#v", trouble)
		}
	})
}

// A modem that dials by itself and does not: after a minute that is said, with
// what may be missing.
func TestAModemThatWasNotPrepared(t *testing.T) {
	t.Parallel()
	plugged(t, persona(t, "ec25"), func(t *testing.T, m *emulator.Modem, n *Netdev) {
		began := time.Now()
		err := n.activate(t.Context())
		var trouble *Trouble
		if !errors.As(err, &trouble) || trouble.Kind != Refused || !strings.Contains(trouble.Advice, `AT+QCFG="usbnet",1`) || time.Since(began) < activation {
			t.Errorf("after %s: %#v", time.Since(began), trouble)
		}
	})
}

func TestADataConnectionThatTheNetworkTookAway(t *testing.T) {
	t.Parallel()
	plugged(t, persona(t, "sim7600"), func(t *testing.T, m *emulator.Modem, n *Netdev) {
		if err := n.activate(t.Context()); err != nil {
			t.Fatal(err)
		}
		over := make(chan error, 1)
		began := time.Now()
		go func() { over <- n.last(t.Context(), nil, nil) }()
		time.Sleep(10 * time.Minute)
		m.DropData()
		var trouble *Trouble
		if err := <-over; !errors.As(err, &trouble) || trouble.Kind != Lost || time.Since(began) > 12*time.Minute {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}
