package main

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"heliograph/drivers/delivery"
	"heliograph/drivers/ozmap/ozmaptest"
	"heliograph/drivers/webhook/webhooktest"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// TestATagGoesByOnePathAndIsTakenAwayByAnother has one book of who carries it,
// and tells what others have tagged from it.
func TestATagGoesByOnePathAndIsTakenAwayByAnother(t *testing.T) {
	t.Parallel()
	oz := &ozmaptest.Map{Key: "k"}
	city := oz.AddProject("Lodz")
	box := oz.AddBox("BOX-7", city, ozmaptest.Point{19.4, 51.7})
	for _, code := range []string{"adam.jones", "eve.smith"} {
		oz.AddClient(code, strings.ToUpper(code), box)
	}
	oz.AddClient("bob.brown", "BOB", "", oz.AddTag("Massive Outage", "client")) // by the field's hand
	line := webhooktest.NewLine(oz)
	defer line.Close()
	var mu sync.Mutex
	var ways []string
	dial := func(path string) dialer {
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			mu.Lock()
			ways = append(ways, path)
			mu.Unlock()
			return line.Dial(ctx, network, address)
		}
	}
	c := config.OZmap{URL: "https://" + webhooktest.Host, Tag: "Massive Outage", On: "clients"}
	key(t, &c.Token, "k")
	memory := &webhooktest.Memory{}
	open := func() (*tagger, error) { return newTagger(c, []string{"transit-a"}, dial, line.TLS(), memory) }
	x, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	send := func(path string, telling int, phase delivery.Phase, state string) {
		t.Helper()
		r, err := tagsOver{x, path}.Send(t.Context(), delivery.Job{Path: path, Case: &delivery.Case{
			Key: "waw-12/1", Telling: telling, Phase: phase, Scope: []delivery.Touched{{Name: "transit-a", State: state}, {Name: "BOX-7", State: state}},
		}})
		if err != nil || strings.Contains(r.Reference, "transit-a") {
			t.Errorf("over %s: %q, %v", path, r.Reference, err)
		}
	}
	send("cell", 1, delivery.Identified, "major_outage")
	if carriers := oz.Carriers("Massive Outage"); !slices.Equal(carriers, []string{"adam.jones", "bob.brown", "eve.smith"}) {
		t.Fatalf("the tag is with %q", carriers)
	}
	if f := findTags(t.Context(), c.Tag, open); f.Why != "" || !slices.Equal(f.All(), []string{"bob.brown"}) {
		t.Errorf("somebody else has tagged bob.brown, and it is told as %+v", f)
	}
	send(event.Primary, 2, delivery.Resolved, "operational")
	if carriers := oz.Carriers("Massive Outage"); !slices.Equal(carriers, []string{"bob.brown"}) {
		t.Errorf("after the all-clear the tag is with %q", carriers)
	}
	if want := []string{"cell", event.Primary}; !slices.Equal(slices.Compact(ways), want) {
		t.Errorf("the ways were %q", ways)
	}
}

// key is a secret as a file would give it.
func key(t *testing.T, to *config.Secret, text string) {
	t.Helper()
	c, faults := config.Parse("/x.yaml", []byte("site: x\nmodems: [{name: lte0, port: /dev/x}]\nuplinks: [{name: a, probes: [icmp: 9.9.9.9]}]\npeople: [{name: ada, sms: \"+48600100201\"}]\nchannels: {ozmap: {url: \"https://oz.example\", token: {env: K}}}\n"),
		nil, func(string) (string, bool) { return text, true })
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	*to = c.Channels.OZmap.Token
}
