package modem_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

// BenchmarkTexts sends texts through a modem that takes 50 ms for each, and
// reports what the driver adds to that, in per cent. Reports are off, because
// fetching one is the modem's own time.
func BenchmarkTexts(b *testing.B) {
	const takes = 50 * time.Millisecond
	net := emulator.NewNetwork()
	defer net.Close()
	net.SubmitDelay(takes)
	net.Reports(false)
	emu, err := emulator.New(emulator.Options{Network: net, Number: ours})
	if err != nil {
		b.Fatal(err)
	}
	defer emu.Close()
	in := &fitness{fit: make(chan bool, 1024)}
	m, err := modem.New(modem.Options{Inbox: in, Open: func() (io.ReadWriteCloser, error) { return emu.Open() }})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	for !<-in.fit {
	}
	for i := 0; b.Loop(); i++ {
		if _, err := m.Send(ctx, delivery.Job{To: fmt.Sprintf("+485012%05d", i%100000), Text: "waw-12 #7 DOWN transit-a"}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100*(float64(b.Elapsed())/float64(b.N)/float64(takes)-1), "%added")
	stop()
	<-ended
}
