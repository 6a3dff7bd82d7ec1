package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"heliograph/firmware/blackbox"
	"heliograph/firmware/control"
	"heliograph/firmware/incident"
	"heliograph/storage"
)

// client is what every command has that speaks to the running appliance.
type client struct {
	Socket string `default:"/run/heliograph/control.sock" placeholder:"PATH" env:"HELIOGRAPH_SOCKET" help:"The appliance's control socket (${default})."`
	JSON   bool   `name:"json" help:"Print JSON for machines."`
}

// get fetches into v; with --json it prints what came and says that it did.
func (c *client) get(ctx context.Context, out io.Writer, path string, v any) (printed bool, err error) {
	raw, err := control.Dial(c.Socket).Get(ctx, path, v)
	if err == nil && c.JSON {
		_, err = out.Write(raw)
		return true, err
	}
	return false, err
}

// order gives an order and prints its answer.
func (c *client) order(ctx context.Context, out io.Writer, words ...string) error {
	a, err := control.Dial(c.Socket).Order(ctx, strings.Join(words, " "))
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(out).Encode(a)
	} else {
		_, err = fmt.Fprintln(out, a.Text)
	}
	if err == nil && !a.OK {
		return refused
	}
	return err
}

type statusCmd struct{ client }

// restartText says why the box was not running before.
var restartText = map[string]string{
	"power": ", after a power cut", "watchdog": ", after its watchdog", "crash": ", after a crash", "update": ", after an update", "order": ", stopped by order before",
}

func (c *statusCmd) Run(ctx context.Context, out io.Writer) error {
	var s control.Status
	if printed, err := c.get(ctx, out, "/v1/status", &s); printed || err != nil {
		return err
	}
	clock := "trusted"
	if !s.Trusted {
		clock = "not to be believed"
	}
	ink := inkFor(out)
	fmt.Fprintf(out, "%s  %s  clock %s, %s  running since %s%s\n\n", ink.bold(s.Site), s.Version, clockText(s.Now), clock, clockText(s.Started), restartText[s.Restart])
	table(out, "UPLINK\tSTATE\tPLACE\tSINCE\tLOSS\tLATENCY\tEVIDENCE", func(row func(...any)) {
		for _, u := range s.Subjects {
			state := u.Condition
			if u.Unstable {
				state += ", unstable"
			}
			row(u.Name, ink.colour(state, u.Condition), u.Place, clockText(u.Since), fmt.Sprintf("%.0f%%", u.Loss*100), latency(u.LatencyMS), u.Evidence)
		}
	})
	carriers(out, ink, s)
	table(out, "INCIDENT\tPHASE\tWHAT\tOPENED\tWHO HAS IT", func(row func(...any)) {
		for _, i := range s.Incidents {
			who := i.AckedBy
			if who == "" {
				who = "nobody yet"
			}
			row("#"+strconv.Itoa(i.Number), i.Phase, strings.TrimSpace(i.Kind+" "+strings.Join(i.Scope, ", ")+" "+i.Title), clockText(i.Opened), who)
		}
	})
	var queue []string
	for _, status := range []string{"pending", "sending", "unsure", "sent", "delivered", "failed", "superseded"} {
		queue = append(queue, fmt.Sprintf("%d %s", s.Queue[status], status))
	}
	fmt.Fprintln(out, "Deliveries:", strings.Join(queue, ", "))
	for _, w := range s.Warnings {
		fmt.Fprintln(out, "Note:", plain(w))
	}
	return nil
}

// carriers are the tables of modems, accounts and backhauls.
func carriers(out io.Writer, paint ink, s control.Status) {
	accounts := slices.DeleteFunc(slices.Clone(s.Workers), func(w control.Worker) bool { return w.Channel == "sms" || w.Channel == "ring" })
	modems := slices.DeleteFunc(slices.Clone(s.Workers), func(w control.Worker) bool { return w.Channel != "sms" })
	table(out, "MODEM\tSTATE\tNETWORK\tSIGNAL\tWHAT TO DO", func(row func(...any)) {
		for _, w := range modems {
			condition := "up"
			if !w.Fit {
				condition = "down"
			}
			row(w.Name, paint.colour(w.State, condition), strings.TrimSpace(w.Operator+" "+w.Network), w.Signal, joined("; ", w.Why, w.Advice))
		}
	})
	if len(accounts) > 0 {
		table(out, "CHANNEL\tSTATE\tWHAT TO DO", func(row func(...any)) {
			for _, w := range accounts {
				condition := map[bool]string{true: "up", false: "down"}[w.Fit]
				row(w.Name, paint.colour(w.State, condition), joined("; ", w.Why, w.Advice))
			}
		})
	}
	if len(s.Backhauls) > 0 {
		table(out, "BACKHAUL\tSTATE\tANSWERS IN\tUSED\tLAST TEST, WHAT TO DO", func(row func(...any)) {
			for _, b := range s.Backhauls {
				condition := map[bool]string{true: "up"}[b.Up]
				row(b.Name, paint.colour(b.State, condition), latency(b.RTTMS), usedOf(b), joined("; ", b.Why, b.Advice, b.Tested))
			}
		})
	}
}

// usedOf says how much of its budget a backhaul has used.
func usedOf(b control.Backhaul) string {
	used := fmt.Sprintf("%.1f MB", float64(b.Used)/1e6)
	if b.Limit == 0 {
		return used
	}
	return fmt.Sprintf("%s of %d MB", used, b.Limit/1_000_000)
}

type incidentsCmd struct {
	client
	Limit int `default:"20" help:"At most so many, the newest."`
}

func (c *incidentsCmd) Run(ctx context.Context, out io.Writer) error {
	var list []incident.Incident
	if printed, err := c.get(ctx, out, fmt.Sprintf("/v1/incidents?limit=%d", c.Limit), &list); printed || err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "No incident yet.")
		return err
	}
	table(out, "INCIDENT\tPHASE\tWHAT\tBEGAN\tENDED\tWHO HAD IT", func(row func(...any)) {
		for _, i := range list {
			ended, who := "", ""
			if i.Resolved != nil {
				ended = clockText(i.Resolved.Wall)
			}
			if i.Ack != nil {
				who = i.Ack.By
			}
			what := string(i.Kind) + " " + strings.Join(i.Scope, ", ") + " " + i.Title
			if i.Drill {
				what = "DRILL"
			}
			row("#"+strconv.Itoa(i.Number), i.Phase, strings.TrimSpace(what), clockText(i.Began.Wall), ended, who)
		}
	})
	return nil
}

type queueCmd struct {
	client
	Status string `enum:",pending,sending,unsure,sent,delivered,failed,superseded" default:"" placeholder:"STATUS" help:"Only deliveries with this status: pending, sending, unsure, sent, delivered, superseded, or failed, which is the dead-letter list."`
	Limit  int    `default:"50" help:"At most so many, the newest."`
}

func (c *queueCmd) Run(ctx context.Context, out io.Writer) error {
	var list []control.Delivery
	if printed, err := c.get(ctx, out, fmt.Sprintf("/v1/queue?status=%s&limit=%d", c.Status, c.Limit), &list); printed || err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "Nothing there.")
		return err
	}
	deliveries(out, list)
	return nil
}

func deliveries(out io.Writer, list []control.Delivery) {
	table(out, "ID\tINCIDENT\tKIND\tTO\tADDRESS\tSTATUS\tTRIES\tBY\tLAST ANSWER", func(row func(...any)) {
		for _, d := range list {
			n := ""
			if d.Incident > 0 {
				n = "#" + strconv.Itoa(d.Incident)
			}
			row(d.ID, n, d.Kind, d.Recipient, d.Address, d.Status, d.Tries, d.Worker, joined("; ", d.Code, d.Advice))
		}
	})
}

func (queueCmd) Help() string {
	return "What a status means:\n\n" +
		"\tpending     written, not tried\n" +
		"\tsending     with a modem now\n" +
		"\tunsure      no answer came: it may have arrived\n" +
		"\tsent        the network took it\n" +
		"\tdelivered   the phone has it\n" +
		"\tfailed      refused for good, or out of tries\n" +
		"\tsuperseded  overtaken by newer truth before it was sent"
}

type logCmd struct {
	client
	Limit int `default:"50" help:"At most so many lines, the newest."`
}

func (c *logCmd) Run(ctx context.Context, out io.Writer) error {
	var list []control.Entry
	if printed, err := c.get(ctx, out, fmt.Sprintf("/v1/log?limit=%d", c.Limit), &list); printed || err != nil {
		return err
	}
	timeline(out, list)
	return nil
}

func timeline(out io.Writer, list []control.Entry) {
	for _, e := range list {
		mark := ""
		if !e.Trusted {
			mark = "?" // the clock was not to be believed
		}
		fmt.Fprintf(out, "%s%-1s  %-10s  %s\n", e.Wall.UTC().Format("2006-01-02 15:04:05.000Z"), mark, e.What, plain(e.Text))
	}
}

type exportCmd struct {
	client
	BlackBox bool `name:"blackbox" help:"Print the black box instead: what was said to the modems and what the probes saw, in the order of time."`
	CSV      bool `name:"csv" help:"Print a row for each delivery as CSV: who was told what, when, by which route, with what receipt, and when cleared. Numbers are in full."`
	Number   int  `arg:"" help:"The incident's number."`
}

func (c *exportCmd) Run(ctx context.Context, out io.Writer, errs besides) error {
	if c.CSV {
		return c.csv(ctx, out, errs)
	}
	var x control.Export
	if printed, err := c.get(ctx, out, fmt.Sprintf("/v1/incidents/%d", c.Number), &x); printed || err != nil {
		return err
	}
	boxes, err := boxesOf(x)
	if err != nil {
		return err
	}
	if c.BlackBox {
		return printBoxes(out, c.Number, boxes)
	}
	var i incident.Incident
	if err := json.Unmarshal(x.Incident, &i); err != nil {
		return fmt.Errorf("read the incident: %w", err)
	}
	what := plain(strings.TrimSpace(strings.Join(i.Scope, ", ") + " " + i.Title))
	fmt.Fprintf(out, "%s %s: %s (%s)\n\n", inkFor(out).bold("#"+strconv.Itoa(i.Number)), i.Kind, what, i.Phase)
	timeline(out, x.Timeline)
	fmt.Fprintln(out)
	table(out, "WHO\tBY\tADDRESS\tTOLD\tCLEARED\tLAST WORDS", func(row func(...any)) {
		for _, t := range x.Ledger {
			row(t.Recipient, t.Channel, t.Address, yes(t.Told), yes(t.Cleared), t.Text)
		}
	})
	deliveries(out, x.Deliveries)
	spokenOf(out, x.Deliveries)
	if len(boxes) > 0 {
		fmt.Fprintf(out, "Black box: %s.\n`heliograph export %d --blackbox` prints it.\n", blackbox.Summary(boxes), c.Number)
	}
	return nil
}

func boxesOf(x control.Export) ([]blackbox.Record, error) {
	var all []blackbox.Record
	for _, raw := range x.BlackBox {
		var r blackbox.Record
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, fmt.Errorf("read the black box: %w", err)
		}
		all = append(all, r)
	}
	return all, nil
}

func printBoxes(out io.Writer, number int, boxes []blackbox.Record) error {
	if len(boxes) == 0 {
		_, err := fmt.Fprintf(out, "Nothing was frozen for incident %d, or it was dropped for newer ones.\n", number)
		return err
	}
	blackbox.Print(out, boxes, plain)
	return nil
}

func (exportCmd) Help() string {
	return "The black box shows numbers as a hash unless the configuration says otherwise, and never a PIN or a text."
}

type ackCmd struct {
	client
	Number int `arg:"" optional:"" help:"The incident's number; without it all that wait."`
}

func (c *ackCmd) Run(ctx context.Context, out io.Writer) error {
	if c.Number == 0 {
		return c.order(ctx, out, "ACK")
	}
	return c.order(ctx, out, "ACK", strconv.Itoa(c.Number))
}

type openCmd struct {
	client
	Scope string   `arg:"" help:"What it is about: a service, uplink or region, one word."`
	Text  []string `arg:"" help:"What to say."`
}

func (c *openCmd) Run(ctx context.Context, out io.Writer) error {
	if len(strings.Fields(c.Scope)) != 1 {
		return fmt.Errorf("%q is not one word: write `heliograph open SCOPE TEXT`, such as: heliograph open billing card payments fail", c.Scope)
	}
	return c.order(ctx, out, slices.Concat([]string{"OPEN", c.Scope}, c.Text)...)
}

func (openCmd) Help() string {
	return "For what no probe sees:\n\n\theliograph open billing card payments fail"
}

type sayCmd struct {
	client
	Number int      `arg:"" help:"The incident's number."`
	Text   []string `arg:"" help:"What to say."`
}

func (c *sayCmd) Run(ctx context.Context, out io.Writer) error {
	return c.order(ctx, out, slices.Concat([]string{"SAY", strconv.Itoa(c.Number)}, c.Text)...)
}

func (sayCmd) Help() string {
	return "Such as:\n\n\theliograph say 7 splicing has begun, two hours"
}

type clearCmd struct {
	client
	Number int `arg:"" help:"The incident's number."`
}

func (c *clearCmd) Run(ctx context.Context, out io.Writer) error {
	return c.order(ctx, out, "CLEAR", strconv.Itoa(c.Number))
}

type cancelCmd struct {
	client
	Number int `arg:"" help:"The incident's number."`
}

func (c *cancelCmd) Run(ctx context.Context, out io.Writer) error {
	return c.order(ctx, out, "CANCEL", strconv.Itoa(c.Number))
}

type textCmd struct {
	client
	Words []string `arg:"" help:"The order, as an operator would text it; a person's name in front says whose it is."`
}

func (textCmd) Help() string {
	return "With a name in front it is answered as that person's text would be, in that person's language and role, but no code is asked for. Such as:\n\n\theliograph text ada \"ack 7\"\n\theliograph text help"
}

func (c *textCmd) Run(ctx context.Context, out io.Writer) error {
	return c.order(ctx, out, c.Words...)
}

type selftestCmd struct{ client }

func (c *selftestCmd) Run(ctx context.Context, out io.Writer) error {
	return c.order(ctx, out, "SELFTEST")
}

type backupCmd struct {
	client
	File string `arg:"" help:"Where to put it; it must not exist. It holds numbers and texts: keep it like a secret."`
}

func (c *backupCmd) Run(ctx context.Context, out io.Writer) error {
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make the backup file: %w", err)
	}
	n, err := control.Dial(c.Socket).Copy(ctx, "/v1/backup", f)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(c.File)
		return fmt.Errorf("back up: %w", err)
	}
	_, err = fmt.Fprintf(out, "%d bytes in %s; put it back with: heliograph restore %s\n", n, c.File, c.File)
	return err
}

type restoreCmd struct {
	configFlag
	File string `arg:"" help:"The backup."`
}

func (restoreCmd) Help() string {
	return "Stop the appliance first. The store that was there is kept beside it, and what was pending in the backup is sent at the next start."
}

func (c *restoreCmd) Run(out io.Writer) error {
	conf, err := readConfig(c.Config, 1)
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	defer f.Close()
	kept, err := storage.Restore(conf.Data, f, time.Now())
	if err != nil {
		return err
	}
	if kept != "" {
		fmt.Fprintln(out, "The store there was is kept as", kept)
	}
	_, err = fmt.Fprintln(out, "Restored. What was pending in the backup will be sent at the next start.")
	return err
}

// table prints rows under a heading in columns, and nothing at all without
// rows. Colours have no width.
func table(out io.Writer, heading string, fill func(row func(...any))) {
	rows := [][]string{strings.Split(heading, "\t")}
	fill(func(cells ...any) {
		var words []string
		for _, c := range cells {
			w, ok := c.(painted)
			if !ok {
				w = painted(plain(fmt.Sprint(c)))
			}
			words = append(words, cmp.Or(string(w), "-"))
		}
		rows = append(rows, words)
	})
	if len(rows) == 1 {
		return
	}
	wide := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, w := range r {
			wide[i] = max(wide[i], width(w))
		}
	}
	for _, r := range rows {
		line := ""
		for i, w := range r {
			line += w + strings.Repeat(" ", wide[i]-width(w)+2)
		}
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
	fmt.Fprintln(out)
}

// joined puts those words together that there are.
func joined(by string, words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), by)
}

// latency is empty where nothing answers.
func latency(ms float64) string {
	if ms == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f ms", ms)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func clockText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
