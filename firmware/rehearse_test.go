package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/rehearsal"
)

// rehearsed runs this program as `heliograph rehearse`, which starts it again
// as the appliance, and reads its report.
func rehearsed(t *testing.T, args ...string) rehearsal.Report {
	t.Helper()
	if _, err := os.Stat("/dev/ptmx"); err != nil {
		t.Skipf("needs pseudo terminals: %v", err)
	}
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute*time.Duration(max(1, *outages/3)))
	defer cancel()
	tmp := t.TempDir()
	cmd := exec.CommandContext(ctx, self, append([]string{"rehearse", "--json"}, args...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	var r rehearsal.Report
	if jerr := json.Unmarshal(out.Bytes(), &r); jerr != nil {
		t.Fatalf("%v, %v\n%s%s", err, jerr, out.String(), errs.String())
	}
	if r.OK != (err == nil) {
		t.Errorf("it ends with %v and says ok: %t", err, r.OK)
	}
	if left, _ := os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("it left %s behind", left[0].Name())
	}
	if strings.Contains(errs.String(), "loopback addresses instead") && r.Network != "loopback" {
		t.Errorf("it said that it would use loopback, and used %s", r.Network)
	}
	return r
}

// whole is a rehearsal of which every promise held.
func whole(t *testing.T, r rehearsal.Report) {
	t.Helper()
	for _, p := range r.Promises {
		if !p.Held {
			t.Errorf("broken: %s %s", p.Text, p.Seen)
		}
	}
	if !r.OK || r.Fault != "" || len(r.Promises) == 0 {
		t.Errorf("%d promises, fault %q", len(r.Promises), r.Fault)
	}
	if t.Failed() {
		for _, s := range r.Steps {
			t.Logf("%6.2f s  %s: %s", s.At, s.Who, s.What)
		}
	}
}

func TestTheNightIsLivedThrough(t *testing.T) {
	cast, still := filepath.Join(t.TempDir(), "night.cast"), filepath.Join(t.TempDir(), "night.svg")
	r := rehearsed(t, "--once", "--cast="+cast, "--still="+still)
	whole(t, r)
	promises, times := 9, 8
	if r.Network == "loopback" {
		promises, times = 6, 6 // there is no Internet
	}
	if len(r.Promises) != promises || len(r.Measured) != times {
		t.Errorf("%d promises and %d times", len(r.Promises), len(r.Measured))
	}
	for _, a := range r.Air {
		if a.Bytes == 0 {
			t.Errorf("nothing was on the air of: %s", a.What)
		}
	}
	film, err := os.ReadFile(cast)
	if err != nil || !bytes.HasPrefix(film, []byte(`{"version":2,"width":100,"height":30,`)) || bytes.Count(film, []byte("\n")) < 20 {
		t.Errorf("the recording has %d lines (%v): %.200s", bytes.Count(film, []byte("\n")), err, film)
	}
	picture, err := os.ReadFile(still)
	if err != nil || len(picture) > 200_000 || !bytes.Contains(picture, []byte("ack 1")) || !bytes.Contains(picture, []byte("ACKNOWLEDGED")) {
		t.Errorf("the picture has %d bytes, and not the moment of the ACK: %v", len(picture), err)
	}
}

var outages = flag.Int("outages", 3, "live through so many outages in a row, as `make outages` does with ten")

// TestOutagesInARow weighs what the appliance holds after one outage of both
// uplinks after the other.
func TestOutagesInARow(t *testing.T) {
	r := rehearsed(t, "--once", "--outages="+strconv.Itoa(*outages))
	if r.Network == "loopback" {
		t.Skip("needs network namespaces: without them there is no cellular connection")
	}
	whole(t, r)
	for _, p := range r.Promises {
		t.Log(p.Text, p.Seen)
	}
}

// TestTheFiveDocuments are the stories of what the product was asked for, each
// against the real binary.
func TestTheFiveDocuments(t *testing.T) {
	for _, name := range []string{"seed-000", "seed-001", "seed-002", "seed-003", "seed-004"} {
		t.Run(name, func(t *testing.T) {
			r := rehearsed(t, "--once", "--story="+name)
			if strings.Contains(r.Fault, "this system refuses namespaces") {
				t.Skipf("needs network namespaces: %s", r.Fault)
			}
			whole(t, r)
		})
	}
}

// TestAStoryOfOnesOwn is a file that the binary does not know.
func TestAStoryOfOnesOwn(t *testing.T) {
	own := filepath.Join(t.TempDir(), "mine.story")
	text, err := stories.ReadFile("testdata/place.story")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, text, 0o600); err != nil {
		t.Fatal(err)
	}
	whole(t, rehearsed(t, "--story="+own))
}

// TestWhoMayWhatIsRehearsed plays what the box does with a faked number, with
// too many codes and with a plan, against the real binary and a modem.
func TestWhoMayWhatIsRehearsed(t *testing.T) {
	for _, name := range []string{"spoof", "lock-out", "approval"} {
		t.Run(name, func(t *testing.T) { whole(t, rehearsed(t, "--story="+name)) })
	}
}

// TestAStoryWithoutNamespaces compares what a text is about; a story that
// expects too much is broken, and says where.
func TestAStoryWithoutNamespaces(t *testing.T) {
	t.Run("as it is", func(t *testing.T) {
		r := rehearsed(t, "--story=false-alarm", "--loopback")
		whole(t, r)
		if r.Network != "loopback" {
			t.Errorf("the network is of %s", r.Network)
		}
	})
	t.Run("with a text too many", func(t *testing.T) {
		own := filepath.Join(t.TempDir(), "mine.story")
		text, err := stories.ReadFile("testdata/false-alarm.story")
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, "expect 09:00 bob \"waw-12 #9 DOWN transit-z\"\n"...)
		if err := os.WriteFile(own, text, 0o600); err != nil {
			t.Fatal(err)
		}
		r := rehearsed(t, "--story="+own, "--loopback")
		i := slices.IndexFunc(r.Promises, func(p rehearsal.Promise) bool { return strings.HasPrefix(p.Text, "bob ") })
		if r.OK || i < 0 || r.Promises[i].Held || !strings.Contains(r.Promises[i].Seen, "#9 DOWN transit-z") {
			t.Errorf("it says %+v", r.Promises)
		}
	})
}

// TestEveryStoryIsListed, with the reason where it is for tests only, and can
// be found by its name.
func TestEveryStoryIsListed(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := listStories(&out); err != nil {
		t.Fatal(err)
	}
	playable := 0
	for _, name := range storyNames() {
		s, err := storyOf(name)
		if err != nil || s.About == "" {
			t.Errorf("%s: %v, about %q", name, err, s.About)
		}
		if !strings.Contains(out.String(), name+" ") {
			t.Errorf("%s is not listed", name)
		}
		if rehearsal.Playable(s) == nil {
			playable++
		}
	}
	if playable < 10 {
		t.Errorf("only %d stories can be rehearsed", playable)
	}
	if _, err := storyOf("nosuch"); err == nil || !strings.Contains(err.Error(), "--story=list") {
		t.Errorf("an unknown story: %v", err)
	}
}
