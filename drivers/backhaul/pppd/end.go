package pppd

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"
)

// end is how a call ended, for people.
type end struct {
	Kind, Cause, Advice string
	Exit                int
	err                 error
}

func (e *end) Error() string {
	if e.err == nil {
		return e.Cause
	}
	return e.Cause + ": " + e.err.Error()
}

func (e *end) Unwrap() error { return e.err }

// errAsked is the cause of a context whose caller hung up.
var errAsked = errors.New("the caller hung up")

func (e *end) event() Event {
	return Event{Event: "down", Kind: e.Kind, Cause: e.Error(), Advice: e.Advice, Exit: e.Exit}
}

// endOf makes an end of any error.
func endOf(err error) *end {
	var e *end
	switch {
	case err == nil, errors.Is(err, errAsked):
		return &end{Kind: Asked, Cause: "hung up"}
	case errors.As(err, &e):
		return e
	case isSilence(err):
		return &end{Kind: Silent, Cause: "the modem stopped answering on its data port"}
	}
	return &end{Kind: Broken, Cause: "the call ended", err: err}
}

// statuses are what pppd's exit means: pppd(8), EXIT STATUS. Those for
// options that are never given are left out.
var statuses = map[int]end{
	0:  {Kind: Lost, Cause: "the other side ended the connection"},
	1:  {Kind: Broken, Cause: "pppd failed", Advice: "journalctl -u 'heliograph-ppp@*' has its words"},
	2:  {Kind: Broken, Cause: "pppd refused its options", Advice: "Debian's ppp 2.4.9 or newer is needed; look at /etc/ppp/options too"},
	3:  {Kind: Broken, Cause: "pppd may not do its work", Advice: "the unit heliograph-ppp@ has to run as root"},
	4:  {Kind: Broken, Cause: "the kernel has no PPP", Advice: "modprobe ppp_async, or a kernel with CONFIG_PPP and CONFIG_PPP_ASYNC"},
	5:  {Kind: Lost, Cause: "pppd was stopped by somebody else"},
	6:  {Kind: Broken, Cause: "the modem's data port is locked by another program", Advice: "stop it, or give the port to nobody else"},
	7:  {Kind: Gone, Cause: "pppd could not open the modem's data port"},
	10: {Kind: Refused, Cause: "the network gave no connection"},
	11: {Kind: Refused, Cause: "the network did not prove who it is"},
	15: {Kind: Lost, Cause: "the other side stopped answering"},
	16: {Kind: Lost, Cause: "the modem hung up"},
	17: {Kind: Refused, Cause: "the modem repeats what it is sent: it is not in data mode"},
	19: {Kind: Denied, Cause: "the carrier refused user and password", Advice: "check user: and password: of the backhaul"},
}

// exited makes an end of pppd's own. Up is whether it had been, last the line
// of it that says most.
func exited(err error, up bool, last string) *end {
	var left *exec.ExitError
	if err != nil && !errors.As(err, &left) {
		return &end{Kind: Broken, Cause: "pppd cannot be run", Advice: "apt install ppp", err: err}
	}
	code := 0
	if left != nil {
		if s, ok := left.Sys().(syscall.WaitStatus); ok && s.Signaled() {
			return &end{Kind: Broken, Cause: fmt.Sprintf("pppd was ended by signal %d", s.Signal())}
		}
		code = left.ExitCode()
	}
	e, known := statuses[code]
	if !known {
		e = end{Kind: Broken, Cause: fmt.Sprintf("pppd ended with exit status %d", code)}
	}
	if e.Exit = code; up && e.Kind == Refused {
		e.Kind = Lost
	}
	if !up && e.Kind == Lost {
		e.Kind = Refused
	}
	if last != "" {
		e.err = errors.New(last)
	}
	return &e
}
