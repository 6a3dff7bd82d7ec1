package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"heliograph/drivers/update"
	"heliograph/firmware/control"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
)

// imageFile describes the image that the box was started from. On a box that
// was not, it does not exist.
const imageFile = "/usr/share/heliograph/image.json"

// image is what the recipe of an image writes into it.
type image struct {
	Board   string    `json:"board"`
	Built   time.Time `json:"built"`
	Options string    `json:"options"`
	Key     string    `json:"key"` // minisign's public key; empty: no update is taken
}

// updater puts updates on this box.
type updater struct {
	engine *engine.Engine
	log    *slog.Logger
	root   string // "/" but in tests
	warn   func(text string)
	again  func()           // starts the box anew
	open   func(bool) error // makes the boot partition writable, and read-only again

	taking sync.Mutex // one update at a time: there is one free slot
}

func (a *appliance) updater() *updater {
	return &updater{
		engine: a.engine, log: a.log, root: "/", open: update.Remount("/boot"),
		warn: func(text string) { a.warn("update", text) },
		again: func() {
			a.leaveFor(event.ByUpdate)
			unix.Kill(1, unix.SIGINT) // as ctrl-alt-del does
		},
	}
}

// box describes the box to the driver.
func (u *updater) box() (update.Box, error) {
	text, err := os.ReadFile(u.root + strings.TrimPrefix(imageFile, "/"))
	if errors.Is(err, os.ErrNotExist) {
		return update.Box{}, errors.New("this box was not started from an image of heliograph: update it the way it was installed, such as by apt")
	}
	var i image
	if err == nil {
		err = json.Unmarshal(text, &i)
	}
	if err != nil {
		return update.Box{}, fmt.Errorf("read what image this is: %w", err)
	}
	line, err := os.ReadFile(u.root + "proc/cmdline")
	if err != nil {
		return update.Box{}, err
	}
	b := update.Box{Boot: u.root + "boot", Spool: u.root + "data", Board: i.Board, Built: i.Built, Writable: u.open}
	for _, word := range strings.Fields(string(line)) {
		if slot, ok := strings.CutPrefix(word, "heliograph.slot="); ok {
			b.Slot = slot
		}
	}
	if i.Key == "" {
		return b, errors.New("this image was built without a key, so no update is taken: build one with a key, and write it to the medium once")
	}
	b.Key, err = update.Key([]byte(i.Key))
	return b, err
}

// take installs an update, unless somebody needs the box now, and starts it.
func (u *updater) take(r io.Reader) (control.Answer, error) {
	if !u.taking.TryLock() {
		return control.Answer{Text: "another update is being taken in: wait for its answer"}, nil
	}
	defer u.taking.Unlock()
	for _, c := range u.engine.State().Incidents {
		if c.Phase != incident.Resolved && (c.Work == nil || c.Work.Begun) {
			return control.Answer{Text: fmt.Sprintf("incident #%d is open: an update waits until nothing is; try again after its all-clear", c.Number)}, nil
		}
	}
	b, err := u.box()
	if err != nil {
		return control.Answer{Text: err.Error()}, nil
	}
	m, err := b.Install(r)
	if errors.Is(err, update.ErrRuns) {
		return control.Answer{OK: true, Text: err.Error()}, nil
	}
	if err != nil {
		u.log.Warn("an update was refused", "why", err)
		return control.Answer{Text: err.Error()}, nil
	}
	u.log.Info("an update is installed, the box starts anew", "version", m.Version, "built", m.Built)
	time.AfterFunc(time.Second, u.again) // the answer goes out first
	return control.Answer{OK: true, Text: fmt.Sprintf("%s is installed. The box starts it now. It has three starts of a quarter of an hour each to get to watching; after that the boot loader takes the old one.", m.Version)}, nil
}

const (
	// trial is how long a new system has to prove itself, and proofEvery how
	// often it is looked at.
	trial      = 15 * time.Minute
	proofEvery = 5 * time.Second
)

// prove ends a new system's trial: it is good when every uplink is judged and
// a modem can send. One that does not get there is started again, and after
// its last try the boot loader takes the old one.
func (u *updater) prove(ctx context.Context) {
	b, err := u.box()
	if err != nil {
		return
	}
	on, err := b.OnTrial()
	if err != nil {
		u.log.Warn("whether this version is on trial is not known", "why", err)
	}
	if fallen, _ := b.Fallen(); fallen != "" {
		u.warn(fmt.Sprintf("the update to %s never got to watching, so the version before runs again: make an update that does", fallen))
	}
	if !on {
		return
	}
	end := time.Now().Add(trial)
	for !u.works() {
		if !time.Now().Before(end) {
			u.log.Error("this version did not get to watching: the box starts anew, and after the last try with the version before")
			u.again()
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(proofEvery):
		}
	}
	if err := b.Proved(); err != nil {
		u.log.Warn("this version works, but the boot loader could not be told", "why", err)
		return
	}
	u.log.Info("this version has proved itself: it stays")
}

// works says that every uplink is judged and that a modem can send.
func (u *updater) works() bool {
	s, r := u.engine.State(), u.engine.Rules()
	fit := false
	for _, w := range s.Workers {
		fit = fit || w.Fit
	}
	for _, rule := range r.Subjects {
		if c := s.Subjects[rule.Name].Current(rule).Condition; c == "" || c == "unknown" {
			return false
		}
	}
	return fit
}

type updateCmd struct {
	client
	From string `arg:"" help:"The update: a FILE, or an http:// or https:// address."`
}

func (c *updateCmd) Run(ctx context.Context, out io.Writer) error {
	from, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	a, err := control.Dial(c.Socket).Update(ctx, from)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, plain(a.Text))
	if !a.OK {
		return refused
	}
	return nil
}

func (updateCmd) Help() string {
	return "For boxes that were started from an image; others are updated the way they were installed. " +
		"Only an update that is signed with the image's key, made for this board and newer than what runs is taken, and none while an incident is open. " +
		"A new version has three starts of a quarter of an hour each to get to watching; after that the boot loader takes the old one."
}

// open opens the file, or begins to fetch it.
func (c *updateCmd) open(ctx context.Context) (io.ReadCloser, error) {
	if !strings.HasPrefix(c.From, "http://") && !strings.HasPrefix(c.From, "https://") {
		f, err := os.Open(c.From)
		if err != nil {
			return nil, fmt.Errorf("read the update: %w", err)
		}
		return f, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.From, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch the update: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch the update: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		return nil, fmt.Errorf("fetch the update: %s answers %s", c.From, res.Status)
	}
	return res.Body, nil
}
