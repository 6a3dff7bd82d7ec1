package emulator

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"
)

// Network is the operator: an SMSC and the phones it serves. Its methods may
// be called at any time from any goroutine.
type Network struct {
	loop *loop // owns everything below

	phones    map[string]*Phone
	modems    map[string]*Modem
	queues    map[string]*queue
	submitted []Submission
	calls     []*Call
	feeds     []*feed[Event]

	knobs knobs
	local atomic.Pointer[time.Location] // the operator's zone, which modems read too
}

// knobs are the Network's settings.
type knobs struct {
	submit, deliver, report time.Duration
	keep                    time.Duration
	retry                   time.Duration
	ring                    time.Duration
	congested               int
	temporary               bool
	reports                 bool
	plan                    []ReportStep
	setup, patience         time.Duration     // of calls out: to the first ring, and to the last
	ussd                    time.Duration     // to the answer to a code
	codes                   map[string]string // what codes are answered with
	credit, price           int               // in hundredths; texts cost nothing while the price is 0
}

// Submission is one SMS-SUBMIT that the SMSC took.
type Submission struct {
	Number    int           `json:"number"`           // counts from 1 over the whole Network
	At        time.Time     `json:"at"`               // when the SMSC took it
	From      string        `json:"from"`             // the modem's number
	ICCID     string        `json:"iccid,omitempty"`  // the SIM it came from
	To        string        `json:"to"`               // the recipient as written: +… international, else digits
	Body      string        `json:"body"`             // this part's text
	Part      int           `json:"part"`             // from 1
	Of        int           `json:"of"`               // how many parts the text has
	Chain     int           `json:"chain"`            // concatenation reference, -1 for a single text
	Reference int           `json:"reference"`        // TP-MR as the modem assigned it
	Report    bool          `json:"report"`           // a status report was asked for
	Validity  time.Duration `json:"validity"`         // TP-VP; zero when the text names none
	PDU       string        `json:"pdu"`              // the TPDU as the modem sent it, hex
	Settled   byte          `json:"status"`           // last TP-ST, meaningful when Done
	Done      bool          `json:"done"`             // the SMSC has finished with it
	Expires   time.Time     `json:"expires,omitzero"` // when the SMSC gives it up
}

// Event is one thing that happened in the Network, for those who watch it.
type Event struct {
	At        time.Time   `json:"at"`
	Kind      string      `json:"event"`            // "submitted", "arrived", "reported", "call", "port", "gone"
	Path      string      `json:"path,omitempty"`   // "port": where the tty is
	Number    string      `json:"number,omitempty"` // "port" and "gone": the modem's number
	Phone     string      `json:"phone,omitempty"`
	Text      *Text       `json:"text,omitempty"`
	Submitted *Submission `json:"submitted,omitempty"`
	Status    *int        `json:"status,omitempty"` // TP-ST of a report
	Call      *Call       `json:"call,omitempty"`
}

// queue holds what the SMSC has for one number, oldest first.
type queue struct {
	waiting []*message
	busy    bool   // the first one is on its way
	retry   *alarm // the next try after a refusal
}

// message is one TPDU for one number.
type message struct {
	t      *tpdu.TPDU
	raw    []byte // sent as it is when set
	to     string
	of     *Submission // the submission it came from, for its reports; nil for none
	expiry *alarm
	warned bool // the sender was told that the SMSC is still trying
}

// NewNetwork makes an operator without delays: texts are taken, delivered and
// reported in the same instant. Its clock shows UTC.
func NewNetwork() *Network {
	n := &Network{
		phones: map[string]*Phone{},
		modems: map[string]*Modem{},
		queues: map[string]*queue{},
		knobs: knobs{
			keep:      72 * time.Hour,
			retry:     5 * time.Minute,
			ring:      4 * time.Second,
			temporary: true,
			reports:   true,
			setup:     2 * time.Second,
			patience:  time.Minute,
			ussd:      2 * time.Second,
		},
	}
	n.local.Store(time.UTC)
	n.loop = newLoop(nil)
	return n
}

// Close ends the Network and every goroutine it has; what was recorded can
// still be read.
func (n *Network) Close() { n.loop.close() }

// SubmitDelay sets how long the SMSC takes to accept a text (27.005 AT+CMGS).
func (n *Network) SubmitDelay(d time.Duration) { n.loop.do(func() { n.knobs.submit = d }) }

// DeliverDelay sets how long a text stays in the SMSC before it is first tried.
func (n *Network) DeliverDelay(d time.Duration) { n.loop.do(func() { n.knobs.deliver = d }) }

// ReportDelay sets how long a status report takes back to the sender.
func (n *Network) ReportDelay(d time.Duration) { n.loop.do(func() { n.knobs.report = d }) }

// Keep sets how long the SMSC keeps a text that names no validity (72 h).
func (n *Network) Keep(d time.Duration) { n.loop.do(func() { n.knobs.keep = d }) }

// Retry sets how long after a refused delivery the SMSC tries again by itself (5 min).
func (n *Network) Retry(d time.Duration) { n.loop.do(func() { n.knobs.retry = d }) }

// RingEvery sets the time between two RINGs of a call (4 s).
func (n *Network) RingEvery(d time.Duration) { n.loop.do(func() { n.knobs.ring = d }) }

// Congested makes the SMSC refuse every text with this +CMS code; 0 ends it.
func (n *Network) Congested(code int) { n.loop.do(func() { n.knobs.congested = code }) }

// TemporaryReports sets whether senders are told that the SMSC is still trying
// (TP-ST 0x22). It is on at first.
func (n *Network) TemporaryReports(on bool) { n.loop.do(func() { n.knobs.temporary = on }) }

// Reports sets whether the operator sends status reports at all. It is on at first.
func (n *Network) Reports(on bool) { n.loop.do(func() { n.knobs.reports = on }) }

// Zone sets the zone of the operator's clock: of time stamps, reports and NITZ.
func (n *Network) Zone(z *time.Location) { n.local.Store(z) }

// Phone gives the phone with this number and makes it on first use.
func (n *Network) Phone(number string) *Phone {
	var p *Phone
	n.loop.do(func() { p = n.phone(number) })
	return p
}

// Phones lists all phones in order of their numbers.
func (n *Network) Phones() []*Phone {
	var all []*Phone
	n.loop.do(func() {
		for _, number := range slices.Sorted(maps.Keys(n.phones)) {
			all = append(all, n.phones[number])
		}
	})
	return all
}

// Submitted lists every text, part by part, that the SMSC took, in order.
func (n *Network) Submitted() []Submission {
	var all []Submission
	n.loop.do(func() { all = slices.Clone(n.submitted) })
	return all
}

// Events gives everything that happens from now on, in order. The channel is
// closed by Close; nothing is lost for a slow reader.
func (n *Network) Events() <-chan Event {
	f := newFeed[Event](n.loop.quit)
	n.loop.do(func() { n.feeds = append(n.feeds, f) })
	return f.out
}

// Queue hands the SMSC many texts from one number to another at once, as after
// a night without coverage. The error names the first that cannot be coded.
func (n *Network) Queue(from, to string, bodies ...string) error {
	for _, body := range bodies {
		if err := n.Phone(from).Send(to, body); err != nil {
			return err
		}
	}
	return nil
}

// Inject hands a number a message made elsewhere: a PDU in hex that starts
// with the SMSC's address, as modems show it. It is delivered byte by byte as
// given, whatever it holds.
func (n *Network) Inject(to, pdu string) error {
	b, err := hex.DecodeString(strings.TrimSpace(pdu))
	if err != nil {
		return fmt.Errorf("read the PDU: %w", err)
	}
	if len(b) < 2 || len(b) <= int(b[0])+1 {
		return fmt.Errorf("read the PDU: %d octets end inside the SMSC address", len(b))
	}
	n.loop.do(func() { n.arrive(&message{raw: b[b[0]+1:], to: to}) })
	return nil
}

func (n *Network) phone(number string) *Phone {
	p := n.phones[number]
	if p == nil {
		p = &Phone{number: number, net: n, arrived: newFeed[Text](n.loop.quit), on: true, seen: map[saying]bool{}}
		n.phones[number] = p
	}
	return p
}

func (n *Network) tell(e Event) {
	e.At = time.Now()
	for _, f := range n.feeds {
		f.put(e)
	}
}

func (n *Network) now() time.Time { return time.Now().In(n.local.Load()) }

// submit takes a text from a modem. answer is called in the Network's loop
// with 0 or the +CMS code of the refusal. Once submitted, the modem's fate no
// longer matters to the text.
func (n *Network) submit(s Submission, pdu []byte, answer func(code int)) {
	n.loop.post(func() {
		n.loop.after(n.knobs.submit, func() { answer(n.take(s, pdu)) })
	})
}

func (n *Network) take(s Submission, pdu []byte) int {
	t, err := sms.Unmarshal(pdu, sms.AsMO)
	if err != nil {
		return cmsInvalidPDU
	}
	if n.knobs.congested != 0 {
		return n.knobs.congested
	}
	s.To = t.DA.Number()
	if p := n.phones[s.To]; p != nil && p.refused != 0 {
		return p.refused
	}
	if !n.charge() {
		return cmsNoCredit
	}
	keep := n.describe(&s, t, pdu)
	n.submitted = append(n.submitted, s)
	n.tell(Event{Kind: "submitted", Submitted: &s})
	m := &message{t: forward(t, s.From, s.At), to: s.To, of: &s}
	m.expiry = n.loop.after(keep, func() { n.expire(m) })
	n.loop.after(n.knobs.deliver, func() { n.arrive(m) })
	return 0
}

// describe fills in what the log keeps of a submission and says how long the
// SMSC will keep it.
func (n *Network) describe(s *Submission, t *tpdu.TPDU, pdu []byte) time.Duration {
	s.Number = len(n.submitted) + 1
	s.At = n.now()
	s.Body = text(t)
	s.Part, s.Of, s.Chain = chain(t)
	s.Reference = int(t.MR)
	s.Report = t.FirstOctet.SRR()
	s.Validity = validity(t, s.At)
	s.PDU = strings.ToUpper(hex.EncodeToString(pdu))
	keep := s.Validity
	if keep == 0 {
		keep = n.knobs.keep
	}
	s.Expires = s.At.Add(keep)
	return keep
}

// arrive puts messages for one number at the end of its queue.
func (n *Network) arrive(all ...*message) {
	for _, m := range all {
		if m.of != nil && n.submitted[m.of.Number-1].Done {
			return // it expired before it was first tried
		}
		q := n.queue(m.to)
		q.waiting = append(q.waiting, m)
		if p := n.phones[m.to]; p != nil && !p.on && n.modems[m.to] == nil {
			n.warn(m)
		}
	}
	n.offer(all[0].to)
}

func (n *Network) queue(number string) *queue {
	q := n.queues[number]
	if q == nil {
		q = &queue{}
		n.queues[number] = q
	}
	return q
}

// offer tries the oldest message of a number; the next one follows when it was taken.
func (n *Network) offer(number string) {
	q := n.queue(number)
	if q.busy || len(q.waiting) == 0 {
		return
	}
	q.retry.stop()
	m := q.waiting[0]
	if modem := n.modems[number]; modem != nil {
		q.busy = true
		modem.deliver(n.encode(m, len(q.waiting) > 1), func(taken bool) {
			n.loop.post(func() { n.answered(number, m, taken) })
		})
		return
	}
	p := n.phone(number)
	switch {
	case p.dead != 0:
		n.settle(m, p.dead)
	case !p.on:
		return
	default:
		p.receive(m)
		n.settle(m, 0x00)
	}
	n.offer(number)
}

// encode writes a message for the air. TP-MMS is 0 while more are waiting
// (23.040 §9.2.3.2).
func (n *Network) encode(m *message, more bool) []byte {
	if m.raw != nil {
		return m.raw
	}
	m.t.FirstOctet |= tpdu.FoMMS
	if more {
		m.t.FirstOctet &^= tpdu.FoMMS
	}
	b, err := m.t.MarshalBinary()
	if err != nil {
		return []byte{0} // cannot happen: addresses and data were checked when it was made
	}
	return b
}

// answered is the modem's RP-ACK or RP-ERROR for the message at the head.
func (n *Network) answered(number string, m *message, taken bool) {
	q := n.queue(number)
	q.busy = false
	if m.of != nil && n.submitted[m.of.Number-1].Done {
		n.offer(number) // it expired on the way
		return
	}
	if taken {
		n.settle(m, 0x00)
		n.offer(number)
		return
	}
	n.warn(m)
	q.retry.stop()
	q.retry = n.loop.after(n.knobs.retry, func() { n.offer(number) })
}

// settle ends a message with a final status.
func (n *Network) settle(m *message, status byte) {
	m.expiry.stop()
	q := n.queue(m.to)
	q.waiting = slices.DeleteFunc(q.waiting, func(w *message) bool { return w == m })
	if m.of == nil {
		return
	}
	s := &n.submitted[m.of.Number-1]
	s.Done, s.Settled = true, status
	n.report(m, status)
}

// warn tells the sender once that the SMSC is still trying: no response from SME.
func (n *Network) warn(m *message) {
	if m.of == nil || m.warned {
		return
	}
	m.warned = true
	if n.knobs.temporary {
		n.report(m, 0x22)
	}
}

func (n *Network) expire(m *message) {
	if m.of == nil || n.submitted[m.of.Number-1].Done {
		return
	}
	n.settle(m, 0x46)
}

// report sends a status report back if one was asked for.
func (n *Network) report(m *message, status byte) {
	if !m.of.Report || !n.knobs.reports {
		return
	}
	if n.knobs.plan != nil {
		n.follow(m, n.knobs.plan)
		return
	}
	n.reportOne(m, status, n.now(), n.knobs.report)
}

// ReportStep is one status report: when after the last one, and what it says.
type ReportStep struct {
	After  time.Duration
	Status byte // TP-ST, 23.040 §9.2.3.15
}

// ReportAs makes the SMSC send these reports on every text that asked for
// one, whatever became of the text; none makes it honest again.
func (n *Network) ReportAs(steps ...ReportStep) { n.loop.do(func() { n.knobs.plan = steps }) }

func (n *Network) follow(m *message, plan []ReportStep) {
	total := time.Duration(0)
	for _, s := range plan {
		total += s.After
		n.reportOne(m, s.Status, n.now().Add(total), total)
	}
}

func (n *Network) reportOne(m *message, status byte, at time.Time, after time.Duration) {
	r := &message{t: report(*m.of, status, at), to: m.of.From}
	n.loop.after(after, func() {
		st := int(status)
		n.tell(Event{Kind: "reported", Submitted: m.of, Status: &st})
		n.arrive(r)
	})
}

// attach puts a modem on the air under its number.
func (n *Network) attach(m *Modem) error {
	var err error
	n.loop.do(func() {
		if n.modems[m.Number()] != nil {
			err = fmt.Errorf("the number %s already has a modem", m.Number())
			return
		}
		n.modems[m.Number()] = m
	})
	return err
}

// move gives a modem another number: another SIM is in it.
func (n *Network) move(m *Modem, number string) error {
	var err error
	n.loop.do(func() {
		if n.modems[number] != nil {
			err = fmt.Errorf("the number %s already has a modem", number)
			return
		}
		old := m.Number()
		delete(n.modems, old)
		n.queue(old).busy, n.phone(old).on = false, false
		m.number.Store(&number)
		n.modems[number] = m
	})
	return err
}

// detach takes a modem off the air. Its number stays with the SIM: what is sent
// there waits in the SMSC for the next modem.
func (n *Network) detach(m *Modem) {
	n.loop.post(func() {
		if n.modems[m.Number()] == m {
			delete(n.modems, m.Number())
			n.queue(m.Number()).busy = false
			n.phone(m.Number()).on = false
		}
	})
}

// alert tells the SMSC that a number can take messages again: it has
// registered, or it has room (RP-SMMA, 24.011 §7.3.2).
func (n *Network) alert(number string) { n.loop.post(func() { n.offer(number) }) }
