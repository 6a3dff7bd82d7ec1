package ozmaptest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// wish is what a list is asked for: in the address, as OZmap's pages say, or
// in the body, as its own library does.
type wish struct {
	Filter []any
	Sort   []struct {
		Property  string
		Direction int
	}
}

func (m *Map) wish(r *http.Request) (w wish, err error) {
	q := r.URL.Query()
	if text := q.Get("filter"); text != "" && !m.Deaf {
		if err := json.Unmarshal([]byte(text), &w.Filter); err != nil {
			return w, fmt.Errorf("filter: %w", err)
		}
	}
	if text := q.Get("sort"); text != "" {
		if err := json.Unmarshal([]byte(text), &w.Sort); err != nil {
			return w, fmt.Errorf("sort: %w", err)
		}
	}
	if r.ContentLength > 0 {
		err = json.NewDecoder(r.Body).Decode(&w)
	}
	return w, err
}

const usualLimit, largestLimit = 25, 500

func (m *Map) list(r *http.Request, route string) (int, any) {
	w, err := m.wish(r)
	if err != nil {
		return wrong(400, "%v", err)
	}
	var found []doc
	for _, d := range m.docs[route] {
		ok, err := m.fits(d, w.Filter)
		if err != nil {
			return wrong(400, "%v", err)
		}
		if ok {
			found = append(found, d)
		}
	}
	for _, by := range slices.Backward(w.Sort) {
		slices.SortStableFunc(found, func(a, b doc) int {
			return by.Direction * cmp.Compare(fmt.Sprint(a[by.Property]), fmt.Sprint(b[by.Property]))
		})
	}
	q := r.URL.Query()
	limit, number := whole(q, "limit", usualLimit), whole(q, "page", 1)
	start := whole(q, "start", (number-1)*limit)
	if limit < 1 || limit > largestLimit || number < 1 || start < 0 {
		return wrong(422, "limit and page")
	}
	end := min(start+limit, len(found))
	rows := []any{}
	for _, d := range found[min(start, end):end] {
		rows = append(rows, m.shown(route, d, q.Get("select"), q.Get("populate")))
	}
	page := doc{"total": len(found), "count": len(rows), "start": start, "limit": limit, "rows": rows}
	if !m.Old {
		page["hasNextPage"], page["nextUrl"] = end < len(found), nil
		if end < len(found) {
			// Not by its page: OZmap's own library sends what stands here beside an
			// empty page, which would lead it to the first one for ever.
			q.Del("page")
			q.Set("start", strconv.Itoa(end))
			page["nextUrl"] = r.URL.Path + "?" + q.Encode()
		}
	}
	return 200, page
}

func whole(q url.Values, name string, otherwise int) int {
	if !q.Has(name) {
		return otherwise
	}
	n, _ := strconv.Atoi(q.Get(name))
	return n
}

// fits: all of the outer list must hold, and one of an inner list.
func (m *Map) fits(d doc, conditions []any) (bool, error) {
	for _, c := range conditions {
		switch c := c.(type) {
		case map[string]any:
			if ok, err := holds(d, c); !ok || err != nil {
				return false, err
			}
		case []any:
			some := false
			for _, inner := range c {
				one, ok := inner.(map[string]any)
				if !ok {
					return false, fmt.Errorf("filter: %v is no condition", inner)
				}
				ok, err := holds(d, one)
				if err != nil {
					return false, err
				}
				some = some || ok
			}
			if !some {
				return false, nil
			}
		default:
			return false, fmt.Errorf("filter: %v is no condition", c)
		}
	}
	return true, nil
}

func holds(d doc, c map[string]any) (bool, error) {
	name, _ := c["property"].(string)
	if name == "_id" {
		name = "id"
	}
	has, there := d[name]
	values, isList := has.([]any)
	if !isList {
		values = []any{has}
	}
	among := func(all any) bool {
		list, ok := all.([]any)
		return ok && slices.ContainsFunc(values, func(v any) bool { return slices.Contains(list, v) })
	}
	switch op := c["operator"]; op {
	case "=", "eq":
		return slices.Contains(values, c["value"]), nil
	case "!=":
		return !slices.Contains(values, c["value"]), nil
	case "in":
		return among(c["value"]), nil
	case "notin":
		return !among(c["value"]), nil
	case "exists":
		return (there && has != nil) == (c["value"] == true), nil
	case "like":
		return strings.Contains(strings.ToLower(fmt.Sprint(has)), strings.ToLower(fmt.Sprint(c["value"]))), nil
	case ">":
		return fmt.Sprint(has) > fmt.Sprint(c["value"]), nil
	case "<":
		return fmt.Sprint(has) < fmt.Sprint(c["value"]), nil
	default:
		return false, fmt.Errorf("filter: operator %v is not known", op)
	}
}

// shown is an object as it was asked for: some of its fields, and some of what
// it refers to in place of the ids.
func (m *Map) shown(route string, d doc, selects, populate string) doc {
	all := maps.Clone(d)
	for _, name := range strings.Fields(populate) {
		where := map[string]string{"tags": "tags", "client": "ftth-clients", "box": "boxes", "project": "projects", "projects": "projects"}[name]
		switch v := all[name].(type) {
		case string:
			if other := m.find(where, v); other != nil {
				all[name] = m.named(maps.Clone(other))
			}
		case []any:
			whole := []any{}
			for _, id := range v {
				if other := m.find(where, id.(string)); other != nil {
					whole = append(whole, m.named(maps.Clone(other)))
				}
			}
			all[name] = whole
		}
	}
	if names := strings.Fields(selects); len(names) > 0 {
		maps.DeleteFunc(all, func(name string, _ any) bool { return name != "id" && name != "kind" && !slices.Contains(names, name) })
	}
	return m.named(all)
}

func (m *Map) named(d doc) doc {
	if m.Old {
		d["_id"] = d["id"]
		delete(d, "id")
	}
	return d
}
