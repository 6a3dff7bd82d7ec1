// Package storage keeps everything the appliance remembers in one bbolt file:
// it opens and checks the file, sets a broken one aside, counts the faults
// that appear while running, and makes and restores backups.
//
// The rooms storage/outbox and storage/kv give the file its rows. Every
// function of theirs that writes takes a *bbolt.Tx which the caller opened
// with Store.Update, so that one commit holds all that belongs together.
// db.Batch is not used: its waiting time would be added to every text.
package storage
