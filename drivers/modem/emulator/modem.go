package emulator

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Options say what the modem is and which SIM is in it. Only Network and
// Number are needed; everything else has a value of a Quectel EG25-G with an
// unlocked SIM that has been running for a while.
type Options struct {
	// Network is where the modem registers.
	Network *Network
	// Number is the SIM's number, with a plus, as phones text it.
	Number string
	// IMEI, IMSI and ICCID are answered by +CGSN, +CIMI and +QCCID.
	IMEI, IMSI, ICCID string
	// NoSIM leaves the slot empty.
	NoSIM bool
	// PIN locks the SIM at power-on; empty means no lock. PUK unblocks it (12345678).
	PIN, PUK string
	// PINTries is how many tries for the PIN are left (3).
	PINTries int
	// SMSC is the service centre stored on the SIM (+CSCA); "none" leaves it empty.
	SMSC string
	// Persona is the make of the modem; the zero value is Quectel().
	Persona Persona
	// Latency is the time from a command line to its answer.
	Latency time.Duration
	// Storage is how many texts each memory holds (20).
	Storage int
	// SlowBoot makes New switch the modem on: this long it is silent, then the
	// boot lines of the persona come. Zero means that it was on long before.
	SlowBoot time.Duration
	// BootErrors is how long after the silence every command is answered ERROR.
	BootErrors time.Duration
	// StackDelay is the time from an unlocked SIM to a working SMS stack;
	// until then SMS commands are answered SIM busy.
	StackDelay time.Duration
	// RegisterDelay is the time from an unlocked SIM to registration.
	RegisterDelay time.Duration
	// ResetTime is how long the port is gone after a reset (what the persona has, or 12 s).
	ResetTime time.Duration
	// AckTime is how long +CMT and +CDS wait for AT+CNMA under CSMS=1 (12 s,
	// 24.011 §10.1: timer TR2M).
	AckTime time.Duration
	// Reference is the last message reference the SIM used; the first text gets the next.
	Reference int
	// NoEcho starts the modem with ATE0.
	NoEcho bool
	// Carrier answers a call for data, ATD*99***1#: from CONNECT on the port is
	// joined to what it returns. It hangs up by ending its reads; the modem
	// closes what it returned. Nil: there is no data to be had.
	Carrier func() (io.ReadWriteCloser, error)

	// Trace hears every command line with "> " before it and every line of the
	// modem with "< ", as they are: a PIN is among them. It runs on the modem's
	// loop and must be quick.
	Trace func(line string)
}

func (o *Options) fill() error {
	if o.Network == nil {
		return errors.New("emulator: Options.Network is missing: make one with NewNetwork")
	}
	if strings.Trim(o.Number, "+0123456789") != "" || len(o.Number) < 2 {
		return fmt.Errorf("emulator: Options.Number %q is not a number: write it like +48600100200", o.Number)
	}
	if o.PIN != "" && (len(o.PIN) < 4 || len(o.PIN) > 8 || strings.Trim(o.PIN, "0123456789") != "") {
		return fmt.Errorf("emulator: Options.PIN %q must be 4 to 8 digits", o.PIN)
	}
	fillText(&o.IMEI, "867698041234567")
	fillText(&o.IMSI, "260011234567890")
	fillText(&o.ICCID, "8948010000012345678")
	fillText(&o.PUK, "12345678")
	fillText(&o.SMSC, "+48501200777")
	fillNumber(&o.PINTries, 3)
	fillNumber(&o.Storage, 20)
	fillNumber(&o.AckTime, 12*time.Second)
	if o.SMSC == "none" {
		o.SMSC = ""
	}
	if o.Persona.Name == "" {
		o.Persona = Quectel()
	}
	fillNumber(&o.ResetTime, o.Persona.ResetTime)
	fillNumber(&o.ResetTime, 12*time.Second)
	return nil
}

func fillText(s *string, v string) {
	if *s == "" {
		*s = v
	}
}

func fillNumber[T int | time.Duration](n *T, v T) {
	if *n == 0 {
		*n = v
	}
}

// Modem is one emulated modem. Its methods may be called at any time from any
// goroutine; each returns when the modem has taken note.
type Modem struct {
	o    Options
	loop *loop // owns everything below, except where a field says otherwise
	net  *Network

	*port             // the one whose command runs; between two of the loop's functions the first
	ports    [2]*port // the AT ports, as composite USB modems have them
	urcPorts [2]bool  // which of them hear unsolicited result codes

	table     map[string]verb
	number    atomic.Pointer[string] // the SIM's; the Network and the program read it too
	sim       sim
	cell      Cell // what the radio finds
	shown     Cell // what the host was last told
	set       settings
	memories  map[string]*memory
	buffered  [][]string // URCs held back by CNMI mode 0
	unacked   *unacked
	sending   *sending
	call      *Call
	out       *outcall // the call that the host makes; nil for none
	released  string   // why the last of those ended, for +CEER
	rung      int      // how often the call has rung
	answered  bool     // the call was picked up
	faults    []*Fault
	smsc      string
	ref       int
	csq       int
	rsrp      int
	rsrq      int
	starved   bool // a text was refused for want of room
	up        bool // the boot silence is over
	failing   bool // every command is answered ERROR
	hung      bool // deaf and dumb, see Hang
	gone      bool // the port has vanished
	boots     int
	power     int // counts losses of power: alarms set before are void
	seen      []string
	shift     time.Duration // the modem's clock minus the network's
	refusal   error         // what opening the port answers; nil to open it
	resets    ResetForm
	cut       *echoCut   // the next echo is cut in two
	told      fullness   // what the host wants to hear when a memory is full
	ims       int        // QCFG "ims": 0 as the profile says, 1 on, 2 off; survives resets
	ussdText  string     // what the operator answers to any USSD code; empty to ask the Network
	ussdAs    string     // the form of answers that is staged, a key of ussdForms
	ussdOpen  bool       // a USSD session waits for the host's reply
	torn      *tornLine  // the next such line comes in two halves
	direct    string     // the form of +CMT, see DirectAs
	tellAs    string     // the memory that +CMTI names instead; empty for the true one
	clockForm string     // of +CCLK?: bare, 4digit, nozone; empty for the standard form
	barred    bool       // outgoing calls and texts are barred (27.007 §7.4, AO)
	forget    *alarm     // the notices are forgotten then
	airplane  string     // what sending answers with the radio off, instead of +CMS ERROR: 331
	moreFail  int        // +CMS code for the second text of a chain under +CMMS; 0 for none
	chained   int        // texts since +CMMS was set
	taps      []*Playing // scripts that listen
	chatter   int        // counts lives: the chatter of an earlier one stops
	hushed    bool       // the host does not want chatter (Huawei ^CURC=0)
	data      data
}

// port is one AT port: its line and its host.
type port struct {
	wire wire
	link link  // the host's end; nil while nobody has it open
	ttys *ttys // the PTY server; nil until asked for
	life int   // counts resets, losses of the port and ends of commands: what was under way before is void
}

// on runs f as if the command came from this port.
func (m *Modem) on(p *port, f func()) {
	was := m.port
	m.port = p
	f()
	m.port = was
}

// settings are lost at power-off.
type settings struct {
	cmee       int
	cmgf       int
	cnmi       [5]int
	csms       int
	cfun       int
	creg       map[string]int
	copsMode   int
	copsFormat int
	clip, crc  int
	ctzr, ctzu int
	cpms       [3]string
	cscs       string
	cmms, cusd int
	cgsms      int
	cireg      int
}

func (m *Modem) factory() settings {
	first := m.o.Persona.memories()[0]
	return settings{
		cmgf: 1, cfun: 1, creg: map[string]int{}, cpms: [3]string{first, first, first}, cscs: "GSM", cgsms: 1,
		cmee: m.o.Persona.FactoryErrors,
	}
}

// single makes a notice of its own of each line.
func single(lines []string) [][]string {
	all := make([][]string, len(lines))
	for i, line := range lines {
		all[i] = []string{line}
	}
	return all
}

// New switches a modem on and attaches it to its Network.
func New(o Options) (*Modem, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	m := &Modem{o: o, net: o.Network, cell: HomeCell(), smsc: o.SMSC, ref: o.Reference, csq: 20, rsrp: 46, rsrq: 22}
	m.table = table(o.Persona)
	m.number.Store(&o.Number)
	m.memories = map[string]*memory{}
	for _, name := range o.Persona.memories() {
		m.memories[name] = newMemory(o.Storage)
	}
	if m.memories["MT"] != nil {
		m.memories["MT"] = m.memories["ME"] // a view of it (27.005 §3.2.3)
	}
	m.sim = sim{present: !o.NoSIM, locked: o.PIN != "", pin: o.PIN, tries: o.PINTries, pukTries: 10, iccid: o.ICCID, imsi: o.IMSI}
	m.resets = ResetForm{Gone: o.ResetTime}
	m.ports, m.urcPorts = [2]*port{{wire: freshWire(!o.NoEcho)}, {wire: freshWire(!o.NoEcho)}}, [2]bool{true, false}
	m.port = m.ports[0]
	m.set = m.factory()
	if err := o.Network.attach(m); err != nil {
		return nil, err
	}
	m.loop = newLoop(m.flush)
	m.loop.do(func() {
		if o.SlowBoot > 0 {
			m.boot()
			return
		}
		m.up, m.sim.verified = true, !m.sim.locked
		m.sim.stack = m.sim.usable()
		m.camp()
		m.babble()
	})
	return m, nil
}

// Close switches the modem off: the host's end fails, the tty goes, and every
// goroutine of the modem ends.
func (m *Modem) Close() error {
	m.loop.do(func() {
		m.abort()
		m.unplug()
		m.gone = true
	})
	m.net.detach(m)
	m.loop.close()
	m.loop.do(func() {
		for _, p := range m.ports {
			p.ttys.unplug()
		}
	})
	return nil
}

// boot is a power-on: settings are lost, the SIM locks, and after the silence
// the persona's boot lines come.
func (m *Modem) boot() { m.start(m.o.SlowBoot, m.o.BootErrors) }

func (m *Modem) start(silence, failing time.Duration) {
	m.boots++
	m.power++
	m.abort()
	m.set = m.factory()
	for _, p := range m.ports {
		stalled, splitAll := p.wire.stalled, p.wire.splitAll
		p.wire = freshWire(!m.o.NoEcho)
		p.wire.stalled, p.wire.splitAll = stalled, splitAll
	}
	m.hangUpOut()
	m.ussdOpen = false
	m.shown, m.buffered, m.call, m.data.active = Cell{}, nil, nil, nil
	m.told, m.hushed = fullness{}, false
	m.sim.verified, m.sim.stack, m.up = false, false, false
	m.after(silence, func() {
		m.up = true
		m.failing = failing > 0
		m.after(failing, func() { m.failing = false })
		m.storm()
		m.babble()
	})
}

func (m *Modem) storm() {
	for _, s := range m.o.Persona.Boot {
		m.after(s.After, func() { m.urc(s.Line) })
	}
	m.after(m.o.Persona.SIMTime, func() {
		m.urc("+CPIN: " + m.sim.state())
		if m.sim.present {
			m.urcs(single(m.o.Persona.SIMReady))
		}
		m.unlocked(!m.sim.locked || m.sim.verified) // the host may have been quicker with the PIN
	})
}

// unlocked starts what follows a usable SIM: the SMS stack and registration.
func (m *Modem) unlocked(verified bool) {
	m.sim.verified = verified
	if !m.sim.usable() {
		return
	}
	card := m.sim.card
	delay := m.o.StackDelay
	if delay == 0 {
		delay = m.o.Persona.StackTime
	}
	m.after(delay, func() {
		if m.sim.card != card {
			return
		}
		m.sim.stack = true
		m.urcs(single(m.o.Persona.StackReady))
		m.net.alert(*m.number.Load())
	})
	m.after(m.o.RegisterDelay, m.camp)
}

// after runs f when d has passed, unless the modem was reset meanwhile.
func (m *Modem) after(d time.Duration, f func()) *alarm {
	power := m.power
	return m.loop.after(d, func() {
		if m.power == power {
			f()
		}
	})
}

// abort forgets what the host was in the middle of.
func (m *Modem) abort() {
	for _, p := range m.ports {
		p.life++
		m.on(p, m.hangUpData)
		p.wire.clear()
	}
	m.sending = nil
	m.refuseUnacked()
}

// Hang makes the modem deaf and dumb, as a crashed baseband is, until Hang(false):
// the port stays, what is written to it goes nowhere.
func (m *Modem) Hang(on bool) {
	m.loop.do(func() {
		m.abort()
		m.hung = on
	})
}

// Vanish pulls the port: the host's reads end with an error and opening fails
// until Return. The modem itself goes on and loses what it would have said.
func (m *Modem) Vanish() { m.loop.do(m.vanish) }

func (m *Modem) vanish() {
	m.unplug()
	m.gone = true
	m.abort()
	for _, p := range m.ports {
		p.ttys.unplug()
	}
}

// Return brings the port back after Vanish, as a new tty under the same link.
func (m *Modem) Return() error {
	var err error
	m.loop.do(func() { err = m.comeBack() })
	return err
}

func (m *Modem) comeBack() error {
	m.gone = false
	var err error
	for _, p := range m.ports {
		m.on(p, func() { err = errors.Join(err, p.ttys.plug(m)) })
	}
	return err
}

// Reset restarts the modem as AT+CFUN=1,1 does: the port goes for ResetTime and
// comes back with a freshly booted modem.
func (m *Modem) Reset() { m.loop.do(m.reset) }

func (m *Modem) reset() {
	m.vanish()
	m.power++
	m.set.cfun = 0
	m.up = false
	if m.resets.Never {
		return
	}
	m.after(m.resets.Gone, func() {
		if err := m.comeBack(); err != nil {
			return // without a tty the port stays gone; Return tells why
		}
		m.boot()
	})
}

// Reboot restarts the modem by itself while the port stays (field reports of
// under-voltage): settings are lost and the boot lines come.
func (m *Modem) Reboot() { m.loop.do(m.boot) }

// Fault queues a fault for the next command that it matches.
func (m *Modem) Fault(f Fault) error {
	if err := f.check(); err != nil {
		return err
	}
	m.loop.do(func() { m.faults = append(m.faults, &f) })
	return nil
}

// FaultsLeft counts the faults that no command has met yet.
func (m *Modem) FaultsLeft() int {
	var n int
	m.loop.do(func() { n = len(m.faults) })
	return n
}

// Unsolicited sends lines as an unsolicited result code, now.
func (m *Modem) Unsolicited(lines ...string) { m.loop.do(func() { m.urc(lines...) }) }

// Noise puts bytes on the line as they are, in the middle of whatever is there.
func (m *Modem) Noise(b []byte) { m.loop.do(func() { m.wire.out = append(m.wire.out, b...) }) }

// Split cuts everything the modem sends into reads of at most n bytes; 0 ends it.
func (m *Modem) Split(n int) { m.loop.do(func() { m.wire.splitAll = n }) }

// Stall stops the modem from reading what the host writes, so that the host's
// writes block, until Stall(false).
func (m *Modem) Stall(on bool) {
	m.loop.do(func() { m.stall(on) })
}

func (m *Modem) stall(on bool) {
	m.wire.stalled = on
	if m.link != nil {
		m.link.stall(on)
	}
	m.pump()
}

// State is what a test may look at.
type State struct {
	CMEE, CMGF, CSMS, CFUN int
	CNMI                   [5]int
	Memories               [3]string // CPMS mem1, mem2, mem3
	Echo                   bool
	SIM                    string // as +CPIN tells it
	PINTries, PUKTries     int
	Stored                 []Stored
	Reference              int // the last message reference given
	Registered             bool
	Gone                   bool
	Boots                  int
	Commands               []string // command lines as the host wrote them, the newest 4096
	Dropped                int      // bytes that did not fit on the line
	Prompt                 bool     // the modem waits for a PDU
	USSD                   bool     // a USSD session waits for a reply
	Make                   string   // the persona's name
	Number, ICCID, SMSC    string   // of the SIM, the service centre in the clear
	Places, IndexBase      int      // of the memory that receives: how many, and the number of the first
}

// Stored is one text in the modem.
type Stored struct {
	Memory string
	Index  int
	Stat   int // 0 unread, 1 read, 2 unsent, 3 sent
	PDU    string
}

// State tells how the modem stands.
func (m *Modem) State() State {
	var s State
	m.loop.do(func() { s = m.state() })
	return s
}

func (m *Modem) state() State {
	s := State{
		CMEE: m.set.cmee, CMGF: m.set.cmgf, CSMS: m.set.csms, CFUN: m.set.cfun, CNMI: m.set.cnmi,
		Memories: m.set.cpms, Echo: m.wire.echo, SIM: m.sim.state(), PINTries: m.sim.tries, PUKTries: m.sim.pukTries,
		Reference: m.ref, Registered: m.shown.served(), Gone: m.gone, Boots: m.boots,
		Commands: slices.Clone(m.seen), Dropped: m.wire.dropped, Prompt: m.wire.entry != nil, USSD: m.ussdOpen,
		Make: m.o.Persona.Name, Number: m.Number(), ICCID: m.sim.iccid, SMSC: m.smsc,
		Places: m.memories[m.set.cpms[2]].size, IndexBase: m.o.Persona.IndexBase,
	}
	for _, name := range slices.Sorted(maps.Keys(m.memories)) {
		mem := m.memories[name]
		for _, i := range mem.indexes() {
			s.Stored = append(s.Stored, Stored{name, i, mem.slots[i].stat, mem.slots[i].pdu})
		}
	}
	return s
}
