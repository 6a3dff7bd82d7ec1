package modem

import (
	"context"

	"heliograph/drivers/delivery"
)

// Modem is one modem. Its methods may be called from any goroutine.
type Modem struct {
	opts Options
}

// New checks the options. Nothing is opened before Run.
func New(o Options) (*Modem, error) { return &Modem{opts: o}, nil }

// Run opens the port, brings the modem up, watches it, and opens it again
// after it was lost, until ctx ends.
func (m *Modem) Run(ctx context.Context) error { return errClosed }

// Send carries one text to one number. The error, if any, is a *delivery.Error.
func (m *Modem) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	return delivery.Receipt{}, &delivery.Error{Fate: delivery.Retry, Worker: true, Err: errClosed}
}

// Describe asks the running modem what it can do and says.
func (m *Modem) Describe(ctx context.Context) (Description, error) { return Description{}, errClosed }

// Health is how the modem is now.
func (m *Modem) Health() Health { return Health{} }

// Probe does what Describe does with a modem that nobody runs. It opens the
// port, changes nothing that would outlast it, and closes the port.
func Probe(ctx context.Context, o Options) (Description, error) { return Description{}, errClosed }

// Parts is how many texts the network will count for this one.
func Parts(text string) int { return 1 }
