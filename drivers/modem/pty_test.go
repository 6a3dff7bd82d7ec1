package modem_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
	"heliograph/drivers/modem/serialport"
)

// fitness passes on whether the modem is fit, on every change.
type fitness struct {
	inbox
	fit chan bool
}

func (f *fitness) Health(h modem.Health) { f.fit <- h.Fit }

// await waits for the modem to become fit or unfit.
func (f *fitness) await(t *testing.T, want bool) {
	t.Helper()
	for {
		select {
		case got := <-f.fit:
			if got == want {
				return
			}
		case <-t.Context().Done():
			t.Fatal("the test is over")
		}
	}
}

// On a real tty, through the real serial port: a text goes out, the device
// goes and comes back under another number, and a text goes out again.
func TestATextOverATTYThatGoesAndComesBack(t *testing.T) {
	t.Parallel()
	net := emulator.NewNetwork()
	defer net.Close()
	emu, err := emulator.New(emulator.Options{Network: net, Number: ours})
	if err != nil {
		t.Fatal(err)
	}
	defer emu.Close()
	link := filepath.Join(t.TempDir(), "modem")
	if _, err := emu.ServePTYAt(link); err != nil {
		t.Skipf("needs a pseudo terminal: %v", err)
	}
	in := &fitness{fit: make(chan bool, 1024)}
	m, err := modem.New(modem.Options{Name: "lte0", Inbox: in, Open: func() (io.ReadWriteCloser, error) { return serialport.Open(link) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	}()
	in.await(t, true)
	if _, err := m.Send(ctx, delivery.Job{To: ada, Text: "first"}); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Readlink(link)
	emu.Vanish()
	in.await(t, false)
	if err := emu.Return(); err != nil {
		t.Fatal(err)
	}
	in.await(t, true)
	if _, err := m.Send(ctx, delivery.Job{To: ada, Text: "second"}); err != nil {
		t.Fatal(err)
	}
	after, _ := os.Readlink(link)
	t.Logf("the tty was %s and is %s", before, after)
	for _, want := range []string{"first", "second"} {
		if got := <-net.Phone(ada).Arrived(); got.Body != want {
			t.Errorf("ada got %q, want %q", got.Body, want)
		}
	}
}

// On a real tty: a call that meets a busy phone, and a service code.
func TestACallAndAServiceCodeOverATTY(t *testing.T) {
	t.Parallel()
	net := emulator.NewNetwork()
	defer net.Close()
	emu, err := emulator.New(emulator.Options{Network: net, Number: ours})
	if err != nil {
		t.Fatal(err)
	}
	defer emu.Close()
	link := filepath.Join(t.TempDir(), "modem")
	if _, err := emu.ServePTYAt(link); err != nil {
		t.Skipf("needs a pseudo terminal: %v", err)
	}
	in := &fitness{fit: make(chan bool, 1024)}
	m, err := modem.New(modem.Options{Name: "lte0", Inbox: in, Open: func() (io.ReadWriteCloser, error) { return serialport.Open(link) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	defer func() { stop(); <-ended }()
	in.await(t, true)
	net.CallSetup(0, time.Minute)
	net.Phone(ada).WhenCalled(emulator.Engaged, 0)
	r, err := modem.Caller{Modem: m}.Send(ctx, delivery.Job{To: ada})
	if err != nil || r.Reference != "busy" {
		t.Errorf("the call: %q, %v", r.Reference, err)
	}
	net.USSDDelay(0)
	net.USSD("*101#", "Credito: 5 €\nsaluti, il tuo operatore è qui")
	if text, err := m.Ask(ctx, "*101#"); err != nil || text != "Credito: 5 €\nsaluti, il tuo operatore è qui" {
		t.Errorf("the code: %q, %v", text, err)
	}
}
