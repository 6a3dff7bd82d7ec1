package statuspage_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/statuspage"
	"heliograph/drivers/statuspage/statuspagetest"
	"heliograph/drivers/webhook/webhooktest"
)

const token = "0a1b2c3d-secret"

type memory = webhooktest.Memory

// rig is a page, a driver and what lies between.
type rig struct {
	*testing.T
	page   *statuspagetest.Page
	driver *statuspage.Page
	memory *memory
	o      statuspage.Options
	line   *webhooktest.Line
}

func newRig(t *testing.T) *rig {
	t.Parallel()
	r := &rig{T: t, memory: &memory{}, page: &statuspagetest.Page{ID: "kctbh9vrtdwd", Token: token}}
	r.page.AddComponent("c-north", "Internet access, north")
	r.page.AddComponent("c-south", "Internet access, south")
	r.line = webhooktest.NewLine(r.page)
	r.o = statuspage.Options{
		Page: r.page.ID, Token: token, Components: map[string]string{"transit-a": "c-north", "waw": "c-north", "lodz": "c-south"},
		Base: "https://" + webhooktest.Host + "/v1", Rate: 10_000, TLS: r.line.TLS(), Memory: r.memory, Dial: r.line.Dial,
	}
	r.restart()
	t.Cleanup(func() {
		r.driver.Close()
		r.line.Close()
		if left := r.page.Unused(); len(left) > 0 {
			t.Errorf("faults that nothing met: %+v", left)
		}
	})
	return r
}

// restart is a new driver that knows what the old one had stored.
func (r *rig) restart() {
	r.Helper()
	if r.driver != nil {
		r.driver.Close()
	}
	driver, err := statuspage.New(r.o)
	if err != nil {
		r.Fatal(err)
	}
	r.driver = driver
}

// forget is a new box: nothing is remembered.
func (r *rig) forget() {
	r.Helper()
	r.memory = &memory{}
	r.o.Memory = r.memory
	r.restart()
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

func (r *rig) fate(err error) string {
	r.Helper()
	var e *delivery.Error
	if !errors.As(err, &e) {
		r.Fatalf("an error without a fate: %v", err)
	}
	if strings.Contains(err.Error()+e.Advice, token) {
		r.Errorf("the token stands in %q", err)
	}
	said := e.Fate.String()
	if e.Worker {
		said += ", worker"
	}
	if e.After > 0 {
		said += " after " + e.After.String()
	}
	return said
}

// took fails the test unless the telling was taken.
func (r *rig) took(j delivery.Job) string {
	r.Helper()
	receipt, err := r.driver.Send(r.Context(), j)
	if err != nil {
		r.Fatalf("telling %d: %v", j.Case.Telling, err)
	}
	return receipt.Reference
}

func (r *rig) expect(what, got, want string) {
	r.Helper()
	if got != want {
		r.Errorf("%s:\n  %s\nwant:\n  %s", what, got, want)
	}
}

// bytes are those on the air, TLS included.
func (r *rig) bytes() int64 { return r.line.In.Load() + r.line.Out.Load() }

// requests are those since the last look.
func (r *rig) requests() string { return strings.Join(r.page.Requests(), ", ") }

// shows is the page in words, the newest update of each incident last.
func (r *rig) shows() string {
	var lines []string
	for _, i := range r.page.Incidents() {
		line := i.Name + ":"
		for n := range i.Updates {
			u := i.Updates[len(i.Updates)-1-n]
			line += fmt.Sprintf(" %s %q", u.Status, u.Body)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ") + " | north " + r.page.State("c-north") + ", south " + r.page.State("c-south")
}

var opened = time.Date(2026, 11, 21, 4, 2, 0, 0, time.UTC)

// incident is a telling of incident 7; with the first, nothing went before.
func incident(telling int, phase delivery.Phase, text string, scope ...delivery.Touched) delivery.Job {
	return of(7, telling, phase, text, scope...)
}

func of(number, telling int, phase delivery.Phase, text string, scope ...delivery.Touched) delivery.Job {
	return delivery.Job{Text: text, Follows: telling > 1, Case: &delivery.Case{
		Key: fmt.Sprintf("waw-12/%d", number), Number: number, Site: "waw-12", Telling: telling, Phase: phase, Impact: delivery.Major,
		Title: "No connection", Text: text, Opened: opened, Scope: scope,
	}}
}

func again(j delivery.Job) delivery.Job {
	j.Doubtful = true
	return j
}

func down(name string) delivery.Touched { return delivery.Touched{Name: name, State: "major_outage"} }
func slow(name string) delivery.Touched {
	return delivery.Touched{Name: name, State: "degraded_performance"}
}
func well(name string) delivery.Touched { return delivery.Touched{Name: name, State: "operational"} }
