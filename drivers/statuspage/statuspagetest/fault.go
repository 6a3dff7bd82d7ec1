package statuspagetest

import (
	"net/http"
	"slices"
	"strings"
)

// Fault is what goes wrong with one request.
type Fault struct {
	On     string      // the beginning of the request: "PATCH", "POST /incidents"; empty: any
	Commit bool        // the request is carried out all the same
	Cut    bool        // the connection ends without an answer
	Torn   bool        // the answer ends in the middle; with Commit
	Status int         // of the answer; with Body and Type
	Header http.Header // of the answer
	Body   string
	Type   string // empty: text/html
}

// Fail orders faults: each is for the first request that it fits.
func (p *Page) Fail(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, faults...)
}

// Unused are the faults that nothing met: a test that ends with some has not
// tried what it says.
func (p *Page) Unused() []Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.faults)
}

func (p *Page) fault(request string) (Fault, bool) {
	i := slices.IndexFunc(p.faults, func(f Fault) bool { return strings.HasPrefix(request, f.On) })
	if i < 0 {
		return Fault{}, false
	}
	f := p.faults[i]
	p.faults = slices.Delete(p.faults, i, i+1)
	return f, true
}

// answer does what the fault says; a is what the page would have answered.
func (f Fault) answer(w http.ResponseWriter, a *answer) {
	switch {
	case f.Cut:
		panic(http.ErrAbortHandler) // net/http closes the connection and says nothing
	case f.Torn && a != nil:
		text := a.text()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(a.status)
		w.Write(text[:len(text)/2])
		return
	}
	kind := f.Type
	if kind == "" {
		kind = "text/html"
	}
	for k, v := range f.Header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(f.Status)
	w.Write([]byte(f.Body))
}
