package ozmap

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"heliograph/drivers/delivery"
)

// Subscriber is one client of OZmap.
type Subscriber struct {
	Code, Name                              string
	Phones, Mails                           []string // as they stand there; OZmap itself has none
	Language                                string
	Region, Municipality, Box, Uplink, Line string // Municipality is the project, Line the PPPoE user
	Tags                                    []string
	Channels                                []string
	Class, Partner                          string
}

// Each hands over every client, in no order, and stops at the first error.
// Region is the smallest area that was drawn around the client, or else the
// project; further areas and boxes stand among the tags, and the tag of an
// outage does not. A page that is refused for now is asked for again; what is
// still refused then ends it with a *delivery.Error, and what was handed over
// is not the whole list.
func (m *Map) Each(ctx context.Context, take func(Subscriber) error) error {
	w := newWire(m.o)
	defer w.HangUp()
	most := cmp.Or(m.o.Most, mostRead)
	a, no := m.survey(ctx, w, most)
	var failed error
	if no == nil {
		want := ask{limit: m.o.Rows, populate: "tags", selects: "code name tags onu phone phones email emails"}
		no = each(ctx, w, clients, want, most, func(rows []client) *refusal {
			for _, c := range rows {
				if failed = take(a.subscriber(c, m.o.Tag)); failed != nil {
					return broken(&delivery.Error{Fate: delivery.Never, Err: failed})
				}
			}
			return nil
		})
	}
	switch {
	case failed != nil:
		return failed
	case no != nil:
		return &no.Error
	}
	return nil
}

// atlas is where everybody is.
type atlas struct {
	tags, boxes, projects map[string]string // names by id
	regions               []region          // the smallest first
	homes                 map[string]home   // by the client's id
}

type home struct {
	box, region, municipality string
	more                      []string // what else may be named to mean it
}

func (m *Map) survey(ctx context.Context, w *wire, most int) (a *atlas, no *refusal) {
	a = &atlas{homes: map[string]home{}}
	for _, list := range []struct {
		route string
		into  *map[string]string
	}{{tags, &a.tags}, {boxes, &a.boxes}, {projects, &a.projects}} {
		if *list.into, no = m.names(ctx, w, list.route, most); no != nil {
			return nil, no
		}
	}
	if a.regions, no = m.areas(ctx, w, nil); no != nil {
		return nil, no
	}
	no = each(ctx, w, properties, ask{limit: m.o.Rows, selects: "client box project coords lng lat"}, most, func(rows []property) *refusal {
		for _, p := range rows {
			if p.Client.ID != "" {
				a.settle(p)
			}
		}
		return nil
	})
	return a, no
}

// names reads what the objects of a list are called.
func (m *Map) names(ctx context.Context, w *wire, route string, most int) (map[string]string, *refusal) {
	names := map[string]string{}
	no := each(ctx, w, route, ask{limit: m.o.Rows, selects: "name"}, most, func(rows []thing) *refusal {
		for _, t := range rows {
			names[t.id()] = strings.TrimSpace(string(t.Name))
		}
		return nil
	})
	return names, no
}

const someRegions = 20 // of a page: each has all its corners

// areas reads the regions that fit, the smallest first.
func (m *Map) areas(ctx context.Context, w *wire, only []filter) (all []region, no *refusal) {
	no = each(ctx, w, regions, ask{limit: min(someRegions, m.o.Rows), selects: "name polygon projects", filters: only}, mostTagged, func(rows []region) *refusal {
		all = append(all, rows...)
		return nil
	})
	slices.SortStableFunc(all, func(a, b region) int { return cmp.Compare(a.Polygon.size, b.Polygon.size) })
	return all, no
}

// settle enters where a property's client lives; of a second property only the
// names, so that either place means this client.
func (a *atlas) settle(p property) {
	h := home{box: cmp.Or(a.boxes[p.Box.ID], p.Box.Name), municipality: cmp.Or(a.projects[p.Project.ID], p.Project.Name)}
	if at, ok := p.at(); ok {
		for _, r := range a.regions {
			switch name := strings.TrimSpace(string(r.Name)); {
			case name == "" || !r.Polygon.holds(at):
			case h.region == "":
				h.region = name
			default:
				h.more = append(h.more, name)
			}
		}
	}
	h.region = cmp.Or(h.region, h.municipality)
	if first, ok := a.homes[p.Client.ID]; ok {
		for _, name := range append(h.more, h.box, h.region, h.municipality) {
			if name != "" && name != first.box && name != first.region && name != first.municipality && !slices.Contains(first.more, name) {
				first.more = append(first.more, name)
			}
		}
		h = first
	}
	a.homes[p.Client.ID] = h
}

func (a *atlas) subscriber(c client, outage string) Subscriber {
	h := a.homes[c.id()]
	s := Subscriber{
		Code: strings.TrimSpace(string(c.Code)), Name: strings.TrimSpace(string(c.Name)), Phones: append(c.Phone, c.Phones...), Mails: append(c.Mail, c.Mails...),
		Box: h.box, Region: h.region, Municipality: h.municipality, Line: strings.TrimSpace(string(c.ONU.Login)), Tags: slices.Clone(h.more),
	}
	for _, t := range c.Tags {
		name := strings.TrimSpace(cmp.Or(a.tags[t.ID], t.Name))
		if name != "" && !strings.EqualFold(name, outage) && !slices.Contains(s.Tags, name) {
			s.Tags = append(s.Tags, name)
		}
	}
	return s
}
