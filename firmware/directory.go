package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"heliograph/drivers/https"
	"heliograph/drivers/subscribers"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
	"heliograph/firmware/number"
	"heliograph/storage/directory"
)

type directoryCmd struct {
	configFlag
	Do    string `arg:"" optional:"" enum:"show,import,find" default:"show" placeholder:"show|import|find" help:"What to do: show, import or find."`
	What  string `arg:"" optional:"" placeholder:"FILE|NUMBER|CODE" help:"For import a CSV file, - for what comes by a pipe, or nothing for the configured source; for find a telephone number or a code."`
	Force bool   `help:"Import a list, too, that is empty or has less than half of the subscribers, numbers or places of the one in use."`
	All   bool   `help:"Name every row that was refused, and every box, tag and municipality."`
}

func (directoryCmd) Help() string {
	return "The list lies in the data folder of the configuration, in a file of its own: it can be read and imported while the appliance runs. " +
		"A new list is built aside and takes the place of the old one whole. Every row that cannot be used is named with what would be right, and the rest is taken."
}

func (c *directoryCmd) Run(ctx context.Context, out io.Writer) error {
	conf, err := readConfig(c.Config, 1)
	switch {
	case err != nil:
		return err
	case c.Force && c.Do != "import":
		return errors.New("--force is for import only")
	case c.Do == "import":
		return c.take(ctx, out, conf)
	case c.Do == "find":
		return c.find(out, conf)
	case c.What != "":
		return fmt.Errorf("show takes nothing more: `heliograph directory find %s` looks for that", c.What)
	}
	return c.show(out, conf.Data)
}

// take imports a list and says what came of it.
func (c *directoryCmd) take(ctx context.Context, out io.Writer, conf config.Config) error {
	from := conf.Subscribers
	if c.What != "" {
		from.From = config.Directory{Kind: "csv", Path: c.What}
	}
	got, err := importSubscribers(ctx, conf, from, c.Force)
	for _, line := range got.columns {
		fmt.Fprintln(out, plain(line))
	}
	c.notes(out, got.notes)
	if err != nil {
		return err
	}
	d, err := directory.Open(conf.Data, got.version.ID)
	if err != nil {
		return err
	}
	defer d.Close()
	return c.describe(out, d)
}

// show tells of the list in use.
func (c *directoryCmd) show(out io.Writer, data string) error {
	d, err := directory.Open(data, "")
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Verify(); err != nil {
		return err
	}
	notes, err := directory.Notes(data)
	if err != nil {
		return err
	}
	c.notes(out, notes)
	return c.describe(out, d)
}

// notes prints the first of what is to be said of rows: those that were
// refused before those that were taken without something.
func (c *directoryCmd) notes(out io.Writer, notes []directory.Note) {
	for _, part := range []struct {
		title string
		taken bool
	}{{"Not taken, by line", false}, {"Taken without what cannot be used, by line", true}} {
		all := slices.DeleteFunc(slices.Clone(notes), func(n directory.Note) bool { return n.Taken != part.taken })
		var lines []string
		for i, n := range all {
			if i == 20 && !c.All {
				lines = append(lines, fmt.Sprintf("and %s more: --all names them", grouped(uint64(len(all)-i))))
				break
			}
			lines = append(lines, fmt.Sprintf("%d: %s", n.Line, plain(n.Text)))
		}
		section(out, part.title, lines)
	}
	if len(notes) > 0 {
		fmt.Fprintln(out)
	}
}

// describe says who is in a list.
func (c *directoryCmd) describe(out io.Writer, d *directory.Directory) error {
	v := d.Version()
	counts, err := d.Count([]string{directory.Everybody})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s subscribers, list of %s, from %s; %s not taken; version %s\n",
		grouped(uint64(v.Count)), v.Taken.Format("2 Jan 2006 15:04Z"), plain(v.Source), rows(v.Refused), v.ID)
	fmt.Fprintf(out, "%s numbers to text and %s mail addresses; %s subscribers have neither, %s agreed to none\n\n",
		grouped(uint64(counts.SMS)), grouped(uint64(counts.Mail)), grouped(uint64(counts.NoAddress)), grouped(uint64(counts.Declined)))
	kinds := []string{"region", "uplink"}
	if c.All {
		kinds = nil
	}
	names, err := d.Names(kinds...)
	if err != nil {
		return err
	}
	table(out, "KIND\tNAME\tIN CONFIGURATION AND TEXTS\tSUBSCRIBERS", func(row func(...any)) {
		for _, n := range names {
			if n.Kind != "line" { // nearly everybody has one of their own
				row(n.Kind, n.Name, n.Word, grouped(uint64(n.Count)))
			}
		}
	})
	return nil
}

func rows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return grouped(uint64(n)) + " rows"
}

// find prints those who have a number or a code.
func (c *directoryCmd) find(out io.Writer, conf config.Config) error {
	if c.What == "" {
		return errors.New("say whom: `heliograph directory find +48600100201`, or a code")
	}
	d, err := directory.Open(conf.Data, "")
	if err != nil {
		return err
	}
	defer d.Close()
	var found []directory.Subscriber
	one, ok, err := d.ByCode(c.What)
	if ok {
		found = append(found, one)
	}
	if e164, e := number.E164(c.What, conf.Country); err == nil && !ok && e == nil {
		found, err = d.ByNumber(e164)
	}
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return fmt.Errorf("nobody in the list of %s has the number or code %q", d.Version().Taken.Format("2 Jan 2006"), c.What)
	}
	for _, s := range found {
		tell(out, s)
	}
	return nil
}

// tell prints what is known of a subscriber.
func tell(out io.Writer, s directory.Subscriber) {
	for _, f := range []struct{ name, value string }{
		{"Code", s.Code}, {"Name", s.Name}, {"Numbers", strings.Join(s.Phones, ", ")}, {"Mails", strings.Join(s.Mails, ", ")}, {"Language", s.Language},
		{"Region", s.Region}, {"Municipality", s.Municipality}, {"Box", s.Box}, {"Uplink", s.Uplink}, {"Line", s.Line},
		{"Tags", strings.Join(s.Tags, ", ")}, {"Agreed to", strings.Join(s.Channels, ", ")}, {"Class", s.Class}, {"Partner", s.Partner},
	} {
		if f.value != "" {
			fmt.Fprintf(out, "%-13s %s\n", f.name+":", plain(f.value))
		}
	}
	fmt.Fprintln(out)
}

// aboutSubscribers says what the configuration asks of the list and the list
// does not have.
func aboutSubscribers(c config.Config) []string {
	if c.Subscribers.From.Kind == "" {
		return nil
	}
	d, err := directory.Open(c.Data, "")
	if err != nil {
		return []string{err.Error()}
	}
	defer d.Close()
	var lines []string
	for _, u := range c.Uplinks {
		for _, name := range u.Serves {
			n, err := d.Known(name)
			if err != nil {
				return []string{err.Error()}
			}
			if n == 0 {
				lines = append(lines, fmt.Sprintf("%s serves %s, and nobody in the list of subscribers of %s bears that name: `heliograph directory show --all` shows the names there are",
					u.Name, name, d.Version().Taken.Format("2 Jan 2006")))
			}
		}
	}
	return lines
}

// imported is what came of an import.
type imported struct {
	version directory.Version
	columns []string         // how the columns of a CSV were understood
	notes   []directory.Note // also of a list that was not taken
}

// importSubscribers reads a source into the directory of the data folder. The
// list in use stays if the source cannot be read to its end.
func importSubscribers(ctx context.Context, c config.Config, from config.Subscribers, force bool) (imported, error) {
	if from.From.Kind == "" {
		return imported{}, errors.New("no source of subscribers is configured: name a CSV file, as in `heliograph directory import list.csv`, or write subscribers: {from: …}")
	}
	b, err := directory.Create(c.Data, sourceName(from.From))
	if err != nil {
		return imported{}, err
	}
	defer b.Abandon()
	if force {
		b.Force()
	}
	var got imported
	got.columns, err = readSubscribers(ctx, c, from, builderOptions(b, c.Country, from.Columns))
	got.notes = b.Notes()
	if err != nil {
		return got, fmt.Errorf("read subscribers from %s: %w", sourceName(from.From), err)
	}
	got.version, err = b.Finish(time.Now())
	return got, err
}

// builderOptions give to a builder what a reader finds.
func builderOptions(b *directory.Builder, country string, columns map[string][]string) subscribers.Options {
	return subscribers.Options{
		Columns:   columns,
		Normalise: func(text string) (string, error) { return number.E164(text, country) },
		Take: func(line int, s subscribers.Subscriber) error {
			err := b.Add(directory.Subscriber(s))
			var unfit *directory.Unfit
			if errors.As(err, &unfit) {
				b.Refuse(line, unfit.Error())
				return nil
			}
			return err
		},
		Note: func(n subscribers.Note) {
			if n.Taken {
				b.Remark(n.Line, n.String())
			} else {
				b.Refuse(n.Line, n.String())
			}
		},
	}
}

// readSubscribers reads a source by its driver.
func readSubscribers(ctx context.Context, c config.Config, from config.Subscribers, o subscribers.Options) (columns []string, err error) {
	switch from.From.Kind {
	case "csv":
		return readSheet(ctx, from, o)
	case "ozmap":
		return readOZmap(ctx, c, from, o)
	case "splynx":
		return nil, readSplynx(ctx, c, from, o)
	case "http":
		f := from.From
		return nil, subscribers.HTTP(ctx, subscribers.Listing{
			URL: f.URL, Token: f.Token.Reveal(), User: f.User, Secret: f.Secret.Reveal(), Items: f.Items, Next: f.Next,
			Dial: https.Dial((&ways{}).dial(event.Primary)), TLS: secured(event.Primary),
		}, o)
	}
	return nil, fmt.Errorf("this build does not read %s", from.From.Kind)
}

func readSheet(ctx context.Context, from config.Subscribers, o subscribers.Options) ([]string, error) {
	in := os.Stdin
	if from.From.Path != "-" {
		f, err := os.Open(from.From.Path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	h, err := subscribers.CSV(ctx, in, from.Encoding, o)
	var columns []string
	if len(h.Used) > 0 {
		columns = append(columns, "Columns: "+strings.Join(h.Used, ", ")+".")
	}
	if len(h.Unused) > 0 {
		columns = append(columns, "Not used: "+strings.Join(h.Unused, ", ")+".")
	}
	return columns, err
}

// sourceName is a source as plans and reports call it, without what its
// address may hide.
func sourceName(d config.Directory) string {
	switch {
	case d.Path == "-":
		return "a pipe"
	case d.Path != "":
		return filepath.Base(d.Path)
	}
	at, err := url.Parse(d.URL)
	if err != nil {
		return d.Kind
	}
	return cmp.Or(at.Host, d.Kind)
}
