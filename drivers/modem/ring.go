package modem

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"heliograph/drivers/at"
	"heliograph/drivers/delivery"
)

const (
	usualRing   = 25 * time.Second // about five rings: long enough to wake, short of most mailboxes
	longestRing = 2 * time.Minute
	lookEvery   = time.Second
	hold        = 2 * time.Second  // an answered call is held so long: a click would be taken for a fault
	setupTime   = 5 * time.Second  // from ATD to the first ring, where the modem does not tell when that is
	lateSetup   = 15 * time.Second // how much longer than it should ring a call may look for its phone
)

// Caller makes calls of deliveries: it rings Job.To, and says nothing.
type Caller struct {
	Modem *Modem
	For   time.Duration // how long the phone rings; zero is 25 s
}

// Send rings the number. The receipt's reference says what became of the call:
// "rang 25 s", "busy". The error, if any, is a *delivery.Error.
func (c Caller) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	how, err := c.Modem.ring(ctx, j.To, c.For)
	return delivery.Receipt{Reference: how}, err
}

// Ring calls a number by voice so that the phone wakes somebody, lets it ring
// for d and hangs up; zero is 25 s, and two minutes are the most. Texts go
// while it rings. Nil means that they know: it rang, or was busy, or somebody
// picked up or rejected it. Any other error is a *delivery.Error.
func (m *Modem) Ring(ctx context.Context, number string, d time.Duration) error {
	_, err := m.ring(ctx, number, d)
	return err
}

func (m *Modem) ring(ctx context.Context, number string, d time.Duration) (how string, err error) {
	digits, err := callee(number)
	if err != nil {
		return "", &delivery.Error{Fate: delivery.Never, Advice: checkNo, Err: err}
	}
	if d <= 0 {
		d = usualRing
	}
	if err := m.line.take(ctx); err != nil {
		return "", givenUp(err)
	}
	defer m.line.give()
	c := &call{m: m, number: digits, d: min(d, longestRing), said: make(chan string, 8)}
	m.setCall(c)
	defer m.setCall(nil)
	return c.make(ctx)
}

// callee is a number as it is dialled. Codes with * and # are not: dialled,
// they change the SIM's services (22.030 §6.5.2).
func callee(number string) (string, error) {
	a, err := destination(number)
	if err != nil {
		return "", err
	}
	if strings.Trim(a.Addr, "0123456789") != "" {
		return "", fmt.Errorf("%q is %w but a service code", number, errNumber)
	}
	if a.TOA == 0x91 {
		return "+" + a.Addr, nil
	}
	return a.Addr, nil
}

func givenUp(err error) *delivery.Error {
	return &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("calling: %w", err)}
}

// call is one call out. Ring's goroutine follows it; the session does its
// steps while Ring waits for them, and the wire's consumer says what it hears.
type call struct {
	m      *Modem
	number string // as dialled; it is in no log and no error
	d      time.Duration
	said   chan string // what the modem said of its end, unasked

	dialled  time.Time // the modem took ATD
	alerted  time.Time // the phone rings since; zero if it does not
	answered time.Time // somebody picked up; zero if nobody did
	seen     bool      // the modem has listed it
	blind    bool      // the modem lists no calls
	data     bool      // there is a call for data besides
	word     string    // what was said last of its end; empty if nothing was
}

func (m *Modem) setCall(c *call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calling = c
}

// called gives a word about a call's end to whoever makes one; false if
// nobody does.
func (m *Modem) called(word string) bool {
	m.mu.Lock()
	c := m.calling
	m.mu.Unlock()
	if c == nil {
		return false
	}
	select {
	case c.said <- word:
	default: // it was told often enough
	}
	return true
}

func (c *call) make(ctx context.Context) (string, error) {
	if err := c.m.callable(noCalls); err != nil {
		return "", err
	}
	if err := c.m.borrow(ctx, false, func(s *session) error { return c.dial(ctx, s) }); err != nil {
		return c.notDialled(err)
	}
	c.dialled = time.Now()
	beat := time.NewTicker(lookEvery)
	defer beat.Stop()
	for {
		select {
		case c.word = <-c.said:
		case <-beat.C:
		case <-ctx.Done():
			c.hangUp()
			return "", &delivery.Error{Fate: delivery.Unsure, Worker: true, Err: fmt.Errorf("calling: %w", context.Cause(ctx))}
		}
		on, err := c.look(ctx)
		switch {
		case err != nil:
			c.hangUp()
			return c.result(fmt.Errorf("the modem was lost during the call: %w", err))
		case !on || c.blind && c.word != "":
			return c.ended(c.lastWord())
		case !time.Now().Before(c.due()):
			c.hangUp()
			return c.result(errors.New("the phone was not reached, as far as the modem tells"))
		}
	}
}

// lastWord is what was said of the end, which may come a little after it.
func (c *call) lastWord() string {
	if c.word != "" {
		return c.word
	}
	timer := time.NewTimer(lookEvery)
	defer timer.Stop()
	select {
	case c.word = <-c.said:
	case <-timer.C:
	}
	return c.word
}

// dial gives the call to the modem. The semicolon makes it one by voice, after
// which the line is free for commands (27.007 §6.2). Some makes answer only
// when the call ends or is answered.
func (c *call) dial(ctx context.Context, s *session) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(s.ctx, func() { cancel(context.Cause(s.ctx)) })
	defer stop()
	a, err := s.wire.Do(ctx, at.Command{Text: "D" + c.number + ";", Priority: at.Urgent, Timeout: c.d + setupTime})
	if strings.HasPrefix(a.Final, "CONNECT") {
		c.answered = time.Now()
	}
	return err
}

// notDialled is an ATD that was answered by something else than OK.
func (c *call) notDialled(err error) (string, error) {
	var e *delivery.Error
	var r *at.Refusal
	switch {
	case errors.As(err, &e):
		return "", err
	case errors.As(err, &r):
		return c.ended(strings.TrimSpace(r.Text))
	case errors.Is(err, at.ErrTimeout):
		c.hangUp()
		return "", &delivery.Error{Fate: delivery.Unsure, Err: errors.New("calling: the modem said nothing of the call; it may have rung")}
	case errors.Is(err, at.ErrClosed):
		return "", &delivery.Error{Fate: delivery.Unsure, Worker: true, Err: errors.New("calling: the port was lost")}
	}
	c.hangUp()
	return "", givenUp(errors.New("it was given up"))
}

// due is when to hang up.
func (c *call) due() time.Time {
	switch {
	case !c.answered.IsZero():
		return c.answered.Add(hold)
	case !c.alerted.IsZero():
		return c.alerted.Add(c.d)
	case c.blind:
		return c.dialled.Add(setupTime + c.d)
	}
	return c.dialled.Add(lateSetup + c.d)
}

// look asks the modem how far the call is: 2 dialling, 3 alerting, 0 active
// (27.007 §7.18). A call that is not listed yet in its first seconds is on,
// unless its end was told.
func (c *call) look(ctx context.Context) (on bool, _ error) {
	listed := false
	err := c.m.borrow(context.WithoutCancel(ctx), false, func(s *session) error {
		var err error
		listed, err = c.listed(s)
		return err
	})
	if err != nil {
		return false, err
	}
	return listed || c.blind || !c.seen && c.word == "" && time.Since(c.dialled) < setupTime, nil
}

// listed looks for the call in the modem's list, and for calls for data.
func (c *call) listed(s *session) (bool, error) {
	list := at.Command{Text: "+CLCC", Priority: at.Urgent}
	a, err := s.ask(list)
	var stray *at.Refusal
	if errors.As(err, &stray) { // an error that came unasked looks like the answer
		if a, err = s.ask(list); err == nil {
			c.word = strings.TrimSpace(stray.Text)
		}
	}
	if err != nil {
		c.blind = true
		return false, s.onlyFatal(err)
	}
	found := false
	c.data = false
	for _, line := range a.Lines {
		f := numbers(at.Fields(line, "+CLCC"))
		if len(f) < 4 {
			continue
		}
		direction, stat, mode := f[1], f[2], f[3]
		if mode > 0 {
			c.data = true // Quectel lists one for as long as packets are on
		}
		if direction == 0 && mode == 0 {
			found = true
			c.is(stat)
		}
	}
	c.seen = c.seen || found
	return found, nil
}

// is notes how far the call is.
func (c *call) is(stat int) {
	now := time.Now()
	if (stat == 3 || stat == 0) && c.alerted.IsZero() {
		c.alerted = now
	}
	if stat == 0 && c.answered.IsZero() {
		c.answered = now
	}
}

// hangUp ends the call as soon as the modem can be spoken to, for a minute at
// most: the network gives a call up by itself then.
func (c *call) hangUp() {
	for range 30 {
		err := c.m.borrow(context.Background(), false, c.drop)
		var shut *delivery.Error
		if !errors.As(err, &shut) || c.m.stopped() {
			return
		}
		c.m.sleep(context.Background(), 2*time.Second)
	}
}

// drop hangs up and looks whether that helped. ATH is for modems without
// +CHUP, and not while there is a call for data, which some makes would end
// with it.
func (c *call) drop(s *session) error {
	other := "H"
	if c.data {
		other = "+CHLD=1" // ends calls by voice only (22.030 §6.5.5)
	}
	for _, form := range []string{"+CHUP", other} {
		_, err := s.ask(at.Command{Text: form, Priority: at.Urgent, Timeout: 30 * time.Second})
		if err != nil && s.fatal(err) {
			return nil // the next turn of the session tells
		}
		if err != nil {
			continue
		}
		if on, err := c.listed(s); !on {
			return s.onlyFatal(err)
		}
	}
	s.m.opts.Log("modem " + s.m.opts.Name + ": a call could not be ended by AT+CHUP or AT" + other)
	return nil
}

// letGo hangs up on the way out: a phone must not ring for a box that is gone.
func (s *session) letGo() {
	s.m.mu.Lock()
	calling := s.m.calling != nil
	s.m.mu.Unlock()
	if !calling || s.wire.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_, _ = s.wire.Do(ctx, at.Command{Text: "+CHUP", Priority: at.Urgent}) // there is nobody left to tell
}

// rang is how long the phone has rung.
func (c *call) rang() time.Duration {
	since := c.alerted
	if c.blind && since.IsZero() {
		since = c.dialled
	}
	return time.Since(since).Round(time.Second)
}

// result is what to tell of a call that was hung up: that it rang, or this error.
func (c *call) result(otherwise error) (string, error) {
	switch {
	case !c.answered.IsZero():
		return "answered", nil
	case !c.alerted.IsZero(), c.blind:
		return fmt.Sprintf("rang %s", c.rang()), nil
	}
	return "", &delivery.Error{Fate: delivery.Unsure, Err: fmt.Errorf("calling: %w", otherwise)}
}
