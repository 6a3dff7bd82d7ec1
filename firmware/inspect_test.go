package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"heliograph/drivers/modem"
	"heliograph/firmware/event"
)

func TestTheHottestSpotCounts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if f := heatOf(dir); f != nil {
		t.Errorf("a board that tells no temperature has %v", f)
	}
	for zone, temp := range map[string]string{"thermal_zone0": "41000\n", "thermal_zone1": "52500\n", "thermal_zone2": "-273000\n", "thermal_zone3": "hot\n"} {
		if err := os.Mkdir(filepath.Join(dir, zone), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, zone, "temp"), []byte(temp), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if f := heatOf(dir); len(f) != 1 || f[0].Value != 52.5 || !f[0].OK {
		t.Errorf("at 52.5 °C it finds %+v", f)
	}
	if err := os.WriteFile(filepath.Join(dir, "thermal_zone1", "temp"), []byte("91000\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if f := heatOf(dir); len(f) != 1 || f[0].OK || f[0].Why != "91 C: look at its fan and its place" {
		t.Errorf("at 91 °C it finds %+v", f)
	}
}

func TestHowAModemHeardTheNetwork(t *testing.T) {
	t.Parallel()
	week := func(dbm, hours int, out time.Duration) modem.History {
		var h modem.History
		for range hours {
			h.Hours = append(h.Hours, modem.Hour{Min: dbm - 4, Max: dbm + 2, Mean: dbm, Watched: time.Hour})
		}
		h.Hours[0].Out = out
		return h
	}
	for _, c := range []struct {
		what string
		h    modem.History
		want event.Finding
	}{
		{"a good week", week(-73, 168, 0), event.Finding{OK: true, Value: -73}},
		{"half an hour away", week(-73, 168, 30*time.Minute), event.Finding{OK: true, Value: -73}},
		{"an hour of two", week(-73, 2, time.Hour), event.Finding{Value: -73, Why: "without network for 1 h of 2: look at the antenna"}},
		{"a weak week", week(-109, 168, 0), event.Finding{Value: -109, Why: "weak, -109 dBm: look at the antenna"}},
		{"just started", modem.History{}, event.Finding{OK: true, Value: -71}},
	} {
		c.want.Part, c.want.Of = event.Signal, "lte0"
		if got := heard("lte0", c.h, modem.Health{Signal: -71}); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}
