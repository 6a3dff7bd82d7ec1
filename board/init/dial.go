package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	yaml "github.com/goccy/go-yaml"
	"golang.org/x/sys/unix"
)

// diallers are the programs that dial: one for each backhaul that goes over
// PPP, beside the appliance, as systemd has them on Debian. The loop that runs
// the appliance owns the map.
type diallers struct {
	kids    *children
	running map[string]chan os.Signal // by backhaul, where its supervisor hears orders
	ended   sync.WaitGroup
}

// look starts what a configuration asks for and is not running yet. A backhaul
// that is in it no more keeps its dialler, which then refuses calls.
func (d *diallers) look() {
	text, err := os.ReadFile(configuration)
	if errors.Is(err, fs.ErrNotExist) {
		return // a box at its first start; the appliance says so
	}
	names, fault := dialled(text)
	tell(errors.Join(err, fault))
	for _, name := range names {
		if d.running[name] != nil {
			continue
		}
		orders := make(chan os.Signal, 1)
		d.running[name] = orders
		s := supervisor{what: "the dialler of " + name, argv: []string{appliance, "ppp", name, "-c", configuration}, kids: d.kids}
		d.ended.Go(func() { s.run(orders, nil) })
	}
}

// stop ends them, and waits until the modems are as they were.
func (d *diallers) stop() {
	for _, orders := range d.running {
		orders <- unix.SIGTERM
	}
	d.ended.Wait()
}

// dialled are the names of the backhauls that go over PPP. What is wrong with
// the rest of a configuration is for the appliance to say.
func dialled(configuration []byte) (names []string, err error) {
	var c struct {
		Backhaul []struct{ Name, Via string }
	}
	if err := yaml.Unmarshal(configuration, &c); err != nil {
		return nil, fmt.Errorf("which backhauls go over PPP: %w", err)
	}
	for _, b := range c.Backhaul {
		if b.Via == "ppp" && b.Name != "" {
			names = append(names, b.Name)
		}
	}
	return names, nil
}
