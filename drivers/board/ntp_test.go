package board

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// timeServer answers like one of stratum 2 whose clock is ahead of ours. A
// stratum of zero is a kiss of death (RFC 5905 §7.4).
func timeServer(t *testing.T, ahead time.Duration, stratum byte) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 128)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			if n >= 48 {
				conn.WriteToUDPAddrPort(answer(b[:48], time.Now().Add(ahead), stratum), from)
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// answer is a packet of version 4, mode 4 (RFC 5905 §7.3).
func answer(asked []byte, now time.Time, stratum byte) []byte {
	a := make([]byte, 48)
	a[0], a[1], a[2], a[3] = 4<<3|4, stratum, 6, 0xe7
	copy(a[12:], "TEST")
	stamp := func(at int, t time.Time) {
		binary.BigEndian.PutUint32(a[at:], uint32(t.Unix()+2208988800))
		binary.BigEndian.PutUint32(a[at+4:], uint32(uint64(t.Nanosecond())<<32/1e9))
	}
	stamp(16, now.Add(-time.Minute))
	copy(a[24:32], asked[40:48])
	stamp(32, now)
	stamp(40, now)
	return a
}

func dialAnyhow(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func TestATimeServerTellsHowFarItIsAhead(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, 3 * time.Hour, -36 * time.Hour} {
		got, err := AskTime(t.Context(), timeServer(t, ahead, 2), dialAnyhow)
		if err != nil || (got-ahead).Abs() > 10*time.Second { // a loaded machine is slow to answer, not to count
			t.Errorf("it is %s ahead, told as %s, %v", ahead, got, err)
		}
	}
	if _, err := AskTime(t.Context(), timeServer(t, 0, 0), dialAnyhow); err == nil || !strings.HasPrefix(err.Error(), "ask 127.0.0.1:") {
		t.Errorf("a server that sends us away: %v", err)
	}
}
