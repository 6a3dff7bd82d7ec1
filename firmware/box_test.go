package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestStatusNamesWhatHoldsTextsBack: the network is congested, and the same
// box that looks fit says that it does not carry all it should.
func TestStatusNamesWhatHoldsTextsBack(t *testing.T) {
	r := newRig(t)
	r.write()
	r.start()
	if w := r.status().Warnings; strings.Contains(strings.Join(w, "\n"), "congested") {
		t.Errorf("before: %q", w)
	}
	r.net.Congested(42)
	if a, err := r.client.Order(t.Context(), "OPEN billing test"); err != nil || !a.OK {
		t.Fatalf("open: %+v, %v", a, err)
	}
	r.until("status names it", func() bool {
		return slices.ContainsFunc(r.status().Warnings, func(w string) bool {
			return w == "lte0 congested, subscribers held back" || w == "lte1 congested, subscribers held back"
		})
	})
	var out bytes.Buffer
	status := statusCmd{client{Socket: filepath.Join(r.dir, "control.sock")}}
	if err := status.Run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "Note: lte") || !strings.Contains(out.String(), " congested, subscribers held back\n") {
		t.Errorf("heliograph status prints:\n%s", out.String())
	}
}
