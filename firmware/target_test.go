package main

import (
	"fmt"
	"net"
	"time"
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
	go answer(l)
	return nil
}

func answer(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			c.SetDeadline(time.Now().Add(2 * time.Second))
			buf := make([]byte, 1024)
			if n, err := c.Read(buf); err == nil && n > 0 {
				fmt.Fprint(c, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			}
		}()
	}
}

func (t *target) cut() {
	if t.listener != nil {
		t.listener.Close()
		t.listener = nil
	}
}
