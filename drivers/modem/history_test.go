package modem

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// wrote puts a history in words, one hour a line.
func wrote(h History) string {
	var out []string
	for _, o := range h.Hours {
		out = append(out, fmt.Sprintf("%s %d %d %d, %s of %s out", o.From.UTC().Format("15:04"), o.Min, o.Max, o.Mean, o.Out, o.Watched))
	}
	return strings.Join(out, "\n")
}

func TestSignalAndRegistrationAreKeptByTheHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &Modem{}
		if h := m.History(); len(h.Hours) != 0 {
			t.Errorf("before the first look: %v", h)
		}
		m.past.is(true)
		for i := range 90 {
			time.Sleep(time.Minute)
			m.past.heard(-70 - i%3)
			if i == 49 {
				m.past.is(false) // for twenty minutes, over the end of the hour
			}
			if i == 69 {
				m.past.is(true)
			}
		}
		time.Sleep(time.Hour) // the port is gone
		m.past.heard(-90)
		time.Sleep(time.Minute)
		m.past.heard(0) // it tells no signal
		want := "00:00 -72 -70 -70, 10m0s of 1h0m0s out\n01:00 -72 -70 -71, 10m0s of 30m0s out\n02:00 -90 -90 -90, 0s of 1m0s out"
		if got := wrote(m.History()); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestAWeekIsKeptAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &Modem{}
		for i := range 10 * 24 * 30 {
			m.past.is(i%2 == 0)
			m.past.heard(-100 + i/720)
			time.Sleep(2 * time.Minute)
		}
		h := m.History()
		if len(h.Hours) != pastHours && len(h.Hours) != pastHours-1 {
			t.Fatalf("%d hours are kept", len(h.Hours))
		}
		first, last := h.Hours[0], h.Hours[len(h.Hours)-1]
		if since := time.Since(first.From); since > 7*24*time.Hour || since < 7*24*time.Hour-2*time.Hour {
			t.Errorf("it goes back %s", since)
		}
		if first.Min != -97 || last.Max != -91 || first.Out != 30*time.Minute || first.Watched != time.Hour {
			t.Errorf("from %+v to %+v", first, last)
		}
		time.Sleep(30 * 24 * time.Hour) // a month in a drawer
		m.past.heard(-60)
		if h := m.History(); len(h.Hours) != 1 || h.Hours[0].Mean != -60 {
			t.Errorf("after a month: %+v", h)
		}
	})
}
