package config

import "fmt"

// Secret is a value that must never be seen in a log, a page or an export.
// Only Reveal gives it away.
type Secret struct{ value string }

const hidden = "(secret)"

// Reveal gives the value itself; empty if there is none.
func (s Secret) Reveal() string { return s.value }

// Given says whether there is a value.
func (s Secret) Given() bool { return s.value != "" }

// String hides the value.
func (s Secret) String() string { return hidden }

// GoString hides the value from %#v.
func (s Secret) GoString() string { return hidden }

// Format hides the value from every verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hidden) }

// MarshalJSON hides the value.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText hides the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// NewSecret makes a secret of a value that came from elsewhere, as rehearsals
// and tests do.
func NewSecret(value string) Secret { return Secret{value} }
