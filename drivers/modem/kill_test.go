package modem_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

var errKilled = errors.New("killed")

// process is what a driver has of the world, until it is killed: from that
// byte on nothing of what it does reaches the port, the disk or the inbox, and
// nobody closes anything in order.
type process struct {
	modem.Memory
	modem.Inbox

	mu    sync.Mutex
	dead  bool
	port  io.ReadWriteCloser
	until func(b []byte) int // how many of these bytes are still written before the kill; -1 for no kill
	end   chan struct{}
}

func (p *process) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead
}

// kill is kill -9: the system closes the port.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.dead {
		p.dead = true
		p.port.Close()
	}
}

func (p *process) Read(b []byte) (int, error) {
	n, err := p.port.Read(b)
	if !p.alive() {
		<-p.end
		return 0, errKilled
	}
	return n, err
}

func (p *process) Write(b []byte) (int, error) {
	if !p.alive() {
		return len(b), nil
	}
	n := p.until(b)
	if n < 0 {
		return p.port.Write(b)
	}
	p.port.Write(b[:n])
	p.kill()
	return len(b), nil
}

func (p *process) Close() error {
	close(p.end)
	return nil
}

func (p *process) Store(name string, value []byte) error {
	if !p.alive() {
		return errKilled
	}
	return p.Memory.Store(name, value)
}

// mortal makes the driver of a bench one that can be killed.
func (b *bench) mortal(until func(b []byte) int) *process {
	p := &process{Memory: b.mem, until: until, end: make(chan struct{})}
	b.opt.Memory = p
	b.opt.Open = func() (io.ReadWriteCloser, error) {
		var err error
		p.port, err = b.emu.Open()
		return p, err
	}
	return p
}

// dies sends a text in which the driver is killed.
func (b *bench) dies(j delivery.Job) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	over := make(chan error, 1)
	go func() {
		_, err := b.m.Send(ctx, j)
		over <- err
	}()
	b.pass(time.Second)
	cancel()
	if err := <-over; err == nil {
		b.t.Fatal("the killed box had an answer")
	}
}

// bury puts a driver in the killed one's place: a new process on the same
// modem, with what was on the disk.
func (b *bench) bury() {
	b.stop()
	<-b.ended
	b.opt.Memory, b.opt.Open = b.mem, func() (io.ReadWriteCloser, error) { b.opens.Add(1); return b.emu.Open() }
	b.start()
}

// instants of a text at which the box is killed, by what is written to the
// port just then; and whether the centre then has the text.
var instants = []struct {
	name  string
	bytes func(b []byte) int
	taken bool
}{
	{"before the command", func(b []byte) int { return onCommand(b, 0) }, false},
	{"in the command", func(b []byte) int { return onCommand(b, 5) }, false},
	{"at the prompt", func(b []byte) int { return onCommand(b, len(b)) }, false},
	{"in the text", func(b []byte) int { return onText(b, len(b)/2) }, false},
	{"before Ctrl-Z", func(b []byte) int { return onText(b, len(b)-1) }, false},
	{"after Ctrl-Z", func(b []byte) int { return onText(b, len(b)) }, true},
}

func onCommand(b []byte, n int) int {
	if strings.HasPrefix(string(b), "AT+CMGS=") {
		return n
	}
	return -1
}

func onText(b []byte, n int) int {
	if strings.HasSuffix(string(b), "\x1a") {
		return n
	}
	return -1
}

// The box is killed in the middle of a text. The next one finds the modem as
// it stands, sends nothing of what was half written, and takes no answer that
// was meant for the dead.
func TestABoxThatIsKilledInATextLeavesAModemThatWorks(t *testing.T) {
	for _, at := range instants {
		for _, centre := range []time.Duration{0, 20 * time.Second} {
			t.Run(fmt.Sprint(at.name, ", the centre takes ", centre), func(t *testing.T) {
				story(t, emulator.Options{Latency: 5 * time.Millisecond}, func(b *bench) { b.mortal(at.bytes) }, func(b *bench) {
					b.ready()
					b.pass(10 * time.Second)
					b.net.SubmitDelay(centre)
					b.dies(delivery.Job{ID: 1, To: ada, Text: "of the dead"})
					b.bury()
					b.ready()
					b.net.SubmitDelay(0)
					r, err := b.job(delivery.Job{ID: 2, To: bob, Text: "of the next"})
					if err != nil {
						b.t.Fatalf("the next text: %v", err)
					}
					b.pass(time.Minute)
					b.once("of the dead", at.taken)
					b.once("of the next", true)
					all := b.net.Submitted()
					if last := all[len(all)-1]; last.Body != "of the next" || r.Parts[0].Reference != last.Reference {
						b.t.Errorf("reference %d is not that of %+v", r.Parts[0].Reference, last)
					}
					if want := map[bool]int{true: 2, false: 1}[at.taken]; len(all) != want {
						b.t.Errorf("the centre took %d texts, want %d: %+v", len(all), want, all)
					}
					if len(b.lates) != 0 {
						b.t.Errorf("a late answer was taken for text %d", (<-b.lates).job)
					}
				})
			})
		}
	}
}

// A text of three parts is cut off in the second. The rest goes under the same
// reference, and the next long text under another: the phone puts both together.
func TestABoxThatIsKilledBetweenPartsSendsTheRest(t *testing.T) {
	long := strings.Repeat("the quick brown fox jumps over ", 12)
	for _, at := range instants {
		t.Run(at.name, func(t *testing.T) {
			var p *process
			texts := 0
			second := func(w []byte) int {
				if onCommand(w, 0) == 0 {
					texts++
				}
				if texts == 2 {
					return at.bytes(w)
				}
				return -1
			}
			story(t, emulator.Options{Latency: 5 * time.Millisecond}, func(b *bench) { p = b.mortal(second) }, func(b *bench) {
				b.ready()
				b.pass(10 * time.Second)
				var disk []delivery.Part
				j := delivery.Job{ID: 1, To: ada, Text: long, Took: func(part delivery.Part) error {
					if p.alive() {
						disk = append(disk, part)
					}
					return nil
				}}
				b.dies(j)
				if len(disk) != 1 {
					b.t.Fatalf("on the disk: %+v", disk)
				}
				b.bury()
				b.ready()
				j.Taken, j.Took = disk, nil
				r, err := b.job(j)
				if err != nil || len(r.Parts) != 3 || r.Parts[2].Chain != disk[0].Chain {
					b.t.Fatalf("the rest: %+v, %v", r, err)
				}
				other, err := b.job(delivery.Job{ID: 2, To: ada, Text: strings.ToUpper(long)})
				if err != nil || other.Parts[0].Chain == disk[0].Chain {
					b.t.Errorf("another long text: %+v, %v; the first had %d", other, err, disk[0].Chain)
				}
				b.pass(time.Second)
				got := b.net.Phone(ada).Texts()
				if len(got) != 2 || got[0].Body != long || got[1].Body != strings.ToUpper(long) {
					b.t.Errorf("ada's phone shows %+v", got)
				}
				twice := map[bool]int{true: 1, false: 0}[at.taken] // nobody could know of it
				if n := len(b.net.Submitted()); n != 6+twice {
					b.t.Errorf("the centre took %d parts, want %d", n, 6+twice)
				}
			})
		})
	}
}

// Whoever the box called when it was killed is not woken for a box that is
// gone: the next one hangs up as soon as it has found the modem, and knows
// better than to touch a call of somebody else's, or one for data.
func TestAPhoneDoesNotRingForABoxThatWasKilled(t *testing.T) {
	for _, c := range []struct {
		name  string
		known bool // the modem is as it was left
		after time.Duration
		chup  string
		want  string
	}{
		{"as it was left", true, 5 * time.Second, "", "hung up"},
		{"a modem to be made ready anew", false, 5 * time.Second, "", "hung up"},
		{"killed before the phone rings", true, time.Second, "", "hung up"},
		{"no hanging up but ATH", true, 5 * time.Second, "ERROR", "hung up"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p *process
			story(t, emulator.Options{Latency: 20 * time.Millisecond}, func(b *bench) {
				p = b.mortal(func([]byte) int { return -1 })
			}, func(b *bench) {
				b.ready()
				go func() { _, _ = modem.Caller{Modem: b.m}.Send(context.Background(), delivery.Job{ID: 9, To: ada}) }()
				b.pass(c.after)
				p.kill()
				b.pass(3 * time.Second)
				if call := b.lastCall(); call.Ended != "" {
					b.t.Fatalf("the modem hangs up by itself: %+v", call)
				}
				if c.chup != "" {
					b.fault(emulator.Fault{On: "+CHUP", Times: -1, Answer: c.chup})
				}
				if !c.known {
					b.mem.mu.Lock()
					clear(b.mem.values)
					b.mem.mu.Unlock()
				}
				b.bury()
				b.pass(5 * time.Second)
				if call := b.lastCall(); call.Ended != c.want || call.Rang > c.after+6*time.Second {
					b.t.Errorf("%+v", call)
				}
				b.ready()
				if how, err := b.rang(10 * time.Second); err != nil || how != "rang 10s" {
					b.t.Errorf("the next call: %q, %v", how, err)
				}
			})
		})
	}
	t.Run("somebody calls the box", func(t *testing.T) {
		story(t, emulator.Options{}, nil, func(b *bench) {
			b.ready()
			b.fault(emulator.Fault{On: "+CLCC", Times: 1, Lines: []string{`+CLCC: 1,0,0,1,0,"",128`, `+CLCC: 2,1,4,0,0,"+48501200777",145`}})
			b.restart()
			b.ready()
			if n := b.heardBy("AT+CHUP") + b.heardBy("ATH") + b.heardBy("AT+CHLD=1"); n != 0 {
				b.t.Errorf("it hung up %d times", n)
			}
		})
	})
	t.Run("a modem that lists no calls", func(t *testing.T) {
		story(t, emulator.Options{}, func(b *bench) { b.fault(emulator.Fault{On: "+CLCC", Times: -1, Answer: "ERROR"}) }, func(b *bench) {
			b.ready()
			b.restart()
			b.ready()
			if n := b.heardBy("AT+CHUP") + b.heardBy("ATH"); n != 0 {
				b.t.Errorf("it hung up %d times", n)
			}
		})
	})
}
