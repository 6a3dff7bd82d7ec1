package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"heliograph/firmware/event"
	"heliograph/firmware/rehearsal/story"
	"heliograph/storage/directory"
)

// roster is the list of subscribers as a story tells of it.
type roster struct {
	at    time.Duration // of the lines that it is made of
	rows  []story.Row   // those of now
	ever  map[string]story.Row
	mails map[string]string // codes of those who have no number
}

// enlist imports a list in which a line stands, with those of the same instant,
// or has somebody tag clients.
func (s *stage) enlist(l story.Line) {
	s.t.Helper()
	if l.Verb == "tags" {
		s.engine.Put(sighted(s.config.Channels.OZmap.Tag, append([]string{l.Who}, l.Words...)))
		return
	}
	rows, err := l.Rows()
	if err != nil {
		s.t.Fatal(err)
	}
	if l.At != s.list.at {
		s.list.rows, s.list.at = nil, l.At
	}
	if s.list.ever == nil {
		s.list.ever, s.list.mails = map[string]story.Row{}, map[string]string{}
	}
	for _, r := range rows {
		s.list.ever[r.Phone] = r
		if r.Phone == "" {
			s.list.mails[r.Mail] = r.Code
		} else if !r.Crowd {
			s.people[r.Code] = r.Phone
		}
	}
	s.list.rows = append(s.list.rows, rows...)
	if err := importRows(s.dir, s.list.rows, s.clocks().wall); err != nil {
		s.t.Fatal(err)
	}
}

// importRows takes a list. As with a store, what holds its lock may be a copy
// of the file in a process that another test is about to start.
func importRows(dir string, rows []story.Row, now time.Time) error {
	var b *directory.Builder
	var err error
	for try := 0; try < 1000; try++ {
		if b, err = directory.Create(dir, "a story"); err == nil || !strings.Contains(err.Error(), "under way") {
			break
		}
		unix.Poll(nil, 2)
	}
	if err != nil {
		return err
	}
	defer b.Abandon()
	b.Force()
	for _, r := range rows {
		x := directory.Subscriber{Code: r.Code, Language: r.Language, Region: r.Region, Box: r.Box, Uplink: r.Uplink, Line: r.Line, Class: r.Class}
		if r.Phone != "" {
			x.Phones = []string{r.Phone}
		}
		if r.Mail != "" {
			x.Mails = []string{r.Mail}
		}
		if r.Tag != "" {
			x.Tags = []string{r.Tag}
		}
		err = errors.Join(err, b.Add(x))
	}
	if err != nil {
		return err
	}
	_, err = b.Finish(now)
	return err
}

// crowds counts what those of the list got who are not named: one line for all
// who got the same words, in the place of the first.
func (r *roster) crowds(sent []sentText) []sentText {
	var all []sentText
	count, place := map[string]int{}, map[string]int{}
	for _, x := range sent {
		if !r.ever[x.to].Crowd {
			all = append(all, x)
			continue
		}
		if count[x.text]++; count[x.text] == 1 {
			place[x.text] = len(all)
			all = append(all, x)
		}
	}
	for text, at := range place {
		all[at].to = fmt.Sprintf("%d subscribers", count[text])
	}
	return slices.Clip(all)
}

// sighted is what somebody has tagged in OZmap.
func sighted(tag string, what []string) event.Tagged {
	f := event.Tagged{Tag: tag}
	for _, name := range what {
		if box, is := strings.CutPrefix(name, "box:"); is {
			f.Names = append(f.Names, box)
		} else if name != "nothing" {
			f.Codes = append(f.Codes, name)
		}
	}
	return f
}
