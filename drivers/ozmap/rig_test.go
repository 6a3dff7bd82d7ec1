package ozmap_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/ozmap"
	"heliograph/drivers/ozmap/ozmaptest"
	"heliograph/drivers/webhook/webhooktest"
)

const (
	key    = "c0ffee-secret-key"
	outage = "Massive Outage"
)

type memory = webhooktest.Memory

// rig is a town on a map, a driver and what lies between: a north with two
// boxes, a south with one, each in a region of its own, and somebody without a
// home.
type rig struct {
	*testing.T
	oz     *ozmaptest.Map
	driver *ozmap.Map
	memory *memory
	o      ozmap.Options
	line   *webhooktest.Line
	ids    map[string]string // by code or name
}

func square(west, south, east, north float64) []ozmaptest.Point {
	return []ozmaptest.Point{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
}

func newRig(t *testing.T) *rig {
	t.Parallel()
	r := newTown(t)
	t.Cleanup(r.end)
	return r
}

// end is for rigs of which a test has several, one after another.
func (r *rig) end() {
	r.driver.Close()
	r.line.Close()
	if left := r.oz.Unused(); len(left) > 0 {
		r.Errorf("faults that nothing met: %+v", left)
	}
}

// newTown is a rig that its test ends.
func newTown(t *testing.T) *rig {
	r := &rig{T: t, memory: &memory{}, oz: &ozmaptest.Map{Key: key}, ids: map[string]string{}}
	city := r.oz.AddProject("Vicenza")
	r.ids["vip"] = r.oz.AddTag("VIP", "client")
	r.oz.AddRegion("Nord", square(11, 45.5, 12, 46), city)
	r.oz.AddRegion("Sud", square(11, 45, 12, 45.5), city)
	r.oz.AddRegion("Centro storico", square(11.5, 45.5, 11.6, 45.6), city)
	for _, b := range []struct {
		name    string
		at      ozmaptest.Point
		clients []string
	}{
		{"CTO-1", ozmaptest.Point{11.55, 45.55}, []string{"adam.jones", "beth.kim"}},
		{"CTO-2", ozmaptest.Point{11.9, 45.9}, []string{"carl.orr"}},
		{"CTO-3", ozmaptest.Point{11.1, 45.1}, []string{"dora.vey", "emil.zak"}},
	} {
		r.ids[b.name] = r.oz.AddBox(b.name, city, b.at)
		for _, code := range b.clients {
			r.ids[code] = r.oz.AddClient(code, strings.ToUpper(code), r.ids[b.name])
		}
	}
	r.ids["nomad"] = r.oz.AddClient("nomad", "Nomad", "", r.ids["vip"])
	r.line = webhooktest.NewLine(r.oz)
	r.o = ozmap.Options{URL: "https://" + webhooktest.Host + ":9994/", Token: key, Rate: 100_000, Rows: 2, Pause: time.Millisecond,
		TLS: r.line.TLS(), Memory: r.memory, Dial: r.line.Dial}
	r.restart()
	return r
}

// restart is a new driver that knows what the old one had stored.
func (r *rig) restart() {
	r.Helper()
	if r.driver != nil {
		r.driver.Close()
	}
	driver, err := ozmap.New(r.o)
	if err != nil {
		r.Fatal(err)
	}
	r.driver = driver
}

func (r *rig) expect(what, got, want string) {
	r.Helper()
	if got != want {
		r.Errorf("%s:\n  %s\nwant:\n  %s", what, got, want)
	}
}

// fate is an error in words.
func (r *rig) fate(err error) string {
	r.Helper()
	if err == nil {
		return ""
	}
	var e *delivery.Error
	if !errors.As(err, &e) {
		r.Fatalf("an error without a fate: %v", err)
	}
	if strings.Contains(err.Error()+e.Advice, key) {
		r.Errorf("the key stands in %q", err)
	}
	said := e.Error()
	if e.Worker {
		said += ", worker"
	}
	if e.After > 0 {
		said += " after " + e.After.String()
	}
	return said
}

// send gives the receipt's reference, or the fate in words.
func (r *rig) send(j delivery.Job) string {
	r.Helper()
	receipt, err := r.driver.Send(r.Context(), j)
	if err == nil {
		return receipt.Reference
	}
	return r.fate(err)
}

// carriers are who has the tag of an outage.
func (r *rig) carriers() string { return strings.Join(r.oz.Carriers(outage), " ") }

// requests are those since the last look, with how often each was made.
func (r *rig) requests() string {
	var all []string
	times := map[string]int{}
	for _, q := range r.oz.Requests() {
		if times[q]++; times[q] == 1 {
			all = append(all, q)
		}
	}
	for i, q := range all {
		if times[q] > 1 {
			all[i] = fmt.Sprintf("%d %s", times[q], q)
		}
	}
	return strings.Join(all, ", ")
}

// list is everybody as Each hands them over, in the order of their codes.
func (r *rig) list() string {
	r.Helper()
	var all []string
	err := r.driver.Each(r.Context(), func(s ozmap.Subscriber) error {
		all = append(all, fmt.Sprintf("%s: %s/%s/%s %s %v %v", s.Code, s.Region, s.Municipality, s.Box, s.Line, s.Tags, append(s.Phones, s.Mails...)))
		return nil
	})
	if err != nil {
		return r.fate(err)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

const everybody = `adam.jones: Centro storico/Vicenza/CTO-1 pppoe-adam.jones [Nord] []
beth.kim: Centro storico/Vicenza/CTO-1 pppoe-beth.kim [Nord] []
carl.orr: Nord/Vicenza/CTO-2 pppoe-carl.orr [] []
dora.vey: Sud/Vicenza/CTO-3 pppoe-dora.vey [] []
emil.zak: Sud/Vicenza/CTO-3 pppoe-emil.zak [] []
nomad: // pppoe-nomad [VIP] []`

// hits is a telling of incident 7 about places that are down; none is the
// all-clear.
func hits(telling int, places ...string) delivery.Job { return of(7, telling, places...) }

func of(number, telling int, places ...string) delivery.Job {
	c := &delivery.Case{Key: fmt.Sprintf("waw-12/%d", number), Number: number, Telling: telling, Phase: delivery.Identified}
	for _, p := range places {
		c.Scope = append(c.Scope, delivery.Touched{Name: p, State: "major_outage"})
	}
	if len(places) == 0 {
		c.Phase = delivery.Resolved
	}
	return delivery.Job{Case: c, Follows: telling > 1}
}

func again(j delivery.Job) delivery.Job {
	j.Doubtful = true
	return j
}
