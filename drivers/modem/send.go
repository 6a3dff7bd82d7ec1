package modem

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/at"
	"heliograph/drivers/delivery"
)

const (
	promptWithin = 10 * time.Second
	resultWithin = 180 * time.Second // an LTE modem without service answered after 135 s
	// Three numbers that fail in the same way are not three bad numbers.
	manyNumbers = 3
)

// send carries one job. The session's context and the job's both end it.
func (s *session) send(j *job) sent {
	ctx, cancel := context.WithCancelCause(j.ctx)
	defer cancel(nil)
	stop := context.AfterFunc(s.ctx, func() { cancel(context.Cause(s.ctx)) })
	defer stop()
	s.setAbort(cancel)
	defer s.setAbort(nil)
	r, err := s.carry(ctx, j.job)
	if err != nil {
		return sent{r, err}
	}
	clear(s.m.refused)
	s.m.well("text")
	return sent{receipt: r}
}

func (s *session) setAbort(f context.CancelCauseFunc) {
	s.m.mu.Lock()
	s.abort = f
	s.m.mu.Unlock()
}

// carry sends the parts that the network has not taken yet, all under one
// reference, and remembers each before the next.
func (s *session) carry(ctx context.Context, j delivery.Job) (delivery.Receipt, *delivery.Error) {
	ref, pdus, err := s.word(j)
	if err != nil {
		return delivery.Receipt{}, err
	}
	r := delivery.Receipt{Parts: append([]delivery.Part(nil), j.Taken...)}
	for i, p := range pdus {
		if taken(j.Taken, i+1) {
			continue
		}
		part := delivery.Part{Number: i + 1, Of: len(pdus), Chain: ref}
		if err := s.submit(ctx, j, p, &part); err != nil {
			return r, err
		}
		r.Parts = append(r.Parts, part)
		if len(pdus) > 1 && j.Took != nil {
			if err := j.Took(part); err != nil {
				return r, &delivery.Error{Fate: delivery.Unsure, Err: fmt.Errorf("remembering part %d: %w", part.Number, err)}
			}
		}
	}
	return r, nil
}

// word makes the PDUs of a job; a resumed one keeps its reference.
func (s *session) word(j delivery.Job) (ref int, pdus []pdu, _ *delivery.Error) {
	never := func(err error) (int, []pdu, *delivery.Error) {
		return 0, nil, &delivery.Error{Fate: delivery.Never, Err: err}
	}
	switch n := Parts(j.Text); {
	case n > 1 && len(j.Taken) > 0:
		if ref = j.Taken[0].Chain; j.Taken[0].Of != n {
			return never(fmt.Errorf("%d of %d parts were taken, but the text now has %d: it was changed on the way", len(j.Taken), j.Taken[0].Of, n))
		}
	case n > 1:
		var warning error
		if ref, warning = s.m.chain.take(s.m.memo); warning != nil {
			s.m.opts.Log("modem " + s.m.opts.Name + ": " + warning.Error())
		}
	}
	pdus, err := submits(j.Text, j.To, j.Validity, ref)
	if err != nil {
		return never(err)
	}
	return ref, pdus, nil
}

func taken(parts []delivery.Part, number int) bool {
	for _, p := range parts {
		if p.Number == number {
			return true
		}
	}
	return false
}

// submit sends one part. A refusal that asks for a change is obeyed once.
func (s *session) submit(ctx context.Context, j delivery.Job, p pdu, part *delivery.Part) *delivery.Error {
	for first := true; ; first = false {
		a, err := s.put(ctx, j, p, *part)
		if err == nil {
			part.Reference, part.At = messageReference(a.First()), time.Now()
			s.m.mu.Lock()
			s.m.lastRef = part.Reference
			s.m.mu.Unlock()
			return nil
		}
		v := s.weigh(a, err)
		if v.taken {
			part.Reference, part.At = -1, time.Now()
			return nil
		}
		if first && v.again != notAgain && s.changed(v.again, j, part, &p) {
			continue
		}
		if v.fate == delivery.Unsure {
			s.m.mu.Lock()
			s.m.doubt = doubt{j.ID, *part, time.Now().Add(doubtFor)}
			s.m.mu.Unlock()
		}
		return s.verdict(j, v, err)
	}
}

// put writes the command and, when the modem asks for it, the text.
func (s *session) put(ctx context.Context, j delivery.Job, p pdu, part delivery.Part) (at.Answer, error) {
	result := make(chan string, 1)
	s.setAwaited(result)
	defer s.setAwaited(nil)
	a, err := s.wire.Do(ctx, at.Command{
		Text: "+CMGS=" + strconv.Itoa(p.octets), Payload: p.hex,
		PromptWithin: promptWithin, Timeout: resultWithin, Priority: at.Message, Brisk: true, Need: true,
		Late: func(line string) { s.m.late(j.ID, part, line) },
	})
	switch {
	case !s.codesError(err):
	case a.Sent:
		return s.trueResult(ctx, a, result)
	default:
		s.wire.Escape() // the prompt will come all the same
		return a, errCodes
	}
	return a, err
}

// doubt is the last text that ended as unsure: its answer may come on the
// next session's wire, if the modem was silent until the port was opened anew.
type doubt struct {
	job  uint64
	part delivery.Part
	till time.Time
}

// Modems have answered half an hour late after a hang; later than this nobody
// would believe it.
const doubtFor = 30 * time.Minute

// orphan hears a reference that no command on this wire waits for.
func (m *Modem) orphan(line string) {
	if m.astray(line) {
		return
	}
	m.mu.Lock()
	d := m.doubt
	m.mu.Unlock()
	if time.Now().Before(d.till) {
		m.late(d.job, d.part, line)
	}
}

// late hears an answer that came after the text was given up as unsure.
func (m *Modem) late(id uint64, part delivery.Part, line string) {
	if !strings.HasPrefix(line, "+CMGS:") {
		m.opts.Log(fmt.Sprintf("modem %s: a late answer to delivery %d: %s", m.opts.Name, id, line))
		return
	}
	part.Reference, part.At = messageReference(line), time.Now()
	m.mu.Lock()
	twice := part.Reference == m.lastRef
	m.doubt = doubt{}
	m.mu.Unlock()
	if !twice { // some modems print an answer twice: that of the text just taken proves nothing
		m.opts.Late(id, part)
	}
}

// messageReference reads `+CMGS: 12[,ackpdu]`; -1 if there is no number.
func messageReference(line string) int {
	f := numbers(at.Fields(line, "+CMGS"))
	if len(f) == 0 {
		return -1
	}
	return f[0]
}

// changed makes the change that a refusal asks for.
func (s *session) changed(a again, j delivery.Job, part *delivery.Part, p *pdu) bool {
	switch a {
	case noValidity:
		pdus, err := submits(j.Text, j.To, 0, part.Chain)
		if err != nil || j.Validity == 0 {
			return false
		}
		*p = pdus[part.Number-1]
		return true
	case plainMode:
		return s.modeChanged()
	case noBurst:
		s.persona.More, s.more = "no", ""
		s.chores = append(s.chores, s.remember)
		_, err := s.tell("+CMMS=0", 0)
		return err == nil
	}
	return a == asItIs
}

// weigh finds the rule for what went wrong.
func (s *session) weigh(a at.Answer, err error) rule {
	var r *at.Refusal
	switch {
	case errors.As(err, &r):
		if v, ok := judge(r, cmp.Or(s.persona.Vendor, s.persona.Maker)); ok {
			return v
		}
		return s.plainError()
	case a.Sent:
		return unknown("")
	}
	return busy(10 * time.Second)
}

// modeChanged sets PDU mode again if somebody has set text mode. Who did may
// have changed more: all is set again after this text.
func (s *session) modeChanged() bool {
	lines, err := s.get("+CMGF?", at.Message, 10*time.Second)
	if err != nil || len(lines) == 0 || first(at.Fields(lines[0], "+CMGF")) == "0" {
		return false
	}
	s.m.suspect(func(c *suspicions) { c.forgot = recent(c.forgot, "+CMGF") })
	s.m.note(func(f *facts) { f.restart = true })
	ok, err := s.tell("+CMGF=0", 10*time.Second)
	return ok && err == nil
}

// plainError finds out what an ERROR without a number means: by asking for
// the SIM, the registration and the service centre.
func (s *session) plainError() rule {
	if state, err := s.simState(); err != nil || state != "READY" {
		s.stirred()
		return busy(15 * time.Second)
	}
	if err := s.askRegistration(); err != nil || !s.m.Health().Fit {
		return busy(15 * time.Second)
	}
	if s.modeChanged() {
		return busy(5 * time.Second)
	}
	if number, err := s.readCentre(); err != nil || number == "" {
		return noCentre()
	}
	return later(time.Minute)
}

// verdict words the error for the sender of the job, and heals what it shows.
func (s *session) verdict(j delivery.Job, v rule, err error) *delivery.Error {
	e := &delivery.Error{Fate: v.fate, After: v.after, Advice: v.advice, Worker: v.worker, Congested: v.crowd, Err: fmt.Errorf("sending: %w", err)}
	var r *at.Refusal
	if errors.As(err, &r) {
		e.Code = strings.TrimPrefix(strings.ReplaceAll(strings.TrimSpace(r.Text), " ERROR:", ""), "+")
		if r.Kind != "" && r.Code >= 0 {
			e.Code = fmt.Sprintf("%s %d", r.Kind, r.Code)
		}
		s.suspect(e, j.To)
	}
	s.wayLost(e.Code)
	if v.centre {
		_ = s.centreRefused() // a wire that closed over it shows in the next turn
	}
	if v.heal {
		s.m.note(func(f *facts) { f.restart = true })
		s.ill = e.Code
	}
	return e
}

// suspect turns a refusal of the number into a trouble of this SIM when
// several different numbers have met the same one in a row: no credit and a
// wrong service centre look like bad numbers.
func (s *session) suspect(e *delivery.Error, to string) {
	if e.Fate == delivery.Unsure || e.Code == "" {
		return
	}
	if s.m.refused[e.Code] == nil {
		s.m.refused[e.Code] = map[string]bool{}
	}
	numbers := s.m.refused[e.Code]
	if len(numbers) < manyNumbers {
		numbers[to] = true
	}
	if len(numbers) >= manyNumbers && e.Fate == delivery.Never {
		e.Fate, e.After, e.Worker = delivery.Retry, 10*time.Minute, true
		e.Advice = "every number is refused alike: check the SIM's credit and the service centre"
	}
}
