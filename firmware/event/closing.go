package event

// Closed is said to whoever had an incident once it is archived: how many
// outside were told of it, and how many of them know that it is over.
const Closed Kind = "closed"

// FetchSum counts the readers outside in an incident's ledger.
const FetchSum Fetching = "sum"

// Sum is what came of telling those outside of an incident.
type Sum struct {
	Told        int // addresses that may have read of it
	Cleared     int // of these, to which the all-clear went
	Unreachable int // addresses that every try failed for
}
