package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// spooled is a program that takes texts as files in a folder. Both are set to
// the shortest polling and delays that they accept.
type spooled struct {
	*process
	path   string
	args   []string
	log    string
	outbox string
	file   func(n int) (name, text string)
	nudge  bool // SIGCONT makes it look at once
	ready  func() bool
	n      int
}

func (s *spooled) start(ctx context.Context) (err error) {
	if s.process, err = run(s.log+".out", s.path, s.args...); err != nil {
		return err
	}
	return until(ctx, 60*time.Second, "it did not get ready: "+tail(s.log), s.ready)
}

// order writes each file beside the folder and moves it in, so that none is
// read half written.
func (s *spooled) order(_ context.Context, n int) error {
	for range n {
		s.n++
		name, text := s.file(s.n)
		draft := filepath.Join(filepath.Dir(s.outbox), "draft")
		if err := os.WriteFile(draft, []byte(text), 0o666); err != nil {
			return err
		}
		if err := os.Rename(draft, filepath.Join(s.outbox, name)); err != nil {
			return err
		}
	}
	if s.nudge {
		return s.cmd.Process.Signal(syscall.SIGCONT)
	}
	return nil
}

func (s *spooled) kill() {
	if s.process != nil {
		s.process.kill()
	}
}

// folders makes the folders of a spool.
func folders(dir string, names ...string) error {
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o777); err != nil {
			return err
		}
	}
	return nil
}

// heard says that the modem has had this command since the count was taken.
func (r *rig) heard(command string) func() bool {
	from := len(r.modem.State().Commands)
	return func() bool {
		all := r.modem.State().Commands
		for _, c := range all[min(from, len(all)):] {
			if strings.Contains(c, command) {
				return true
			}
		}
		return false
	}
}

// newSmsd is smsd of smstools 3: it looks for files every second, its
// shortest, or when its main process gets SIGCONT, as its manual advises. It
// sleeps after nothing and waits a second after an error.
func newSmsd(_ *bench, c carrier, r *rig) (sender, error) {
	if err := folders(r.dir, "outgoing", "checked", "incoming", "sent", "failed"); err != nil {
		return nil, err
	}
	s := &spooled{path: c.path, log: filepath.Join(r.dir, "smsd.log"), outbox: filepath.Join(r.dir, "outgoing"), nudge: true}
	config := filepath.Join(r.dir, "smsd.conf")
	s.args = []string{"-t", "-c" + config, "-p" + filepath.Join(r.dir, "smsd.pid"), "-i" + filepath.Join(r.dir, "smsd.info")}
	s.ready = r.heard("CPMS")
	s.file = func(n int) (string, string) {
		return fmt.Sprintf("text%06d", n), fmt.Sprintf("To: %s\n\ntext case%dx of many", person(n)[1:], n)
	}
	return s, os.WriteFile(config, fmt.Appendf(nil, `devices = m
outgoing = %[1]s/outgoing
checked = %[1]s/checked
incoming = %[1]s/incoming
sent = %[1]s/sent
failed = %[1]s/failed
logfile = %[1]s/smsd.log
infofile = %[1]s/smsd.info
pidfile = %[1]s/smsd.pid
delaytime = 1
delaytime_mainprocess = 1
trust_outgoing = yes
errorsleeptime = 1
blocktime = 1
loglevel = 4
stats_interval = 0
[m]
device = %[2]s
incoming = yes
report = no
rtscts = no
baudrate = 115200
sentsleeptime = 0
status_signal_quality = no
check_network = no
device_open_retries = -1
device_open_errorsleeptime = 1
`, r.dir, r.port), 0o600)
}

// newGammu is gammu-smsd with files: it looks every second, its shortest that
// sends, and asks the modem for nothing that it need not know.
func newGammu(_ *bench, c carrier, r *rig) (sender, error) {
	if err := folders(r.dir, "outbox", "inbox", "sent", "error"); err != nil {
		return nil, err
	}
	s := &spooled{path: c.path, log: filepath.Join(r.dir, "gammu.log"), outbox: filepath.Join(r.dir, "outbox")}
	config := filepath.Join(r.dir, "gammurc")
	s.args = []string{"-c", config}
	s.ready = r.heard("CGMR")
	s.file = func(n int) (string, string) {
		return fmt.Sprintf("OUTA20260101_000000_%06d_%s_x.txt", n, person(n)), fmt.Sprintf("text case%dx of many", n)
	}
	return s, os.WriteFile(config, fmt.Appendf(nil, `[gammu]
device = %[2]s
connection = at115200
[smsd]
service = files
logfile = %[1]s/gammu.log
debuglevel = 0
inboxpath = %[1]s/inbox/
outboxpath = %[1]s/outbox/
sentsmspath = %[1]s/sent/
errorsmspath = %[1]s/error/
commtimeout = 1
loopsleep = 1
receivefrequency = 60
statusfrequency = 0
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
resetfrequency = 0
deliveryreport = no
retrytimeout = 1
outboxformat = standard
`, r.dir, r.port), 0o600)
}
