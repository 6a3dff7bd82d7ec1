package pppd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

const (
	answerLimit  = 5 * time.Second
	connectLimit = 60 * time.Second // networks that page slowly; the caller's own limit ends it sooner
	knock        = time.Second
	guard        = 1100 * time.Millisecond // of silence around +++ (V.250 S12; a second is usual)
)

// modem speaks to the port before pppd has it.
type modem struct {
	port *port
	log  func(string)
	rest []byte // read and not yet a line
}

// finals end an answer. CONNECT and NO CARRIER end only that of a dial: at
// other times they are news of a call before.
var (
	finals  = regexp.MustCompile(`^(OK|ERROR|\+CM[ES] ERROR: ?.*|COMMAND NOT SUPPORT|TOO MANY PARAMETERS)$`)
	dialled = regexp.MustCompile(`^(CONNECT.*|NO CARRIER.*|BUSY|NO ANSWER|NO DIAL ?TONE|OK|ERROR|\+CM[ES] ERROR: ?.*|DELAYED.*|BLACKLISTED)$`)
)

// dial gets the modem from whatever it was doing to CONNECT.
func (m *modem) dial(ctx context.Context, o Options) error {
	m.port.terminal(true)
	if err := m.wake(ctx); err != nil {
		return err
	}
	for _, cmd := range []string{"E0", "V1", "&C1", "&D2"} { // a modem that refuses one can be dialled all the same
		if _, _, err := m.say(ctx, cmd, answerLimit, finals); err != nil {
			return err
		}
	}
	families := []string{"IPV4V6", "IP"}
	if o.IPv4Only {
		families = families[1:]
	}
	if o.APN == "" {
		return m.call(ctx, o.Number)
	}
	var refused error
	for _, family := range families {
		if err := m.define(ctx, o.CID, family, o.APN); err != nil {
			refused = err
			continue
		}
		// Some networks refuse a call for both families that they would give one of (cause 50).
		if refused = m.call(ctx, o.Number); !isRefusal(refused) {
			return refused
		}
	}
	return refused
}

func isRefusal(err error) bool {
	var e *end
	return errors.As(err, &e) && e.Kind == Refused
}

// wake knocks until the modem answers.
func (m *modem) wake(ctx context.Context) error {
	if ok, err := m.knock(ctx, 3); ok || err != nil {
		return err
	}
	m.log("the modem does not answer: it may be in data mode still, +++")
	if err := pause(ctx, guard); err != nil {
		return err
	}
	if _, err := m.port.WriteString("+++"); err != nil {
		return m.broken(err)
	}
	if err := pause(ctx, guard); err != nil {
		return err
	}
	if _, _, err := m.say(ctx, "H", answerLimit, finals); err != nil && !isSilence(err) {
		return err
	}
	if ok, err := m.knock(ctx, 5); ok || err != nil {
		return err
	}
	return &end{Kind: Silent, Cause: "nothing answers on the modem's data port", Advice: "check that port: of the backhaul names the data port, and not the one for AT commands or diagnostics"}
}

func (m *modem) knock(ctx context.Context, times int) (bool, error) {
	for range times {
		_, final, err := m.say(ctx, "", knock, finals)
		if err != nil && !isSilence(err) {
			return false, err
		}
		if final == "OK" {
			return true, nil
		}
	}
	return false, nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// define makes the context the wanted one, if it is not: some modems leave the
// network at each change of the context that they are attached by.
func (m *modem) define(ctx context.Context, cid int, family, apn string) error {
	lines, _, err := m.say(ctx, "+CGDCONT?", answerLimit, finals)
	if err != nil {
		return err
	}
	want := fmt.Sprintf(`+CGDCONT: %d,"%s","%s"`, cid, family, apn)
	for _, l := range lines {
		if l = strings.ReplaceAll(l, ", ", ","); l == want || strings.HasPrefix(l, want+",") {
			return nil
		}
	}
	_, final, err := m.say(ctx, fmt.Sprintf(`+CGDCONT=%d,"%s","%s"`, cid, family, apn), answerLimit, finals)
	if err == nil && final != "OK" {
		err = &end{Kind: Refused, Cause: "the modem refused the access point " + apn + ": " + final, Advice: "check apn: in the configuration"}
	}
	return err
}

// call dials.
func (m *modem) call(ctx context.Context, number string) error {
	_, final, err := m.say(ctx, "D"+number, connectLimit, dialled)
	switch {
	case isSilence(err):
		return &end{Kind: Refused, Cause: fmt.Sprintf("no answer to the call in %s", connectLimit), err: err}
	case err != nil:
		return err
	case !strings.HasPrefix(final, "CONNECT"):
		return &end{Kind: Refused, Cause: "the call was refused: " + final}
	}
	return nil
}

// errSilence is a modem that says nothing in time.
var errSilence = errors.New("no answer")

func isSilence(err error) bool { return errors.Is(err, errSilence) }

// say writes a command, without its AT, and returns the lines of its answer
// and the final one.
func (m *modem) say(ctx context.Context, cmd string, limit time.Duration, finals *regexp.Regexp) (lines []string, final string, err error) {
	defer m.port.until(ctx, limit)()
	m.log("> AT" + cmd)
	if _, err := m.port.WriteString("AT" + cmd + "\r"); err != nil {
		return nil, "", m.failed(ctx, err)
	}
	for {
		l, err := m.line()
		switch {
		case err != nil:
			return lines, "", m.failed(ctx, err)
		case l == "" || l == "AT"+cmd:
			continue
		}
		m.log("< " + l)
		if finals.MatchString(l) {
			return lines, l, nil
		}
		lines = append(lines, l)
	}
}

// line is the next line; its end may be CR, LF or both, so an empty one may
// follow. What comes after CONNECT is left in the tty as far as can be: pppd
// wants it.
func (m *modem) line() (string, error) {
	for {
		if i := bytes.IndexAny(m.rest, "\r\n"); i >= 0 {
			l := string(bytes.TrimSpace(m.rest[:i]))
			m.rest = m.rest[i+1:]
			return l, nil
		}
		if len(m.rest) > 4096 { // data, or another speed
			m.rest = nil
		}
		var b [256]byte
		n, err := m.port.Read(b[:])
		if err != nil {
			return "", err
		}
		m.rest = append(m.rest, b[:n]...)
	}
}

func (m *modem) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSilence
	}
	return m.broken(err)
}

// broken is a port that fails while it is used: the stick was pulled.
func (m *modem) broken(err error) error {
	return &end{Kind: Gone, Cause: "the modem's data port went away", Advice: "check that the modem is plugged in", err: err}
}
