package isp

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	extra   = 600 * time.Millisecond // that a slow fibre takes more, each way
	longest = 4096                   // packets in a slow fibre at one time
	packet  = 65536                  // bytes, at most
)

// fibre carries packets between two TUN ports, because not every kernel has
// netem. TUN packets come with their checksums done and need no ARP.
type fibre struct {
	west, east *os.File      // of the gateway and of the upstream router
	latency    time.Duration // each way, always
	slow       atomic.Bool
	lossy      atomic.Pointer[losses] // nil while it loses nothing
	done       chan struct{}
	carriers   sync.WaitGroup
}

// splice lays a fibre that ends as port name in both places. A packet takes
// latency each way.
func splice(name string, gateway, upstream *place, latency time.Duration) (*fibre, error) {
	west, err := tun(name, gateway)
	if err != nil {
		return nil, err
	}
	east, err := tun(name, upstream)
	if err != nil {
		west.Close()
		return nil, err
	}
	f := &fibre{west: west, east: east, latency: latency, done: make(chan struct{})}
	f.carry(west, east, false)
	f.carry(east, west, true)
	return f, nil
}

// tun makes a port whose other end is a file. It goes when the file is closed.
func tun(name string, p *place) (*os.File, error) {
	var fd int
	err := p.do(func() (err error) {
		if fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0); err != nil {
			return fmt.Errorf("opening /dev/net/tun (modprobe tun): %w", err)
		}
		request, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
			unix.Close(fd)
			return fmt.Errorf("making the fibre's port: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// parcel is a packet on its way through a slow fibre.
type parcel struct {
	due   time.Time
	bytes []byte
}

// carry moves packets one way. Those in a slow fibre stay in it when it is
// mended, and are overtaken.
func (f *fibre) carry(from, to *os.File, home bool) {
	late := make(chan parcel, longest)
	f.carriers.Go(func() { f.deliver(late, to) })
	f.carriers.Go(func() {
		buf := make([]byte, packet)
		for {
			n, err := from.Read(buf)
			if err != nil {
				return // the file is closed
			}
			if chatter(buf[:n]) || home && f.lossy.Load().loses() {
				continue
			}
			delay := f.latency
			if f.slow.Load() {
				delay += extra
			}
			if delay == 0 {
				_, _ = to.Write(buf[:n]) // a dark port refuses it
				continue
			}
			select {
			case late <- parcel{time.Now().Add(delay), append([]byte(nil), buf[:n]...)}:
			default: // the queue is full, as a router's may be
			}
		}
	})
}

func (f *fibre) deliver(late <-chan parcel, to *os.File) {
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-f.done:
			return
		case p := <-late:
			wait.Reset(time.Until(p.due))
			select {
			case <-f.done:
				return
			case <-wait.C:
			}
			_, _ = to.Write(p.bytes)
		}
	}
}

// chatter says whether a packet is multicast: the kernels' own talk, which
// nobody on a fibre answers and which would use up the sequence of losses.
func chatter(b []byte) bool {
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		return b[16]&0xf0 == 0xe0
	case len(b) >= 40 && b[0]>>4 == 6:
		return b[24] == 0xff
	}
	return true
}

func (f *fibre) close() {
	close(f.done)
	f.west.Close()
	f.east.Close()
	f.carriers.Wait()
}

// losses decides which packets are lost: 4 of every 10, in an order that is
// the same each time for the same seed.
type losses struct {
	mu   sync.Mutex
	rand *rand.Rand
	deck []bool
}

func newLosses(seed string) *losses {
	return &losses{rand: rand.New(rand.NewPCG(uint64(sown(seed)), 4))}
}

// sown makes a number of a name.
func sown(seed string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(seed))
	return h.Sum32()
}

func (l *losses) loses() bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.deck) == 0 {
		l.deck = []bool{true, true, true, true, false, false, false, false, false, false}
		l.rand.Shuffle(len(l.deck), func(i, j int) { l.deck[i], l.deck[j] = l.deck[j], l.deck[i] })
	}
	lost := l.deck[0]
	l.deck = l.deck[1:]
	return lost
}
