package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/storage/directory"
)

// subscribersOf says how subscribers are told; nil if no list is configured.
func subscribersOf(c config.Config) *decide.Subscribers {
	s := c.Subscribers
	if s.From.Kind == "" {
		return nil
	}
	return &decide.Subscribers{
		After: s.After, Cap: s.Cap, First: s.First, Awake: s.Awake, Mail: c.Channels.Mail.From != "", Every: s.Every,
		Quiet: audience.Quiet{From: audience.Clock(s.Quiet.From), To: audience.Clock(s.Quiet.To), Except: s.Quiet.Except},
	}
}

// lists keeps the versions of the list of subscribers open that the engine
// needs. Only the engine's goroutine calls Open and Hold, and it is done with
// what it was given before it calls again: what is closed, nobody reads.
type lists struct {
	dir string

	mu     sync.Mutex // Close may come from elsewhere
	open   map[string]*directory.Directory
	newest string // the version that was the newest when it was looked at
	looked [2]trace
	held   []string
}

// trace tells whether a file is the one that was seen before.
type trace struct {
	info fs.FileInfo
	at   time.Time
	size int64
}

func traceOf(path string) trace {
	info, err := os.Stat(path)
	if err != nil {
		return trace{}
	}
	return trace{info: info, at: info.ModTime(), size: info.Size()}
}

func (t trace) same(as trace) bool {
	if t.info == nil || as.info == nil {
		return t.info == nil && as.info == nil
	}
	return os.SameFile(t.info, as.info) && t.at.Equal(as.at) && t.size == as.size
}

// look is what two calls of stat tell of the newest version: an import puts a
// new file in place, and even the same list gets a new date.
func (l *lists) look() [2]trace {
	return [2]trace{traceOf(filepath.Join(l.dir, "directory.db")), traceOf(filepath.Join(l.dir, "directory.json"))}
}

// Open gives a version; empty is the newest.
func (l *lists) Open(version string) (*directory.Directory, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if version == "" {
		return l.openNewest()
	}
	if d := l.open[version]; d != nil {
		return d, nil
	}
	d, err := directory.Open(l.dir, version)
	if err != nil {
		return nil, err
	}
	l.keep(version, d)
	return d, nil
}

func (l *lists) openNewest() (*directory.Directory, error) {
	now := l.look()
	if d := l.open[l.newest]; d != nil && now[0].same(l.looked[0]) && now[1].same(l.looked[1]) {
		return d, nil
	}
	d, err := directory.Open(l.dir, "")
	if err != nil {
		return nil, err
	}
	l.newest, l.looked = d.Version().ID, now
	l.keep(l.newest, d)
	l.letGo()
	return d, nil
}

// keep takes a version in, in the place of one with another date.
func (l *lists) keep(version string, d *directory.Directory) {
	if l.open == nil {
		l.open = map[string]*directory.Directory{}
	}
	if was := l.open[version]; was != nil {
		was.Close()
	}
	l.open[version] = d
}

// letGo closes what is neither the newest nor held.
func (l *lists) letGo() {
	for id, d := range l.open {
		if id != l.newest && !slices.Contains(l.held, id) {
			d.Close()
			delete(l.open, id)
		}
	}
}

// Hold keeps these versions, and no others, from being thrown away.
func (l *lists) Hold(versions ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = slices.Clone(versions)
	l.letGo()
	return directory.Hold(l.dir, versions...)
}

// Close ends the use of all versions, once the engine has ended.
func (l *lists) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var faults []error
	for _, d := range l.open {
		faults = append(faults, d.Close())
	}
	l.open = nil
	return errors.Join(faults...)
}
