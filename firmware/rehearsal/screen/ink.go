package screen

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// ink says what words mean; a palette says how that looks. Colour only helps:
// everything can be read without it.
type ink uint8

const (
	plain  ink = iota
	dim        // what is there but matters less
	line       // borders and wires at rest
	strong     // names and titles
	lit        // the focus, and what can be pressed
	good
	warn
	bad
	grey     // unknown, or beyond a fault
	theirs   // a text from the box, on a phone
	theirsAt // its time
	mine     // a text that the person wrote
	mineAt
	fresh // a text that has only just come
	freshAt
	bar // the first row
	barStrong
	barGood
	barWarn
	barBad
	inks
)

// colour is #rrggbb, or "" for the terminal's own.
type colour struct {
	fg, bg string
	bold   bool
}

// The palettes are chosen so that 256 and 16 colours keep red, yellow, green
// and grey apart too. What is written most has the terminal's own colour: it can
// be read even where a light terminal does not say that it is light.
type palette [inks]colour

var dark = palette{
	plain: {}, dim: {fg: "#7d8794"}, line: {fg: "#4b5766"}, strong: {bold: true}, lit: {fg: "#79c0ff", bold: true},
	good: {fg: "#56d364", bold: true}, warn: {fg: "#e6c34a", bold: true}, bad: {fg: "#ff7b72", bold: true}, grey: {fg: "#767676"},
	theirs: {fg: "#d5dce4", bg: "#22272e"}, theirsAt: {fg: "#808080", bg: "#22272e"},
	mine: {fg: "#dff0ff", bg: "#174a75"}, mineAt: {fg: "#9fc3e4", bg: "#174a75"},
	fresh: {fg: "#10151c", bg: "#e6c34a", bold: true}, freshAt: {fg: "#4a3a10", bg: "#e6c34a"},
	bar: {fg: "#a9b4c0", bg: "#1b232d"}, barStrong: {fg: "#f0f4f8", bg: "#1b232d", bold: true},
	barGood: {fg: "#56d364", bg: "#1b232d", bold: true}, barWarn: {fg: "#e6c34a", bg: "#1b232d", bold: true}, barBad: {fg: "#ff7b72", bg: "#1b232d", bold: true},
}

var light = palette{
	plain: {}, dim: {fg: "#6c6c6c"}, line: {fg: "#bcbcbc"}, strong: {bold: true}, lit: {fg: "#0860c9", bold: true},
	good: {fg: "#16752f", bold: true}, warn: {fg: "#8f5a00", bold: true}, bad: {fg: "#c11f2a", bold: true}, grey: {fg: "#808080"},
	theirs: {fg: "#24292f", bg: "#e4e4e4"}, theirsAt: {fg: "#6c6c6c", bg: "#e4e4e4"},
	mine: {fg: "#062d57", bg: "#cbe3ff"}, mineAt: {fg: "#3f668f", bg: "#cbe3ff"},
	fresh: {fg: "#2b1d00", bg: "#ffd866", bold: true}, freshAt: {fg: "#6b5410", bg: "#ffd866"},
	bar: {fg: "#454d56", bg: "#e4e4e4"}, barStrong: {fg: "#0b0e12", bg: "#e4e4e4", bold: true},
	barGood: {fg: "#16752f", bg: "#e4e4e4", bold: true}, barWarn: {fg: "#8f5a00", bg: "#e4e4e4", bold: true}, barBad: {fg: "#c11f2a", bg: "#e4e4e4", bold: true},
}

func tint(hex string) color.Color {
	if hex == "" {
		return nil
	}
	return lipgloss.Color(hex)
}

// judged is the ink of what the box says of an uplink.
func judged(condition string) ink {
	switch strings.ToLower(condition) {
	case "up":
		return good
	case "degraded":
		return warn
	case "down":
		return bad
	}
	return grey
}
