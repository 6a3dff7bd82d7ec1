package at

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"heliograph/drivers/at/attest"
)

// waitingNotices is how many notices wait for the consumer.
func (w *Wire) waitingNotices() (n int) {
	w.onOwner(func() { n = len(w.own.queue.items) })
	return n
}

func TestAFloodOfSignalsLosesNoText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var urcs []string
		hold := make(chan struct{})
		flood := func(m *attest.Modem) {
			for i := range 5000 {
				attest.Line(fmt.Sprintf("^RSSI: %d", i))(m)
				if i%1000 == 999 {
					attest.Line(fmt.Sprintf("+CMT: ,24\r\n%08X", i))(m)
				}
			}
		}
		w := New(attest.Play(t, flood), Options{Room: 16, Heard: func(u URC) { <-hold; urcs = append(urcs, u.PDU) }})
		defer w.Close()
		synctest.Wait()
		if n := w.waitingNotices(); n != 16 || w.Counts().Dropped < 4900 {
			t.Errorf("%d notices wait in room for 16, %d are dropped", n, w.Counts().Dropped)
		}
		close(hold)
		synctest.Wait()
		if got, want := strings.Join(strings.Fields(strings.Join(urcs, " ")), " "), "000003E7 000007CF 00000BB7 00000F9F 00001387"; got != want {
			t.Errorf("texts %s, want %s", got, want)
		}
	})
}

// A chunk of the port holds some 250 of these short lines, which is how far
// the queue may run over.
func TestAFloodOfTextsWaitsInThePort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pdus := 0
		hold := make(chan struct{})
		flood := func(m *attest.Modem) {
			for i := range 2000 {
				attest.Line(fmt.Sprintf("+CMT: ,24\r\n%08X", i))(m)
			}
		}
		w := New(attest.Play(t, flood), Options{Room: 16, Heard: func(URC) { <-hold; pdus++ }})
		defer w.Close()
		synctest.Wait()
		if n := w.waitingNotices(); n < 16 || n > 16+250 {
			t.Errorf("%d notices wait in room for 16", n)
		}
		close(hold)
		synctest.Wait()
		if pdus != 2000 || w.Counts().Dropped != 0 {
			t.Errorf("%d texts came, %d notices dropped", pdus, w.Counts().Dropped)
		}
	})
}
