package main

import (
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// appearEvery is the pace of looking for inputs. A key may get its device
// after this program has begun: its driver is loaded in its own time.
const appearEvery = time.Second

// powerButton turns presses of the power key, on whichever input it is, into
// the order to switch off. It never returns.
func powerButton(orders chan<- os.Signal) {
	known := map[string]bool{}
	look := func() {
		inputs, _ := filepath.Glob("/dev/input/event*")
		for _, at := range inputs {
			if known[at] {
				continue
			}
			if f, err := os.Open(at); err == nil {
				known[at] = true
				go pressed(f, orders)
			}
		}
	}
	look()
	for range time.Tick(appearEvery) {
		look()
	}
}

// pressed reads struct input_event of <linux/input.h>, with its time of two
// longs: type, code and value are the last eight bytes.
func pressed(f *os.File, orders chan<- os.Signal) {
	const key, power = 1, 116
	defer f.Close()
	event := make([]byte, 2*(32<<(^uint(0)>>63))/8+8)
	for {
		if _, err := io.ReadFull(f, event); err != nil {
			return
		}
		is := event[len(event)-8:]
		if binary.NativeEndian.Uint16(is) == key && binary.NativeEndian.Uint16(is[2:]) == power && binary.NativeEndian.Uint32(is[4:]) == 1 {
			orders <- unix.SIGTERM
		}
	}
}
