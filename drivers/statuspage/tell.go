package statuspage

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"heliograph/drivers/delivery"
)

// telling is one Send on its way.
type telling struct {
	page *Page
	job  delivery.Job
	c    *delivery.Case
	at   *entry
	note string // what the receipt should say besides
}

// tell brings the page up to the telling.
func (t *telling) tell(ctx context.Context) (string, *refusal) {
	if t.at.Telling >= t.c.Telling && t.c.Telling > 0 {
		return t.receipt("the page has it already"), nil
	}
	if t.at.Over && !t.c.Phase.Over() {
		t.again()
	}
	if t.mustLook() {
		if no := t.look(ctx); no != nil {
			return "", no
		}
		if t.at.Telling >= t.c.Telling && t.c.Telling > 0 {
			return t.done("it had arrived"), nil
		}
	}
	if t.c.Phase.Over() && (t.at.ID == "" || t.at.Over) {
		return t.nothing(), nil
	}
	return t.write(ctx)
}

// again makes a new incident of one that was closed: a resolved one cannot
// usefully be opened again.
func (t *telling) again() {
	t.at = &entry{Key: t.at.Key, Telling: t.at.Telling, Trying: t.at.Trying}
}

// mustLook: an earlier attempt may have arrived, or the page may have an
// incident that is not remembered here.
func (t *telling) mustLook() bool {
	if t.job.Doubtful || t.at.Trying > 0 {
		return true
	}
	return t.at.ID == "" && (t.job.Follows || t.c.Phase.Over() || t.page.book.empty)
}

// look takes over what the page has of this incident.
func (t *telling) look(ctx context.Context) *refusal {
	if t.at.ID == "" {
		return t.search(ctx)
	}
	var f found
	no := t.page.wire.ask(ctx, http.MethodGet, t.path(t.at.ID), nil, &f)
	switch {
	case no != nil && no.status == http.StatusNotFound:
		t.forget()
		return t.search(ctx) // which is refused too if it is the page that is not there
	case no != nil:
		return t.unread(no)
	case f.ID == "":
		return t.unread(stranger())
	default:
		t.adopt(f)
	}
	t.at.Trying = 0
	return nil
}

const rows, pages = 50, 4 // of a list

// search goes through the lists of open incidents. All of ours that it meets
// are taken over, for they may hit the same components.
func (t *telling) search(ctx context.Context) *refusal {
	for _, list := range t.lists() {
		for n := 1; n <= pages; n++ {
			var got []found
			path := fmt.Sprintf("%s?page=%d&per_page=%d", t.path(list), n, rows)
			if no := t.page.wire.ask(ctx, http.MethodGet, path, nil, &got); no != nil {
				return t.unread(no)
			}
			for _, f := range got {
				t.adopt(f)
			}
			if n == 1 && len(got) < rows && list == "unresolved" {
				t.page.book.open(got)
			}
			if t.at.ID != "" || len(got) < rows {
				break
			}
		}
		if t.at.ID != "" {
			break
		}
	}
	t.at.Trying = 0
	return nil
}

func (t *telling) lists() []string {
	switch {
	case t.c.Phase == delivery.Scheduled:
		return []string{"scheduled", "active_maintenance"}
	case t.at.Planned || planned(t.c):
		return []string{"active_maintenance", "scheduled"}
	}
	return []string{"unresolved"}
}

// adopt takes over what the page says of an incident of ours. One that
// somebody closed by hand is as good as none, unless it is the all-clear that
// was looked for.
func (t *telling) adopt(f found) {
	e := f.entry()
	switch {
	case e.Key == "" || f.ID == "":
	case e.Key == t.c.Key && e.Over && e.Telling < t.c.Telling && !t.c.Phase.Over():
		t.forget()
	case e.Key == t.c.Key:
		e.Telling = max(e.Telling, t.at.Telling)
		for id, state := range t.at.Components {
			if e.Components == nil {
				e.Components = map[string]string{}
			}
			if _, ok := e.Components[id]; !ok {
				e.Components[id] = state
			}
		}
		t.at = e
	case t.page.book.find(e.Key) == nil:
		t.page.book.put(e)
	}
}

// forget is for an incident that somebody deleted or closed by hand.
func (t *telling) forget() { t.at.ID, t.at.Link = "", "" }

// unread: while it cannot be looked up, what was in doubt stays so.
func (t *telling) unread(no *refusal) *refusal {
	t.at.Trying = max(t.c.Telling, 1)
	t.page.book.put(t.at)
	no.Err = fmt.Errorf("looking whether the page has it: %w", no.Err)
	return no
}

func stranger() *refusal {
	return &refusal{doubt: true, Error: delivery.Error{Fate: delivery.Retry, Worker: true,
		Err: errors.New("something between answered: an incident without an id")}}
}

// write creates or updates the incident. The mark is remembered first, so that
// whoever comes after a crash looks before writing again.
func (t *telling) write(ctx context.Context) (string, *refusal) {
	t.at.Planned = t.at.Planned || planned(t.c)
	mine := t.page.o.says(t.c, t.at.Components)
	i := fill(t.c, t.job.Text, t.at.Planned, mine, t.page.book.shown(t.c.Key, mine))
	t.at.Trying = max(t.c.Telling, 1)
	t.keep()
	got, no := t.put(ctx, i)
	if no != nil && no.status == http.StatusNotFound && t.at.ID != "" {
		if no := t.miss(ctx); no != nil {
			return "", no
		}
		if t.c.Phase.Over() && t.at.ID == "" {
			return t.nothing(), nil
		}
		got, no = t.put(ctx, i)
	}
	if no != nil && (no.status == 400 || no.status == 422) && len(i.IDs) > 0 {
		t.note += "; its components were refused: " + no.said
		i.IDs, i.Components = nil, nil
		got, no = t.put(ctx, i)
	}
	if no != nil {
		if !no.doubt {
			t.at.Trying = 0
			t.keep()
		}
		return "", no
	}
	t.at.ID, t.at.Link, t.at.Components = got.ID, got.Link, mine
	return t.done(""), nil
}

// miss is for an incident that somebody deleted by hand. Before an all-clear
// is dropped for it, the page itself must have answered.
func (t *telling) miss(ctx context.Context) *refusal {
	t.forget()
	if !t.c.Phase.Over() {
		return nil
	}
	return t.search(ctx)
}

func (t *telling) put(ctx context.Context, i incident) (found, *refusal) {
	method, path := http.MethodPost, t.path("")
	if t.at.ID != "" {
		method, path = http.MethodPatch, t.path(t.at.ID)
	}
	var got found
	no := t.page.wire.ask(ctx, method, path, wrapped{i}, &got)
	if no == nil && got.ID == "" {
		no = stranger()
	}
	return got, no
}

func (t *telling) path(last string) string {
	p := "/pages/" + t.page.o.Page + "/incidents"
	if last != "" {
		p += "/" + last
	}
	return p
}

// done remembers that the page has the telling.
func (t *telling) done(note string) string {
	t.at.Telling, t.at.Trying, t.at.Over = max(t.at.Telling, t.c.Telling), 0, t.c.Phase.Over()
	t.keep()
	return t.receipt(note)
}

// nothing is the all-clear of what the page does not show.
func (t *telling) nothing() string {
	t.at.ID, t.at.Link = "", ""
	return t.done("nothing to close: the page has no open incident " + t.c.Key)
}

func (t *telling) keep() {
	if err := t.page.book.keep(t.at); err != nil {
		t.note = "; " + err.Error()
	}
}

func (t *telling) receipt(note string) string {
	r := t.at.ID
	for _, more := range []string{t.at.Link, note} {
		if r != "" && more != "" {
			r += " "
		}
		r += more
	}
	return r + t.note
}
