package site

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"heliograph/drivers/delivery"
)

// mostEntries bounds the feed: readers keep what they have seen.
const mostEntries = 20

// atom is a feed (RFC 4287).
type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Links   []link   `xml:"link"`
	Entries []entry  `xml:"entry"`
}

type link struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type entry struct {
	Title     string `xml:"title"`
	ID        string `xml:"id"`
	Published string `xml:"published,omitempty"`
	Updated   string `xml:"updated"`
	Link      link   `xml:"link"`
	Content   struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	} `xml:"content"`
}

func (o *Options) feed(cases []delivery.Case) (text []byte, err error) {
	for _, m := range measures {
		if text, err = o.entries(cases, m); err != nil || len(text) <= largestPage {
			break
		}
	}
	return text, err
}

func (o *Options) entries(cases []delivery.Case, m measure) ([]byte, error) {
	a := atom{Title: o.Title, ID: o.URL, Author: o.Title, Updated: rfc(asOf(cases)),
		Links: []link{{Href: o.URL}, {Rel: "self", Href: o.URL + "feed.atom"}}}
	for _, c := range cases[:min(len(cases), mostEntries)] {
		e := entry{Title: c.Title + ": " + words[o.Language][string(c.Phase)], ID: o.tag(c), Updated: rfc(c.Now), Link: link{Href: o.URL + "#" + slug(c.Key)}}
		if at := since(c); !at.IsZero() {
			e.Published = rfc(at)
		}
		e.Content.Type = "text"
		var said []string
		for _, l := range o.card(c, m.lines).Lines {
			said = append(said, strings.TrimSpace(l.At+" "+l.Text))
		}
		e.Content.Text = strings.Join(said, "\n\n")
		a.Entries = append(a.Entries, e)
	}
	text, err := xml.MarshalIndent(a, "", " ")
	return append([]byte(xml.Header), text...), err
}

// tag names an incident for ever (RFC 4151): the date is one on which the name
// was surely the operator's.
func (o *Options) tag(c delivery.Case) string {
	at, err := url.Parse(o.URL)
	if err != nil {
		return o.URL + slug(c.Key) // check has read it before
	}
	return fmt.Sprintf("tag:%s,2026:%s", at.Hostname(), slug(c.Key))
}

// rfc writes a time as RFC 3339 says; a feed must have one even if the box
// did not know it.
func rfc(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format(time.RFC3339)
}

type object = map[string]any

// summary is Statuspage's /api/v2/summary.json.
func (o *Options) summary(cases []delivery.Case) ([]byte, error) {
	banner, _ := o.banner(cases)
	components, incidents, planned := []object{}, []object{}, []object{}
	for i, name := range o.named(cases) {
		components = append(components, object{"id": slug(name), "name": name, "status": stateOf(name, cases), "position": i + 1,
			"group_id": nil, "group": false, "only_show_if_degraded": !slices.Contains(o.Parts, name)})
	}
	for _, c := range cases {
		switch {
		case c.Phase.Over():
		case c.Phase == delivery.Scheduled || c.Phase == delivery.InProgress:
			planned = append(planned, o.incident(c))
		default:
			incidents = append(incidents, o.incident(c))
		}
	}
	return json.Marshal(object{
		"page":       object{"id": "heliograph", "name": o.Title, "url": o.URL, "time_zone": o.Zone.String(), "updated_at": rfc(asOf(cases))},
		"components": components, "incidents": incidents, "scheduled_maintenances": planned,
		"status": object{"indicator": overall(cases), "description": banner},
	})
}

func (o *Options) incident(c delivery.Case) object {
	updates := []object{{"id": fmt.Sprintf("%s-%d", slug(c.Key), c.Telling), "status": c.Phase, "body": c.Text, "display_at": moment(c.Now)}}
	for i, l := range slices.Backward(c.Timeline) {
		updates = append(updates, object{"id": fmt.Sprintf("%s-line-%d", slug(c.Key), i+1), "status": delivery.Identified, "body": l.Text, "display_at": moment(l.At)})
	}
	return object{"id": slug(c.Key), "name": c.Title, "status": c.Phase, "impact": c.Impact, "shortlink": o.URL + "#" + slug(c.Key),
		"started_at": moment(since(c)), "resolved_at": nil, "scheduled_for": moment(c.From), "scheduled_until": moment(c.Until), "incident_updates": updates}
}

// moment is a time in JSON; null if it is not known.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return rfc(t)
}
