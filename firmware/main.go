package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	_ "time/tzdata" // the image has no time zone files
)

// version is set by the Makefile from git.
var version = "unreleased"

// cli is the command line. Kong prints help from the tags.
type cli struct {
	Run      runCmd      `cmd:"" help:"Run the appliance."`
	Check    checkCmd    `cmd:"" help:"Check a configuration and print the plan it implies."`
	Rehearse rehearseCmd `cmd:"" help:"Live through a night on this machine: emulated modem and phones, a cut, a crash, the all-clear."`
	Emulate  emulateCmd  `cmd:"" help:"Be a modem with a mobile network and phones behind it, on a terminal device."`
	Modem    modemCmd    `cmd:"" help:"Say what the modem on a port can do, for the first minute with new hardware."`

	Status    statusCmd    `cmd:"" help:"Show uplinks, modems, open incidents and the queue."`
	Incidents incidentsCmd `cmd:"" help:"List incidents, the newest first."`
	Queue     queueCmd     `cmd:"" help:"List deliveries in the outbox."`
	Log       logCmd       `cmd:"" help:"Show the box's own log book."`
	Export    exportCmd    `cmd:"" help:"Show all that is known of an incident: who was told what, when, with what proof."`
	Ack       ackCmd       `cmd:"" help:"Acknowledge an incident, or all that wait."`
	Open      openCmd      `cmd:"" help:"Open an incident by hand and tell the people on call."`
	Say       sayCmd       `cmd:"" help:"Tell those who were told of an incident some news."`
	Clear     clearCmd     `cmd:"" help:"End an incident: the all-clear goes to those who were told."`
	Cancel    cancelCmd    `cmd:"" help:"Take an incident back as a false alarm; those who were told hear it."`
	Text      textCmd      `cmd:"" help:"Give an order in the words that operators text, such as: heliograph text ack 7"`
	Selftest  selftestCmd  `cmd:"" help:"Send the self-test text now."`
	Backup    backupCmd    `cmd:"" help:"Copy the store of the running appliance to a file."`
	Restore   restoreCmd   `cmd:"" help:"Put a backup in the place of the store of a stopped appliance."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// refused ends a command with status 1 after its words are printed.
var refused = errors.New("refused")

func main() {
	// A box with 512 MB shares them: collect early rather than grow.
	debug.SetMemoryLimit(64 << 20)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := obey(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// obey carries out a command line and returns its exit status: 1 if it failed
// or was refused. Help, and a line that cannot be read, end the program there.
func obey(ctx context.Context, args []string, out, errs io.Writer, options ...kong.Option) int {
	parser := kong.Must(&cli{}, append([]kong.Option{
		kong.Name("heliograph"),
		kong.Description("Out-of-band alerting for networks: it texts the people on call when the wires are cut."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(out, errs), kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(out, (*io.Writer)(nil)),
	}, options...)...)
	k, err := parser.Parse(args)
	parser.FatalIfErrorf(err)
	err = k.Run()
	switch {
	case err == nil:
		return 0
	case !errors.Is(err, refused):
		fmt.Fprintln(errs, "heliograph:", err)
	}
	return 1
}

// configFlag names the configuration file.
type configFlag struct {
	Config string `short:"c" default:"/etc/heliograph/heliograph.yaml" placeholder:"FILE" help:"The configuration file (${default})."`
}

type runCmd struct {
	configFlag
	Debug bool    `help:"Log every line of the dialogue with the modem, PIN hidden."`
	Scale float64 `hidden:"" default:"1" help:"Divide every configured duration, for rehearsals."`
}

func (r *runCmd) Run(ctx context.Context) error {
	level := slog.LevelInfo
	if r.Debug {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	// What only the start needed goes back to the box, which shares its memory.
	defer time.AfterFunc(5*time.Second, debug.FreeOSMemory).Stop()
	return run(ctx, r.Config, r.Scale, reload, log)
}

type versionCmd struct{}

func (versionCmd) Run(out io.Writer) error {
	_, err := fmt.Fprintln(out, "heliograph", version)
	return err
}
