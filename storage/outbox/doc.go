// Package outbox keeps what is to be said until it is said: notices, their
// deliveries, the claims of the workers, the ledger of who was told, reports,
// inbound texts, timelines and the archive. It knows them as rows; wording and
// policy belong to others.
//
// Every function works in the caller's transaction. Instants are box time.
// Nothing that is returned points into the file.
//
// The queue holds, for each notice, its rows by channel, due and number. Only
// the first ready row of each open notice is entered among the heads, sorted by
// class, due and number. So a claim finds the most urgent row with one look,
// and to hold, release or withdraw a notice of 100,000 rows moves one entry.
package outbox
