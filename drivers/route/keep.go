package route

import "context"

// Allowed reports whether this process may change routes, by trying to delete
// a rule that does not exist.
func Allowed() bool { return false }

// Apply makes the kernel's tables and rules those of the plan, touching only
// what differs. An interface that is missing or down is no error: its table
// stays empty until Apply is called again. Without permission the error is
// ErrNotPermitted.
func Apply(p Plan) error { return ErrNotPermitted }

// Keep applies the plan and applies it again whenever the links, addresses or
// rules of this box change, until ctx ends; it leaves all in place then, so
// that a reload can take over. It returns early, with ErrNotPermitted, if it
// may not. It tells when trouble starts, changes, and ends (nil).
func Keep(ctx context.Context, p Plan, tell func(error)) error { return Apply(p) }

// Remove takes away all tables and rules that are this program's own.
func Remove() error { return Apply(Plan{}) }
