package notice

import (
	"encoding/json"
	"time"

	"heliograph/firmware/event"
)

// Letter is what goes over a channel that is not a text: its JSON is what the
// outbox keeps.
type Letter struct {
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text"`
}

// Reader is for whom a letter is worded.
type Reader string

// Said is something this address was told before.
type Said struct {
	Wall    time.Time
	Trusted bool
	Text    string // a Letter's JSON
}

// Letter words a notice for a reader in a language, as JSON.
func (w Wording) Letter(to Reader, lang string, f Facts) string {
	b, _ := json.Marshal(Letter{Text: w.Text(lang, f)})
	return string(b)
}

// Compose finishes a letter as it goes out.
func Compose(letter string, earlier []Said, queued, now event.Stamp) string { return letter }
