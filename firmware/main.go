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
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"heliograph/drivers/modem/emulator"

	_ "time/tzdata" // the image has no time zone files
)

// version is set by the Makefile from git.
var version = "unreleased"

// about is what Heliograph is, for --help, the man page and the README alike.
const about = "Out-of-band alerting for networks: one static binary on a small box with an LTE modem in your rack. " +
	"It watches whether the outside can be reached, and when the network fails it texts the people on call through its own modem, " +
	"remembers everything until it is delivered, obeys a one-word answer, and sends the all-clear to exactly those who were told. " +
	"It belongs to you: no cloud, no third party."

// cli is the command line. Help, the man page and completion are made from it.
type cli struct {
	Rehearse rehearseCmd `cmd:"" group:"try" help:"Live through a night on this machine: emulated modem and phones, a cut, a crash, the all-clear."`
	Emulate  emulateCmd  `cmd:"" group:"try" help:"Be a modem with a mobile network and phones behind it, on a terminal device."`

	Modem modemCmd `cmd:"" group:"set" help:"Say what the modem on a port can do, for the first minute with new hardware."`
	Check checkCmd `cmd:"" group:"set" help:"Check a configuration and print the plan it implies."`
	Run   runCmd   `cmd:"" group:"set" help:"Run the appliance."`

	Preview previewCmd `cmd:"" group:"set" help:"Show what would be said to whom, with what it takes and costs."`

	PPP pppCmd `cmd:"" name:"ppp" group:"set" help:"Dial for a backhaul, as root; systemd starts it when it is needed."`

	Status    statusCmd    `cmd:"" group:"ask" help:"Show uplinks, modems, open incidents and the queue."`
	Incidents incidentsCmd `cmd:"" group:"ask" help:"List incidents, the newest first."`
	Queue     queueCmd     `cmd:"" group:"ask" help:"List deliveries in the outbox."`
	Log       logCmd       `cmd:"" group:"ask" help:"Show the box's own log book."`
	Audit     auditCmd     `cmd:"" group:"ask" help:"List who ordered what, with which proof, and verify that nothing was edited, dropped or swapped."`
	Export    exportCmd    `cmd:"" group:"ask" help:"Show all that is known of an incident: who was told what, when, with what proof."`

	Ack      ackCmd      `cmd:"" group:"order" help:"Acknowledge an incident, or all that wait."`
	Open     openCmd     `cmd:"" group:"order" help:"Open an incident by hand and tell the people on call."`
	Say      sayCmd      `cmd:"" group:"order" help:"Tell those who were told of an incident some news."`
	Clear    clearCmd    `cmd:"" group:"order" help:"End an incident: the all-clear goes to those who were told."`
	Cancel   cancelCmd   `cmd:"" group:"order" help:"Take an incident back as a false alarm; those who were told hear it."`
	ETR      etrCmd      `cmd:"" name:"etr" group:"order" help:"Tell those who were told when an incident is expected to end."`
	Approve  approveCmd  `cmd:"" group:"order" help:"Say yes to a notice to many, or to a reboot, that waits for it."`
	Deny     denyCmd     `cmd:"" group:"order" help:"Say no to it: nothing of it is sent."`
	Hold     holdCmd     `cmd:"" group:"order" help:"Let nothing go to people outside; the house hears everything."`
	Go       goCmd       `cmd:"" group:"order" help:"Let out what was held, and ask anew what was denied."`
	Mute     muteCmd     `cmd:"" group:"order" help:"Watch and record, and send to nobody for a while."`
	Unmute   unmuteCmd   `cmd:"" group:"order" help:"End it; what is still true goes out."`
	Maint    maintCmd    `cmd:"" group:"order" help:"Begin or end a time of maintenance, in which failures wake nobody."`
	Resend   resendCmd   `cmd:"" group:"order" help:"Send a delivery that failed once more."`
	Who      whoCmd      `cmd:"" group:"ask" help:"Say who is called, and in which order."`
	Text     textCmd     `cmd:"" group:"order" help:"Give an order in the words that operators text."`
	Drill    drillCmd    `cmd:"" group:"order" help:"Rehearse an incident with the drill list only, or end the rehearsal."`
	Selftest selftestCmd `cmd:"" group:"order" help:"Send the self-test text now."`

	Directory directoryCmd `cmd:"" group:"keep" help:"Import the list of subscribers, show it, or find somebody in it."`

	Update  updateCmd  `cmd:"" group:"keep" help:"Put another version on a box that was started from an image."`
	Backup  backupCmd  `cmd:"" group:"keep" help:"Copy the store of the running appliance to a file."`
	Restore restoreCmd `cmd:"" group:"keep" help:"Put a backup in the place of the store of a stopped appliance."`

	Card       cardCmd       `cmd:"" group:"about" help:"Print the card for the rack: what to text to the box, who may, and with which proof; HTML for one sheet of A4."`
	Man        manCmd        `cmd:"" group:"about" help:"Print a man page: of the commands, or of the configuration file."`
	Completion completionCmd `cmd:"" group:"about" help:"Print a script that completes commands and flags in a shell."`
	Version    versionCmd    `cmd:"" group:"about" help:"Print the version."`
}

// groups are the headings of --help and of the man page, in the order in which
// a person comes to need them.
var groups = []kong.Group{
	{Key: "try", Title: "Try it on this machine:"},
	{Key: "set", Title: "Set up a box:"},
	{Key: "ask", Title: "Ask the running appliance:"},
	{Key: "order", Title: "Give it an order:"},
	{Key: "keep", Title: "Keep its memory:"},
	{Key: "about", Title: "About this program:"},
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

// obey carries out a command line and returns its exit status, as statuses
// tells. Help ends the program there.
func obey(ctx context.Context, args []string, out, errs io.Writer, options ...kong.Option) int {
	parser := parserFor(append([]kong.Option{
		kong.Writers(out, errs), kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(out, (*io.Writer)(nil)), kong.Bind(besides{errs}),
	}, options...)...)
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(errs, unread(args, err))
		return 2
	}
	err = k.Run()
	switch {
	case err == nil:
		return 0
	case !errors.Is(err, refused):
		fmt.Fprintln(errs, "heliograph:", err)
	}
	return 1
}

// besides is where a command says what does not belong to its output.
type besides struct{ io.Writer }

// statuses are what obey returns, for the man page.
var statuses = []struct {
	code  string
	means string
}{
	{"0", "It is done. For `rehearse`: every promise it saw held."},
	{"1", "It failed, or the appliance refused the order; the reason is printed."},
	{"2", "The command line cannot be read; what is wrong with it is printed."},
}

// parserFor reads the command line into a cli of its own.
func parserFor(options ...kong.Option) *kong.Kong {
	return kong.Must(&cli{}, append([]kong.Option{
		kong.Name("heliograph"), kong.Description(about), kong.ExplicitGroups(groups),
		kong.Vars{"personas": strings.Join(emulator.Personas(), ", ")},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 80}),
		kong.PostBuild(func(k *kong.Kong) error {
			k.Model.HelpFlag.Help = "Print this help."
			return nil
		}),
	}, options...)...)
}

// unread says what is wrong with a command line, and what to do next.
func unread(args []string, err error) string {
	if len(args) == 0 {
		return "heliograph: say what to do: `heliograph rehearse` shows a night on this machine,\n" +
			"`heliograph status` asks the running box, `heliograph --help` lists the rest."
	}
	what, next := err.Error(), "`heliograph --help` lists all commands."
	var fault *kong.ParseError
	if errors.As(err, &fault) && fault.Context != nil && fault.Context.Selected() != nil {
		next = "`" + fault.Context.Selected().FullPath() + " --help` says what it takes."
	} else {
		what = strings.Replace(what, "unexpected argument ", "there is no command ", 1)
		if args[0] == "help" {
			what, _, _ = strings.Cut(what, ",") // the nearest name would be hold
		}
	}
	return "heliograph: " + what + "\n" + next
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

func (runCmd) Help() string {
	return "heliograph.service of the Debian package starts it like this. SIGHUP makes it take the configuration anew, whole or not at all; " +
		"SIGTERM lets a text that is on its way finish first. It logs to standard error."
}

type versionCmd struct{}

func (versionCmd) Run(out io.Writer) error {
	_, err := fmt.Fprintln(out, "heliograph", version)
	return err
}
