// Package subscriberstest is a system that lists subscribers as JSON, page by
// page, as billing systems do: with what goes wrong between it and a box.
package subscriberstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"heliograph/drivers/https/fault"
)

// BSS answers GET /clients, for whoever has the token, with pages of its
// items: {"data": {"rows": […]}, "paging": {"next": "/clients?page=2"}}; or,
// Linked, with the list itself and a Link header.
type BSS struct {
	fault.Menu // On is as in "/clients?page=2"

	Authorization string // what the header must be
	Items         []any
	PerPage       int
	Linked        bool
	Elsewhere     string // the host that the next pages are said to be on; empty: here
	Circle        bool   // the last page leads back to the first

	mu    sync.Mutex
	asked []string
}

// Asked are the pages that were asked for, in order.
func (b *BSS) Asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.asked)
}

func (b *BSS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.asked = append(b.asked, r.URL.RequestURI())
	b.mu.Unlock()
	b.Serve(w, r.URL.RequestURI(), func(w http.ResponseWriter) { b.answer(w, r) })
}

func (b *BSS) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	say := func(code int, body any) {
		text, err := json.Marshal(body)
		if err != nil {
			code = http.StatusInternalServerError
		}
		w.WriteHeader(code)
		w.Write(text)
	}
	switch {
	case r.Method != http.MethodGet || r.URL.Path != "/clients":
		say(http.StatusNotFound, map[string]string{"message": "no such thing"})
		return
	case r.Header.Get("Authorization") != b.Authorization:
		say(http.StatusUnauthorized, map[string]string{"message": "who are you?"})
		return
	}
	page := max(1, number(r.URL.Query().Get("page")))
	from, to := min((page-1)*b.PerPage, len(b.Items)), min(page*b.PerPage, len(b.Items))
	next := ""
	switch {
	case to < len(b.Items):
		next = fmt.Sprintf("%s/clients?page=%d", b.Elsewhere, page+1)
	case b.Circle:
		next = "/clients?page=1"
	}
	rows := slices.Clone(b.Items[from:to])
	if rows == nil {
		rows = []any{}
	}
	if b.Linked {
		if next != "" {
			w.Header().Set("Link", fmt.Sprintf(`</clients?page=1>; rel="first", <%s>; title="a; b"; rel=next`, next))
		}
		say(http.StatusOK, rows)
		return
	}
	paging := map[string]any{"next": nil}
	if next != "" {
		paging["next"] = next
	}
	say(http.StatusOK, map[string]any{"data": map[string]any{"rows": rows}, "paging": paging})
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}
