package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"heliograph/drivers/https"
	"heliograph/drivers/ozmap"
	"heliograph/drivers/splynx"
	"heliograph/drivers/subscribers"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// readOZmap reads who hangs where, and how they are reached from the list
// beside it.
func readOZmap(ctx context.Context, c config.Config, from config.Subscribers, o subscribers.Options) ([]string, error) {
	f := from.From
	m, err := ozmap.New(ozmap.Options{URL: f.URL, Token: f.Token.Reveal(), Dial: https.Dial((&ways{}).dial(event.Primary)), TLS: secured(event.Primary)})
	if err != nil {
		return nil, err
	}
	defer m.Close()
	if f.Join.Kind == "" {
		line := 0
		return nil, m.Each(ctx, func(s ozmap.Subscriber) error {
			line++
			return o.Row(line, subscribers.Subscriber(s))
		})
	}
	book, columns, err := contactsOf(ctx, c, from, o)
	if err != nil {
		return columns, fmt.Errorf("the contacts: %w", err)
	}
	return columns, errors.Join(m.Each(ctx, book.meet), book.rest())
}

// contacts is the list beside one that has no contacts.
type contacts struct {
	o      subscribers.Options
	byCode map[string]subscribers.Subscriber
	line   int
	met    map[string]bool
}

// contactsOf reads the whole list, because the other comes in no order.
func contactsOf(ctx context.Context, c config.Config, from config.Subscribers, o subscribers.Options) (*contacts, []string, error) {
	b := &contacts{o: o, byCode: map[string]subscribers.Subscriber{}, met: map[string]bool{}}
	j := from.From.Join
	aside := from
	aside.From = config.Directory{Kind: j.Kind, Path: j.Path, URL: j.URL, Key: j.Key, Auth: j.Auth, Secret: j.Secret}
	keep := o
	keep.Take = func(_ int, s subscribers.Subscriber) error {
		if s.Code != "" {
			b.byCode[strings.ToLower(s.Code)] = s
		}
		return nil
	}
	columns, err := readSubscribers(ctx, c, aside, keep)
	return b, columns, err
}

// meet brings a client of the map and the contacts of the same code together:
// where the line hangs is the map's to say, all else the list's.
func (b *contacts) meet(at ozmap.Subscriber) error {
	b.line++
	key := strings.ToLower(at.Code)
	s, ok := b.byCode[key]
	if !ok {
		return b.o.Row(b.line, subscribers.Subscriber(at))
	}
	b.met[key] = true
	for _, field := range []struct {
		to   *string
		from string
	}{{&s.Region, at.Region}, {&s.Municipality, at.Municipality}, {&s.Box, at.Box}, {&s.Uplink, at.Uplink}, {&s.Line, at.Line}} {
		if field.from != "" {
			*field.to = field.from
		}
	}
	s.Tags = slices.Concat(s.Tags, at.Tags)
	return b.o.Row(b.line, s)
}

// rest names those who are in the list and not on the map: nobody knows where
// they hang but by what the list says itself.
func (b *contacts) rest() error {
	for _, key := range slices.Sorted(maps.Keys(b.byCode)) {
		if b.met[key] {
			continue
		}
		b.line++
		s := b.byCode[key]
		b.o.Note(subscribers.Note{Line: b.line, Text: fmt.Sprintf("%s is not in OZmap: only what the list itself says of the line is known", s.Code), Taken: true})
		if err := b.o.Row(b.line, s); err != nil {
			return err
		}
	}
	return nil
}

func readSplynx(ctx context.Context, c config.Config, from config.Subscribers, o subscribers.Options) error {
	f := from.From
	s, err := splynx.New(splynx.Options{
		URL: f.URL, Key: f.Key, Secret: f.Secret.Reveal(), Auth: f.Auth, Dial: https.Dial((&ways{}).dial(event.Primary)), TLS: secured(event.Primary),
		Memory: smallFiles{filepath.Join(c.Data, "splynx.")},
	})
	if err != nil {
		return err
	}
	line := 0
	return s.Each(ctx, func(x splynx.Subscriber) error {
		line++
		return o.Row(line, subscribers.Subscriber(x))
	})
}

// smallFiles is the memory of a driver that works beside the appliance as well,
// where nobody has the store: an import by hand.
type smallFiles struct{ path string }

func (m smallFiles) Load(key string) ([]byte, error) {
	b, err := os.ReadFile(m.path + key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// Store replaces the value whole, and on the disk before it returns.
func (m smallFiles) Store(key string, value []byte) error {
	aside := m.path + key + ".new"
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(value)
	if about, e := os.Stat(filepath.Dir(m.path)); e == nil && os.Geteuid() == 0 {
		if owner, ok := about.Sys().(*syscall.Stat_t); ok { // the service runs as another user
			err = errors.Join(err, f.Chown(int(owner.Uid), int(owner.Gid)))
		}
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(aside, m.path+key)
}
