package mail

import (
	"fmt"
	"net/textproto"

	"heliograph/drivers/delivery"
)

// deliver hands the letter over, in as many rounds as the server makes of a
// long group: who takes only so many at once says 452 4.5.3 to the others
// (RFC 5321 §4.5.3.1.10).
func (s *session) deliver(j delivery.Job, l *letter) (delivery.Receipt, error) {
	if l.intl {
		if ok, _ := s.c.Extension("SMTPUTF8"); !ok {
			return delivery.Receipt{}, &delivery.Error{Fate: delivery.Never, Err: fmt.Errorf("%s takes no addresses beyond ASCII", s.m.o.Server),
				Advice: "use an address in plain letters"}
		}
	}
	var r delivery.Receipt
	r.Refused = append(r.Refused, l.refused...)
	var wait, never *delivery.Error
	for to := l.open(); len(to) > 0; {
		round, err := s.round(l, to)
		if err != nil {
			return r, err
		}
		wait, never = first(wait, round.wait), first(never, round.never)
		r.Refused = append(r.Refused, round.refused...)
		if to = round.full; len(round.taken) == 0 {
			break
		}
		r.Reference = round.reference
		if err := remember(j, l, round.taken, wait != nil || len(to) > 0); err != nil {
			return r, err
		}
	}
	r.Parts = l.done
	switch {
	case wait != nil:
		wait.Worker = wait.Worker && len(l.done) == 0 // what others took is no trouble of the account
		return r, wait
	case len(l.done) == 0:
		return r, never
	}
	return r, nil
}

func first(a, b *delivery.Error) *delivery.Error {
	if a != nil {
		return a
	}
	return b
}

// remember makes durable who took the letter, if it has to go again to others.
func remember(j delivery.Job, l *letter, taken []int, more bool) error {
	for _, i := range taken {
		p := l.taken(i)
		if !more || j.Took == nil {
			continue
		}
		if err := j.Took(p); err != nil {
			return &delivery.Error{Fate: delivery.Unsure, Err: fmt.Errorf("remembering that %s took it: %w", l.to[i], err)}
		}
	}
	return nil
}

// round is what became of the addresses of one submission.
type round struct {
	taken, full []int
	refused     []delivery.Refusal
	wait, never *delivery.Error // why the first of them waits, and why the first was refused
	reference   string
}

func (s *session) round(l *letter, to []int) (round, error) {
	var r round
	said, err := s.envelope(l, to)
	if err != nil {
		return r, err
	}
	for n, i := range to {
		if said[n].yes() {
			r.taken = append(r.taken, i)
		} else {
			s.sort(&r, l.to[i], i, said[n])
		}
	}
	if len(r.taken) == 0 {
		if len(r.full) > 0 { // not even one at a time
			r.wait = first(r.wait, s.judge(recipient, reply{452, "4.5.3 too many recipients"}))
		}
		return r, nil
	}
	answer, err := s.content(l.data)
	if err != nil {
		return r, err
	}
	r.reference = fmt.Sprintf("%d %s", answer.code, s.m.hide(printable(answer.text)))
	return r, nil
}

// sort puts aside an address that did not say yes.
func (s *session) sort(r *round, to string, i int, said reply) {
	if said.code == 452 && status(said) == "4.5.3" {
		r.full = append(r.full, i)
		return
	}
	switch e := s.judge(recipient, said); e.Fate {
	case delivery.Retry:
		r.wait = first(r.wait, e)
	default:
		r.never = first(r.never, e)
		r.refused = append(r.refused, delivery.Refusal{To: to, Code: e.Code, Advice: e.Advice})
	}
}

// envelope names sender and recipients, in one go if the server can take that
// (RFC 2920): a group of 50 would else cost 50 round trips.
func (s *session) envelope(l *letter, to []int) ([]reply, error) {
	lines := []string{s.sender(l)}
	for _, i := range to {
		lines = append(lines, "RCPT TO:<"+l.to[i]+">")
	}
	step := 1
	if ok, _ := s.c.Extension("PIPELINING"); ok {
		step = len(lines)
	}
	var said []reply
	for len(lines) > 0 {
		some, err := s.askAll(lines[:step])
		if err != nil {
			return nil, s.lost("naming the recipients", err)
		}
		if said = append(said, some...); !said[0].yes() {
			return nil, s.judge(sender, said[0])
		}
		lines = lines[step:]
	}
	return said[1:], nil
}

func (s *session) sender(l *letter) string {
	line := "MAIL FROM:<" + l.from + ">"
	if l.intl {
		line += " SMTPUTF8"
	}
	return line
}

func (s *session) askAll(lines []string) ([]reply, error) {
	s.pace(silence)
	for _, line := range lines {
		s.put(line)
	}
	if err := s.flush(); err != nil {
		return nil, err
	}
	var said []reply
	for range lines {
		r, err := s.hear(silence)
		if err != nil {
			return nil, err
		}
		if said = append(said, r); r.code == 421 { // it hangs up and answers no more
			return nil, &textproto.Error{Code: r.code, Msg: r.text}
		}
	}
	return said, nil
}

// content hands over the mail itself. From its last byte on, only an answer
// tells what became of it.
func (s *session) content(data []byte) (reply, error) {
	r, err := s.ask("DATA")
	switch {
	case err != nil:
		return r, s.lost("announcing the mail", err)
	case r.code != 354:
		return r, s.judge(content, r)
	}
	if err := s.hand(data); err != nil {
		return r, s.lost("handing over the mail", err)
	}
	r, err = s.hear(s.m.o.Timeout)
	switch {
	case err != nil:
		return r, &delivery.Error{Fate: delivery.Unsure, Err: fmt.Errorf("%s took the mail and did not answer: %w", s.m.o.Server, s.m.masked(err))}
	case !r.yes():
		return r, s.judge(content, r)
	}
	return r, nil
}
