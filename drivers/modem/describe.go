package modem

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// Describe asks the running modem what it can do and says. It waits its turn.
func (m *Modem) Describe(ctx context.Context) (Description, error) {
	a := &asked{reply: make(chan Description, 1)}
	m.mu.Lock()
	if h := m.health; h.State == PortLost || h.State == Silent {
		m.mu.Unlock()
		return Description{Health: h}, fmt.Errorf("modem %s: %s: %s", m.opts.Name, h.State, h.Why)
	}
	m.asks = append(m.asks, a)
	m.mu.Unlock()
	m.poke()
	select {
	case d, ok := <-a.reply:
		if !ok {
			return Description{Health: m.Health()}, fmt.Errorf("modem %s: the port was lost meanwhile", m.opts.Name)
		}
		return d, nil
	case <-ctx.Done():
		return Description{}, ctx.Err()
	}
}

// questions are what a description asks beside the regular ones.
var questions = []string{"I", "+CSQ", "+CESQ", "+CREG?", "+CEREG?", "+COPS?", "+CSCA?", "+CPMS?", "+CPMS=?", "+CNMI=?", "+CNMI?", "+CSMS?", "+CCLK?", "+CNUM", "+CGSMS?"}

// describe asks one thing after the other; a refusal is an answer too.
func (s *session) describe() Description {
	d := Description{Health: s.m.Health(), Tries: -1, Storage: s.store, Said: map[string]string{}, Refused: s.refusal}
	for _, q := range questions {
		a, err := s.ask(at.Command{Text: q, Free: true, Priority: at.Polling, Timeout: 10 * time.Second})
		said := strings.Join(a.Lines, "\n")
		if err != nil {
			said = strings.TrimSpace(said + "\n" + reason(err))
		}
		d.Said["AT"+q] = said
		if err != nil && s.fatal(err) {
			break
		}
	}
	d.CanCNMI = d.Said["AT+CNMI=?"]
	if t, ok := parseCCLK(d.Said["AT+CCLK?"]); ok {
		d.Clock = t
	}
	if n, err := s.triesLeft(); err == nil {
		d.Tries = n
	}
	_ = s.askWays() // a port that is lost shows in the health
	s.m.mu.Lock()
	a := s.m.facts.ways
	s.m.mu.Unlock()
	if a.weighs(false) != textsGo {
		d.Texts, d.Levers = a.saw(), a.levers(s.persona.Vendor)
	}
	d.Persona = s.persona
	d.Health = s.m.Health()
	d.Warnings = s.warnings(d)
	return d
}

// warnings are what an operator should look at before trusting the modem.
func (s *session) warnings(d Description) []string {
	var out []string
	add := func(when bool, text string) {
		if when {
			out = append(out, text)
		}
	}
	add(d.Why != "", d.Why)
	add(d.SMSC == "" && d.State == Ready, "no service centre: every text will be refused with CMS 330; set smsc:")
	add(d.Notices == "polling", "it gives no notice of texts; they are looked for every minute")
	add(d.Total > 0 && d.Used*10 >= d.Total*7, fmt.Sprintf("its store is nearly full: %d of %d", d.Used, d.Total))
	add(d.Signal != 0 && d.Signal <= -110, "weak signal: "+signal(d.Signal)+"; move or replace the antenna")
	add(s.foreign > 0, "answers came that nobody asked for: another program uses this port (ModemManager?); stop it")
	s.m.mu.Lock()
	caught := s.m.caught
	s.m.mu.Unlock()
	add(s.parrot, "it goes on repeating commands although told not to (ATE0)")
	add(s.persona.TextMode, keepsText)
	return append(out, caught.lies(time.Now())...)
}

// Probe does what Describe does with a modem that nobody runs: it opens the
// port, brings the modem up, asks, and closes the port. Texts that are stored
// in it stay there. The PIN is sent under the same rules, so Memory should be
// the appliance's own or PIN empty.
func Probe(ctx context.Context, o Options) (Description, error) {
	o.Inbox = leave{}
	m, err := New(o)
	if err != nil {
		return Description{}, err
	}
	port, err := m.openPort()
	if err != nil {
		return Description{}, fmt.Errorf("opening the port: %w", err)
	}
	s := newSession(ctx, m, port)
	defer s.end()
	if err := s.attach(); err != nil {
		return Description{Health: m.Health()}, err
	}
	err = s.bringUp()
	var t *trouble
	if errors.As(err, &t) {
		s.block(t)
		err = nil
	}
	if err != nil {
		return Description{Health: m.Health()}, err
	}
	return s.describe(), nil
}

// leave is an Inbox that takes nothing, so that everything stays in the modem.
type leave struct{}

var errLeave = errors.New("only looking")

func (leave) Message(context.Context, Message) error { return errLeave }
func (leave) Report(context.Context, Report) error   { return errLeave }
func (leave) Call(context.Context, string) error     { return errLeave }
func (leave) Health(Health)                          {}
func (leave) NetworkTime(time.Time, string)          {}
