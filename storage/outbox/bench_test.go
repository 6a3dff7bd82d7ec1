package outbox_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
	"heliograph/storage/storagetest"
)

const mass = 100_000

// massNotice writes one notice and its 100,000 deliveries by 1,000, as the
// engine does, with a commit for each.
func massNotice(tb testing.TB, s *storagetest.Store) {
	tb.Helper()
	s.Do(func(tx *bbolt.Tx) error {
		return outbox.PutNotice(tx, outbox.Notice{ID: 1, Incident: 7, Kind: "down", Class: 5, Effect: outbox.Tells, Queued: t0, Due: t0,
			Texts: outbox.Texts{outbox.Direct: {"en": strings.Repeat("x", 150)}}})
	})
	for from := 0; from < mass; from += 1000 {
		to := make([]outbox.Recipient, 1000)
		for i := range to {
			to[i] = outbox.Recipient{Name: fmt.Sprintf("subscriber:%06d", from+i), Channel: "sms", Address: fmt.Sprintf("+48600%06d", from+i), Language: "en"}
		}
		s.Do(func(tx *bbolt.Tx) error {
			_, err := outbox.Address(tx, 1, to, t0)
			return err
		})
	}
}

// resident reads how many bytes of this process are in memory now.
func resident(tb testing.TB) int {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		tb.Skip("needs /proc: ", err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kB, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				tb.Fatal(err)
			}
			return kB << 10
		}
	}
	tb.Skip("needs VmRSS in /proc/self/status")
	return 0
}

func BenchmarkExpand100000(b *testing.B) {
	for b.Loop() {
		s := storagetest.Open(b)
		massNotice(b, s)
		b.StopTimer()
		info, err := os.Stat(s.Path())
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/mass, "file-bytes/row")
		b.ReportMetric(float64(resident(b))/(1<<20), "MB-resident")
		b.StartTimer()
	}
}

// BenchmarkFollowUp100000 expands an update to all whom the first notice named.
func BenchmarkFollowUp100000(b *testing.B) {
	s := storagetest.Open(b)
	massNotice(b, s)
	id := uint64(1)
	for b.Loop() {
		id++
		s.Do(func(tx *bbolt.Tx) error {
			return outbox.PutNotice(tx, outbox.Notice{ID: id, Incident: 7, Kind: "update", Class: 5, Effect: outbox.Tells, Queued: t0, FromLedger: true,
				Texts: outbox.Texts{outbox.ToWaiting: {"en": strings.Repeat("y", 150)}}})
		})
		for done := false; !done; {
			s.Do(func(tx *bbolt.Tx) (err error) {
				done, _, err = outbox.ExpandLedger(tx, id, 1000, nil)
				return err
			})
		}
	}
	b.ReportMetric(float64(resident(b))/(1<<20), "MB-resident")
}

func BenchmarkClaimAmong100000(b *testing.B) {
	s := storagetest.Open(b)
	massNotice(b, s)
	w := outbox.Worker{Name: "lte0", Channel: "sms"}
	limits := []outbox.Limit{
		{Key: "sim", Scope: outbox.PerWorker, Max: 1 << 30, Window: time.Hour},
		{Key: "person", Scope: outbox.PerRecipient, Max: 100, Window: 24 * time.Hour},
	}
	for b.Loop() {
		s.Do(func(tx *bbolt.Tx) error {
			c, err := outbox.Claim(tx, w, t0, limits)
			if err != nil || c.Delivery == nil {
				return fmt.Errorf("no claim: %w", err)
			}
			_, err = outbox.Close(tx, c.Delivery.ID, outbox.Sent, t0, "", "", nil)
			return err
		})
	}
}

func BenchmarkRestartWith100000(b *testing.B) {
	s := storagetest.Open(b)
	massNotice(b, s)
	for b.Loop() {
		s.Reopen()
		s.Do(func(tx *bbolt.Tx) error {
			c, err := outbox.Claim(tx, outbox.Worker{Name: "lte0", Channel: "sms"}, t0, nil)
			if err != nil || c.Delivery == nil {
				return fmt.Errorf("no claim: %w", err)
			}
			_, err = outbox.Retry(tx, c.Delivery.ID, t0, false, true, "", "", t0)
			return err
		})
	}
	b.ReportMetric(float64(resident(b))/(1<<20), "MB-resident")
}
