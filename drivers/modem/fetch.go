package modem

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// record is a text in the store.
type record struct {
	index  int
	stat   int // 0 unread, 1 read, 2 unsent, 3 sent (27.005 §3.1)
	octets int
	pdu    string
	memory string // which it was found in
}

// readAgain is how often a text that came cut short is read again before it is
// taken for what it is: a serial line may lose bytes.
const readAgain = 2

// short says whether there is less of the PDU than its header promised. The
// service centre, whose length stands first, is not counted (27.005 §3.4.2).
func (r record) short() bool {
	if len(r.pdu) < 2 {
		return true
	}
	centre, err := strconv.ParseUint(r.pdu[:2], 16, 8)
	return err == nil && len(r.pdu)/2-1-int(centre) < r.octets
}

// handOver gives what came to the inbox and waits for its commit.
func (s *session) handOver(l letter) error {
	switch {
	case l.report != nil:
		return s.m.opts.Inbox.Report(s.ctx, *l.report)
	case l.message != nil:
		return s.m.opts.Inbox.Message(s.ctx, *l.message)
	}
	return nil
}

// keep commits a record and then deletes the modem's copy: first the one,
// then the other, so that a crash in between reads it twice and loses nothing.
func (s *session) keep(r record) error {
	if r.short() && s.garbled[r.index] < readAgain {
		s.garbled[r.index]++
		return fmt.Errorf("the text in slot %d came cut short; it is read again", r.index)
	}
	delete(s.garbled, r.index)
	s.persona.seen(r.index)
	l := decode(r.pdu, r.octets, s.m.opts.Country)
	if r.stat >= 2 {
		l = letter{mine: true} // a draft, or a sent text: it only takes room
	}
	if err := s.handOver(l); err != nil {
		return fmt.Errorf("text in slot %d stays in the modem: %w", r.index, err)
	}
	_, err := s.ask(at.Command{Text: fmt.Sprintf("+CMGD=%d", r.index), Priority: at.Message, Timeout: 25 * time.Second, Brisk: true})
	if err != nil {
		return fmt.Errorf("deleting slot %d: %w", r.index, err)
	}
	return nil
}

// fetch reads one announced text. A slot that is empty was read before.
func (s *session) fetch(p place) error {
	if p.memory == "" || p.memory == "MT" && s.store == "ME" {
		p.memory = s.store // MT shows what is in ME, and with SM in use it is not the store
	}
	if _, err := s.lookInto(p.memory); err != nil {
		return err
	}
	s.forget(func(r record) bool { return r.memory == p.memory && r.index == p.index })
	a, err := s.ask(at.Command{Text: fmt.Sprintf("+CMGR=%d", p.index), Free: true, Brisk: true, Priority: at.Message, Timeout: 10 * time.Second})
	if err != nil {
		var r *at.Refusal
		if errors.As(err, &r) && r.Kind == "CMS" && r.Code == 321 {
			return nil
		}
		return fmt.Errorf("reading slot %d: %w", p.index, err)
	}
	for _, r := range records(a.Lines, "+CMGR") {
		r.index, r.memory = p.index, p.memory
		return s.keep(r)
	}
	return nil
}

// lookInto makes a memory the one that is read, if it is not (27.005 §3.2.2,
// mem1). Where texts go to stays as it is. It tells how many are in it, and -1
// if that was not asked.
func (s *session) lookInto(memory string) (used int, err error) {
	if s.reading == memory {
		return -1, nil
	}
	a, err := s.ask(at.Command{Text: fmt.Sprintf(`+CPMS="%s"`, memory), Priority: at.Message, Timeout: 10 * time.Second})
	if err != nil && memory == s.store {
		s.m.note(func(f *facts) { f.restart = true })
		return 0, fmt.Errorf("coming back to memory %s: %w", memory, err)
	}
	if err != nil {
		return 0, fmt.Errorf("looking into memory %s: %w", memory, err)
	}
	s.reading = memory
	if f := numbers(at.Fields(a.First(), "+CPMS")); len(f) > 0 {
		used = f[0]
	}
	return used, nil
}

// others looks into the memories that texts should not go to: a SIM's own
// texts (class 2) go there all the same, and its notice may be lost.
func (s *session) others() error {
	names := s.stores
	if s.reports {
		names = append(append([]string(nil), names...), "SR")
	}
	for _, name := range names {
		if name == s.store {
			continue
		}
		used, err := s.lookInto(name)
		if err == nil && used != 0 {
			err = s.list()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sweep lists the store. What is in it is kept step by step, with texts in
// between: a full store must not hold them up.
func (s *session) sweep() error {
	s.offerHeld()
	if _, err := s.lookInto(s.store); err != nil {
		return err
	}
	return s.list()
}

// backlog lists what came since the memories were listed, unless that has
// still to be kept: then it is done after that, and texts need not wait.
func (s *session) backlog() error {
	if len(s.shelf) > 0 {
		return nil
	}
	return s.sweep()
}

// list puts what is in the memory that is read on the shelf, in place of what
// an earlier list had: a slot may hold another text by now.
func (s *session) list() error {
	s.forget(func(r record) bool { return r.memory == s.reading })
	a, err := s.ask(at.Command{Text: "+CMGL=4", Free: true, Priority: at.Message, Timeout: time.Minute})
	if err != nil && s.fatal(err) {
		return err
	}
	s.noList = err != nil
	for _, r := range records(a.Lines, "+CMGL") {
		s.found("+CMGL")
		r.memory = s.reading
		s.shelf = append(s.shelf, r)
	}
	if err != nil {
		return fmt.Errorf("listing the store: %w", err)
	}
	return nil
}

// forget takes records off the shelf.
func (s *session) forget(which func(record) bool) { s.shelf = slices.DeleteFunc(s.shelf, which) }

// unshelve keeps the next record of the shelf, and comes back to the store
// after the last. One text that cannot be handed over does not hold up the
// others; what went wrong is told once, at the end.
func (s *session) unshelve() (worked bool, err error) {
	if len(s.shelf) == 0 {
		if s.reading == s.store || !s.up {
			return false, nil
		}
		_, err := s.lookInto(s.store)
		return true, err
	}
	r := s.shelf[0]
	s.shelf = s.shelf[1:]
	if _, err = s.lookInto(r.memory); err != nil {
		s.forget(func(other record) bool { return other.memory == r.memory })
	} else {
		err = s.keep(r)
	}
	if s.fatal(err) {
		return true, err
	}
	if err != nil {
		s.unkept = append(s.unkept, err)
	}
	if len(s.shelf) > 0 {
		return true, nil
	}
	err = errors.Join(s.unkept...)
	s.unkept = nil
	return true, err
}

// offerHeld offers again what came without a stored copy.
func (s *session) offerHeld() {
	s.m.mu.Lock()
	held := s.held
	s.held = nil
	s.m.mu.Unlock()
	for _, l := range held {
		if err := s.handOver(l); err != nil {
			s.m.mu.Lock()
			s.held = append(s.held, l)
			s.m.mu.Unlock()
		}
	}
}

// records reads `+CMGL: index,stat,[alpha],length` and `+CMGR:
// stat,[alpha],length`, each followed by its PDU, which may come in pieces.
func records(lines []string, name string) []record {
	var out []record
	for _, line := range lines {
		if f := at.Fields(line, name); f != nil {
			out = append(out, header(f, name == "+CMGL"))
			continue
		}
		if n := len(out); n > 0 && hexOnly(line) {
			out[n-1].pdu += strings.TrimSpace(line)
		}
	}
	return out
}

func header(f []string, listed bool) record {
	v := numbers(f)
	r := record{octets: max(0, v[len(v)-1])}
	if listed {
		r.index, v = v[0], v[1:]
	}
	if len(v) > 0 {
		r.stat = v[0]
	}
	return r
}

func hexOnly(s string) bool {
	return strings.Trim(strings.TrimSpace(s), "0123456789abcdefABCDEF") == ""
}

// hangUp ends a call that was noted; ATH might end a data call with it. While
// the box itself is calling somebody, that call stays (22.030 §6.5.5).
func (s *session) hangUp() error {
	form := "+CHUP"
	s.m.mu.Lock()
	if s.m.calling != nil {
		form = "+CHLD=0"
	}
	s.m.mu.Unlock()
	_, err := s.ask(at.Command{Text: form, Priority: at.Urgent, Timeout: 30 * time.Second})
	return err
}

// askCard looks whether a modem that lost its registration has lost its SIM:
// not every make says so.
func (s *session) askCard() error {
	if s.m.Health().Fit {
		return nil
	}
	state, err := s.simState()
	if err == nil && state != "READY" {
		s.stirred()
	}
	return err
}

// askRegistration reads all domains: the notices may go to another port.
func (s *session) askRegistration() error {
	if err := s.askDomains(s.domains("+CREG", "+CGREG", "+CEREG")...); err != nil {
		return err
	}
	if s.m.Health().Operator == "" {
		return s.askOperator()
	}
	return nil
}

// domains adds that of a 5G core, where the modem knows it.
func (s *session) domains(of ...string) []string {
	if s.persona.FiveG {
		of = append(of, fiveG)
	}
	return of
}

func (s *session) askDomains(domains ...string) error {
	for _, domain := range domains {
		lines, err := s.get(domain+"?", at.Polling, 0)
		if err != nil {
			return err
		}
		for _, line := range lines {
			s.persona.spelling(line)
			s.moved(line)
		}
	}
	return nil
}

// signalStep is how much the signal must change to be told, in dB: it never
// stands still.
const signalStep = 5

// askSignal prefers +CESQ, which knows LTE; +CSQ is the fallback.
func (s *session) askSignal() error {
	dbm := 0
	for _, q := range []struct {
		text string
		read func(string) int
	}{{"+CESQ", parseCESQ}, {"+CSQ", parseCSQ}} {
		lines, err := s.get(q.text, at.Polling, 0)
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			dbm = q.read(lines[0])
		}
		if dbm != 0 {
			break
		}
	}
	s.m.past.heard(dbm)
	s.m.change(func(h *Health) {
		if dbm == 0 || h.Signal == 0 || dbm-h.Signal >= signalStep || h.Signal-dbm >= signalStep {
			h.Signal = dbm
		}
	})
	return nil
}

// askRoom reads how full the store is, and cleans one that will soon be full:
// it receives nothing more.
func (s *session) askRoom() error {
	if err := s.room(); err != nil {
		return err
	}
	h := s.m.Health()
	return s.clean(h.Used, h.Total)
}

// room reads how full the store is.
func (s *session) room() error {
	lines, err := s.get("+CPMS?", at.Polling, 10*time.Second)
	if err != nil || len(lines) == 0 {
		return err
	}
	f := at.Fields(lines[0], "+CPMS")
	if len(f) < 3 {
		return nil
	}
	used, _ := strconv.Atoi(f[len(f)-2])
	total, _ := strconv.Atoi(f[len(f)-1])
	s.m.change(func(h *Health) { h.Used, h.Total = used, total })
	return nil
}

// clean empties a store that is seven tenths full of what has been handed
// over, and says so when it starts and when it is over.
func (s *session) clean(used, total int) error {
	full := total > 0 && used*10 >= total*7
	if full != s.crowded {
		s.crowded = full
		s.judge()
		if full {
			s.m.opts.Log(fmt.Sprintf("modem %s: its store is nearly full, %d of %d; what has been handed over is deleted", s.m.opts.Name, used, total))
		}
	}
	if !full {
		return nil
	}
	if err := s.sweep(); err != nil {
		return err
	}
	return s.others()
}
