package main

import (
	"context"
	"errors"
	"time"

	"heliograph/firmware/config"
	"heliograph/firmware/event"
	"heliograph/firmware/schedule"
	"heliograph/storage/directory"
)

// timetableOf is what is done by the clock.
func timetableOf(c config.Config) schedule.Plan {
	p := jobsOf(c)
	if c.Subscribers.From.Kind != "" {
		p.Often = append(p.Often, schedule.Often{Every: c.Subscribers.Every, Fact: event.ListDue{}})
	}
	if o := c.Channels.OZmap; o.URL != "" && o.Read {
		p.Often = append(p.Often, schedule.Often{Every: o.Every, Fact: event.TagsDue{}})
	}
	return p
}

// listing has the list of subscribers read anew when it is its time.
type listing struct{ due chan struct{} }

func newListing() listing { return listing{make(chan struct{}, 1)} }

// wake never blocks: what is due twice is read once.
func (l listing) wake() {
	select {
	case l.due <- struct{}{}:
	default:
	}
}

const (
	listLooked = 10 * time.Second // how soon a list is noticed that somebody imported
	listWithin = 30 * time.Minute // how long the reading of a source may take
)

// keepList reads the list anew when it is due, and tells when somebody has
// imported another.
func (a *appliance) keepList(ctx context.Context, c config.Config) {
	look := lists{dir: c.Data}
	seen := look.look()
	a.engine.Put(event.ListRead{List: listFound(c.Data)})
	tick := time.NewTicker(listLooked)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			now := look.look()
			if now[0].same(seen[0]) && now[1].same(seen[1]) {
				continue
			}
			seen = now
			a.engine.Put(event.ListRead{List: listFound(c.Data)})
		case <-a.listing.due:
			if read, ok := readList(ctx, c); ok {
				seen = look.look()
				a.engine.Put(read)
			}
		}
	}
}

// listFound is the newest list, if there is one.
func listFound(dir string) event.List {
	v, err := directory.Newest(dir)
	if err != nil {
		return event.List{Why: err.Error()}
	}
	return event.List{Version: v.ID, Taken: v.Taken, Subscribers: v.Count}
}

// readList imports the list from its source, unless the one there is is young:
// the appliance was only restarted, or somebody has just imported it.
func readList(ctx context.Context, c config.Config) (event.ListRead, bool) {
	was := listFound(c.Data)
	if age := time.Since(was.Taken); was.Version != "" && age >= 0 && age < c.Subscribers.Every*9/10 {
		return event.ListRead{}, false
	}
	own, cancel := context.WithTimeout(ctx, listWithin)
	defer cancel()
	_, err := importSubscribers(own, c, c.Subscribers, false)
	if ctx.Err() != nil {
		return event.ListRead{}, false
	}
	read := event.ListRead{List: listFound(c.Data)}
	var shrunk *directory.Shrunk
	switch {
	case errors.As(err, &shrunk):
		read.Now, read.Before, read.With = shrunk.Now, shrunk.Before, shrunk.What
	case err != nil:
		read.Why = err.Error()
	}
	return read, true
}
