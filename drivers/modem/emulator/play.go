package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Playing is a script that runs. It hears what the host writes on the first
// port, and its own goroutine carries out one statement after the other.
type Playing struct {
	m    *Modem
	s    *Script
	wake chan struct{} // holds one token when something was heard
	quit chan struct{}
	done chan struct{}
	stop sync.Once

	takes bool // it answers in the modem's place; the modem's loop owns this

	mu    sync.Mutex
	heard []byte // from the host, not yet expected
	err   error
}

// heardLimit bounds what is kept for the next expect.
const heardLimit = 64 << 10

var errStopped = errors.New("the script was stopped")

// Play starts a script beside whatever else goes on.
func (m *Modem) Play(s *Script) *Playing {
	p := &Playing{m: m, s: s, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	m.loop.do(func() { m.taps = append(m.taps, p) })
	go p.run()
	return p
}

// Done is closed when the script has ended.
func (p *Playing) Done() <-chan struct{} { return p.done }

// Stop ends the script and tells what is wrong: nil if every statement was
// carried out, else the first that was not, with its file and line.
func (p *Playing) Stop() error {
	p.stop.Do(func() { close(p.quit) })
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *Playing) run() {
	defer close(p.done)
	defer p.m.loop.do(func() {
		p.takes = false
		p.m.taps = slices.DeleteFunc(p.m.taps, func(o *Playing) bool { return o == p })
	})
	for _, s := range p.s.steps {
		if err := s.do(p); err != nil {
			p.mu.Lock()
			p.err = fmt.Errorf("%s:%d: %s: %w", p.s.name, s.line, s.text, err)
			p.mu.Unlock()
			return
		}
	}
}

// overheard gives the scripts what the host wrote, and tells whether one of
// them answers in the modem's place.
func (m *Modem) overheard(b []byte) bool {
	for _, p := range m.taps {
		p.hear(b)
	}
	if m.takenOver() {
		m.ports[0].link.consumed(len(b))
		return true
	}
	return false
}

func (m *Modem) takenOver() bool {
	return slices.ContainsFunc(m.taps, func(p *Playing) bool { return p.takes })
}

func (p *Playing) hear(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, b...)
	if over := len(p.heard) - heardLimit; over > 0 {
		p.heard = p.heard[over:]
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *Playing) takeOver() error {
	p.m.loop.do(func() { p.takes = true })
	return nil
}

func (p *Playing) handBack() error {
	p.m.loop.do(func() { p.takes = false })
	return nil
}

// expect waits until the pattern is in what the host wrote, and takes
// everything up to its end. Zero waits for ever.
func (p *Playing) expect(re *regexp.Regexp, within time.Duration) error {
	var late <-chan time.Time
	if within > 0 {
		t := time.NewTimer(within)
		defer t.Stop()
		late = t.C
	}
	for !p.find(re) {
		select {
		case <-p.wake:
		case <-late:
			return fmt.Errorf("nothing like it came within %v; since then the host wrote %q", within, p.rest())
		case <-p.quit:
			return fmt.Errorf("it was never met; since the last one the host wrote %q", p.rest())
		case <-p.m.loop.quit:
			return fmt.Errorf("the modem was switched off before; since the last one the host wrote %q", p.rest())
		}
	}
	return nil
}

// find looks for the pattern with every byte as a character of its own, so
// that \xff in a script is the byte.
func (p *Playing) find(re *regexp.Regexp) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := re.FindReaderIndex(&latin{b: p.heard})
	if at == nil {
		return false
	}
	p.heard = p.heard[at[1]:]
	return true
}

func (p *Playing) rest() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Clone(p.heard)
}

// latin reads bytes as characters.
type latin struct{ b []byte }

func (l *latin) ReadRune() (rune, int, error) {
	if len(l.b) == 0 {
		return 0, 0, errEnd
	}
	c := l.b[0]
	l.b = l.b[1:]
	return rune(c), 1, nil
}

var errEnd = errors.New("end")

// send puts bytes on the line behind what the modem has said, in reads of at
// most split bytes; 0 is one read.
func (p *Playing) send(b []byte, split int) error {
	sent := true
	p.m.loop.do(func() {
		p.m.flush()
		host := p.m.ports[0].link
		if sent = host != nil; !sent {
			return
		}
		size := len(b)
		if split > 0 {
			size = split
		}
		for piece := range slices.Chunk(slices.Clone(b), max(size, 1)) {
			p.m.ports[0].wire.dropped += host.send(piece)
		}
	})
	if !sent {
		return errors.New("nobody has the port open; expect something before")
	}
	return nil
}

func (p *Playing) sendCut(b []byte, cut int, pause time.Duration, split int) error {
	if err := p.send(b[:cut], split); err != nil {
		return err
	}
	if err := p.pause(pause); err != nil {
		return err
	}
	return p.send(b[cut:], split)
}

func (p *Playing) pause(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-p.quit:
		return errStopped
	case <-p.m.loop.quit:
		return errors.New("the modem was switched off")
	}
}

func (p *Playing) drop(how string, back time.Duration) error {
	if err := p.m.VanishAs(how); err != nil {
		return err
	}
	if back > 0 {
		p.m.loop.do(func() { p.m.after(back, func() { _ = p.m.comeBack() }) })
	}
	return nil
}

// chatterAtRandom says count lines, chosen and spaced at random within bounds;
// the same seed always says the same.
func (m *Modem) chatterAtRandom(seed uint64, count int, from, to time.Duration, lines []string) {
	r := rand.New(rand.NewPCG(seed, 0))
	var again func()
	next := func() time.Duration { return from + time.Duration(r.Int64N(int64(to-from)+1)) }
	again = func() {
		m.urc(lines[r.IntN(len(lines))])
		if count--; count > 0 {
			m.after(next(), again)
		}
	}
	m.loop.do(func() { m.after(next(), again) })
}
