package directory_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"heliograph/storage/directory"
)

// BenchmarkImport takes 100,000 subscribers.
func BenchmarkImport(b *testing.B) {
	list := generated(100_000)
	for b.Loop() {
		dir := b.TempDir()
		build(b, dir, list...)
		info, err := os.Stat(filepath.Join(dir, "directory.db"))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/1e6, "MB")
	}
}

// BenchmarkLookup finds in 100,000.
func BenchmarkLookup(b *testing.B) {
	dir := b.TempDir()
	build(b, dir, generated(100_000)...)
	d := open(b, dir, "")
	b.Run("number", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if s, err := d.ByNumber(fmt.Sprintf("+48600%06d", (i*7919%14285)*7+1)); err != nil || len(s) != 1 {
				b.Fatal(s, err)
			}
		}
	})
	b.Run("code", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, ok, err := d.ByCode(fmt.Sprintf("k%06d", i*7919%100_000)); err != nil || !ok {
				b.Fatal(ok, err)
			}
		}
	})
	b.Run("count-a-region", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Count([]string{"łódzkie"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("count-all", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Count([]string{directory.Everybody}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("select-1000", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := d.Select([]string{"śląskie"}, nil, 1000); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if err := d.Verify(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
