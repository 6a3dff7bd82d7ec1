package config

import (
	"fmt"
	"path"
)

// subscribers says how those who hang on the network are told.
func (p *plan) subscribers(c Config) {
	s := c.Subscribers
	if s.From.Kind == "" {
		return
	}
	p.line("Subscribers whom it hits are told %s as %s; their list comes from %s every %s, over the main table only and never in an incident.",
		afterwards(s), brand(c), s.From.words(), length(s.Every))
	yes := fmt.Sprintf("More than %s wait for somebody's yes", counted(s.Approve.Over, "recipient"))
	if s.Approve.Two > 0 {
		yes += fmt.Sprintf(", more than %d for two people's", s.Approve.Two)
	}
	then := map[string]string{"hold": "asked for once more after " + length(s.Approve.Wait), "send": "and go without an answer after " + length(s.Approve.Wait)}[s.Approve.Then]
	p.line("  %s, %s. They get at most %s an hour of one incident.", yes, then, counted(s.Cap, "update"))
	if q := s.Quiet; q.From != q.To {
		but := ""
		if len(q.Except) > 0 {
			but = " but " + listed(q.Except)
		}
		if len(s.Awake) > 0 {
			but += "; the class " + listed(s.Awake) + " hears all at once"
		}
		p.line("  From %s to %s nothing goes to them%s.", q.From, q.To, but)
	}
	if len(s.First) > 0 {
		p.line("  The class %s is told before all others.", listed(s.First))
	}
}

func afterwards(s Subscribers) string {
	if s.After == 0 {
		return "at once"
	}
	return "after " + length(s.After)
}

func brand(c Config) string {
	if c.Brand != "" {
		return c.Brand
	}
	return c.Site
}

func (d Directory) words() string {
	switch {
	case d.Kind == "csv":
		return path.Base(d.Path)
	case d.Join.Kind == "csv":
		return d.Kind + ", with the contacts of " + path.Base(d.Join.Path) + ","
	case d.Join.Kind != "":
		return d.Kind + ", with the contacts of " + d.Join.Kind + ","
	}
	return d.Kind
}
