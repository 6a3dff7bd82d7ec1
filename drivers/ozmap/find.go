package ozmap

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"heliograph/drivers/delivery"
)

const someClients = 20 // of a page whose rows are written: what is read must not grow old

// route is where the objects are that carry the tag.
func (m *Map) route() string {
	if m.o.On == "boxes" {
		return boxes
	}
	return clients
}

// carrying are those that have a tag.
func (m *Map) carrying(tag string) []filter { return only("tags", tag) }

func only(property string, values ...string) []filter {
	return []filter{{property, "in", values}}
}

// tagID finds the tag by its name, whatever its capitals: OZmap's own pages
// write it in two ways. One that is not there is made if make says so, and else
// is empty.
func (m *Map) tagID(ctx context.Context, create bool) (string, *refusal) {
	var best thing
	no := each(ctx, m.wire, tags, ask{limit: m.o.Rows, selects: "name"}, mostTagged, func(rows []thing) *refusal {
		for _, t := range rows {
			if name := strings.TrimSpace(string(t.Name)); name == m.o.Tag || best.id() == "" && strings.EqualFold(name, m.o.Tag) {
				best = t
			}
		}
		return nil
	})
	if no != nil || best.id() != "" || !create {
		return best.id(), no
	}
	kind := map[string]string{clients: "client", boxes: "box"}[m.route()]
	no = m.wire.do(ctx, http.MethodPost, tags, map[string]any{"name": m.o.Tag, "allowedTypes": []string{kind}}, &best)
	if no == nil && best.id() == "" {
		no = stranger("a tag without an id")
	}
	return best.id(), no
}

// walk gives the tag to all that the words cover.
func (t *telling) walk(ctx context.Context, words []string) *refusal {
	var names []string
	for _, word := range words {
		if covers, ok := t.m.o.Covers[word]; ok {
			names = append(names, covers...)
		} else {
			names = append(names, word)
		}
	}
	known := map[string]bool{}
	for _, step := range []func(context.Context, []string, map[string]bool) *refusal{t.byName, t.byProject, t.byRegion} {
		if no := step(ctx, names, known); no != nil {
			return no
		}
	}
	for _, name := range names {
		if !known[name] && !slices.Contains(t.unknown, name) {
			t.unknown = append(t.unknown, name)
		}
	}
	return nil
}

// byName is for names of boxes, and for codes of clients.
func (t *telling) byName(ctx context.Context, names []string, known map[string]bool) *refusal {
	if t.m.o.On == "clients" {
		no := each(ctx, t.m.wire, clients, ask{limit: someClients, selects: "code tags", filters: only("code", names...)}, t.most, func(rows []client) *refusal {
			all := make([]found, 0, len(rows))
			for _, c := range rows {
				if !slices.Contains(names, string(c.Code)) {
					return heedless(clients)
				}
				known[string(c.Code)] = true
				all = append(all, marked(c.id(), c.Tags))
			}
			return t.give(ctx, all)
		})
		if no != nil {
			return no
		}
	}
	var ids []string
	no := each(ctx, t.m.wire, boxes, ask{limit: someClients, selects: "name tags", filters: only("name", names...)}, t.most, func(rows []box) *refusal {
		var all []found
		for _, b := range rows {
			if !slices.Contains(names, string(b.Name)) {
				return heedless(boxes)
			}
			known[string(b.Name)] = true
			ids = append(ids, b.id())
			all = append(all, marked(b.id(), b.Tags))
		}
		if t.m.o.On == "boxes" {
			return t.give(ctx, all)
		}
		return nil
	})
	if no != nil || len(ids) == 0 || t.m.o.On == "boxes" {
		return no
	}
	return t.among(ctx, "box", ids, anywhere)
}

func (t *telling) byProject(ctx context.Context, names []string, known map[string]bool) *refusal {
	var ids []string
	no := each(ctx, t.m.wire, projects, ask{limit: t.m.o.Rows, selects: "name", filters: only("name", names...)}, t.most, func(rows []thing) *refusal {
		for _, p := range rows {
			if !slices.Contains(names, string(p.Name)) {
				return heedless(projects)
			}
			known[string(p.Name)] = true
			ids = append(ids, p.id())
		}
		return nil
	})
	if no != nil || len(ids) == 0 {
		return no
	}
	return t.among(ctx, "project", ids, anywhere)
}

// byRegion asks for all of a region's projects and looks itself who is inside.
func (t *telling) byRegion(ctx context.Context, names []string, known map[string]bool) *refusal {
	all, no := t.m.areas(ctx, t.m.wire, only("name", names...))
	if no != nil {
		return no
	}
	for _, r := range all {
		if !slices.Contains(names, string(r.Name)) {
			return heedless(regions)
		}
		known[string(r.Name)] = true
		var ids []string
		for _, p := range r.Projects {
			ids = append(ids, p.ID)
		}
		inside := func(p place) bool { at, ok := p.at(); return ok && r.Polygon.holds(at) }
		if no := t.among(ctx, "project", ids, inside); no != nil {
			return no
		}
	}
	return nil
}

func anywhere(place) bool { return true }

// among gives the tag to those of some boxes or projects that lie inside; no
// ids are all there are.
func (t *telling) among(ctx context.Context, of string, ids []string, inside func(place) bool) *refusal {
	var where []filter
	if len(ids) > 0 {
		where = only(of, ids...)
	}
	asked := func(p place) bool {
		return len(ids) == 0 || slices.Contains(ids, map[string]string{"box": p.Box.ID, "project": p.Project.ID}[of])
	}
	if t.m.o.On == "boxes" {
		return each(ctx, t.m.wire, boxes, ask{limit: someClients, selects: "tags project coords lng lat", filters: where}, mostRead, func(rows []box) *refusal {
			var all []found
			for _, b := range rows {
				if !asked(b.place) {
					return heedless(boxes)
				}
				if inside(b.place) {
					all = append(all, marked(b.id(), b.Tags))
				}
			}
			return t.give(ctx, all)
		})
	}
	want := ask{limit: someClients, selects: "client box project coords lng lat", populate: "client", filters: where}
	return each(ctx, t.m.wire, properties, want, mostRead, func(rows []property) *refusal {
		var all []found
		for _, p := range rows {
			if !asked(p.place) {
				return heedless(properties)
			}
			if p.Client.ID == "" || t.met[p.Client.ID] || !inside(p.place) {
				continue
			}
			f, no := t.whole(ctx, p.Client)
			if no != nil {
				return no
			}
			if f.id != "" {
				all = append(all, f)
			}
		}
		return t.give(ctx, all)
	})
}

// whole is a client with its tags: as it came, or asked for where it did not.
func (t *telling) whole(ctx context.Context, r ref) (found, *refusal) {
	var c client
	if r.Whole != nil && json.Unmarshal(r.Whole, &c) == nil && c.Tags != nil {
		return marked(r.ID, c.Tags), nil
	}
	no := t.m.wire.do(ctx, http.MethodGet, clients+"/"+url.PathEscape(r.ID)+"?select=tags", nil, &c)
	switch {
	case no != nil && no.status == http.StatusNotFound:
		return found{}, nil
	case no == nil && c.id() == "":
		no = stranger("a client without an id")
	}
	return marked(r.ID, c.Tags), no
}

// Object is something that carries the tag.
type Object struct {
	Kind string // "client", "box" or "region"
	ID   string // OZmap's
	Code string // of a client
	Name string
	Ours bool // it carries the tag through an incident of ours
}

// Tagged hands over every client, box and region that carries the tag, whoever
// gave it to them, and stops at the first error.
func (m *Map) Tagged(ctx context.Context, take func(Object) error) error {
	ctx, cancel := context.WithTimeout(ctx, m.o.Timeout)
	defer cancel()
	leave, err := m.enter(ctx, "")
	if err != nil {
		return err
	}
	defer leave(false)
	tag, no := m.tagID(ctx, false)
	if no != nil {
		return &no.Error
	}
	for _, list := range []struct{ route, kind string }{{clients, "client"}, {boxes, "box"}, {regions, "region"}} {
		if tag == "" {
			break
		}
		want := ask{limit: m.o.Rows, selects: "code name tags", filters: m.carrying(tag)}
		no := each(ctx, m.wire, list.route, want, mostRead, func(rows []client) *refusal {
			for _, c := range rows {
				if !slices.Contains(marked("", c.Tags).tags, tag) {
					return heedless(list.route)
				}
				if err = take(Object{list.kind, c.id(), string(c.Code), string(c.Name), m.book.ours(c.id())}); err != nil {
					return broken(&delivery.Error{Fate: delivery.Never, Err: err})
				}
			}
			return nil
		})
		switch {
		case err != nil:
			return err
		case no != nil:
			return &no.Error
		}
	}
	return nil
}
