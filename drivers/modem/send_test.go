package modem_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

func TestATextReachesAPhoneAndItsReportComesBack(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		r, err := b.send(ada, "waw-12 #7 DOWN transit-a")
		if err != nil || len(r.Parts) != 1 {
			b.t.Fatalf("got %+v, %v", r, err)
		}
		synctest.Wait()
		b.want("ada's phone", b.net.Phone(ada).Texts()[0].Body, "waw-12 #7 DOWN transit-a")
		b.want("inbox", b.in.told(), "report 1 +48501200777 delivered")
		b.want("log", b.log.text(), "")
		s := b.net.Submitted()[0]
		if !s.Report || s.Validity != 4*time.Hour || s.Reference != r.Parts[0].Reference {
			b.t.Errorf("the centre took %+v", s)
		}
		if left := b.emu.State().Stored; len(left) != 0 {
			b.t.Errorf("still stored: %v", left)
		}
	})
}

func TestALongTextGoesInPartsUnderANewReferenceEachTime(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		text := strings.Repeat("the quick brown fox jumps over ", 12)
		if n := modem.Parts(text); n != 3 {
			b.t.Fatalf("it has %d parts, expected 3", n)
		}
		first, err := b.send(ada, text)
		if err != nil {
			b.t.Fatal(err)
		}
		b.restart()
		b.ready()
		second, err := b.send(ada, text+"!")
		if err != nil {
			b.t.Fatal(err)
		}
		if len(first.Parts) != 3 || first.Parts[0].Chain == second.Parts[0].Chain {
			b.t.Errorf("receipts %+v and %+v", first, second)
		}
		synctest.Wait()
		texts := b.net.Phone(ada).Texts()
		if len(texts) != 2 || texts[0].Body != text || texts[1].Body != text+"!" {
			b.t.Errorf("ada's phone shows %+v", texts)
		}
	})
}
