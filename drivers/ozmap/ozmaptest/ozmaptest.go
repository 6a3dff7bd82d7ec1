// Package ozmaptest is an OZmap (API v2) with clients, boxes, regions and
// tags, for tests. Of the API it has what a reader of subscribers and a keeper
// of tags need.
package ozmaptest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"heliograph/drivers/https/fault"
)

// Fault is what goes wrong with one request, which is named "GET ftth-clients".
type Fault = fault.Fault

// Map is one OZmap. Its zero value is empty and takes the empty key.
type Map struct {
	fault.Menu

	Key             string // of the API
	Login, Password string // of a user, for whoever has no key

	Old    bool           // ids are called _id, and pages do not say whether more follow
	Deaf   bool           // filters in the address are not heeded
	Before func(n int)    // is called before the nth request is answered, and may change what is there
	Refuse map[string]int // objects, by id, whose changes are refused with this status

	mu    sync.Mutex
	busy  sync.Mutex // one request at a time
	last  int
	docs  map[string][]doc
	log   []string
	count int
}

// doc is an object as JSON has it.
type doc map[string]any

// Point is longitude and latitude.
type Point = [2]float64

func (m *Map) add(route string, d doc) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	id := fmt.Sprintf("62a7344cd570f700%08x", m.last)
	if m.docs == nil {
		m.docs = map[string][]doc{}
	}
	d["id"], d["createdAt"], d["updatedAt"] = id, "2026-06-13T12:57:48.423Z", "2026-06-13T12:57:48.423Z"
	m.docs[route] = append(m.docs[route], d)
	return id
}

// AddTag makes a tag and returns its id.
func (m *Map) AddTag(name string, types ...string) string {
	return m.add("tags", doc{"name": name, "allowedTypes": list(types)})
}

// AddProject makes a project, which is what OZmap calls a town.
func (m *Map) AddProject(name string) string { return m.add("projects", doc{"name": name}) }

// AddRegion draws a region into projects.
func (m *Map) AddRegion(name string, ring []Point, projects ...string) string {
	return m.add("regions", doc{"name": name, "projects": list(projects), "tags": []any{}, "polygon": doc{"type": "Polygon", "coordinates": []any{ring}}})
}

// AddBox puts a box somewhere.
func (m *Map) AddBox(name, project string, at Point) string {
	return m.add("boxes", doc{"name": name, "kind": "Box", "project": project, "coords": []any{at[0], at[1]}, "lng": at[0], "lat": at[1], "tags": []any{}})
}

// AddClient makes a client who lives at the end of a drop from a box, or
// nowhere if box is empty, and returns the client's id.
func (m *Map) AddClient(code, name, box string, tags ...string) string {
	id := m.add("ftth-clients", doc{"code": code, "name": name, "kind": "ftth", "status": 0, "implanted": true, "certified": false, "tags": list(tags),
		"onu": doc{"user_PPPoE": "pppoe-" + code, "serial_number": "", "mac_address": ""}})
	if box != "" {
		m.AddHome(id, box)
	}
	return id
}

// AddHome gives a client a property at a box, and returns the property's id.
func (m *Map) AddHome(client, box string) string {
	m.mu.Lock()
	b := m.find("boxes", box)
	m.mu.Unlock()
	return m.add("properties", doc{"kind": "Property", "address": "", "tags": []any{}, "client": client, "box": box, "project": b["project"], "coords": b["coords"], "lng": b["lng"], "lat": b["lat"]})
}

// Set changes a field of an object, as somebody at a screen would.
func (m *Map) Set(id, field string, value any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, all := range m.docs {
		for _, d := range all {
			if d["id"] == id {
				d[field] = value
			}
		}
	}
}

// Remove takes an object away.
func (m *Map) Remove(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for route, all := range m.docs {
		m.docs[route] = slices.DeleteFunc(all, func(d doc) bool { return d["id"] == id })
	}
}

// Carriers are the codes, or the names, of what carries a tag, in order.
func (m *Map) Carriers(tag string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := ""
	for _, d := range m.docs["tags"] {
		if d["name"] == tag {
			id = d["id"].(string)
		}
	}
	var all []string
	for _, route := range []string{"ftth-clients", "boxes", "regions"} {
		for _, d := range m.docs[route] {
			if slices.Contains(d["tags"].([]any), any(id)) {
				code, _ := d["code"].(string)
				name, _ := d["name"].(string)
				all = append(all, cmp.Or(code, name))
			}
		}
	}
	slices.Sort(all)
	return all
}

// Tags are the names of the tags that an object carries.
func (m *Map) Tags(id string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for _, route := range []string{"ftth-clients", "boxes"} {
		if d := m.find(route, id); d != nil {
			for _, tag := range d["tags"].([]any) {
				names = append(names, m.find("tags", tag.(string))["name"].(string))
			}
		}
	}
	return names
}

// Requests are the requests since the last call, such as "PATCH ftth-clients".
func (m *Map) Requests() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	log := m.log
	m.log = nil
	return log
}

func (m *Map) find(route, id string) doc {
	if i := slices.IndexFunc(m.docs[route], func(d doc) bool { return d["id"] == id }); i >= 0 {
		return m.docs[route][i]
	}
	return nil
}

func list(texts []string) []any {
	all := []any{}
	for _, s := range texts {
		all = append(all, s)
	}
	return all
}

// ServeHTTP answers as OZmap would, but for the faults that were ordered.
func (m *Map) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.busy.Lock()
	defer m.busy.Unlock()
	rest := strings.TrimPrefix(r.URL.Path, "/api/v2/")
	route, _, _ := strings.Cut(rest, "/")
	m.mu.Lock()
	m.log = append(m.log, r.Method+" "+route)
	m.count++
	n := m.count
	m.mu.Unlock()
	if m.Before != nil {
		m.Before(n)
	}
	m.Serve(w, r.Method+" "+rest, func(w http.ResponseWriter) {
		m.mu.Lock()
		defer m.mu.Unlock()
		status, value := m.answer(r, rest)
		if value == nil {
			w.WriteHeader(status)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(value)
	})
}

func wrong(status int, format string, args ...any) (int, any) {
	return status, doc{"message": fmt.Sprintf(format, args...)}
}

var collections = []string{"ftth-clients", "properties", "boxes", "regions", "projects", "tags"}

func (m *Map) answer(r *http.Request, rest string) (int, any) {
	if !strings.HasPrefix(r.URL.Path, "/api/v2/") {
		return wrong(404, "Not found")
	}
	if rest == "users/login" {
		return m.login(r)
	}
	if r.Header.Get("Authorization") != m.Key {
		return wrong(401, "Unauthorized")
	}
	route, id, one := strings.Cut(rest, "/")
	if !slices.Contains(collections, route) {
		return wrong(404, "Not found")
	}
	switch {
	case !one && r.Method == http.MethodGet:
		return m.list(r, route)
	case !one && r.Method == http.MethodPost && route == "tags":
		return m.create(r)
	case !one:
		return wrong(405, "Method not allowed")
	}
	d := m.find(route, id)
	switch {
	case d == nil:
		return wrong(404, "%s %s not found", route, id)
	case m.Refuse[id] != 0 && r.Method != http.MethodGet:
		return wrong(m.Refuse[id], "%s is locked", id)
	case r.Method == http.MethodGet:
		return 200, m.shown(route, d, r.URL.Query().Get("select"), r.URL.Query().Get("populate"))
	case r.Method == http.MethodPatch:
		return m.patch(r, d)
	case r.Method == http.MethodDelete:
		m.docs[route] = slices.DeleteFunc(m.docs[route], func(d doc) bool { return d["id"] == id })
		return 204, nil
	}
	return wrong(405, "Method not allowed")
}

func (m *Map) login(r *http.Request) (int, any) {
	var who struct{ Login, Password string }
	if r.URL.Query().Get("type") != "API" || json.NewDecoder(r.Body).Decode(&who) != nil || m.Login == "" || who.Login != m.Login || who.Password != m.Password {
		return wrong(401, "Invalid credentials")
	}
	return 200, doc{"authorization": m.Key, "id": "62a7344cd570f7001325ce00"}
}

func (m *Map) create(r *http.Request) (int, any) {
	var t struct {
		Name  string
		Types []string `json:"allowedTypes"`
	}
	if err := json.NewDecoder(r.Body).Decode(&t); err != nil || strings.TrimSpace(t.Name) == "" || len(t.Types) == 0 {
		return wrong(422, "a tag needs a name and allowedTypes")
	}
	if slices.ContainsFunc(m.docs["tags"], func(d doc) bool { return d["name"] == t.Name }) {
		return wrong(422, "there is a tag %s", t.Name)
	}
	m.mu.Unlock() // add takes it
	id := m.AddTag(t.Name, t.Types...)
	m.mu.Lock()
	return 200, m.shown("tags", m.find("tags", id), "", "")
}

// patch replaces fields. Tags must be there, and be allowed on this kind.
func (m *Map) patch(r *http.Request, d doc) (int, any) {
	var in map[string]any
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return wrong(400, "%v", err)
	}
	kind := map[any]string{"ftth": "client", "Box": "box"}[d["kind"]]
	for name, v := range in {
		if _, ok := d[name]; !ok || name == "id" {
			return wrong(400, "%s is not allowed", name)
		}
		if name != "tags" {
			continue
		}
		ids, ok := v.([]any)
		if !ok {
			return wrong(422, "tags must be a list")
		}
		for _, id := range ids {
			text, _ := id.(string)
			tag := m.find("tags", text)
			if tag == nil || !slices.Contains(tag["allowedTypes"].([]any), any(kind)) {
				return wrong(422, "tag %v is not for a %s", id, kind)
			}
		}
	}
	for name, v := range in {
		d[name] = v
	}
	return 204, nil
}
