package outbox

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Entry is one line of an incident's timeline.
type Entry struct {
	Box         time.Time `json:"b"`
	Wall        time.Time `json:"w,omitzero"`
	WallTrusted bool      `json:"wt,omitempty"` // the wall time is known to be right
	What        string    `json:"k"`            // a word for machines, such as sent
	Text        string    `json:"t,omitempty"`  // a sentence for people
	Delivery    uint64    `json:"d,omitempty"`
	Recipient   string    `json:"r,omitempty"`
	Channel     string    `json:"c,omitempty"`
	Proof       string    `json:"p,omitempty"` // reference, report or code
}

// Append adds a line to an incident's timeline; incident 0 is the appliance's
// own.
func Append(tx *bbolt.Tx, incident int, e Entry) error {
	n, err := tx.Bucket([]byte(bTimeline)).NextSequence()
	if err != nil {
		return fmt.Errorf("append to the timeline of %d: %w", incident, err)
	}
	e.Box, e.Wall = utc(e.Box), utc(e.Wall)
	return putJSON(tx, bTimeline, key(incident, n), e)
}

// Timeline reads the lines of an incident in the order they were written.
func Timeline(tx *bbolt.Tx, incident int) ([]Entry, error) {
	var all []Entry
	for _, k := range keys(tx, bTimeline, key(incident), nil, 1<<30) {
		var e Entry
		if _, err := getJSON(tx, bTimeline, k, &e); err != nil {
			return nil, fmt.Errorf("timeline of %d: %w", incident, err)
		}
		all = append(all, e)
	}
	return all, nil
}
