package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aead.dev/minisign"

	"heliograph/drivers/update"
	"heliograph/firmware/engine"
	"heliograph/storage"
)

// TestAnUpdateIsHandedOver from a file or from a web server.
func TestAnUpdateIsHandedOver(t *testing.T) {
	t.Parallel()
	socket := hang(t, &painting{})
	file := filepath.Join(t.TempDir(), "it.update")
	if err := os.WriteFile(file, []byte("good"), 0o600); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/bad" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte("bad"))
	}))
	defer web.Close()
	for _, c := range []struct {
		from, says string
		code       int
	}{
		{file, "it says good\n", 0},
		{web.URL + "/bad", "it says bad\n", 1},
		{web.URL + "/none", "heliograph: fetch the update: " + web.URL + "/none answers 404 Not Found\n", 1},
		{file + ".not", "heliograph: read the update: open " + file + ".not: no such file or directory\n", 1},
	} {
		if out, errs, code := typed(t, "update", c.from, "--socket", socket); out+errs != c.says || code != c.code {
			t.Errorf("%s: %q, exit %d", c.from, out+errs, code)
		}
	}
}

// imaged is the appliance's hand on a box that was started from an image, in
// slot a.
func imaged(t *testing.T) (*updater, minisign.PrivateKey, chan struct{}) {
	t.Helper()
	root := t.TempDir() + "/"
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, _ := public.MarshalText()
	about, err := json.Marshal(image{Board: "arm64", Built: built, Key: string(key)})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"usr/share/heliograph/image.json": string(about), "proc/cmdline": "quiet heliograph.disk=48454c49 heliograph.slot=a\n",
		"data/.keep": "", "boot/loader/entries/" + update.EntryName(built) + "+2-1.conf": "linux /a/linux\n",
	} {
		path := root + name
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store, err := storage.Open(storage.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	e, err := engine.New(engine.Options{Store: store, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	again := make(chan struct{}, 1)
	return &updater{
		engine: e, log: slog.New(slog.DiscardHandler), root: root,
		warn: func(text string) { t.Errorf("a warning: %s", text) }, again: func() { again <- struct{}{} },
	}, private, again
}

// TestTheBoxTakesAnUpdateAndStartsAnew.
func TestTheBoxTakesAnUpdateAndStartsAnew(t *testing.T) {
	t.Parallel()
	u, key, again := imaged(t)
	folder := t.TempDir()
	for _, name := range []string{"linux", "initrd"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("new "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if err := update.Pack(&file, update.Manifest{Board: "arm64", Version: "2.0", Built: built.Add(time.Hour)}, folder, key); err != nil {
		t.Fatal(err)
	}
	if a, err := u.take(strings.NewReader("no update")); err != nil || a.OK || !strings.HasPrefix(a.Text, "this is no update of heliograph") {
		t.Errorf("%+v, %v", a, err)
	}
	u.taking.Lock()
	if a, _ := u.take(strings.NewReader("")); a.OK || !strings.HasPrefix(a.Text, "another update is being taken in") {
		t.Errorf("two at once: %+v", a)
	}
	u.taking.Unlock()
	a, err := u.take(&file)
	if err != nil || !a.OK || !strings.HasPrefix(a.Text, "2.0 is installed.") {
		t.Fatalf("%+v, %v", a, err)
	}
	<-again
	if b, err := os.ReadFile(u.root + "boot/b/linux"); err != nil || string(b) != "new linux" {
		t.Errorf("slot b holds %q, %v", b, err)
	}
}

// TestAVersionOnTrialIsKnown, and a stop of the appliance proves nothing.
func TestAVersionOnTrialIsKnown(t *testing.T) {
	t.Parallel()
	u, _, _ := imaged(t)
	b, err := u.box()
	if err != nil || b.Slot != "a" || b.Board != "arm64" || !b.Built.Equal(built) {
		t.Fatalf("%+v, %v", b, err)
	}
	if trial, err := b.OnTrial(); err != nil || !trial {
		t.Errorf("on trial: %t, %v", trial, err)
	}
	if u.works() {
		t.Error("it works without a modem")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	u.prove(ctx) // it ends with the appliance, and proves nothing
	if trial, _ := b.OnTrial(); !trial {
		t.Error("a stop proved it")
	}
}

// TestAVersionThatDoesNotGetToWatchingIsStartedAnew after a quarter of an hour,
// and proves nothing: the boot loader counts.
func TestAVersionThatDoesNotGetToWatchingIsStartedAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u, _, again := imaged(t)
		begun := time.Now()
		u.prove(t.Context())
		<-again
		if took := time.Since(begun); took != trial {
			t.Errorf("it was given up after %s, want %s", took, trial)
		}
		b, _ := u.box()
		if on, err := b.OnTrial(); !on || err != nil {
			t.Errorf("on trial: %t, %v", on, err)
		}
	})
}

// TestTheVersionThatRunsAgainTellsOfTheOneThatFailed.
func TestTheVersionThatRunsAgainTellsOfTheOneThatFailed(t *testing.T) {
	t.Parallel()
	u, _, _ := imaged(t)
	entry := u.root + "boot/loader/entries/" + update.EntryName(built.Add(time.Hour)) + "+0-3.conf"
	if err := os.WriteFile(entry, []byte("title Heliograph 2.0\nlinux /b/linux\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said string
	u.warn = func(text string) { said = text }
	ctx, stop := context.WithCancel(t.Context())
	stop()
	u.prove(ctx)
	if want := "the update to 2.0 never got to watching, so the version before runs again: make an update that does"; said != want {
		t.Errorf("it says %q, want %q", said, want)
	}
}

// TestWhereNoUpdateIsTaken says why and what to do.
func TestWhereNoUpdateIsTaken(t *testing.T) {
	t.Parallel()
	u, _, _ := imaged(t)
	about := u.root + "usr/share/heliograph/image.json"
	if err := os.WriteFile(about, []byte(`{"board":"arm64"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if a, _ := u.take(strings.NewReader("")); a.OK || !strings.HasPrefix(a.Text, "this image was built without a key") {
		t.Errorf("without a key: %+v", a)
	}
	if err := os.Remove(about); err != nil {
		t.Fatal(err)
	}
	if a, _ := u.take(strings.NewReader("")); a.OK || !strings.HasSuffix(a.Text, "such as by apt") {
		t.Errorf("without an image: %+v", a)
	}
}
