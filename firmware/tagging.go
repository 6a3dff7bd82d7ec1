package main

import (
	"context"
	"crypto/tls"
	"net"
	"slices"

	"heliograph/drivers/delivery"
	"heliograph/drivers/ozmap"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// mapOf is the map that incidents tag clients in.
func mapOf(c config.Config) []event.Recipient {
	if o := c.Channels.OZmap; o.URL != "" && o.Write {
		return []event.Recipient{{Name: "OZmap", Channel: event.OZmap, Address: "ozmap", Language: c.Language}}
	}
	return nil
}

// subjectNames are the uplinks and services: names that mean something in a map
// only where the configuration says what they cover there.
func subjectNames(c config.Config) []string {
	var names []string
	for _, u := range c.Uplinks {
		names = append(names, u.Name)
	}
	for _, s := range c.Services {
		names = append(names, s.Name)
	}
	return names
}

// tagger is one OZmap over all paths: what carries the tag through us is
// remembered once, whichever way it went.
type tagger struct {
	*ozmap.Map
	turn chan struct{} // whoever holds its one token owns the path
	path string        // over which it is being spoken to
	own  []string      // names that are not OZmap's
}

// newTagger makes the driver; dial gives the dialer of a path.
func newTagger(o config.OZmap, own []string, dial func(path string) dialer, conf *tls.Config, memory ozmap.Memory) (*tagger, error) {
	t := &tagger{turn: make(chan struct{}, 1), path: event.Primary}
	for _, name := range own {
		if len(o.Covers[name]) == 0 {
			t.own = append(t.own, name)
		}
	}
	var err error
	t.Map, err = ozmap.New(ozmap.Options{
		URL: o.URL, Token: o.Token.Reveal(), Tag: o.Tag, On: o.On, Covers: o.Covers, Memory: memory, TLS: conf, Rate: float64(o.Rate),
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dial(t.path)(ctx, network, address)
		},
	})
	return t, err
}

// over does something over a path, one after the other.
func (t *tagger) over(ctx context.Context, path string, do func() error) error {
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return &delivery.Error{Fate: delivery.Retry, Worker: true, Err: ctx.Err()}
	}
	defer func() { <-t.turn }()
	if t.path != path {
		t.Map.Close() // what was kept open leads elsewhere
	}
	t.path = path
	return do()
}

// tagsOver is the account of a path.
type tagsOver struct {
	*tagger
	by string
}

func (t tagsOver) Send(ctx context.Context, j delivery.Job) (r delivery.Receipt, err error) {
	if j.Case != nil {
		c := *j.Case
		c.Scope = slices.DeleteFunc(slices.Clone(c.Scope), func(x delivery.Touched) bool { return slices.Contains(t.own, x.Name) })
		j.Case = &c
	}
	err = t.over(ctx, t.by, func() error { r, err = t.Map.Send(ctx, j); return err })
	return r, err
}

func (t tagsOver) Check(ctx context.Context) error {
	return t.over(ctx, t.by, func() error { return t.Map.Check(ctx) })
}

// taggingOf makes the one driver of all paths.
func (a *appliance) taggingOf(c config.Config, s byPath) (byPath, error) {
	t, err := a.taggerOf(c)
	if err != nil {
		return s, err
	}
	for _, path := range pathsOf(c) {
		s.on[path] = tagsOver{t, path}
	}
	return s, nil
}

func (a *appliance) taggerOf(c config.Config) (*tagger, error) {
	paths := pathsOf(c)
	return newTagger(c.Channels.OZmap, subjectNames(c), a.ways.dial, secured(paths[len(paths)-1]), driverMemory{"channel " + event.OZmap, a.engine})
}

// keepTags looks what others have tagged, over the primary path only, and
// passes on what is new.
func (a *appliance) keepTags(ctx context.Context, c config.Config) {
	var last event.Tagged
	first := true
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.finding.due:
		}
		found := findTags(ctx, c.Channels.OZmap.Tag, func() (*tagger, error) { return a.taggerOf(c) })
		if ctx.Err() != nil {
			return
		}
		why := ""
		if found.Why != "" {
			why = "OZmap: " + found.Why
		}
		a.warn("tags", why)
		if found.Why == "" && (first || !slices.Equal(found.All(), last.All())) {
			a.engine.Put(found)
			last, first = found, false
		}
	}
}

// findTags reads what carries the tag by somebody else's hand. It has a driver
// of its own, so that a silent primary path holds up nobody who writes; and what
// is found is looked at twice, because this box may be tagging at that moment.
func findTags(ctx context.Context, tag string, open func() (*tagger, error)) event.Tagged {
	found := lookForTags(ctx, tag, open)
	if len(found.All()) == 0 {
		return found
	}
	again := lookForTags(ctx, tag, open)
	again.Names = slices.DeleteFunc(again.Names, func(n string) bool { return !slices.Contains(found.Names, n) })
	again.Codes = slices.DeleteFunc(again.Codes, func(n string) bool { return !slices.Contains(found.Codes, n) })
	return again
}

// lookForTags looks once.
func lookForTags(ctx context.Context, tag string, open func() (*tagger, error)) event.Tagged {
	t, err := open()
	if err != nil {
		return event.Tagged{Why: err.Error()}
	}
	defer t.Close()
	found := event.Tagged{Tag: tag}
	err = t.Map.Tagged(ctx, func(o ozmap.Object) error {
		switch {
		case o.Ours:
		case o.Kind == "client" && o.Code != "":
			found.Codes = append(found.Codes, o.Code)
		case o.Kind != "client":
			found.Names = append(found.Names, o.Name)
		}
		return nil
	})
	if err != nil {
		found = event.Tagged{Why: err.Error()}
	}
	slices.Sort(found.Names)
	slices.Sort(found.Codes)
	return found
}
