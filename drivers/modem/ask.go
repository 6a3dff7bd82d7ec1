package modem

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/warthog618/sms/encoding/gsm7"

	"heliograph/drivers/at"
	"heliograph/drivers/delivery"
)

const (
	codeTaken  = 30 * time.Second // to the OK; some makes give it late
	codeWithin = 45 * time.Second // to the answer
)

// keyword is what to do where service codes do not work.
const keyword = "service codes need 2G, 3G or fallback to them: use the operator's text keyword instead"

// inquiry is a service code on its way.
type inquiry struct {
	code string
	said chan string // what the modem said, unasked
	form string      // how it took the code
}

// Ask sends a service code, such as *101#, and returns what the network
// answers, with \n between its lines and at most 480 characters. If the network
// then waits for a reply it is told that none comes. It takes 45 s at most
// once it is its turn, which comes after calls; texts go meanwhile. What the
// network says by itself at that moment may be taken for the answer. The
// error, if any, is a *delivery.Error.
func (m *Modem) Ask(ctx context.Context, code string) (string, error) {
	if code == "" || len(code) > 40 || strings.Trim(code, "0123456789*#+") != "" {
		return "", &delivery.Error{Fate: delivery.Never, Advice: "write it like *101#", Err: fmt.Errorf("%q is not a service code", code)}
	}
	if err := m.inquiry.take(ctx); err != nil {
		return "", unasked(err)
	}
	defer m.inquiry.give()
	if err := m.line.take(ctx); err != nil {
		return "", unasked(err)
	}
	m.line.give()
	q := &inquiry{code: code, said: make(chan string, 4)}
	m.setAsking(q)
	defer m.setAsking(nil)
	text, err := q.ask(ctx, m)
	var e *delivery.Error
	if err != nil && !errors.As(err, &e) {
		err = unasked(err)
	}
	return text, err
}

func unasked(err error) *delivery.Error {
	return &delivery.Error{Fate: delivery.Retry, Worker: true, After: time.Minute, Err: fmt.Errorf("asking by a service code: %w", err)}
}

func (m *Modem) setAsking(q *inquiry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asking = q
}

// answeredCode gives a line to whoever asks by a service code; false if nobody
// does.
func (m *Modem) answeredCode(line string) bool {
	m.mu.Lock()
	q := m.asking
	m.mu.Unlock()
	if q == nil {
		return false
	}
	select {
	case q.said <- line:
	default: // the answer was among those before it
	}
	return true
}

// ask sends the code and waits.
func (q *inquiry) ask(ctx context.Context, m *Modem) (string, error) {
	if err := m.callable(keyword); err != nil {
		return "", err
	}
	if err := m.borrow(ctx, true, q.send); err != nil {
		return "", q.refused(m, err)
	}
	timer := time.NewTimer(codeWithin)
	defer timer.Stop()
	select {
	case line := <-q.said:
		return q.answered(m, line)
	case <-timer.C:
		q.cancel(m)
		e := unasked(fmt.Errorf("no answer to %s within %s", q.code, codeWithin))
		if h := m.Health(); h.Access == "LTE" || h.Access == "5G" {
			e.Advice = keyword
		}
		return "", e
	case <-ctx.Done():
		q.cancel(m)
		return "", unasked(context.Cause(ctx))
	}
}

// send gives the code to the modem, in the form that it took before or else in
// one after the other: as it is, packed in septets (Huawei), in UCS-2.
func (q *inquiry) send(s *session) error {
	order := []string{"plain", "packed", "wide"}
	if s.persona.Vendor == "huawei" {
		order = []string{"packed", "plain", "wide"}
	}
	var first error
	for _, form := range preferred(order, s.persona.Codes) {
		_, err := s.ask(at.Command{Text: fmt.Sprintf(`+CUSD=1,"%s",15`, coded(q.code, form)), Priority: at.Control, Timeout: codeTaken})
		if err == nil {
			q.form = form
			s.chores = append(s.chores, s.taken(form)...)
			return nil
		}
		if first == nil {
			first = err
		}
		if !aboutForm(err) {
			return err
		}
	}
	return first
}

// taken remembers the form, if it is news.
func (s *session) taken(form string) []chore {
	if s.persona.Codes == form {
		return nil
	}
	s.persona.Codes = form
	return []chore{s.remember}
}

// coded writes a code in one of its forms.
func coded(code, form string) string {
	switch form {
	case "packed":
		septets, err := gsm7.Encode([]byte(code))
		if err != nil {
			return code
		}
		return strings.ToUpper(hex.EncodeToString(gsm7.Pack7BitUSSD(septets, 0)))
	case "wide":
		out := ""
		for _, u := range utf16.Encode([]rune(code)) {
			out += fmt.Sprintf("%04X", u)
		}
		return out
	}
	return code
}

// aboutForm says that a refusal may be for how the code was written: a plain
// ERROR, or one that speaks of the text (27.007 §9.2).
func aboutForm(err error) bool {
	var r *at.Refusal
	return errors.As(err, &r) && (r.Code < 0 || slices.Contains([]int{3, 4, 24, 25, 26, 27, 50, 100}, r.Code))
}

// notHere are the codes by which networks say that they carry no service codes
// here: 132 not supported, 133 not subscribed, 134 out of order for now
// (27.007 §9.2.2).
var notHere = []int{132, 133, 134}

// refused words the modem's or the network's no.
func (q *inquiry) refused(m *Modem, err error) error {
	var e *delivery.Error
	var r *at.Refusal
	switch {
	case errors.As(err, &e):
		return err
	case errors.Is(err, at.ErrTimeout):
		q.cancel(m)
		return unasked(errors.New("the modem does not take the code"))
	case !errors.As(err, &r):
		return unasked(err)
	}
	e = unasked(r)
	if r.Code >= 0 {
		e.Code = fmt.Sprintf("%s %d", r.Kind, r.Code)
	}
	switch {
	case r.Code == 30 || r.Code == 31: // no network, or it did not answer: it may later
	case r.Code < 0 || r.Code == 4 || slices.Contains(notHere, r.Code):
		e.Fate, e.After, e.Advice = delivery.Never, 0, keyword
	}
	return e
}

// answered reads what the modem said.
func (q *inquiry) answered(m *Modem, line string) (string, error) {
	if !strings.HasPrefix(line, "+CUSD") {
		return "", q.refused(m, refusalOf(line))
	}
	c := readCUSD(line, q.form == "packed")
	if c.state == 1 {
		q.cancel(m)
	}
	if c.text != "" && c.state != 4 && c.state != 5 {
		return c.text, nil
	}
	e := unasked(errors.New("the network answered with an empty text"))
	switch c.state {
	case 2:
		e.Err = errors.New("the network ended it without an answer")
	case 3:
		e.Err = errors.New("another program of this modem took the answer")
	case 4:
		e.Fate, e.After, e.Advice = delivery.Never, 0, "check the code with the operator; where codes do not work, use the operator's text keyword instead"
		e.Err = fmt.Errorf("the network does not know %s", q.code)
	case 5:
		e.Err = errors.New("the network gave no answer in time")
	}
	return "", e
}

// cancel ends the session with the network, which would stay open for minutes
// and refuse the next code.
func (q *inquiry) cancel(m *Modem) {
	_ = m.borrow(context.Background(), false, func(s *session) error { // a modem that is gone has ended it
		_, err := s.ask(at.Command{Text: "+CUSD=2", Priority: at.Control, Timeout: 10 * time.Second})
		return err
	})
}

// errCodes ends a text before it was written.
var errCodes = errors.New("the error of a service code came in between")

// codesError says whether the error that ended a text is that of a service
// code, which comes unasked and looks like the text's result. It is passed on.
func (s *session) codesError(err error) bool {
	var r *at.Refusal
	if !errors.As(err, &r) || r.Kind != "CME" || !slices.Contains(notHere, r.Code) || !s.m.answeredCode(r.Text) {
		return false
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.misled = true
	return true
}

// trueResult waits for the result of a text that is still on the wire.
func (s *session) trueResult(ctx context.Context, a at.Answer, result <-chan string) (at.Answer, error) {
	timer := time.NewTimer(resultWithin)
	defer timer.Stop()
	select {
	case line := <-result:
		if strings.HasPrefix(line, "+CMGS:") {
			return at.Answer{Lines: []string{line}, Final: "OK", Sent: true}, nil
		}
		a.Final = line
		return a, refusalOf(line)
	case <-timer.C:
		return a, at.ErrTimeout
	case <-s.wire.Closed():
		return a, s.wire.Err()
	case <-ctx.Done():
		return a, context.Cause(ctx)
	}
}

func (s *session) setAwaited(result chan string) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.awaited, s.m.misled = result, false
}

// astray hears the result of a text that no command waits for. It is true if
// it is known to be that of the text on the wire.
func (m *Modem) astray(line string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.awaited == nil {
		return false
	}
	select {
	case m.awaited <- line: // it may be heard before it is known
	default:
	}
	return m.misled
}
