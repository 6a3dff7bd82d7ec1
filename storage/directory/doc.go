// Package directory keeps the list of subscribers in a bbolt file of its own,
// directory.db, beside the store: so an import never delays an alarm. A new
// list is built aside and renamed in whole; a file is never changed
// afterwards, and whoever has one open keeps it.
//
// A version is named by a hash of its content: the same list has the same
// name, in whatever order its source gave it. The newest version and the one
// before it stay, and so do those that Hold names: a plan that waits for a yes,
// or a notice that is being expanded when the box restarts, finds the list
// that was counted. The files of a data folder:
//
//	directory.db       the newest version
//	directory.db.ID    an earlier one
//	directory.json     when the newest was last seen at its source, and what was refused
//	directory.held     versions that are still needed
//	directory.lock     one import at a time
//
// In a file, subscribers have numbers by the order of their codes; an index
// leads from names, telephone numbers, mail addresses and codes to them.
package directory
