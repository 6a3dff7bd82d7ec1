package emulator

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// sendOnce is one AT+CMGS from the command to its OK.
func sendOnce(b *testing.B, port io.ReadWriter, buf []byte) {
	await := func(end string) {
		n := 0
		for !bytes.HasSuffix(buf[:n], []byte(end)) {
			m, err := port.Read(buf[n:])
			if err != nil {
				b.Fatal(err)
			}
			n += m
		}
	}
	if _, err := io.WriteString(port, "AT+CMGS=31\r"); err != nil {
		b.Fatal(err)
	}
	await("> ")
	if _, err := io.WriteString(port, alertPDU+"\x1a"); err != nil {
		b.Fatal(err)
	}
	await("OK\r\n")
}

func benchSends(b *testing.B, open func(m *Modem) io.ReadWriteCloser) {
	n := NewNetwork()
	defer n.Close()
	m, err := New(Options{Network: n, Number: ours, NoEcho: true})
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	port := open(m)
	defer port.Close()
	buf := make([]byte, 64<<10)
	if _, err := io.WriteString(port, "AT+CMGF=0\r"); err != nil {
		b.Fatal(err)
	}
	if _, err := port.Read(buf); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		sendOnce(b, port, buf)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
	b.StopTimer()
	if got := strconv.Itoa(len(n.Submitted())); got != strconv.Itoa(b.N) {
		b.Errorf("the SMSC took %s of %d", got, b.N)
	}
}

// BenchmarkSendOverThePipe and its sister show what the emulator itself costs:
// a benchmark of a driver must not measure it.
func BenchmarkSendOverThePipe(b *testing.B) {
	benchSends(b, func(m *Modem) io.ReadWriteCloser { return m.Pipe() })
}

func BenchmarkSendOverATTY(b *testing.B) {
	benchSends(b, func(m *Modem) io.ReadWriteCloser {
		path, err := m.ServePTY()
		if err != nil {
			b.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
		if err != nil {
			b.Fatal(err)
		}
		return f
	})
}
