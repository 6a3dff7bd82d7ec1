package isp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// parent names, in the environment, the process that called Enter. Only its
// own child is inside, and not that one's children.
const parent = "HELIOGRAPH_INSIDE_OF"

// complaint is the file on which the inner process writes why it was refused.
const complaint = 3

// patience is how long the inner process may take to end when it is told to.
const patience = 10 * time.Second

// Inside says whether this process is the one that Enter started.
func Inside() bool { return os.Getenv(parent) == strconv.Itoa(os.Getppid()) }

// Enter runs this program again with args, in user, network and mount
// namespaces of its own and with this one's input, output and errors, and
// returns its exit code (128 and the signal's number if one killed it).
// SIGINT, SIGTERM and SIGHUP are passed on; a key on the terminal reaches the
// inner process by itself too, so it must bear to be told twice. If ctx ends,
// it is told SIGTERM. The error is ErrRefused if the system refuses the
// namespaces, or refuses Lay in the inner process; nothing is left of that
// and the caller may go on without.
func Enter(ctx context.Context, args ...string) (code int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("entering namespaces: %w", err)
	}
	fd, err := unix.MemfdCreate("heliograph", unix.MFD_CLOEXEC)
	if err != nil {
		return 0, fmt.Errorf("entering namespaces: %w", os.NewSyscallError("memfd_create", err))
	}
	words := os.NewFile(uintptr(fd), "complaint")
	defer words.Close()
	inner := command(ctx, self, args, words)
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := live(inner, signals); err != nil {
		return 0, err
	}
	return verdict(inner.ProcessState, words)
}

func command(ctx context.Context, self string, args []string, words *os.File) *exec.Cmd {
	c := exec.CommandContext(ctx, self, args...)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = patience
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.ExtraFiles = []*os.File{words}
	c.Env = append(os.Environ(), parent+"="+strconv.Itoa(os.Getpid()))
	// Where a security module grants a user namespace but no power in it, the
	// child's unshare fails before it runs, and with it Start. Go makes the
	// mounts of the new namespace private.
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:   syscall.CLONE_NEWUSER,
		Unshareflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		UidMappings:  []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
		GidMappings:  []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}},
		Pdeathsig:    syscall.SIGKILL,
	}
	return c
}

// live starts the inner process and waits for it, on the thread with which it
// would die.
func live(inner *exec.Cmd, signals <-chan os.Signal) error {
	started, ended := make(chan error, 1), make(chan struct{})
	go apart(func() {
		defer close(ended)
		err := inner.Start()
		started <- err
		if err == nil {
			_ = inner.Wait() // how it ended is in ProcessState
		}
	})
	if err := <-started; err != nil {
		<-ended
		return starting(inner.Path, err)
	}
	for {
		select {
		case s := <-signals:
			_ = inner.Process.Signal(s)
		case <-ended:
			return nil
		}
	}
}

// verdict reads how the inner process ended.
func verdict(s *os.ProcessState, words *os.File) (int, error) {
	said := make([]byte, 1024)
	n, _ := words.ReadAt(said, 0)
	code := s.ExitCode()
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		code = 128 + int(w.Signal())
	}
	if n > 0 {
		return code, fmt.Errorf("%w: %s", ErrRefused, said[:n])
	}
	return code, nil
}

// complain tells the outer process why Lay was refused.
func complain(why error) error {
	if Inside() {
		_, _ = unix.Pwrite(complaint, []byte(why.Error()), 0)
	}
	return fmt.Errorf("%w: %w", ErrRefused, why)
}

// starting tells a refused namespace from a program that cannot be run.
func starting(self string, err error) error {
	var code syscall.Errno
	if !errors.As(err, &code) || unix.Access(self, unix.X_OK) != nil {
		return fmt.Errorf("entering namespaces: %w", err)
	}
	switch code {
	case syscall.EPERM, syscall.EACCES, syscall.ENOSPC, syscall.EUSERS, syscall.EINVAL, syscall.ENOSYS:
		return fmt.Errorf("%w: %s (%w)", ErrRefused, advice(code, setting), code)
	}
	return fmt.Errorf("entering namespaces: %w", err)
}

// setting reads a kernel setting such as "user/max_user_namespaces"; it is
// empty where there is none.
func setting(name string) string {
	value, err := os.ReadFile("/proc/sys/" + name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(value))
}

// advice is why a system may have refused namespaces and what to do.
func advice(code syscall.Errno, setting func(string) string) string {
	for _, known := range []struct{ name, bad, who string }{
		{"user/max_user_namespaces", "0", "this system allows no user namespaces"},
		{"user/max_net_namespaces", "0", "this system allows no network namespaces"},
		{"user/max_mnt_namespaces", "0", "this system allows no mount namespaces"},
		{"kernel/unprivileged_userns_clone", "0", "this system keeps user namespaces for root"},
		{"kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor gives user namespaces no power here"},
	} {
		if setting(known.name) == known.bad {
			good := map[string]string{"0": "1", "1": "0"}[known.bad]
			if strings.HasPrefix(known.name, "user/") {
				good = "1000"
			}
			return fmt.Sprintf("%s; as root: sysctl %s=%s", known.who, strings.ReplaceAll(known.name, "/", "."), good)
		}
	}
	return cmp.Or(map[syscall.Errno]string{
		syscall.ENOSPC: "all namespaces that this system allows are in use; raise user.max_user_namespaces and user.max_net_namespaces",
		syscall.EUSERS: "namespaces are nested too deep; start it outside of a container",
		syscall.EINVAL: "this kernel has no user namespaces; use one with CONFIG_USER_NS and CONFIG_NET_NS",
		syscall.ENOSYS: "this kernel has no namespaces; use one with CONFIG_USER_NS and CONFIG_NET_NS",
	}[code], "a container or a security module forbids it; start it outside of the container")
}
