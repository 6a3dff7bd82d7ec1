package control

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// NotFound is what a Box returns for something that does not exist.
var NotFound = errors.New("no such thing")

// Listen opens the socket with mode 0660: root and the folder's group may
// speak to the box. A socket that a dead process left is replaced; one that
// answers is not.
func Listen(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the folder of the control socket: %w", err)
	}
	if err := clear(path); err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		l.Close()
		return nil, fmt.Errorf("set the mode of the control socket: %w", err)
	}
	return l, nil
}

// clear takes away the socket of a process that died. Only a refused
// connection proves that nobody listens; a file of another kind is not ours.
func clear(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at the control socket: %w", err)
	case info.Mode().Type() != os.ModeSocket:
		return fmt.Errorf("the control socket cannot be %s: a file of another kind is there; move it or name another place in control.socket", path)
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	switch {
	case err == nil:
		c.Close()
		return fmt.Errorf("the control socket %s is in use: another heliograph runs; stop it first", path)
	case !errors.Is(err, unix.ECONNREFUSED):
		return fmt.Errorf("look whether another heliograph runs: %w", err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove the old control socket: %w", err)
	}
	return nil
}

// Secure puts TLS on a listener.
func Secure(l net.Listener, cert, key string) (net.Listener, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}), nil
}

// longestOrder bounds what an order may hold; a text message is 160 septets.
const longestOrder = 4096

// Handler serves the whole API; metrics may be nil.
func Handler(box Box, metrics http.Handler) http.Handler {
	s := server{box}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", s.status)
	mux.HandleFunc("GET /v1/incidents", s.incidents)
	mux.HandleFunc("GET /v1/incidents/{number}", s.export)
	mux.HandleFunc("GET /v1/incidents/{number}/timeline", s.timeline)
	mux.HandleFunc("GET /v1/incidents/{number}/deliveries", s.report)
	mux.HandleFunc("GET /v1/log", s.log)
	mux.HandleFunc("GET /v1/audit", s.audit)
	mux.HandleFunc("GET /v1/queue", s.queue)
	mux.HandleFunc("POST /v1/orders", s.order)
	mux.HandleFunc("GET /v1/backup", s.backup)
	mux.HandleFunc("POST /v1/update", s.update)
	public(mux, box, metrics)
	return mux
}

// Public serves only what monitoring may see: metrics and health. With a token
// every request must bear it.
func Public(box Box, metrics http.Handler, token string) http.Handler {
	mux := http.NewServeMux()
	public(mux, box, metrics)
	if token == "" {
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+token)) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			fail(w, http.StatusUnauthorized, errors.New("a token is needed: Authorization: Bearer …"))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func public(mux *http.ServeMux, box Box, metrics http.Handler) {
	if metrics != nil {
		mux.Handle("GET /metrics", metrics)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if err := box.Healthy(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
}

type server struct{ box Box }

func (s server) status(w http.ResponseWriter, r *http.Request) {
	v, err := s.box.Status(r.Context())
	reply(w, v, err)
}

func (s server) incidents(w http.ResponseWriter, r *http.Request) {
	v, err := s.box.Incidents(r.Context(), limit(r))
	reply(w, v, err)
}

func (s server) export(w http.ResponseWriter, r *http.Request) {
	if n, ok := numbered(w, r); ok {
		v, err := s.box.Export(r.Context(), n)
		reply(w, v, err)
	}
}

func (s server) timeline(w http.ResponseWriter, r *http.Request) {
	if n, ok := numbered(w, r); ok {
		v, err := s.box.Timeline(r.Context(), n)
		reply(w, v, err)
	}
}

func (s server) report(w http.ResponseWriter, r *http.Request) {
	before, _ := strconv.ParseUint(r.URL.Query().Get("before"), 10, 64) // without it, from the newest on
	if n, ok := numbered(w, r); ok {
		v, err := s.box.Report(r.Context(), n, before, limit(r))
		reply(w, v, err)
	}
}

func numbered(w http.ResponseWriter, r *http.Request) (int, bool) {
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		fail(w, http.StatusBadRequest, errors.New("an incident is a number, such as 7"))
	}
	return n, err == nil
}

func (s server) log(w http.ResponseWriter, r *http.Request) {
	v, err := s.box.Log(r.Context(), limit(r))
	reply(w, v, err)
}

func (s server) audit(w http.ResponseWriter, r *http.Request) {
	var from uint64
	if n := r.URL.Query().Get("from"); n != "" {
		var err error
		if from, err = strconv.ParseUint(n, 10, 64); err != nil {
			fail(w, http.StatusBadRequest, errors.New("from is the number of an entry, such as 7"))
			return
		}
	}
	v, err := s.box.Audit(r.Context(), from, limit(r))
	reply(w, v, err)
}

func (s server) queue(w http.ResponseWriter, r *http.Request) {
	v, err := s.box.Queue(r.Context(), r.URL.Query().Get("status"), limit(r))
	reply(w, v, err)
}

func (s server) order(w http.ResponseWriter, r *http.Request) {
	var order struct{ Text string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestOrder)).Decode(&order); err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			fail(w, http.StatusRequestEntityTooLarge, fmt.Errorf("the order is too long: at most %d bytes are read; shorten it", longestOrder))
			return
		}
		fail(w, http.StatusBadRequest, fmt.Errorf("read the order: %w", err))
		return
	}
	a, err := s.box.Order(r.Context(), caller(r.Context()), order.Text)
	reply(w, a, err)
}

func (s server) backup(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	b := &begun{ResponseWriter: w}
	switch err := s.box.Backup(r.Context(), b); {
	case err == nil:
	case b.is:
		// The header is gone: only a broken transfer can say that it failed.
		panic(http.ErrAbortHandler)
	default:
		reply(w, nil, err)
	}
}

// largestUpdate bounds what is read; an image is under 80 MB.
const largestUpdate = 256 << 20

func (s server) update(w http.ResponseWriter, r *http.Request) {
	// It may come over a slow line: longer than any order may take.
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Hour)); err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	a, err := s.box.Update(r.Context(), http.MaxBytesReader(w, r.Body, largestUpdate))
	reply(w, a, err)
}

// begun remembers whether the answer has begun.
type begun struct {
	http.ResponseWriter
	is bool
}

func (b *begun) Write(p []byte) (int, error) {
	b.is = true
	return b.ResponseWriter.Write(p)
}

func limit(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || n < 1 {
		return 100
	}
	return min(n, 10_000)
}

func reply(w http.ResponseWriter, v any, err error) {
	switch {
	case errors.Is(err, NotFound):
		fail(w, http.StatusNotFound, err)
	case err != nil:
		fail(w, http.StatusInternalServerError, err)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
}

func fail(w http.ResponseWriter, code int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(struct {
		Error string `json:"error"`
	}{err.Error()})
}

type callerKey struct{}

// Serve answers on a listener until ctx ends and what was asked before is
// answered.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, callerKey{}, peer(c))
		},
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		// Backups may be long; a stop waits for them only a little.
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if srv.Shutdown(bounded) != nil {
			srv.Close()
		}
	})
	err := srv.Serve(l)
	if !stop() {
		<-ended // Serve returns before the last answers are given
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func caller(ctx context.Context) string {
	by, _ := ctx.Value(callerKey{}).(string)
	return by
}
