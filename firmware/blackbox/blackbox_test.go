package blackbox

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/firmware/event"
)

func seen(r *Recorder, subject, words string) {
	r.Probed(subject, event.Result{Probe: "icmp 9.9.9.9", Seen: words}, time.Now())
}

func text(all ...Record) string {
	var b bytes.Buffer
	Print(&b, all, func(s string) string { return s })
	return b.String()
}

// TestOneTimeline: lines and samples in the order of time, with a clock that
// jumps between two freezings being no trouble.
func TestOneTimeline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := New()
		var said []Line
		say := func(dir, words string) { said = append(said, Line{At: time.Now(), Dir: dir, Text: words}) }
		detach := r.Attach("lte0", func() []Line { return said })
		r.Probed("transit-a", event.Result{Probe: "icmp 9.9.9.9", OK: true, RTT: 12300 * time.Microsecond}, time.Now())
		time.Sleep(time.Second)
		seen(r, "transit-a", "no answer in 1.8 s")
		say(">", "AT+CSQ")
		time.Sleep(20 * time.Millisecond)
		say("<", "+CSQ: 20,99")
		opened := r.Freeze("opened", time.Time{})
		opened.Trusted = true
		since := time.Now()
		time.Sleep(time.Second)
		say(">", "AT+CMGS=23")
		detach() // the modem is restarted, and has nothing to say yet
		said = nil
		r.Attach("lte0", func() []Line { return said })
		r.Probed("gw", event.Result{Probe: "link", Local: true, Seen: "eth0 is down"}, time.Now())
		resolved := r.Freeze("resolved", since)
		want := strings.Join([]string{
			"2000-01-01 00:00:00.000Z   transit-a  ok    icmp 9.9.9.9: 12.3 ms",
			"2000-01-01 00:00:01.000Z   lte0       > AT+CSQ",
			"2000-01-01 00:00:01.000Z   transit-a  FAILS icmp 9.9.9.9: no answer in 1.8 s",
			"2000-01-01 00:00:01.020Z   lte0       < +CSQ: 20,99",
			"2000-01-01 00:00:01.020Z   -- opened: 2 lines, 2 samples",
			"2000-01-01 00:00:02.020Z?  lte0       > AT+CMGS=23",
			"2000-01-01 00:00:02.020Z?  gw         FAILS link: on this box: eth0 is down",
			"2000-01-01 00:00:02.020Z?  -- resolved: 1 line, 1 sample", "",
		}, "\n")
		if got := text(opened, resolved); got != want {
			t.Errorf("it prints\n%s\nwant\n%s", got, want)
		}
		const summary = "3 lines with the modems, 3 samples of probes, 2000-01-01 00:00:00Z to 2000-01-01 00:00:02Z"
		if got := Summary([]Record{opened, resolved}); got != summary {
			t.Errorf("the summary is %q", got)
		}
		box, err := opened.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Unpack(box); err != nil || text(back) != text(opened) {
			t.Errorf("unpacked it is (%v)\n%s", err, text(back))
		}
	})
}

// TestTenMinutesAndNoMore are remembered, and no more than the bound of them.
func TestTenMinutesAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := New()
		for n := range 400 {
			seen(r, "transit-a", fmt.Sprint(n))
			time.Sleep(2 * time.Second)
		}
		all := r.Freeze("opened", time.Time{}).Samples // the last is 2 s old: 299 are younger than 10 min
		if len(all) != 299 || all[0].Seen != "101" || all[298].Seen != "399" {
			t.Errorf("%d samples, from %+v", len(all), all[0])
		}
		time.Sleep(Reach)
		if all := r.Freeze("opened", time.Time{}).Samples; len(all) != 0 {
			t.Errorf("ten minutes later there are %d", len(all))
		}
		for n := range 3 * mostSamples {
			seen(r, "transit-a", fmt.Sprint(n))
		}
		all = r.Freeze("opened", time.Time{}).Samples
		if len(all) != mostSamples || all[0].Seen != fmt.Sprint(2*mostSamples) || len(r.ring) != mostSamples {
			t.Errorf("of a flood there are %d in a ring of %d, from %s", len(all), len(r.ring), all[0].Seen)
		}
	})
}

// TestTheEndOfALongDialogue: 2,000 lines of each modem, over restarts.
func TestTheEndOfALongDialogue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := New()
		for run := range 3 {
			var said []Line
			for n := range 1500 {
				said = append(said, Line{At: time.Now(), Dir: "<", Text: fmt.Sprintf("%d/%d", run, n)})
				time.Sleep(time.Millisecond)
			}
			detach := r.Attach("lte0", func() []Line { return said })
			if run < 2 {
				detach()
			}
		}
		r.Attach("lte1", func() []Line { return []Line{{At: time.Now(), Dir: "!", Text: "closed"}} })
		all := r.Freeze("opened", time.Time{}).Lines
		if len(all) != mostLines+1 || all[0].Text != "1/1000" || all[mostLines-1].Text != "2/1499" || all[mostLines].Modem != "lte1" {
			t.Errorf("%d lines from %+v to %+v", len(all), all[0], all[len(all)-1])
		}
	})
}

// TestABoxThatIsTooBig loses what is oldest, and says so.
func TestABoxThatIsTooBig(t *testing.T) {
	t.Parallel()
	rec := Empty("opened", "")
	for n := range 8_000 { // words that do not compress
		at := rec.Frozen.Add(time.Duration(n-8_000) * time.Millisecond)
		words := fmt.Sprintf("%x", sha256.Sum256([]byte{byte(n), byte(n >> 8)}))
		if n%2 == 0 {
			rec.Lines = append(rec.Lines, Line{At: at, Modem: "lte0", Dir: "<", Text: words})
			continue
		}
		rec.Samples = append(rec.Samples, Sample{At: at, Subject: "transit-a", Probe: "icmp", Seen: words})
	}
	b, err := rec.Pack()
	if err != nil || len(b) > packed || len(b) < packed/3 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	back, err := Unpack(b)
	if err != nil {
		t.Fatal(err)
	}
	n := len(back.Lines) + len(back.Samples)
	if want := fmt.Sprintf("the oldest %d of 8000 entries are left out: a black box has at most 256 KiB", 8_000-n); back.Note != want {
		t.Errorf("the note is %q", back.Note)
	}
	first := back.Frozen.Add(-time.Duration(n) * time.Millisecond)
	if !back.Lines[0].At.Equal(first) && !back.Samples[0].At.Equal(first) || back.Samples[len(back.Samples)-1] != rec.Samples[len(rec.Samples)-1] {
		t.Errorf("of the newest %d the first are %+v and %+v", n, back.Lines[0], back.Samples[0])
	}
	if _, err := Empty("opened", "").pack(10); err == nil || !strings.Contains(err.Error(), "with nothing in it") {
		t.Errorf("into ten bytes: %v", err)
	}
	for _, broken := range [][]byte{nil, []byte("frozen"), b[:len(b)/2]} {
		if _, err := Unpack(broken); err == nil || !strings.HasPrefix(err.Error(), "read a black box: ") {
			t.Errorf("%d broken bytes: %v", len(broken), err)
		}
	}
}

// TestLongWordsAreCut between letters.
func TestLongWordsAreCut(t *testing.T) {
	t.Parallel()
	r := New()
	seen(r, "a", strings.Repeat("x", longest-1)+"łódź")
	if got := r.Freeze("now", time.Time{}).Samples[0].Seen; got != strings.Repeat("x", longest-1)+"…" {
		t.Errorf("it is %q", got)
	}
}

// BenchmarkProbed is what one sample costs, with a full ring.
func BenchmarkProbed(b *testing.B) {
	r := New()
	x := event.Result{Probe: "icmp 9.9.9.9", Seen: "no answer in 1.8 s"}
	for range 2 * mostSamples {
		r.Probed("transit-a", x, time.Now())
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Probed("transit-a", x, time.Now())
	}
}
