package slacktest

import (
	"net/http"
	"slices"
)

// Fault is what goes wrong with one request.
type Fault struct {
	On     string      // the method: "chat.postMessage", "webhook"; empty: any
	Commit bool        // the request is carried out all the same
	Cut    bool        // the connection ends without an answer
	Torn   bool        // the answer ends in the middle; with Commit
	Status int         // of the answer; with Body and Type
	Header http.Header // of the answer
	Body   string
	Type   string // empty: text/html
}

// Fail orders faults: each is for the first request that it fits.
func (s *Slack) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Unused are the faults that nothing met: a test that ends with some has not
// tried what it says.
func (s *Slack) Unused() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

func (s *Slack) fault(method string) (Fault, bool) {
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.On == "" || f.On == method })
	if i < 0 {
		return Fault{}, false
	}
	f := s.faults[i]
	s.faults = slices.Delete(s.faults, i, i+1)
	return f, true
}

// answer does what the fault says; a is what Slack would have answered.
func (f Fault) answer(w http.ResponseWriter, a *answer) {
	switch {
	case f.Cut:
		panic(http.ErrAbortHandler) // net/http closes the connection and says nothing
	case f.Torn && a != nil:
		text := a.text()
		w.Header().Set("Content-Type", a.kind())
		w.WriteHeader(max(a.status, http.StatusOK))
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
