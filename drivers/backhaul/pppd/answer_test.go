package pppd

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCallsAreTakenOneAfterTheOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	self, _ := os.Executable()
	faults := make(chan error, 1)
	faults <- errors.New("heliograph.yaml:3: apn: is missing")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Answer(ctx, l, 0, func() (Options, error) {
			select {
			case err := <-faults:
				return Options{}, err
			default:
			}
			return Options{Program: self, Device: b.device, Interface: "ppp-test", User: "works", Password: b.dir, IPv4Only: true}, nil
		})
	}()
	call := func() {
		t.Helper()
		if b.conn, err = net.Dial("unix", path); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.conn.Close() })
		b.events = json.NewDecoder(b.conn)
	}

	call()
	if down := b.next("down"); down.Kind != Broken || down.Cause != "the unit that dials cannot use the configuration: heliograph.yaml:3: apn: is missing" {
		t.Errorf("down: %+v", down)
	}
	call() // the file was mended
	b.next("dialling")
	b.next("up")
	first := b.conn
	call() // waits for the first to end
	first.Close()
	b.next("dialling")
	b.next("up")
	stop()
	if down := b.next("down"); down.Kind != Asked {
		t.Errorf("down: %+v", down)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

func TestAUnitThatNobodyCallsEnds(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Answer(t.Context(), l, time.Millisecond, nil); err != nil {
		t.Errorf("it ended with %v", err)
	}
}
