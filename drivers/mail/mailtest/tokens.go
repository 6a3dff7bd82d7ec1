package mailtest

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Secret is what the token service gives tokens for, in the driver's shape.
const Secret = `{"client_id": "box", "client_secret": "client's own", "refresh_token": "refresh-1", "token_url": "https://` + Tokens + `/token"}`

// tokens is a provider's OAuth service (RFC 6749 §6): each token it gives makes
// the one before it void.
type tokens struct {
	queue  *queue
	server *http.Server

	mu      sync.Mutex
	given   int
	void    bool
	asked   []url.Values
	instead []func(http.ResponseWriter)
}

func startTokens(t T, s *Server) *tokens {
	t.Helper()
	k := &tokens{queue: newQueue()}
	k.server = &http.Server{Handler: http.HandlerFunc(k.answer), ErrorLog: log.New(io.Discard, "", 0)}
	certificate := s.ca.issue(t, Tokens, time.Now().Add(24*time.Hour))
	go k.server.Serve(tls.NewListener(&listener{queue: k.queue, wrap: func(c net.Conn) net.Conn { return c }}, &tls.Config{Certificates: []tls.Certificate{certificate}}))
	return k
}

func (k *tokens) close() {
	if k.server == nil {
		return
	}
	k.server.Close()
	k.queue.Close()
}

func (k *tokens) valid() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.void || k.given == 0 {
		return "\x00 no token is valid"
	}
	return fmt.Sprintf("access-%d", k.given)
}

func (k *tokens) answer(w http.ResponseWriter, r *http.Request) {
	r.ParseForm() // what cannot be read is empty, and refused
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = append(k.asked, r.PostForm)
	if len(k.instead) > 0 {
		f := k.instead[0]
		k.instead = k.instead[1:]
		f(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	known := []string{"refresh_token", "client_credentials"}
	if r.PostForm.Get("client_secret") != "client's own" || !slices.Contains(known, r.PostForm.Get("grant_type")) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error": "invalid_client", "error_description": "The OAuth client was not found."}`)
		return
	}
	k.given++
	k.void = false
	fmt.Fprintf(w, `{"access_token": "access-%d", "token_type": "Bearer", "expires_in": 3599}`, k.given)
}

// Asked are the forms that the token service was sent.
func (s *Server) Asked() []url.Values {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	return slices.Clone(s.tokens.asked)
}

// Void ends the token that was given last, before its time.
func (s *Server) Void() {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	s.tokens.void = true
}

// Instead answers the next question for a token otherwise.
func (s *Server) Instead(f func(http.ResponseWriter)) {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	s.tokens.instead = append(s.tokens.instead, f)
}
