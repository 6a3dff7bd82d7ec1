// Package modem sends and receives texts through a cellular modem on an AT
// port, and says how the modem is: registration, signal, network time.
//
// A Modem is made by New and lives in Run, which opens the port, brings the
// modem up, watches it, and opens it again after it was lost, until its
// context ends. Send carries one delivery; it waits its turn and always gets
// an answer, even when the port goes. What comes in goes to an Inbox, which
// commits it before the modem's copy is deleted.
//
// Texts travel in PDU mode (3GPP TS 27.005 §4, 23.040) and are received by
// way of storage: the modem stores, says +CMTI, and is read; so a crash on
// either side loses nothing and no acknowledgement is ever owed (§3.4.4).
// The modem is asked for whatever it may have kept at the start and every
// minute, so it does not matter whether its notices come at all.
//
// Ring calls a number so that the phone wakes somebody, and Ask sends a service
// code such as *101#. Both borrow the wire a step at a time, so that texts go
// meanwhile. History tells how signal and registration were for a week, from
// the looks that are taken anyway.
package modem
