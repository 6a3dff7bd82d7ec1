package ozmap_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/ozmap"
	"heliograph/drivers/ozmap/ozmaptest"
)

// TestACutInTheCity is the afternoon of the cable break: the north is down, then
// only the old town, then nobody.
func TestACutInTheCity(t *testing.T) {
	r := newRig(t)
	r.expect("the north is down", r.send(hits(1, "Nord")), "3 clients carry Massive Outage")
	r.expect("the chatbot finds the tag with", r.carriers(), "adam.jones beth.kim carl.orr")
	r.requests()
	r.expect("an update that hits the same", r.send(hits(2, "Nord")), "as before")
	r.expect("which asks nobody", r.requests(), "")
	r.expect("carl is back", r.send(hits(3, "Centro storico")), "2 clients carry Massive Outage; 1 no longer")
	r.expect("the tag is with", r.carriers(), "adam.jones beth.kim")
	r.expect("all-clear", r.send(hits(4)), "Massive Outage taken away from 2 clients")
	r.expect("the tag is with", r.carriers(), "")
	r.requests()
	r.expect("told once more", r.send(hits(4)), "OZmap has it already")
	r.expect("late news", r.send(hits(2, "Nord")), "OZmap has it already")
	r.expect("which ask nobody", r.requests(), "")
	r.expect("down again", r.send(hits(5, "Sud")), "2 clients carry Massive Outage")
	r.expect("and up again", r.send(hits(6)), "Massive Outage taken away from 2 clients")
}

// The configuration's words are names of anything on the map.
func TestWhatTheWordsMean(t *testing.T) {
	for name, c := range map[string]struct {
		words string
		on    string
		want  string
		note  string
	}{
		"a project":         {"Vicenza", "", "adam.jones beth.kim carl.orr dora.vey emil.zak", ""},
		"a box":             {"CTO-3", "", "dora.vey emil.zak", ""},
		"a client":          {"nomad", "", "nomad", ""},
		"an uplink":         {"transit-a", "", "carl.orr nomad", ""},
		"one after another": {"CTO-1 Centro%20storico nomad", "", "adam.jones beth.kim nomad", ""},
		"and what is not":   {"CTO-2 billing", "", "carl.orr", "; OZmap does not know billing"},
		"boxes of a region": {"Nord", "boxes", "CTO-1 CTO-2", ""},
		"boxes of a town":   {"Vicenza", "boxes", "CTO-1 CTO-2 CTO-3", ""},
		"a box itself":      {"CTO-3", "boxes", "CTO-3", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.o.On, r.o.Covers = c.on, map[string][]string{"transit-a": {"CTO-2", "nomad"}}
			r.restart()
			words := strings.Fields(c.words)
			for i := range words {
				words[i] = strings.ReplaceAll(words[i], "%20", " ")
			}
			kind := map[string]string{"": "clients", "boxes": "boxes"}[c.on]
			r.expect("the receipt", r.send(hits(1, words...)), fmt.Sprintf("%d %s carry Massive Outage%s", len(strings.Fields(c.want)), kind, c.note))
			r.expect("the tag is with", r.carriers(), c.want)
			r.expect("all-clear", r.send(hits(2)), fmt.Sprintf("Massive Outage taken away from %d %s", len(strings.Fields(c.want)), kind))
			r.expect("the tag is with", r.carriers(), "")
		})
	}
}

// What others wrote stays: their tags, and our tag from their hand.
func TestOthersTags(t *testing.T) {
	r := newRig(t)
	mass := r.oz.AddTag("Massive outage", "client") // as the team spells it
	r.oz.Set(r.ids["adam.jones"], "tags", []any{mass})
	r.oz.Set(r.ids["beth.kim"], "tags", []any{r.ids["vip"]})
	r.expect("down", r.send(hits(1, "CTO-1")), "2 clients carry Massive Outage; 1 by somebody else's hand")
	r.expect("beth has", strings.Join(r.oz.Tags(r.ids["beth.kim"]), ", "), "VIP, Massive outage")
	r.oz.Set(r.ids["beth.kim"], "tags", []any{r.ids["vip"], mass, r.oz.AddTag("Moved", "client")})
	r.expect("all-clear", r.send(hits(2)), "Massive Outage taken away from 1 clients")
	r.expect("beth keeps", strings.Join(r.oz.Tags(r.ids["beth.kim"]), ", "), "VIP, Moved")
	r.expect("adam keeps", strings.Join(r.oz.Tags(r.ids["adam.jones"]), ", "), "Massive outage")
}

func TestTwoIncidentsHitOneClient(t *testing.T) {
	r := newRig(t)
	r.expect("seven", r.send(of(7, 1, "Nord")), "3 clients carry Massive Outage")
	r.expect("eight", r.send(of(8, 1, "CTO-1", "Sud")), "4 clients carry Massive Outage")
	r.restart()
	r.expect("seven is over", r.send(of(7, 2)), "Massive Outage taken away from 1 clients")
	r.expect("the tag is with", r.carriers(), "adam.jones beth.kim dora.vey emil.zak")
	r.expect("eight is over", r.send(of(8, 2)), "Massive Outage taken away from 4 clients")
	r.expect("the tag is with", r.carriers(), "")
}

// TestEveryRequestIsLostOnce cuts the line at each request of a telling in
// turn, after OZmap acted and before, and the box comes back told of the doubt,
// or restarted: nobody is missed, and nobody keeps the tag.
func TestEveryRequestIsLostOnce(t *testing.T) {
	for name, f := range map[string]ozmaptest.Fault{
		"after it was done":  {Commit: true, Cut: true},
		"before it was done": {Cut: true},
	} {
		t.Run(name, func(t *testing.T) {
			for step := 1; ; step++ {
				r := newTown(t)
				count, struck := 0, 0
				at := step
				strike := func(int) {
					if count++; count == at {
						struck++
						for range 4 { // the driver tries so often by itself
							r.oz.Fail(f)
						}
					}
				}
				r.oz.Before = strike
				for n, j := range []delivery.Job{hits(1, "Nord", "dora.vey"), hits(2, "CTO-1"), hits(3)} {
					want := []string{"adam.jones beth.kim carl.orr dora.vey", "adam.jones beth.kim", ""}[n]
					_, err := r.driver.Send(t.Context(), j)
					for try := 0; err != nil && try < 3; try++ {
						r.fate(err)
						if try == 0 {
							r.restart()
						}
						_, err = r.driver.Send(t.Context(), again(j))
					}
					if err != nil {
						t.Fatalf("step %d, telling %d: %v", step, n+1, err)
					}
					if got := r.carriers(); got != want {
						t.Fatalf("step %d, telling %d: the tag is with %s, not with %s", step, n+1, got, want)
					}
				}
				r.oz.Before = nil
				r.end()
				if struck == 0 {
					break
				}
			}
		})
	}
}

// TestItTakesLong: what cannot be done in one go goes on where it stopped.
func TestItTakesLong(t *testing.T) {
	r := newRig(t)
	for n := range 60 {
		r.oz.AddClient(fmt.Sprintf("c%02d", n), "", r.ids["CTO-2"])
	}
	r.o.Rate, r.o.Timeout = 200, 200*time.Millisecond
	r.restart()
	rounds := 0
	for ; rounds < 20; rounds++ {
		got := r.send(hits(1, "CTO-2"))
		if got == "61 clients carry Massive Outage" {
			break
		}
		if !strings.HasPrefix(got, "retry: it takes long: ") || !strings.HasSuffix(got, " clients carry Massive Outage so far, and it goes on after 1s") {
			t.Fatal(got)
		}
	}
	if rounds == 0 || rounds == 20 {
		t.Errorf("done after %d rounds", rounds)
	}
	if n := len(strings.Fields(r.carriers())); n != 61 {
		t.Errorf("%d carry it", n)
	}
}

func TestRefusalsWhileTagging(t *testing.T) {
	r := newRig(t)
	r.oz.Refuse = map[string]int{r.ids["beth.kim"]: 422}
	got := r.send(hits(1, "CTO-1"))
	r.expect("one client is refused", got, "2 clients carry Massive Outage; 1 refused it: "+r.ids["beth.kim"]+" is locked")
	r.expect("the tag is with", r.carriers(), "adam.jones")
	r.oz.Remove(r.ids["adam.jones"])
	r.expect("who is gone holds up nothing", r.send(hits(2)), "Massive Outage taken away from 0 clients")

	r.oz.Fail(ozmaptest.Fault{On: "PATCH", Status: 403, Type: "application/json", Body: `{"message":"read only"}`})
	r.expect("a key that may not write", r.send(hits(3, "CTO-2")), "retry HTTP 403: read only, worker")
	r.expect("another that may", r.send(hits(3, "CTO-2")), "1 clients carry Massive Outage")
	r.o.Most = 2
	r.restart()
	r.expect("more than are tagged", r.send(hits(4, "Vicenza")), "never: OZmap has more than 2 clients of this kind")
}

// An OZmap that does not heed filters would have everybody tagged.
func TestAMapThatDoesNotListen(t *testing.T) {
	for _, word := range []string{"adam.jones", "CTO-1", "Vicenza", "Nord"} {
		r := newTown(t)
		r.oz.Deaf = true
		r.expect(word, r.send(hits(1, word)), "retry: OZmap's list of ftth-clients holds what was not asked for, worker")
		r.expect("the tag is with", r.carriers(), "")
		r.end()
	}
	r := newRig(t)
	r.oz.AddTag(outage, "client")
	r.oz.Deaf = true
	err := r.driver.Tagged(t.Context(), func(ozmap.Object) error { return errors.New("somebody") })
	r.expect("who has it", r.fate(err), "retry: OZmap's list of ftth-clients holds what was not asked for, worker")
}

func TestWhatIsNotTagged(t *testing.T) {
	r := newRig(t)
	drill, planned := hits(1, "Nord"), hits(1, "Nord")
	drill.Case.Drill = true
	planned.Case.Phase = delivery.Scheduled
	r.expect("about no incident", r.send(delivery.Job{Text: "Low credit."}), "never: OZmap is told of incidents, and this is about none")
	r.expect("a drill", r.send(drill), "a drill tags nobody")
	r.expect("work to come", r.send(planned), "planned work is tagged when it begins")
	r.expect("a new box", r.send(hits(2)), "nothing is remembered of waw-12/7: look in OZmap whether somebody still carries Massive Outage")
	r.expect("an all-clear of nothing", r.send(of(8, 2)), "nothing to take away: nobody has the tag through waw-12/8")
	r.expect("nobody was asked", r.requests(), "")
	r.o.Memory = nil
	r.restart()
	r.expect("without a memory", r.send(hits(1, "Nord")), "never: ozmap: it has no memory, and tags nobody whom it could not untag")
}

// forgetting fails to store.
type forgetting struct{ memory }

func (*forgetting) Store(string, []byte) error { return errors.New("the disk is full") }

func TestNobodyIsTaggedUnremembered(t *testing.T) {
	r := newRig(t)
	r.o.Memory = &forgetting{}
	r.restart()
	r.expect("the disk is full", r.send(hits(1, "Nord")), "retry: remembering who is tagged: the disk is full, worker")
	r.expect("the tag is with", r.carriers(), "")
}

func TestWhoCarriesIt(t *testing.T) {
	r := newRig(t)
	who := func() (all []string) {
		if err := r.driver.Tagged(t.Context(), func(o ozmap.Object) error {
			all = append(all, fmt.Sprint(o.Kind, " ", o.Code, o.Name, " ", o.Ours))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return all
	}
	r.expect("no tag at all", fmt.Sprint(who()), "[]")
	mass := r.oz.AddTag("Massive outage", "client", "box", "region")
	r.oz.Set(r.ids["CTO-3"], "tags", []any{mass})
	r.oz.Set(r.ids["carl.orr"], "tags", []any{r.ids["vip"], mass})
	r.send(hits(1, "CTO-1"))
	r.expect("ours and theirs", fmt.Sprint(who()), "[client adam.jonesADAM.JONES true client beth.kimBETH.KIM true client carl.orrCARL.ORR false box CTO-3 false]")
	stop := errors.New("enough")
	if err := r.driver.Tagged(t.Context(), func(ozmap.Object) error { return stop }); err != stop {
		t.Errorf("%v", err)
	}
}

// A map whose answers are older, with thousands to tag: what is remembered is
// kept in pieces, and read back whole.
func TestManyCarriers(t *testing.T) {
	r := newRig(t)
	r.oz.Old = true
	for n := range 600 {
		r.oz.AddClient(fmt.Sprintf("c%04d", n), "", r.ids["CTO-2"])
	}
	r.expect("down", r.send(hits(1, "CTO-2")), "601 clients carry Massive Outage")
	r.restart()
	r.expect("half are back", r.send(hits(2, "c0007", "CTO-1")), "3 clients carry Massive Outage; 600 no longer")
	r.restart()
	r.expect("all-clear", r.send(hits(3)), "Massive Outage taken away from 3 clients")
	r.expect("the tag is with", r.carriers(), "")
}

func TestSendGivesUpWithItsCaller(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	r.oz.Before = func(n int) {
		if n == 3 {
			cancel()
		}
	}
	_, err := r.driver.Send(ctx, hits(1, "Nord"))
	if e := (*delivery.Error)(nil); !errors.As(err, &e) || e.Fate != delivery.Retry || !e.Worker {
		t.Errorf("%v", err)
	}
}

// TestBytes weighs on the air what tagging costs, TLS included.
func TestBytes(t *testing.T) {
	r := newRig(t)
	for n := range 100 {
		r.oz.AddClient(fmt.Sprintf("c%02d", n), "Some Name", r.ids["CTO-2"])
	}
	r.send(hits(1, "CTO-2"))
	tag := r.line.In.Load() + r.line.Out.Load()
	r.send(hits(2))
	all := r.line.In.Load() + r.line.Out.Load()
	t.Logf("%d bytes to tag 101 clients, %d to untag them", tag, all-tag)
	if all > 101*2*1500 {
		t.Errorf("%d bytes", all)
	}
}
