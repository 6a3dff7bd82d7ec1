// Heliograph is out-of-band alerting for networks: one static binary on a
// small box with a modem. It watches local upstream reachability and, when the
// network fails, texts the people on call by itself, remembers everything
// until it is delivered, and sends the all-clear to exactly those who were
// told.
//
// The map of the house. Pure rooms decide; shells around them act; one of
// them, the engine, writes.
//
//	firmware           this package: commands, flags, wiring, signals
//	firmware/event     the vocabulary: facts, effects, verdicts
//	firmware/reach     probe results become verdicts
//	firmware/incident  the life of an outage
//	firmware/audience  who hears, when, and what becomes of a failed text
//	firmware/notice    wording in English, Polish and Italian, fitted to a text
//	firmware/command   an operator's text becomes a command
//	firmware/decide    Rules.Step, which composes the six above
//	firmware/config    the configuration file, checked whole
//	firmware/calendar  iCalendar files become shifts of a rota
//	firmware/engine    the loop and the only pen: facts, decision, commit, words
//	firmware/watch     the probe timetable
//	firmware/dispatch  one goroutine per modem: a claim in, an outcome out
//	firmware/blackbox  the last minutes in memory, frozen with each incident
//	firmware/schedule  the periodic self-test
//	firmware/control   the socket that the command line speaks to
//	firmware/rehearsal a night around the real binary: a small ISP in namespaces,
//	                   a modem, phones; its screen, its stories
//	drivers/…          what touches the outside: probes, routes, AT, the modem
//	storage/…          what remembers: the bbolt file and the outbox in it
//
// One datum, once round: watch probes, engine steps, outbox claims, dispatch
// carries, the modem sends, its receipt is the next fact.
package main
