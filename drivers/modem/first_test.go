package modem_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem/emulator"
)

// A text comes while another is being sent. Whoever sent that hears of it when
// the text is in the inbox, and can give the answer to it as the next one.
func TestAnOrderIsReadBeforeTheNextTextIsChosen(t *testing.T) {
	story(t, emulator.Options{Latency: 50 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		b.pass(10 * time.Second)
		b.net.SubmitDelay(2 * time.Second)
		time.AfterFunc(time.Second, func() { b.net.Phone(ada).Send(ours, "status") })
		if _, err := b.send(bob, "one of many"); err != nil {
			b.t.Fatal(err)
		}
		if !strings.Contains(b.in.told(), `"status"`) {
			b.t.Errorf("the next text is chosen and the inbox has %q", b.in.told())
		}
	})
}

// Five texts come at once: the one that was sent waits for one of them alone,
// and one that failed for none, nor for reports.
func TestAReceiptWaitsForOneTextAtMost(t *testing.T) {
	story(t, emulator.Options{Latency: 50 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		b.pass(10 * time.Second)
		b.net.SubmitDelay(2 * time.Second)
		five := func() {
			for i := range 5 {
				b.net.Phone(ada).Send(ours, fmt.Sprint("status ", i))
			}
		}
		time.AfterFunc(time.Second, five)
		began := time.Now()
		if _, err := b.send(bob, "x"); err != nil || time.Since(began) > 2300*time.Millisecond {
			b.t.Errorf("it was told after %v, %v", time.Since(began), err)
		}
		if n := b.in.texts(); n != 1 {
			b.t.Errorf("%d texts were read before it was told", n)
		}
		b.pass(time.Minute)
		if n := b.in.texts(); n != 5 {
			b.t.Errorf("%d texts came in all", n)
		}
		b.fault(emulator.Fault{On: "+CMGS", Delay: 2 * time.Second, Answer: "+CMS ERROR: 38"})
		time.AfterFunc(time.Second, five)
		if _, err := b.send(bob, "y"); err == nil || err.Fate != delivery.Retry || b.in.texts() != 5 {
			b.t.Errorf("a refusal waited for %d texts, %v", b.in.texts()-5, err)
		}
		b.pass(time.Minute)
		if n := b.in.texts(); n != 10 {
			b.t.Errorf("%d texts came in all", n)
		}
	})
}

// The report of one text comes while the next is being sent. In a long queue
// every text would wait for one.
func TestAReceiptWaitsForNoReport(t *testing.T) {
	story(t, emulator.Options{Latency: 50 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		b.pass(10 * time.Second)
		b.net.SubmitDelay(2 * time.Second)
		b.net.ReportDelay(time.Second)
		for _, to := range []string{ada, bob} {
			if _, err := b.send(to, "x"); err != nil {
				b.t.Fatal(err)
			}
		}
		b.want("inbox", b.in.told(), "")
		b.pass(5 * time.Second)
		b.want("inbox", b.in.told(), "report 1 +48501200777 delivered\nreport 2 +48501200888 delivered")
	})
}
