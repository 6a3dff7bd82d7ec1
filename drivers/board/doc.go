// Package board drives what a box has besides ports and modems: its watchdog,
// its GPIO lines, the power of its USB ports, its restart and its clock. It
// decides nothing: who calls it says when.
package board
