package qemu

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"
)

// qmp speaks QEMU's own protocol: each order has an answer, and between them
// QEMU tells what happens to the machine.
type qmp struct {
	m       *machine
	conn    net.Conn
	answers chan string

	mu     sync.Mutex
	events map[string]int
}

func dialQMP(m *machine) *qmp {
	m.t.Helper()
	q := &qmp{m: m, answers: make(chan string, 1), events: map[string]int{}}
	if !eventually(func() bool {
		var err error
		q.conn, err = net.Dial("unix", m.path("qmp"))
		return err == nil
	}) {
		m.t.Fatalf("QEMU does not listen for orders\n%s", m.console.text())
	}
	m.t.Cleanup(func() { q.conn.Close() })
	go q.read()
	q.order("qmp_capabilities", nil)
	return q
}

func (q *qmp) read() {
	defer close(q.answers)
	for said := bufio.NewScanner(q.conn); said.Scan(); {
		var line struct{ Event string }
		if json.Unmarshal(said.Bytes(), &line) != nil || line.Event == "" {
			if text := said.Text(); !strings.Contains(text, `"QMP"`) { // the greeting
				q.answers <- text
			}
			continue
		}
		q.mu.Lock()
		q.events[line.Event]++
		q.mu.Unlock()
	}
}

// order gives an order and waits for its answer, which must be yes.
func (q *qmp) order(what string, how any) {
	q.m.t.Helper()
	text, err := json.Marshal(map[string]any{"execute": what, "arguments": how})
	if how == nil {
		text, err = json.Marshal(map[string]any{"execute": what})
	}
	if err == nil {
		_, err = fmt.Fprintf(q.conn, "%s\n", text)
	}
	if err != nil {
		q.m.t.Fatalf("%s: %v", what, err)
	}
	if answer := <-q.answers; !strings.Contains(answer, `"return"`) {
		q.m.t.Fatalf("%s: QEMU answers %q", what, answer)
	}
}

// heard says how often QEMU told of an event.
func (q *qmp) heard(event string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.events[event]
}
