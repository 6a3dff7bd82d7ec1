package modem

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// answered is what became of a command.
type answered struct {
	lines []string
	err   error
}

// Command has the modem carry out one command, such as "+CEER", between two
// texts, and returns the lines of its answer without the OK. It is for whoever
// brings up data by the same modem: there is one owner of the AT wire.
func (m *Modem) Command(ctx context.Context, cmd string) ([]string, error) {
	if strings.ContainsAny(cmd, "\r\n\x1a\x1b") || cmd == "" || len(cmd) > 500 {
		return nil, errors.New("modem: a command is one line of at most 500 characters")
	}
	a := &asked{command: cmd, answer: make(chan answered, 1)}
	m.mu.Lock()
	if h := m.health; h.State == PortLost || h.State == Silent {
		m.mu.Unlock()
		return nil, fmt.Errorf("modem %s: %s: %s", m.opts.Name, h.State, h.Why)
	}
	m.asks = append(m.asks, a)
	m.mu.Unlock()
	m.poke()
	select {
	case r := <-a.answer:
		return r.lines, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// longest is how long a command of others may take: an activation waits for
// the network (3GPP TS 27.007 §10.1.10 gives up after 150 s; what is asked of
// this wire meanwhile has to wait, so no longer than a minute is given).
const longest = time.Minute

// obey carries out a command of others.
func (s *session) obey(cmd string) answered {
	a, err := s.ask(at.Command{Text: cmd, Free: true, Priority: at.Polling, Timeout: longest})
	if err != nil {
		err = fmt.Errorf("AT%s: %s", cmd, reason(err))
	}
	return answered{a.Lines, err}
}

// serve answers somebody who asked.
func (s *session) serve(a *asked) {
	if a.answer != nil {
		a.answer <- s.obey(a.command)
		return
	}
	a.reply <- s.describe()
}

// dismiss tells somebody who asked that the port was lost.
func (a *asked) dismiss(modem string) {
	if a.answer != nil {
		a.answer <- answered{err: fmt.Errorf("modem %s: the port was lost meanwhile", modem)}
		return
	}
	close(a.reply)
}
