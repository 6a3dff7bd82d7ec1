package slack

import (
	"encoding/json"
	"fmt"
	"slices"
)

// book is what is remembered of a channel: a thread for every open incident,
// and a few closed ones, so that late news does not open them again.
type book struct {
	memory  Memory
	name    string
	empty   bool // no thread was ever remembered: the channel may know more
	Channel string
	Threads []*thread
}

// thread is one incident in the channel.
type thread struct {
	Key     string `json:"key"`
	Root    string `json:"root,omitempty"`    // time stamp of the head; empty: none is known
	First   string `json:"first,omitempty"`   // what stands under its headline
	Last    string `json:"last,omitempty"`    // time stamp of our newest message in it
	Telling int    `json:"telling,omitempty"` // the last that the channel has for certain
	Trying  int    `json:"trying,omitempty"`  // one that was written and not confirmed
	Pinned  bool   `json:"pinned,omitempty"`
	Over    bool   `json:"over,omitempty"`
}

const closedKept = 16

// kept is the book as it is stored.
type kept struct {
	Channel string    `json:"channel,omitempty"` // its id, once it is known
	Threads []*thread `json:"threads"`
}

func readBook(m Memory, channel string) (*book, error) {
	b := &book{memory: m, name: "threads/" + channel}
	text, err := m.Load(b.name)
	if err != nil {
		return nil, fmt.Errorf("reading what is remembered of the channel: %w", err)
	}
	var k kept
	if len(text) > 0 && json.Unmarshal(text, &k) != nil {
		k = kept{} // it is broken: the channel knows better
	}
	b.Channel, b.Threads, b.empty = k.Channel, k.Threads, len(k.Threads) == 0
	if isID.MatchString(channel) {
		b.Channel = channel
	}
	return b, nil
}

func (b *book) thread(key string) *thread {
	if i := slices.IndexFunc(b.Threads, func(t *thread) bool { return t.Key == key }); i >= 0 {
		return b.Threads[i]
	}
	return &thread{Key: key}
}

func (b *book) put(t *thread) {
	b.Threads = append(slices.DeleteFunc(b.Threads, func(x *thread) bool { return x.Key == t.Key }), t)
}

// keep remembers a thread. The oldest closed ones make room.
func (b *book) keep(t *thread) error {
	b.put(t)
	closed := 0
	for _, t := range slices.Backward(b.Threads) {
		if t.Over {
			closed++
		}
		if t.Over && closed > closedKept {
			b.Threads = slices.DeleteFunc(b.Threads, func(x *thread) bool { return x == t })
			break
		}
	}
	b.empty = false
	return b.store()
}

func (b *book) store() error {
	text, err := json.Marshal(kept{b.Channel, b.Threads})
	if err == nil {
		err = b.memory.Store(b.name, text)
	}
	if err != nil {
		return fmt.Errorf("not remembered across a restart: %w", err)
	}
	return nil
}
