package qemu

import (
	"os/exec"
	"syscall"
	"testing"
)

// TestAStuckEngineIsReset lets the disk under a box stand still, as a dying
// one does: the engine hangs in a commit, nothing feeds the watchdog, and it
// resets the box. When the disk goes on, so does the box, and knows why it
// was away.
func TestAStuckEngineIsReset(t *testing.T) {
	needsBoard(t, "nbdkit")
	m := newMachine(t, map[string]string{
		"heliograph.yaml": configuration + "board: {watchdog: /dev/watchdog}\n", "network": network, "sim.pin": "1234\n",
	})
	m.direct = true
	m.parts = []string{"-device", "i6300esb", "-action", "watchdog=reset"}
	socket := m.path("nbd")
	m.cache = func() *exec.Cmd { return served(t, m.path("disk.img"), socket, "file", m.path("disk.img")) }
	m.drive = []string{"-drive", "if=none,id=disk,format=raw,file=nbd+unix:///?socket=" + socket}
	ada := m.sms.Phone(adaNumber)
	m.on()
	await(m, "watching: the first probe is answered", m.host.first)
	if err := ada.Send(boxNumber, "status"); err != nil {
		t.Fatal(err)
	}
	m.text(ada, `Nothing open`)
	m.wait("the watchdog is armed", func() bool { return m.says("the watchdog is armed") })

	m.signalDisk(syscall.SIGSTOP)
	if err := ada.Send(boxNumber, "status"); err != nil { // to take it in, the engine must commit
		t.Fatal(err)
	}
	m.wait("the watchdog resets the box", func() bool { return m.qmp.heard("WATCHDOG") == 1 })
	m.console.begin()
	m.signalDisk(syscall.SIGCONT)
	m.wait("the box starts anew", func() bool { return m.says("the appliance is started") })
	m.text(ada, `[Rr]estarted.*watchdog`) // the answer to the text of before
	m.off()
}

func (m *machine) signalDisk(s syscall.Signal) {
	m.t.Helper()
	if err := m.cached.Process.Signal(s); err != nil {
		m.t.Fatal(err)
	}
	m.t.Logf("%6.1f s  the disk: %v", m.since(), s)
}
