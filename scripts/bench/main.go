// Command bench measures the built appliance on this machine and prints a
// table: each figure with its unit, what was promised, and how to measure it
// alone. `make bench` runs it; `make bench BENCH="--only idle --json"` passes
// flags on.
//
// It needs /dev/ptmx, and a binary in build/. Where smstools (smsd) and
// gammu-smsd are installed they run on the same emulated modem in the same run;
// what is missing is named. Everything stays on loopback and in a folder that
// is removed afterwards. Figures are of a machine that may be busy: compare
// those of one run with each other.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	binary, dir, only string
	json, install     bool
	idle              time.Duration
	texts, kills      int
}

// figure is one line of the table.
type figure struct {
	Part   string  `json:"part"`
	What   string  `json:"what"`
	By     string  `json:"by"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Budget string  `json:"budget,omitempty"` // what design or README promises
	Met    *bool   `json:"met,omitempty"`
	Note   string  `json:"note,omitempty"`
}

// part measures something that can be asked for alone.
type part struct {
	name, about string
	run         func(context.Context, *bench) error
}

// parts in the order in which they run: short ones first.
var parts = []part{
	{"size", "what has to be downloaded over a modem", sizes},
	{"start", "from exec to the first probe, and to a modem that can send", starts},
	{"event", "from an event to the first byte of AT+CMGS, idle", events},
	{"texts", "many texts: the time added to the modem's own", texts},
	{"inbound", "from a text to the box to its answer", inbound},
	{"port", "the port is gone for 3 s while texts are sent", ports},
	{"kills", "repeats and losses when killed with -9 while sending", kills},
	{"mass", "100,000 deliveries", mass},
	{"crowd", "subscribers, 4,812 and 100,000 of them", crowds},
	{"idle", "three uplinks, nine probes every 2 s, nothing happens", idle},
}

// bench is one run.
type bench struct {
	options
	carriers []carrier // ours, and those that are installed beside it
	figures  []figure
	missing  []string
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "build/heliograph-linux-"+runtime.GOARCH, "the appliance to measure")
	flag.StringVar(&o.dir, "dir", "", "a folder on the disk to measure on; the system's temporary folder if empty")
	flag.StringVar(&o.only, "only", "", "parts to measure, separated by commas: "+strings.Join(names(), ", "))
	flag.BoolVar(&o.json, "json", false, "print JSON")
	flag.BoolVar(&o.install, "install", false, "install smstools and gammu-smsd with apt-get first (Debian, as root)")
	flag.DurationVar(&o.idle, "idle", 60*time.Second, "how long to watch the idle appliance")
	flag.IntVar(&o.texts, "texts", 1000, "how many texts to send at a modem of 0 and 5 ms")
	flag.IntVar(&o.kills, "kills", 10, "how often each program is killed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func names() []string {
	var all []string
	for _, p := range parts {
		all = append(all, p.name)
	}
	return all
}

func measure(ctx context.Context, o options, out io.Writer) error {
	dir, err := os.MkdirTemp(o.dir, "heliograph-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o.dir = dir
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return err
	}
	if _, err := os.Stat(o.binary); err != nil {
		return fmt.Errorf("%w: run `make build` first, or name one with --binary", err)
	}
	b := &bench{options: o}
	if o.install {
		if err := install(ctx); err != nil {
			return err
		}
	}
	b.look()
	m := machineOf(dir)
	if !o.json {
		fmt.Fprintf(out, "Measured on %s.\n", m)
		for _, line := range b.missing {
			fmt.Fprintln(out, line)
		}
	}
	if err := b.all(ctx, out); err != nil {
		return err
	}
	if o.json {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(map[string]any{"machine": m, "figures": b.figures, "skipped": b.missing})
	}
	return nil
}

func (b *bench) all(ctx context.Context, out io.Writer) error {
	for name := range strings.SplitSeq(b.only, ",") {
		if name != "" && !slices.Contains(names(), name) {
			return fmt.Errorf("there is no part %q; the parts are %s", name, strings.Join(names(), ", "))
		}
	}
	for _, p := range parts {
		if b.only != "" && !slices.Contains(strings.Split(b.only, ","), p.name) {
			continue
		}
		from := len(b.figures)
		err := p.run(ctx, b)
		if !b.json {
			fmt.Fprintf(out, "\n%s: %s   (make bench BENCH='--only %s')\n", p.name, p.about, p.name)
			for i := range b.figures[from:] {
				b.figures[from+i].Part = p.name
				fmt.Fprintln(out, b.figures[from+i].line())
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// line is the figure for people.
func (f figure) line() string {
	mark := ""
	if f.Met != nil && *f.Met {
		mark = "  ok"
	} else if f.Met != nil {
		mark = "  MISSED"
	}
	if f.Budget != "" {
		mark = "  (" + f.Budget + ")" + mark
	}
	if f.Note != "" {
		mark += "  " + f.Note
	}
	return fmt.Sprintf("  %-58s %-11s %9s %-8s%s", f.What, f.By, number(f.Value), f.Unit, mark)
}

func number(v float64) string {
	switch {
	case v >= 100 || v == float64(int(v)):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

const us = "heliograph"

// put adds a figure of ours with a limit that it should stay under.
func (b *bench) put(what string, value float64, unit, budget string, limit float64) {
	f := figure{What: what, By: us, Value: value, Unit: unit, Budget: budget}
	if budget != "" {
		met := value <= limit
		f.Met = &met
	}
	b.figures = append(b.figures, f)
}

// note explains the figure put last.
func (b *bench) note(format string, args ...any) {
	b.figures[len(b.figures)-1].Note = fmt.Sprintf(format, args...)
}

// beside adds a figure of a program that was measured beside ours, with how
// many times ours it is.
func (b *bench) beside(by, what string, value float64, unit string, ours float64) {
	f := figure{What: what, By: by, Value: value, Unit: unit}
	if by == us {
		f.Note = ""
	} else if ours > 0 {
		f.Note = fmt.Sprintf("%s x ours", number(value/ours))
	}
	b.figures = append(b.figures, f)
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(all))
	return s[len(s)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// machine names where the figures were taken.
type machine struct {
	CPU    string  `json:"cpu"`
	Cores  int     `json:"cores"`
	Kernel string  `json:"kernel"`
	Go     string  `json:"go"`
	Disk   string  `json:"file_system"`
	Sync   float64 `json:"fdatasync_ms"` // of 4 KiB, median
	Load   string  `json:"load"`
	Date   string  `json:"date"`
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %d cores, Linux %s, %s, %s with %s ms per fdatasync of 4 KiB, load %s, %s",
		m.CPU, m.Cores, m.Kernel, m.Go, m.Disk, number(m.Sync), m.Load, m.Date)
}

func machineOf(dir string) machine {
	m := machine{CPU: runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version(), Date: time.Now().UTC().Format("2006-01-02")}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				m.CPU = strings.TrimSpace(value)
				break
			}
		}
	}
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(b))
	}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load, _, _ = strings.Cut(string(b), " ")
	}
	m.Disk, m.Sync = fileSystem(dir), ms(syncTime(dir))
	return m
}

// fileSystem names the file system of a folder by its magic number (statfs(2)).
func fileSystem(dir string) string {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return "an unknown file system"
	}
	known := map[int64]string{0xEF53: "ext4", 0x58465342: "xfs", 0x9123683E: "btrfs", 0x01021994: "tmpfs (no disk: choose one with --dir)", 0x794c7630: "overlayfs", 0xF2F52010: "f2fs"}
	if name := known[int64(s.Type)]; name != "" {
		return name
	}
	return fmt.Sprintf("file system %#x", s.Type)
}

// syncTime is how long it takes to write 4 KiB in the middle of a file and
// have it on the disk, the median of thirty.
func syncTime(dir string) time.Duration {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 4096)
	for range 64 {
		if _, err := f.Write(page); err != nil {
			return 0
		}
	}
	if f.Sync() != nil {
		return 0
	}
	var all []float64
	for i := range 30 {
		page[0] = byte(i)
		began := time.Now()
		if _, err := f.WriteAt(page, int64(i)*4096); err != nil || syscall.Fdatasync(int(f.Fd())) != nil {
			return 0
		}
		all = append(all, float64(time.Since(began)))
	}
	return time.Duration(median(all))
}

// install gets the programs to compare with.
func install(ctx context.Context) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("--install needs root: sudo apt-get install smstools gammu-smsd")
	}
	c := exec.CommandContext(ctx, "apt-get", "install", "-y", "-q", "smstools", "gammu-smsd")
	c.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return c.Run()
}

// look finds what there is to measure.
func (b *bench) look() {
	b.carriers = []carrier{{name: us, make: newAppliance}}
	for _, other := range []struct{ name, program, pack string }{{"smsd", "smsd", "smstools"}, {"gammu-smsd", "gammu-smsd", "gammu-smsd"}} {
		path, err := exec.LookPath(other.program)
		if err != nil {
			if _, err = os.Stat("/usr/sbin/" + other.program); err == nil {
				path = "/usr/sbin/" + other.program
			}
		}
		if err != nil {
			b.missing = append(b.missing, fmt.Sprintf("Skipped beside it: %s, which needs Debian's package %s (as root: make bench BENCH=--install).", other.name, other.pack))
			continue
		}
		make := newSmsd
		if other.name == "gammu-smsd" {
			make = newGammu
		}
		b.carriers = append(b.carriers, carrier{name: other.name, path: path, make: make})
	}
}
