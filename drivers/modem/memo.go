package modem

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"
)

// memo is what the modem remembers across restarts, by name.
type memo struct{ Memory }

// pinMark is the name under which one attempt to enter this PIN on this SIM
// is remembered. It holds a hash: the PIN itself is nowhere.
func pinMark(iccid, pin string) string { return "pin/" + digest("pin", iccid, pin) }

// centreMark is the name under which one attempt to write the service centre
// to this SIM is remembered: writing wears the SIM.
func centreMark(iccid, centre string) string { return "smsc/" + digest("smsc", iccid, centre) }

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (m memo) marked(name string) (bool, error) {
	b, err := m.Load(name)
	return len(b) > 0, err
}

func (m memo) mark(name string) error   { return m.Store(name, []byte{1}) }
func (m memo) unmark(name string) error { return m.Store(name, nil) }

const (
	chainName  = "chain"
	chainBlock = 16
)

// chain gives the next concatenation reference, 0 to 255. It must not repeat
// for two texts to one phone, also across a restart: references are stored in
// blocks before they are used. A store that fails is told and does not keep a
// text from going: after a restart a reference might then repeat.
type chain struct {
	next   int // the reference to use
	left   int // how many may be used before the next store
	loaded bool
}

func (c *chain) take(m memo) (ref int, warning error) {
	if !c.loaded {
		b, err := m.Load(chainName)
		if err != nil {
			warning = fmt.Errorf("reading the last chain reference: %w", err)
			c.next = int(time.Now().Unix() % 256)
		}
		if len(b) == 1 {
			c.next = int(b[0])
		}
		c.left, c.loaded = 0, true
	}
	if c.left == 0 {
		if err := m.Store(chainName, []byte{byte(c.next + chainBlock)}); err != nil {
			warning = fmt.Errorf("storing the chain reference: %w", err)
			c.left = 1 // tried again with the next
		} else {
			c.left = chainBlock
		}
	}
	ref = c.next
	c.next = (c.next + 1) % 256
	c.left--
	return ref, warning
}

// forgetful is a Memory that lasts as long as the process.
type forgetful struct {
	mu     sync.Mutex
	values map[string][]byte
}

func (f *forgetful) Load(name string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.values[name], nil
}

func (f *forgetful) Store(name string, value []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.values == nil {
		f.values = map[string][]byte{}
	}
	f.values[name] = value
	if value == nil {
		delete(f.values, name)
	}
	return nil
}
