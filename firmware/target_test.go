package main

import (
	"fmt"
	"net"
	"net/http"
)

// target answers a TCP connection, and HTTP with 204, until it is cut.
type target struct {
	at       string
	listener net.Listener
}

func newTarget() (*target, error) {
	t := &target{at: "127.0.0.1:0"}
	return t, t.open()
}

func (t *target) open() error {
	if t.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", t.at)
	if err != nil {
		return fmt.Errorf("open a target on loopback: %w", err)
	}
	t.listener, t.at = l, l.Addr().String()
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	return nil
}

func (t *target) cut() {
	if t.listener != nil {
		t.listener.Close()
		t.listener = nil
	}
}
