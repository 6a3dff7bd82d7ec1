package ozmap

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
)

// The lists of OZmap that are read.
const (
	clients    = "ftth-clients"
	properties = "properties"
	boxes      = "boxes"
	regions    = "regions"
	projects   = "projects"
	tags       = "tags"
)

// thing is what all of OZmap's objects have. They call their id by either name.
type thing struct {
	ID   string `json:"id"`
	Old  string `json:"_id"`
	Name word   `json:"name"`
}

func (t thing) id() string { return cmp.Or(t.ID, t.Old) }

// ref is another object: its id, or the object itself where OZmap put it in.
type ref struct {
	ID, Name string
	Whole    json.RawMessage // nil: only the id is known
}

func (r *ref) UnmarshalJSON(text []byte) error {
	*r = ref{}
	switch text[0] {
	case '"':
		return json.Unmarshal(text, &r.ID)
	case '{':
		var t thing
		err := json.Unmarshal(text, &t)
		r.ID, r.Name, r.Whole = t.id(), string(t.Name), bytes.Clone(text)
		return err
	}
	return nil
}

// word is a text that some installations write as a number, or leave null.
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

// words are several texts, in a list or in one text with marks between them.
type words []string

func (w *words) UnmarshalJSON(text []byte) error {
	var all []word
	if text[0] == '[' {
		if err := json.Unmarshal(text, &all); err != nil {
			return err
		}
	} else {
		all = make([]word, 1)
		if err := json.Unmarshal(text, &all[0]); err != nil {
			return err
		}
	}
	*w = nil
	for _, one := range all {
		for _, part := range strings.FieldsFunc(string(one), func(r rune) bool { return strings.ContainsRune(",;\r\n", r) }) {
			if part = strings.TrimSpace(part); part != "" {
				*w = append(*w, part)
			}
		}
	}
	return nil
}

// client is a connection and who has it.
type client struct {
	thing
	Code word  `json:"code"`
	Tags []ref `json:"tags"`
	ONU  struct {
		Login word `json:"user_PPPoE"`
	} `json:"onu"`

	// Not OZmap's own: what an installation may have added.
	Phone  words `json:"phone"`
	Phones words `json:"phones"`
	Mail   words `json:"email"`
	Mails  words `json:"emails"`
}

// property is where a client lives: the end of a drop from a box.
type property struct {
	thing
	place
	Client ref `json:"client"`
}

// box is a splice box or a terminal in the street.
type box struct {
	thing
	place
	Tags []ref `json:"tags"`
}

// place is where something stands on the map.
type place struct {
	Box     ref       `json:"box"` // of a property
	Project ref       `json:"project"`
	Coords  []float64 `json:"coords"` // longitude, latitude
	Lng     *float64  `json:"lng"`
	Lat     *float64  `json:"lat"`
}

func (p place) at() (point, bool) {
	switch {
	case len(p.Coords) == 2:
		return point{p.Coords[0], p.Coords[1]}, true
	case p.Lng != nil && p.Lat != nil:
		return point{*p.Lng, *p.Lat}, true
	}
	return point{}, false
}

// region is an area that somebody drew.
type region struct {
	thing
	Projects []ref `json:"projects"`
	Polygon  area  `json:"polygon"`
}
