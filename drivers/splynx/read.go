package splynx

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"heliograph/drivers/delivery"
)

// Subscriber is one customer with an internet service that is in use.
type Subscriber struct {
	Code, Name                              string
	Phones, Mails                           []string // as they stand there
	Language                                string
	Region, Municipality, Box, Uplink, Line string // Region is the location, Municipality the city, Box the sector or the router, Line the service's login
	Tags                                    []string
	Channels                                []string
	Class, Partner                          string // Class is business or home
}

// whole is a number that some versions write as a text.
type whole int64

func (w *whole) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
	if err != nil {
		n = 0 // null, empty, a word: none
	}
	*w = whole(n)
	return nil
}

// word is a text that some versions write as a number, or leave null.
type word string

func (w *word) UnmarshalJSON(text []byte) error {
	switch {
	case text[0] == '"':
		return json.Unmarshal(text, (*string)(w))
	case string(text) == "null" || text[0] == '{' || text[0] == '[':
		*w = ""
	default:
		*w = word(text)
	}
	return nil
}

func (w word) trimmed() string { return strings.TrimSpace(string(w)) }

// parts are the texts between commas: a field holds several numbers.
func (w word) parts(marks string) []string {
	var all []string
	for _, p := range strings.FieldsFunc(string(w), func(r rune) bool { return strings.ContainsRune(marks, r) }) {
		if p = strings.TrimSpace(p); p != "" && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// row is what every list has.
type row struct {
	ID    whole `json:"id"`
	Name  word  `json:"name"`  // of locations and partners
	Title word  `json:"title"` // of routers and sectors
}

func (r row) id() whole { return r.ID }

type service struct {
	row
	Customer whole `json:"customer_id"`
	Status   word  `json:"status"`
	Login    word  `json:"login"`
	Router   whole `json:"router_id"`
	Sector   whole `json:"sector_id"`
}

type customer struct {
	row
	Login    word            `json:"login"`
	Status   word            `json:"status"`
	Partner  whole           `json:"partner_id"`
	Location whole           `json:"location_id"`
	Mail     word            `json:"email"`
	Phone    word            `json:"phone"`
	Category word            `json:"category"`
	City     word            `json:"city"`
	Labels   labels          `json:"customer_labels"`
	More     json.RawMessage `json:"additional_attributes"` // an object; PHP writes an empty one as a list
}

type labels []string

// UnmarshalJSON takes labels; bare ids say nothing to people and are left out.
func (l *labels) UnmarshalJSON(text []byte) error {
	var whole []struct{ Label word }
	*l = nil
	if json.Unmarshal(text, &whole) == nil {
		for _, one := range whole {
			if name := one.Label.trimmed(); name != "" {
				*l = append(*l, name)
			}
		}
	}
	return nil
}

// Each hands over every customer of the wanted statuses, in the order of their
// ids, and stops at the first error. Who has internet services and none that is
// active has no line that could be hit, and is left out. A page that is refused
// for now is asked for again; what is still refused then ends it with a
// *delivery.Error, and what was handed over is not the whole list.
func (s *Splynx) Each(ctx context.Context, take func(Subscriber) error) error {
	w := newWire(s.o, s.nonce)
	defer w.HangUp()
	var failed error
	a, no := survey(ctx, w)
	if no == nil {
		no = each(ctx, w, customers, func(c customer) *refusal {
			lines, any := a.lines[c.ID]
			if !slices.Contains(s.o.Statuses, string(c.Status)) || any && len(lines) == 0 {
				return nil
			}
			if failed = take(a.subscriber(c, lines, s.o.Language)); failed != nil {
				return &refusal{Error: delivery.Error{Fate: delivery.Never, Err: failed}}
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

// atlas is what ids mean, and who has which lines.
type atlas struct {
	locations, partners, routers, sectors map[whole]string
	lines                                 map[whole][]line // by the customer's id; empty: none that is in use
}

type line struct {
	login          string
	router, sector whole
}

func survey(ctx context.Context, w *wire) (*atlas, *refusal) {
	a := &atlas{locations: map[whole]string{}, partners: map[whole]string{}, routers: map[whole]string{}, sectors: map[whole]string{}, lines: map[whole][]line{}}
	for list, names := range map[string]map[whole]string{locations: a.locations, partners: a.partners, routers: a.routers, sectors: a.sectors} {
		if no := each(ctx, w, list, func(r row) *refusal {
			names[r.ID] = cmp.Or(r.Title.trimmed(), r.Name.trimmed())
			return nil
		}); no != nil {
			return nil, no
		}
	}
	no := each(ctx, w, services, func(s service) *refusal {
		lines := a.lines[s.Customer]
		if s.Status == "active" {
			lines = append(lines, line{s.Login.trimmed(), s.Router, s.Sector})
		}
		a.lines[s.Customer] = lines
		return nil
	})
	return a, no
}

func (a *atlas) subscriber(c customer, lines []line, language string) Subscriber {
	s := Subscriber{
		Code: cmp.Or(c.Login.trimmed(), strconv.FormatInt(int64(c.ID), 10)), Name: c.Name.trimmed(),
		Phones: c.Phone.parts(",;\r\n"), Mails: c.Mail.parts(",; \r\n"),
		Region: a.locations[c.Location], Municipality: c.City.trimmed(), Partner: a.partners[c.Partner], Tags: c.Labels,
		Class: map[word]string{"company": "business", "person": "home"}[c.Category],
	}
	var more map[string]word
	if json.Unmarshal(c.More, &more) == nil {
		s.Language = more[language].trimmed()
		s.Municipality = cmp.Or(more["municipality"].trimmed(), s.Municipality)
	}
	for n, l := range lines {
		box := cmp.Or(a.sectors[l.sector], a.routers[l.router])
		names := []string{a.routers[l.router]}
		if n == 0 {
			s.Box, s.Line = box, l.login
		} else {
			names = append(names, box, l.login)
		}
		for _, name := range names {
			if name != "" && name != s.Box && !slices.Contains(s.Tags, name) {
				s.Tags = append(s.Tags, name)
			}
		}
	}
	return s
}
