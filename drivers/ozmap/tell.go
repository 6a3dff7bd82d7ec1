package ozmap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https/pace"
)

// Send gives the tag to all that the job's incident covers, or takes it away
// from those that have it through this incident alone. The receipt's reference
// says how many, or why nothing had to be done. What takes longer than
// Options.Timeout is a Retry that goes on where it stopped.
func (m *Map) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	switch {
	case j.Case == nil:
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Never, Err: errors.New("OZmap is told of incidents, and this is about none")}
	case m.o.Memory == nil:
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Never, Err: errors.New("ozmap: it has no memory, and tags nobody whom it could not untag")}
	case j.Case.Drill:
		return delivery.Receipt{Reference: "a drill tags nobody"}, nil
	case j.Case.Phase == delivery.Scheduled:
		return delivery.Receipt{Reference: "planned work is tagged when it begins"}, nil
	}
	own, cancel := context.WithTimeout(ctx, m.o.Timeout)
	defer cancel()
	leave, err := m.enter(own, j.Path)
	if err != nil {
		return delivery.Receipt{}, err
	}
	defer leave(j.More)
	t := &telling{m: m, job: j, c: j.Case, at: m.book.entry(j.Case.Key), most: cmp.Or(m.o.Most, mostTagged)}
	reference, no := t.tell(own)
	if no == nil {
		return delivery.Receipt{Reference: reference}, nil
	}
	if (own.Err() != nil || errors.Is(no.Err, pace.ErrLate)) && ctx.Err() == nil && no.Fate == delivery.Retry {
		no.Worker, no.After, no.Err = false, time.Second, fmt.Errorf("it takes long: %s so far, and it goes on", t.progress())
	}
	return delivery.Receipt{}, &no.Error
}

// telling is one Send on its way.
type telling struct {
	m    *Map
	job  delivery.Job
	c    *delivery.Case
	at   *entry
	most int
	tag  string // its id

	met                   map[string]bool // what the incident covers
	tagged, had, untagged int
	refused               int
	said                  string   // with what the first was refused
	unknown               []string // words that nothing in OZmap answers to
}

func (t *telling) tell(ctx context.Context) (string, *refusal) {
	if t.at.Telling >= t.c.Telling && t.c.Telling > 0 && !t.job.Doubtful {
		return "OZmap has it already", nil
	}
	if t.c.Telling > 0 && t.at.Telling > t.c.Telling {
		return "OZmap has newer news already", nil
	}
	names := t.names()
	if t.c.Phase.Over() || len(names) == 0 {
		return t.clear(ctx)
	}
	if t.at.Telling > 0 && !t.at.Over && !t.job.Doubtful && slices.Equal(names, t.at.Names) {
		return t.done(names, "as before")
	}
	t.at.Over = false
	if no := t.spread(ctx, names); no != nil {
		return "", no
	}
	return t.done(names, t.progress())
}

// names are the words for what is hit, in order.
func (t *telling) names() []string {
	var names []string
	for _, s := range t.c.Scope {
		if s.State != "operational" {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// spread tags all that is covered, and untags what no longer is.
func (t *telling) spread(ctx context.Context, names []string) (no *refusal) {
	if t.tag, no = t.m.tagID(ctx, true); no != nil {
		return no
	}
	t.met = map[string]bool{}
	if no := t.walk(ctx, names); no != nil {
		return no
	}
	return t.drop(ctx, func(id string) bool { return t.at.set[id] && !t.met[id] })
}

// clear ends the incident.
func (t *telling) clear(ctx context.Context) (string, *refusal) {
	t.at.Over = true
	if len(t.at.held) == 0 {
		note := "nothing to take away: nobody has the tag through " + t.c.Key
		if t.m.book.empty {
			note = "nothing is remembered of " + t.c.Key + ": look in OZmap whether somebody still carries " + t.m.o.Tag
		}
		return t.done(nil, note)
	}
	var no *refusal
	if t.tag, no = t.m.tagID(ctx, false); no != nil {
		return "", no
	}
	if no := t.drop(ctx, func(id string) bool { return t.at.set[id] }); no != nil {
		return "", no
	}
	return t.done(nil, t.progress())
}

func (t *telling) done(names []string, note string) (string, *refusal) {
	t.at.Telling, t.at.Names = max(t.at.Telling, t.c.Telling), names
	if err := t.m.book.keep(t.at); err != nil {
		return "", forgetful(err)
	}
	return note, nil
}

// forgetful: what cannot be remembered is not tagged.
func forgetful(err error) *refusal {
	return broken(&delivery.Error{Fate: delivery.Retry, Worker: true, Err: err})
}

func (t *telling) progress() string {
	all := []string{fmt.Sprintf("%d %s carry %s", len(t.at.held)+t.had, t.m.o.On, t.m.o.Tag)}
	if t.at.Over {
		all = []string{fmt.Sprintf("%s taken away from %d %s", t.m.o.Tag, t.untagged, t.m.o.On)}
	}
	for _, part := range []struct {
		n    int
		text string
	}{
		{t.had, "%d by somebody else's hand"},
		{map[bool]int{false: t.untagged}[t.at.Over], "%d no longer"},
		{t.refused, "%d refused it: " + strings.ReplaceAll(t.said, "%", "%%")},
	} {
		if part.n > 0 {
			all = append(all, fmt.Sprintf(part.text, part.n))
		}
	}
	if len(t.unknown) > 0 {
		all = append(all, "OZmap does not know "+strings.Join(t.unknown, ", "))
	}
	return strings.Join(all, "; ")
}

// found is an object with the tags that it carries.
type found struct {
	id   string
	tags []string
}

func marked(id string, tags []ref) found {
	f := found{id: id, tags: []string{}}
	for _, t := range tags {
		f.tags = append(f.tags, t.ID)
	}
	return f
}

// give tags a page of objects. Those that are going to be tagged are
// remembered first; who has it from another incident of ours has it from both.
func (t *telling) give(ctx context.Context, all []found) *refusal {
	var mine []string
	var bare []found
	for _, f := range all {
		if t.met[f.id] {
			continue
		}
		t.met[f.id] = true
		carries := slices.Contains(f.tags, t.tag)
		switch {
		case t.at.set[f.id]:
		case !carries || t.m.book.others(t.at, f.id):
			mine = append(mine, f.id)
		default:
			t.had++
		}
		if !carries {
			bare = append(bare, f)
		}
	}
	if len(t.met) > t.most {
		return tooMany(t.m.o.On, t.most)
	}
	if err := t.m.book.hold(t.at, mine); err != nil {
		return forgetful(err)
	}
	for _, f := range bare {
		if no := t.put(ctx, f.id, append(f.tags, t.tag)); no != nil {
			return no
		}
		t.tagged++
	}
	return nil
}

// put writes the tags of one object. That one is gone, or is refused, does not
// hold up the others.
func (t *telling) put(ctx context.Context, id string, tags []string) *refusal {
	if slices.Contains(tags, "") {
		return stranger("a tag without an id")
	}
	no := t.m.wire.do(ctx, http.MethodPatch, t.m.route()+"/"+url.PathEscape(id), map[string][]string{"tags": tags}, nil)
	switch {
	case no == nil || no.status == http.StatusNotFound:
		return nil
	case no.Fate == delivery.Never:
		t.refused++
		t.said = cmp.Or(t.said, no.said)
		return nil
	}
	return no
}

// drop takes the tag from those it is for, save who has it from another
// incident too. Each that is untagged leaves the list that is being read: the
// page is read again until nothing on it changes.
func (t *telling) drop(ctx context.Context, gone func(id string) bool) *refusal {
	release := map[string]bool{}
	for _, id := range t.at.held {
		if gone(id) {
			release[id] = true
		}
	}
	if len(release) == 0 {
		return nil
	}
	tried := map[string]bool{}
	for n := 1; t.tag != ""; {
		p, no := get[client](ctx, t.m.wire, t.m.route(), ask{limit: someClients, selects: "tags", filters: t.m.carrying(t.tag)}, n)
		if no != nil {
			return no
		}
		changed := false
		for _, row := range *p.Rows {
			f := marked(row.id(), row.Tags)
			if !slices.Contains(f.tags, t.tag) {
				return heedless(t.m.route())
			}
			if !release[f.id] || tried[f.id] || t.m.book.others(t.at, f.id) {
				continue
			}
			tried[f.id], changed = true, true
			if no := t.put(ctx, f.id, slices.DeleteFunc(f.tags, func(id string) bool { return id == t.tag })); no != nil {
				return no
			}
			t.untagged++
		}
		if !changed && (len(*p.Rows) == 0 || p.ends((n-1)*someClients+len(*p.Rows), someClients)) {
			break
		}
		if !changed {
			n++
		}
	}
	if err := t.m.book.release(t.at, release); err != nil {
		return forgetful(err)
	}
	return nil
}
