package slack_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/slack"
	"heliograph/drivers/slack/slacktest"
	"heliograph/drivers/webhook/webhooktest"
)

const (
	token = "xoxb-0a1b2c3d-secret"
	hook  = "/services/T0/B0/secret"
)

type memory = webhooktest.Memory

// rig is a workspace, a driver and what lies between.
type rig struct {
	*testing.T
	slack  *slacktest.Slack
	driver *slack.Room
	memory *memory
	o      slack.Options
	line   *webhooktest.Line
}

const room = "C0NOCWAR01"

func newRig(t *testing.T) *rig {
	t.Parallel()
	r := &rig{T: t, memory: &memory{}, slack: &slacktest.Slack{Token: token, Webhook: hook, Scopes: "chat:write,pins:write,channels:history,channels:read"}}
	r.slack.AddChannel(room, "noc-war-room")
	r.line = webhooktest.NewLine(r.slack)
	r.o = slack.Options{
		Token: token, Channel: room, Base: "https://" + webhooktest.Host + "/api", TLS: r.line.TLS(), Memory: r.memory, Dial: r.line.Dial,
	}
	r.restart()
	t.Cleanup(func() {
		r.driver.Close()
		r.line.Close()
		if left := r.slack.Unused(); len(left) > 0 {
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
	driver, err := slack.New(r.o)
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
	if strings.Contains(err.Error()+e.Advice, "secret") {
		r.Errorf("a secret stands in %q", err)
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
func (r *rig) requests() string { return strings.Join(r.slack.Requests(), ", ") }

// shows is the channel in words: a line for each message, a reply indented, one
// that the channel sees too marked, and what is pinned.
func (r *rig) shows() string {
	pins := r.slack.Pins(room)
	var lines []string
	for _, m := range r.slack.Messages(room) {
		line := m.Text
		if m.Thread != "" && m.Thread != m.TS {
			line = "  " + line
		}
		if m.Broadcast {
			line += " (to all)"
		}
		if slices.Contains(pins, m.TS) {
			line += " (pinned)"
		}
		lines = append(lines, strings.ReplaceAll(line, "\n", " / "))
	}
	return strings.Join(lines, "\n")
}

// nth is the time stamp of the channel's n-th message.
func (r *rig) nth(n int) string { return r.slack.Messages(room)[n].TS }

var opened = time.Date(2026, 11, 21, 4, 2, 0, 0, time.UTC)

// incident is a telling of incident 7; with the first, nothing went before.
func incident(telling int, phase delivery.Phase, text string) delivery.Job {
	return of(7, telling, phase, text)
}

func of(number, telling int, phase delivery.Phase, text string) delivery.Job {
	j := delivery.Job{ID: uint64(telling), Text: text, Follows: telling > 1, Case: &delivery.Case{
		Key: fmt.Sprintf("waw-12/%d", number), Number: number, Site: "waw-12", Telling: telling, Phase: phase, Impact: delivery.Major,
		Title: "transit-a: no connection", Text: text, Opened: opened,
	}}
	if phase.Over() {
		j.Case.Resolved = opened.Add(68 * time.Minute)
	}
	return j
}

func again(j delivery.Job) delivery.Job {
	j.Doubtful = true
	return j
}
