package statuspage_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/statuspage/statuspagetest"
)

func TestANight(t *testing.T) {
	r := newRig(t)
	r.expect("the receipt", r.took(incident(1, delivery.Identified, "We look into it.", down("transit-a"))), "inc001 https://stspg.example/1")
	r.expect("an empty memory looks first", r.requests(), "GET /incidents/unresolved, POST /incidents")
	r.took(incident(2, delivery.Monitoring, "A ticket is open.", slow("transit-a"), slow("lodz")))
	r.expect("the page at 04:20", r.shows(),
		`No connection: identified "We look into it." monitoring "A ticket is open." | north degraded_performance, south degraded_performance`)
	r.took(incident(3, delivery.Monitoring, "The south is back.", slow("transit-a")))
	r.expect("what is hit no longer", r.page.State("c-south"), "operational")
	r.took(incident(4, delivery.Resolved, "Restored.", well("transit-a")))
	r.expect("each telling is one request", r.requests(), "PATCH /incidents/inc001, PATCH /incidents/inc001, PATCH /incidents/inc001")
	i := r.page.Incidents()[0]
	if i.Status != "resolved" || i.Impact != "major" || r.page.State("c-north") != "operational" {
		t.Errorf("after the all-clear: %s, %s, %s", i.Status, i.Impact, r.shows())
	}
	r.expect("told once more", r.took(incident(4, delivery.Resolved, "Restored.")), "inc001 https://stspg.example/1 the page has it already")
	r.expect("late news of a closed incident", r.took(incident(3, delivery.Monitoring, "The south is back.")), "inc001 https://stspg.example/1 the page has it already")
	r.expect("which cost nothing", r.requests(), "")
}

func TestDownAgainIsANewIncident(t *testing.T) {
	r := newRig(t)
	r.took(incident(1, delivery.Identified, "Down.", down("waw")))
	r.took(incident(2, delivery.Resolved, "Up."))
	r.took(incident(3, delivery.Identified, "Down again.", down("waw")))
	r.took(incident(4, delivery.Resolved, "Up again."))
	r.expect("the page", r.shows(), `No connection: identified "Down." resolved "Up."; No connection: identified "Down again." resolved "Up again." | north operational, south operational`)
}

// TestTheAnswerIsLost cuts the line after the page acted, at every telling,
// and comes back in three ways: told of the doubt, after a restart, and on a
// new box. The page must never show anything twice.
func TestTheAnswerIsLost(t *testing.T) {
	cut := statuspagetest.Fault{On: "P", Commit: true, Cut: true}
	torn := statuspagetest.Fault{On: "P", Commit: true, Torn: true}
	for name, back := range map[string]func(*rig, delivery.Job) delivery.Job{
		"told of the doubt": func(_ *rig, j delivery.Job) delivery.Job { return again(j) },
		"after a restart":   func(r *rig, j delivery.Job) delivery.Job { r.restart(); return j },
		"on a new box":      func(r *rig, j delivery.Job) delivery.Job { r.forget(); return again(j) },
	} {
		for kind, fault := range map[string]statuspagetest.Fault{"cut": cut, "torn": torn} {
			t.Run(name+", "+kind, func(t *testing.T) {
				r := newRig(t)
				for _, j := range []delivery.Job{
					incident(1, delivery.Identified, "Down.", down("waw")),
					incident(2, delivery.Monitoring, "Better.", slow("waw")),
					incident(3, delivery.Resolved, "Up."),
				} {
					r.page.Fail(fault)
					r.expect("without an answer", r.send(j), "unsure")
					r.took(back(r, j))
				}
				r.expect("the page", r.shows(), `No connection: identified "Down." monitoring "Better." resolved "Up." | north operational, south operational`)
			})
		}
	}
}

func TestTheRequestIsLost(t *testing.T) {
	r := newRig(t)
	for _, j := range []delivery.Job{
		incident(1, delivery.Identified, "Down.", down("waw")),
		incident(2, delivery.Monitoring, "Better.", slow("waw")),
		incident(3, delivery.Resolved, "Up."),
	} {
		r.page.Fail(statuspagetest.Fault{On: "P", Cut: true})
		r.expect("without an answer", r.send(j), "unsure")
		r.page.Fail(statuspagetest.Fault{On: "GET", Status: 502, Body: "<html>"})
		r.expect("while it cannot be looked up", r.send(j), "retry")
		r.took(j)
	}
	r.expect("the page", r.shows(), `No connection: identified "Down." monitoring "Better." resolved "Up." | north operational, south operational`)
}

// TestDoubtLasts: what could not be looked up stays in doubt, also when the
// next attempt is not told so.
func TestDoubtLasts(t *testing.T) {
	r := newRig(t)
	r.took(of(8, 1, delivery.Identified, "Eight.", down("waw")))
	r.page.Fail(statuspagetest.Fault{Status: 502, Body: "<html>"})
	r.expect("while it cannot be looked up", r.send(again(incident(1, delivery.Identified, "Down."))), "retry")
	r.requests()
	r.took(incident(1, delivery.Identified, "Down."))
	r.expect("it looks", r.requests(), "GET /incidents/unresolved, POST /incidents")
}

func TestTwoIncidentsHitOneComponent(t *testing.T) {
	r := newRig(t)
	r.took(of(7, 1, delivery.Identified, "Seven.", down("waw"), slow("lodz")))
	r.took(of(8, 1, delivery.Identified, "Eight.", slow("waw")))
	r.expect("the worse one is shown", r.page.State("c-north"), "major_outage")
	r.restart()
	r.took(of(7, 2, delivery.Resolved, "Seven is over."))
	r.expect("eight still hits the north", r.page.State("c-north")+", "+r.page.State("c-south"), "degraded_performance, operational")
	r.took(of(8, 2, delivery.Resolved, "Eight is over."))
	r.expect("all is well", r.page.State("c-north"), "operational")
}

func TestANewBoxKnowsThePagesIncidents(t *testing.T) {
	r := newRig(t)
	r.took(of(7, 1, delivery.Identified, "Seven.", down("waw")))
	r.took(of(8, 1, delivery.Identified, "Eight.", slow("waw")))
	r.forget()
	r.page.Requests()
	r.took(of(7, 2, delivery.Monitoring, "Better.", slow("waw")))
	r.expect("it looks once", r.requests(), "GET /incidents/unresolved, PATCH /incidents/inc001")
	r.forget()
	r.took(of(8, 2, delivery.Resolved, "Eight is over."))
	r.expect("seven still hits the north", r.page.State("c-north"), "degraded_performance")
	r.took(of(7, 3, delivery.Resolved, "Seven is over."))
	r.expect("the page", r.shows(), `No connection: identified "Seven." monitoring "Better." resolved "Seven is over."; No connection: identified "Eight." resolved "Eight is over." | north operational, south operational`)
}

func TestSomebodyDeletedIt(t *testing.T) {
	r := newRig(t)
	r.took(incident(1, delivery.Identified, "Down.", down("waw")))
	r.page.Delete("inc001")
	r.took(incident(2, delivery.Monitoring, "Better.", slow("waw")))
	r.expect("it is made anew", r.shows(), `No connection: monitoring "Better." | north degraded_performance, south operational`)
	r.page.Delete("inc002")
	r.expect("nothing is opened to be closed", r.took(incident(3, delivery.Resolved, "Up.")), "nothing to close: the page has no open incident waw-12/7")
	r.expect("the page", r.shows(), ` | north degraded_performance, south operational`)
	r.expect("an all-clear of what was never shown", r.took(of(9, 1, delivery.Resolved, "Up.")), "nothing to close: the page has no open incident waw-12/9")
}

func TestSomebodyClosedIt(t *testing.T) {
	r := newRig(t)
	r.took(of(7, 1, delivery.Identified, "Seven.", down("waw")))
	r.page.Delete("inc001")
	r.took(again(of(8, 1, delivery.Identified, "Eight.", slow("waw"))))
	r.took(of(8, 2, delivery.Resolved, "Eight is over."))
	r.expect("seven holds nothing down any more", r.page.State("c-north"), "operational")
}

// TestAWrongPageIsNoReasonToDropAnAllClear: a page that is not there has no
// incident either, but that is not what the answer means.
func TestAWrongPageIsNoReasonToDropAnAllClear(t *testing.T) {
	r := newRig(t)
	r.took(incident(1, delivery.Identified, "Down.", down("waw")))
	missing := statuspagetest.Fault{Status: 404, Type: "application/json", Body: `{"error":"Not found"}`}
	r.page.Fail(missing, missing)
	r.expect("the page is not found", r.send(incident(2, delivery.Resolved, "Up.")), "retry, worker")
	r.took(incident(2, delivery.Resolved, "Up."))
	r.expect("the page", r.shows(), `No connection: identified "Down." resolved "Up." | north operational, south operational`)
}

func TestAConnectionIsKeptOnlyForWhatFollowsOnItsPath(t *testing.T) {
	r := newRig(t)
	for n, c := range []struct {
		more  bool
		path  string
		dials int64
	}{{true, "cell", 1}, {true, "cell", 1}, {true, "primary", 2}, {false, "primary", 2}, {false, "primary", 3}} {
		j := incident(n+1, delivery.Identified, "Down.")
		j.More, j.Path = c.more, c.path
		r.took(j)
		if got := r.line.Dials.Load(); got != c.dials {
			t.Errorf("telling %d: %d connections, want %d", n+1, got, c.dials)
		}
	}
}

// TestTenTellings: three fail, each in another way, and are overtaken by newer
// truth before they are tried again.
func TestTenTellings(t *testing.T) {
	r := newRig(t)
	fail := map[int]statuspagetest.Fault{
		2: {On: "P", Cut: true},
		5: {On: "P", Commit: true, Cut: true},
		8: {On: "P", Status: 500, Type: "application/json", Body: `{"error":"Internal"}`},
	}
	for n := 1; n <= 10; n++ {
		phase := delivery.Identified
		if n == 10 {
			phase = delivery.Resolved
		}
		j := incident(n, phase, fmt.Sprint(n), down("waw"))
		f, failing := fail[n]
		if !failing {
			r.took(j)
			continue
		}
		r.page.Fail(f)
		if got := r.send(j); got != "unsure" && got != "retry" {
			t.Errorf("telling %d: %s", n, got)
		}
	}
	r.expect("the page", r.shows(),
		`No connection: identified "1" identified "3" identified "4" identified "5" identified "6" identified "7" identified "9" resolved "10" | north operational, south operational`)
}

func TestPlannedWork(t *testing.T) {
	r := newRig(t)
	works := func(telling int, phase delivery.Phase, text, state string) delivery.Job {
		j := incident(telling, phase, text, delivery.Touched{Name: "waw", State: state})
		j.Case.From, j.Case.Until = opened.Add(24*time.Hour), opened.Add(28*time.Hour)
		return j
	}
	r.took(works(1, delivery.Scheduled, "Fibre works.", "under_maintenance"))
	i := r.page.Incidents()[0]
	if i.Status != "scheduled" || *i.ScheduledFor != "2026-11-22T04:02:00Z" || *i.ScheduledUntil != "2026-11-22T08:02:00Z" || i.Impact != "maintenance" || len(i.Components) != 1 {
		t.Errorf("the page has %+v", i)
	}
	r.expect("nothing is touched before the window", r.page.State("c-north"), "operational")
	r.took(of(8, 1, delivery.Identified, "Eight.", slow("waw")))
	r.took(works(2, delivery.InProgress, "They dig.", ""))
	r.took(of(8, 2, delivery.Resolved, "Eight is over."))
	r.expect("in the window", r.page.State("c-north"), "under_maintenance")
	r.forget()
	r.took(works(3, delivery.Monitoring, "They measure.", "under_maintenance"))
	r.took(works(4, delivery.Completed, "Done.", "operational"))
	r.expect("the page", r.shows(), `No connection: scheduled "Fibre works." in_progress "They dig." verifying "They measure." completed "Done."; No connection: identified "Eight." resolved "Eight is over." | north operational, south operational`)
}

func TestAComponentThatIsNotThere(t *testing.T) {
	r := newRig(t)
	r.o.Components = map[string]string{"waw": "c-gone"}
	r.restart()
	r.expect("the text goes all the same", r.took(incident(1, delivery.Identified, "Down.", down("waw"))),
		"inc001 https://stspg.example/1; its components were refused: [Component c-gone with status \"major_outage\" is unknown]")
	if err := r.driver.Check(t.Context()); err == nil || err.Error() != "retry components: the page has no component for waw" {
		t.Errorf("the check says %v", err)
	}
}

func TestTheCheckDisturbsNobody(t *testing.T) {
	r := newRig(t)
	if err := r.driver.Check(t.Context()); err != nil {
		t.Error(err)
	}
	r.expect("it only reads", r.requests(), "GET /components")
	r.o.Components = nil
	r.restart()
	if err := r.driver.Check(t.Context()); err != nil {
		t.Error(err)
	}
	r.expect("and without components, the page", r.requests(), "GET ")
	r.page.Fail(statuspagetest.Fault{Status: http.StatusUnauthorized, Type: "application/json", Body: `{"error":"Could not authenticate"}`})
	if err := r.driver.Check(t.Context()); r.fate(err) != "retry, worker" {
		t.Error(err)
	}
}
