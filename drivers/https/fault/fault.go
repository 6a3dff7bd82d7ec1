// Package fault is what goes wrong between a box and a service that speaks
// HTTP, for the stand-ins of all of them: they order it, and it happens.
package fault

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Fault is what goes wrong with one request. The answer is Status, Header, Type
// and Body unless something else is said.
type Fault struct {
	On     string // the beginning of the request, as its stand-in names it; empty: any
	Commit bool   // the request is carried out all the same
	Cut    bool   // the connection ends without an answer
	Torn   bool   // the request is carried out and half of its answer comes, as if it were all
	Short  bool   // the request is carried out and the connection ends in the middle of its answer
	Status int
	Header http.Header
	Body   string
	Type   string // empty: text/html
}

// Menu holds the faults that were ordered. Its zero value is ready.
type Menu struct {
	mu     sync.Mutex
	faults []Fault
}

// Fail orders faults: each is for the first request that it fits.
func (m *Menu) Fail(faults ...Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults = append(m.faults, faults...)
}

// Unused are the faults that nothing met: a test that ends with some has not
// tried what it says.
func (m *Menu) Unused() []Fault {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.faults)
}

// Serve answers a request by the fault that fits it, else as the service does.
func (m *Menu) Serve(w http.ResponseWriter, request string, service func(http.ResponseWriter)) {
	m.mu.Lock()
	i := slices.IndexFunc(m.faults, func(f Fault) bool { return strings.HasPrefix(request, f.On) })
	if i < 0 {
		m.mu.Unlock()
		service(w)
		return
	}
	f := m.faults[i]
	m.faults = slices.Delete(m.faults, i, i+1)
	m.mu.Unlock()
	f.Serve(w, service)
}

// Serve does what the fault says.
func (f Fault) Serve(w http.ResponseWriter, service func(http.ResponseWriter)) {
	had := &recorder{header: http.Header{}, status: http.StatusOK}
	if f.Commit || f.Torn || f.Short {
		service(had)
	}
	half := had.body[:len(had.body)/2]
	switch {
	case f.Cut:
		panic(http.ErrAbortHandler) // net/http closes the connection and says nothing
	case f.Torn:
		answer(w, had.header, had.status, half)
	case f.Short:
		had.header.Set("Content-Length", strconv.Itoa(len(had.body)))
		answer(w, had.header, had.status, half)
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Content-Type", "text/html")
		if f.Type != "" {
			w.Header().Set("Content-Type", f.Type)
		}
		answer(w, f.Header, f.Status, []byte(f.Body))
	}
}

func answer(w http.ResponseWriter, header http.Header, status int, body []byte) {
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	w.Write(body)
}

// recorder takes a service's answer, which nobody is to have as it is.
type recorder struct {
	header http.Header
	status int
	body   []byte
}

func (r *recorder) Header() http.Header    { return r.header }
func (r *recorder) WriteHeader(status int) { r.status = status }
func (r *recorder) Write(b []byte) (int, error) {
	r.body = append(r.body, b...)
	return len(b), nil
}
