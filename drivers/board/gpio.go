package board

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/warthog618/go-gpiocdev"
)

// Line is a line of a GPIO chip: "gpiochip0/17", or "gpiochip0/17 low" where
// it is active when it is low.
type Line struct {
	Chip   string
	Offset int
	Low    bool
}

// ParseLine reads a line as the configuration writes it.
func ParseLine(text string) (Line, error) {
	name, low := strings.CutSuffix(text, " low")
	chip, offset, ok := strings.Cut(name, "/")
	n, err := strconv.Atoi(offset)
	if !ok || chip == "" || err != nil || n < 0 {
		return Line{}, fmt.Errorf("%q is not a line of a GPIO chip: write it as in gpiochip0/17", text)
	}
	return Line{Chip: chip, Offset: n, Low: low}, nil
}

func (l Line) String() string {
	if l.Low {
		return fmt.Sprintf("%s/%d low", l.Chip, l.Offset)
	}
	return fmt.Sprintf("%s/%d", l.Chip, l.Offset)
}

// Output is a line that this box drives.
type Output interface {
	Set(active bool) error
	Close() error
}

// Input is a line that this box reads. Changed has a value after an edge;
// several edges may share one.
type Input interface {
	Active() (bool, error)
	Changed() <-chan struct{}
	Close() error
}

const consumer = "heliograph"

func (l Line) options(more ...gpiocdev.LineReqOption) []gpiocdev.LineReqOption {
	more = append(more, gpiocdev.WithConsumer(consumer))
	if l.Low {
		more = append(more, gpiocdev.AsActiveLow)
	}
	return more
}

// Output takes the line and makes it inactive.
func (l Line) Output() (Output, error) {
	line, err := gpiocdev.RequestLine(l.Chip, l.Offset, l.options(gpiocdev.AsOutput(0))...)
	if err != nil {
		return nil, l.fault(err)
	}
	return output{line, l}, nil
}

type output struct {
	line *gpiocdev.Line
	name Line
}

func (o output) Set(active bool) error {
	value := 0
	if active {
		value = 1
	}
	if err := o.line.SetValue(value); err != nil {
		return fmt.Errorf("set %s: %w", o.name, err)
	}
	return nil
}

func (o output) Close() error { return o.line.Close() }

// Input takes the line and pulls it to where it is inactive, so that a wire
// that came off is not a signal; chips that cannot pull leave it as it is.
func (l Line) Input() (Input, error) {
	pull := gpiocdev.LineReqOption(gpiocdev.WithPullDown)
	if l.Low {
		pull = gpiocdev.WithPullUp
	}
	changed := make(chan struct{}, 1)
	heard := gpiocdev.WithEventHandler(func(gpiocdev.LineEvent) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	wanted := []gpiocdev.LineReqOption{gpiocdev.AsInput, gpiocdev.WithBothEdges, heard}
	line, err := gpiocdev.RequestLine(l.Chip, l.Offset, l.options(append(wanted, pull)...)...)
	if err != nil {
		line, err = gpiocdev.RequestLine(l.Chip, l.Offset, l.options(wanted...)...)
	}
	if err != nil {
		return nil, l.fault(err)
	}
	return input{line, l, changed}, nil
}

type input struct {
	line    *gpiocdev.Line
	name    Line
	changed chan struct{}
}

func (i input) Active() (bool, error) {
	value, err := i.line.Value()
	if err != nil {
		return false, fmt.Errorf("read %s: %w", i.name, err)
	}
	return value == 1, nil
}

func (i input) Changed() <-chan struct{} { return i.changed }
func (i input) Close() error             { return i.line.Close() }

// fault says what to do about a line that cannot be had.
func (l Line) fault(err error) error {
	advice := ""
	switch {
	case errors.Is(err, os.ErrNotExist) || errors.Is(err, gpiocdev.ErrNotCharacterDevice):
		advice = "; `gpioinfo` lists the chips of this box"
	case errors.Is(err, os.ErrPermission):
		advice = "; this user may not: add it to the group of /dev/" + l.Chip
	case errors.Is(err, syscall.EBUSY):
		advice = "; something else has it: `gpioinfo` says what"
	case errors.Is(err, gpiocdev.ErrInvalidOffset):
		advice = "; the chip has fewer lines"
	}
	return fmt.Errorf("take the line %s: %w%s", l, err, advice)
}
