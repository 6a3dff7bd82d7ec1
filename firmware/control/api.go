// Package control is how people on the box, and later a page, speak to the
// running appliance: HTTP with JSON on a unix socket, and the client that the
// command line uses. It decides nothing.
package control

import (
	"context"
	"encoding/json"
	"io"
	"time"
)

// Status is the box at a glance.
type Status struct {
	Site      string     `json:"site"`
	Version   string     `json:"version"`
	Now       time.Time  `json:"now"`
	Trusted   bool       `json:"clock_trusted"`
	Started   time.Time  `json:"started"`
	Restart   string     `json:"restart,omitempty"` // why it was not running before: power, watchdog, crash, update, order
	Subjects  []Subject  `json:"uplinks"`
	Workers   []Worker   `json:"workers"`
	Backhauls []Backhaul `json:"backhauls,omitempty"`
	Incidents []Open     `json:"incidents"`
	Queue     Queue      `json:"queue"`
	Warnings  []string   `json:"warnings,omitempty"` // what does not work as configured on this box
}

// Subject is an uplink or a service as it is judged now.
type Subject struct {
	Name      string    `json:"name"`
	Service   bool      `json:"service,omitempty"`
	Condition string    `json:"condition"`
	Place     string    `json:"place,omitempty"`
	Since     time.Time `json:"since,omitzero"`
	Evidence  string    `json:"evidence,omitempty"`
	Loss      float64   `json:"loss"`
	LatencyMS float64   `json:"latency_ms,omitempty"`
	Unstable  bool      `json:"unstable,omitempty"`
}

// Worker is a modem's health.
type Worker struct {
	Name     string `json:"name"`
	Channel  string `json:"channel"`
	Fit      bool   `json:"fit"`
	State    string `json:"state"`
	Why      string `json:"why,omitempty"`
	Advice   string `json:"advice,omitempty"`
	Operator string `json:"operator,omitempty"`
	Signal   string `json:"signal,omitempty"`
	Network  string `json:"network,omitempty"`
}

// Backhaul is a cellular connection of the box's own.
type Backhaul struct {
	Name   string  `json:"name"`
	Up     bool    `json:"up"`
	State  string  `json:"state"`
	Why    string  `json:"why,omitempty"`
	Advice string  `json:"advice,omitempty"`
	RTTMS  float64 `json:"rtt_ms,omitempty"`
	Used   int64   `json:"used_bytes"`            // of the current period, as last told
	Limit  int64   `json:"limit_bytes,omitempty"` // zero: none
	Tested string  `json:"tested,omitempty"`      // what its last test has shown
}

// Open is an incident that is not archived yet.
type Open struct {
	Number  int       `json:"number"`
	Phase   string    `json:"phase"`
	Kind    string    `json:"kind"`
	Scope   []string  `json:"scope"`
	Title   string    `json:"title,omitempty"`
	Opened  time.Time `json:"opened"`
	AckedBy string    `json:"acked_by,omitempty"`
	Place   string    `json:"place,omitempty"`
}

// Queue counts deliveries by status.
type Queue map[string]int

// Delivery is one row of the outbox.
type Delivery struct {
	ID        uint64    `json:"id"`
	Incident  int       `json:"incident,omitempty"`
	Kind      string    `json:"kind"`
	Recipient string    `json:"recipient"`
	Channel   string    `json:"channel"`
	Address   string    `json:"address"`
	Status    string    `json:"status"`
	Queued    time.Time `json:"queued"`
	Due       time.Time `json:"due,omitzero"`
	Tries     int       `json:"tries"`
	Worker    string    `json:"worker,omitempty"`
	Code      string    `json:"code,omitempty"`
	Advice    string    `json:"advice,omitempty"`

	// In exports and reports, where Queued is wall time, also:
	Audience string    `json:"audience,omitempty"`
	Language string    `json:"language,omitempty"`
	Path     string    `json:"path,omitempty"`    // of what went over the Internet: primary, or a backhaul's name
	Sent     time.Time `json:"sent,omitzero"`     // wall time at which its last sending began
	Answered time.Time `json:"answered,omitzero"` // wall time of the last answer or receipt
	Receipt  string    `json:"receipt,omitempty"` // what came back, in words
	Tells    bool      `json:"tells,omitempty"`   // whoever got it has to hear that it is over
	Cleared  time.Time `json:"cleared,omitzero"`  // wall time at which this address was told so
	Subject  string    `json:"subject,omitempty"` // of a letter
	Text     string    `json:"text,omitempty"`    // as it was queued
}

// Entry is a line of a timeline.
type Entry struct {
	Box     time.Time `json:"box"`
	Wall    time.Time `json:"wall"`
	Trusted bool      `json:"clock_trusted"`
	What    string    `json:"what"`
	Text    string    `json:"text"`
}

// Told is a row of the ledger.
type Told struct {
	Recipient string `json:"recipient"`
	Channel   string `json:"channel"`
	Address   string `json:"address"`
	Language  string `json:"language"`
	Text      string `json:"text,omitempty"` // as last told
	Told      bool   `json:"told"`
	Cleared   bool   `json:"cleared"`
}

// Export is all that is known of one incident.
type Export struct {
	Incident   json.RawMessage   `json:"incident"`
	Timeline   []Entry           `json:"timeline"`
	Ledger     []Told            `json:"ledger"`
	Deliveries []Delivery        `json:"deliveries"`
	BlackBox   []json.RawMessage `json:"black_box,omitempty"` // what was frozen, in order; the last of an open incident is of now
}

// Audit is a page of the audit log, as it is stored: nothing in it was
// verified.
type Audit struct {
	Anchor  AuditHead    `json:"anchor"` // the last entry that was pruned
	Head    AuditHead    `json:"head"`   // the newest
	Entries []AuditEntry `json:"entries"`
	Fault   string       `json:"fault,omitempty"` // why the entry behind these cannot be read
}

// AuditHead is an end of the log; number 0 is the nothing before the first
// entry.
type AuditHead struct {
	Number uint64 `json:"number"`
	Hash   string `json:"hash"` // 64 hex digits
}

// AuditEntry is one order, with its place in the chain of hashes.
type AuditEntry struct {
	Number   uint64    `json:"number"`
	Box      time.Time `json:"box"`
	Wall     time.Time `json:"wall"`
	Trusted  bool      `json:"clock_trusted"`
	By       string    `json:"by"`
	From     string    `json:"from"`
	Way      string    `json:"way"`
	Order    string    `json:"order"`
	Proof    string    `json:"proof"`
	Effect   string    `json:"effect"`
	Previous string    `json:"previous"` // hash of the entry before
	Hash     string    `json:"hash"`
}

// Answer is what an order led to.
type Answer struct {
	OK   bool   `json:"ok"`
	Text string `json:"text"`
}

// Box is the appliance behind the socket.
type Box interface {
	Status(context.Context) (Status, error)
	// Incidents lists records, the newest first: open ones and the archive.
	Incidents(ctx context.Context, limit int) ([]json.RawMessage, error)
	Export(ctx context.Context, incident int) (Export, error)
	// Report lists an incident's deliveries with all that is known of them, the
	// newest first: those before a number, or from the newest on.
	Report(ctx context.Context, incident int, before uint64, limit int) ([]Delivery, error)
	// Timeline is that of an incident; it is empty for one that does not exist.
	Timeline(ctx context.Context, incident int) ([]Entry, error)
	Log(ctx context.Context, limit int) ([]Entry, error)
	// Audit reads the audit log from a number on; from 0 reads the newest.
	Audit(ctx context.Context, from uint64, limit int) (Audit, error)
	Queue(ctx context.Context, status string, limit int) ([]Delivery, error)
	Order(ctx context.Context, by, text string) (Answer, error)
	Backup(ctx context.Context, w io.Writer) error
	// Update takes another version of the image in and starts it.
	Update(ctx context.Context, r io.Reader) (Answer, error)
	// Healthy says what is wrong with the box; nil if it does its work.
	Healthy(context.Context) error
}
