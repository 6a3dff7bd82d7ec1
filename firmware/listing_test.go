package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/storage/directory"
)

// readerOfLists keeps the list of a stage as the appliance does.
type readerOfLists struct {
	*stage
	appliance *appliance
	csv       string
}

// listReader runs a stage whose list comes from a file that a story may change.
func listReader(t *testing.T, tale func(r *readerOfLists)) {
	t.Parallel()
	st := readStory(t, "testdata/seed-001.story")
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := &readerOfLists{stage: newStage(t, st, dir), csv: filepath.Join(dir, "list.csv")}
		r.config.Data, r.config.Subscribers.From.Path, r.config.Subscribers.Every = dir, r.csv, time.Hour
		r.power()
		r.appliance = &appliance{engine: r.engine, listing: newListing(), data: dir}
		ctx, stop := context.WithCancel(context.Background())
		var all sync.WaitGroup
		all.Go(func() { r.appliance.keepList(ctx, r.config) })
		synctest.Wait()
		tale(r)
		stop()
		all.Wait()
		r.stop()
		r.all.Wait()
	})
}

// write is a new list at the source.
func (r *readerOfLists) write(n int) {
	r.t.Helper()
	if err := os.WriteFile(r.csv, []byte(seed001(n)), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// due is what the schedule asks for.
func (r *readerOfLists) due(after time.Duration) {
	time.Sleep(after)
	r.appliance.listing.wake()
	synctest.Wait()
}

func (r *readerOfLists) expect(when string, subscribers int, why string) {
	r.t.Helper()
	l := r.engine.State().List
	if l.Subscribers != subscribers || !strings.Contains(l.Why, why) || why == "" && l.Why != "" {
		r.t.Errorf("%s: %d subscribers, why %q; want %d, %q", when, l.Subscribers, l.Why, subscribers, why)
	}
}

func TestTheListIsReadAgainAndKeptWhenItsSourceIsGone(t *testing.T) {
	listReader(t, func(r *readerOfLists) {
		r.expect("at the start", 0, "there is no list of subscribers")
		r.write(4812)
		r.due(0)
		r.expect("read", 4812, "")
		taken := r.engine.State().List.Taken
		r.write(4000)
		r.due(30 * time.Minute)
		r.expect("half an hour later, for the box was restarted: not read again", 4812, "")
		r.due(30 * time.Minute)
		r.expect("when it is due", 4000, "")
		if at := r.engine.State().List.Taken; at.Sub(taken) != time.Hour {
			t.Errorf("taken %s later", at.Sub(taken))
		}
		os.Remove(r.csv)
		r.due(time.Hour)
		r.expect("the source is gone", 4000, "list.csv")
		r.write(12)
		r.due(time.Hour)
		r.expect("the list shrank", 4000, "")
		if r.engine.State().Shrunk != "12 of 4000" {
			t.Errorf("people are told that %q is not taken", r.engine.State().Shrunk)
		}
	})
}

func TestARunningApplianceNoticesAnImport(t *testing.T) {
	listReader(t, func(r *readerOfLists) {
		l := &lists{dir: r.config.Data}
		defer l.Close()
		if _, err := l.Open(""); err == nil {
			t.Error("a list is open before there is one")
		}
		r.write(300)
		if _, err := importSubscribers(t.Context(), r.config, r.config.Subscribers, false); err != nil {
			t.Fatal(err)
		}
		first := open300(t, l)
		time.Sleep(listLooked)
		synctest.Wait()
		r.expect("after an import by hand", 300, "")

		// The version that a plan needs stays open, whatever comes in.
		if err := l.Hold(first.Version().ID); err != nil {
			t.Fatal(err)
		}
		r.write(200)
		if _, err := importSubscribers(t.Context(), r.config, r.config.Subscribers, false); err != nil {
			t.Fatal(err)
		}
		if d, err := l.Open(""); err != nil || d.Version().Count != 200 {
			t.Errorf("the newest list: %v", err)
		}
		if d, err := l.Open(first.Version().ID); err != nil || d != first {
			t.Errorf("the list that is held was opened again: %v", err)
		}
		if n, err := first.Count([]string{directory.Everybody}); err != nil || n.Subscribers != 300 {
			t.Errorf("it has %d subscribers: %v", n.Subscribers, err)
		}
		if err := l.Hold(); err != nil {
			t.Fatal(err)
		}
		if len(l.open) != 1 {
			t.Errorf("%d versions are open when none is held", len(l.open))
		}
	})
}

func open300(t *testing.T, l *lists) *directory.Directory {
	t.Helper()
	d, err := l.Open("")
	if err != nil {
		t.Fatal(err)
	}
	again, err := l.Open("")
	if err != nil || again != d || d.Version().Count != 300 {
		t.Errorf("the list that is open was opened again: %v", err)
	}
	return d
}
