package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
	"heliograph/storage/directory"
)

type previewCmd struct {
	configFlag
	Kind     string   `placeholder:"KIND" help:"One kind of notice, such as down; without it all that these readers get."`
	Audience string   `enum:"oncall,staff,partner,carrier,public,subscribers" default:"subscribers" placeholder:"WHO" help:"Who reads it: oncall, staff, partner, carrier, public or subscribers (${default})."`
	Language string   `enum:",en,pl,it" default:"" placeholder:"LANG" help:"The language: en, pl or it; without it the site's."`
	Region   []string `placeholder:"NAME" help:"Regions, boxes or tags that are hit; without it what the uplink serves."`
	About    string   `placeholder:"NAME" help:"The uplink or service that is in trouble; without it one that serves the region."`
	Title    string   `placeholder:"WORDS" help:"An operator's words, as after SAY or OPEN."`
}

func (previewCmd) Help() string {
	return "It needs no running appliance and tells nobody. Each notice is shown as it would go out during an outage that began an hour ago, with what it takes and costs. " +
		"Status 1 says that something of it would not go out: a leftover stands in the words, such as &^ or ???."
}

func (c *previewCmd) Run(out io.Writer) error {
	conf, err := readConfig(c.Config, 1)
	if err != nil {
		return err
	}
	rules, err := rulesOf(conf)
	if err != nil {
		return err
	}
	p := preview{previewCmd: c, conf: conf, rules: rules, out: out, now: time.Now().UTC()}
	if err := p.settle(); err != nil {
		return err
	}
	for _, kind := range p.kinds {
		p.show(p.facts(event.Kind(kind)))
	}
	if err := p.crowd(); err != nil {
		return err
	}
	if p.stopped {
		return refused
	}
	return nil
}

// preview is one look at what would be said.
type preview struct {
	*previewCmd
	conf    config.Config
	rules   decide.Rules
	out     io.Writer
	now     time.Time
	reader  notice.Reader
	kinds   []event.Kind
	stopped bool // something would not go out
}

// settle fills in what was not said.
func (p *preview) settle() error {
	p.reader = notice.Reader(p.Audience)
	p.Language = cmp.Or(p.Language, p.conf.Language)
	p.kinds = notice.Kinds(p.reader)
	if p.Kind != "" {
		if !slices.Contains(p.kinds, event.Kind(p.Kind)) {
			return fmt.Errorf("there is no notice of the kind %q to %s; there are: %s", p.Kind, p.Audience, joinKinds(p.kinds))
		}
		p.kinds = []event.Kind{event.Kind(p.Kind)}
	}
	if p.About == "" {
		p.About = p.about()
	}
	if len(p.Region) == 0 {
		p.Region = p.rules.Places[p.About].Serves
	}
	return nil
}

func joinKinds(kinds []event.Kind) string {
	var words []string
	for _, k := range kinds {
		words = append(words, string(k))
	}
	return strings.Join(words, ", ")
}

// about is an uplink that serves the first of the regions, or the first there is.
func (p *preview) about() string {
	for _, u := range p.conf.Uplinks {
		if len(p.Region) == 0 || slices.Contains(u.Serves, p.Region[0]) {
			return u.Name
		}
	}
	for _, u := range p.conf.Uplinks {
		return u.Name
	}
	return p.conf.Services[0].Name
}

// facts are those of an outage that began an hour ago.
func (p *preview) facts(kind event.Kind) notice.Facts {
	stamp := func(ago time.Duration) event.Stamp {
		return event.Stamp{Box: p.now.Add(-ago), Wall: p.now.Add(-ago), Trusted: true}
	}
	judged := func(c event.Condition, ago time.Duration) event.Verdict {
		s := stamp(ago)
		return event.Verdict{
			Condition: c, Place: event.PlaceUpstream, Since: s.Box, SinceWall: s.Wall, Trusted: true, Changes: 7,
			Evidence: event.Evidence{Lost: 3, Of: 3, Link: "link ok", Gateway: "gw ok"},
		}
	}
	began := 68 * time.Minute
	if kind == event.Down || kind == event.Degraded || kind == event.Opened {
		began = 5 * time.Minute
	}
	place := p.rules.Places[p.About]
	f := notice.Facts{
		Site: p.rules.Site, Incident: 7, Kind: kind, Scope: []string{p.About}, Opened: stamp(began), Now: stamp(0), Verdict: judged(event.IsDown, began),
		Title: p.Title, Regions: p.Region, Brand: p.rules.Brand, CallBack: p.rules.CallBack, Zone: p.rules.Zone, OwnASN: p.rules.OwnASN,
		Carrier: place.Carrier, Peers: place.Peers, Private: p.rules.Private, ETR: p.now.Add(90 * time.Minute).Truncate(15 * time.Minute),
	}
	f.First = event.Down
	if slices.Contains(event.Works(), kind) {
		return p.work(f)
	}
	switch kind {
	case event.AllClear:
		f.Was, f.Verdict = f.Verdict, judged(event.IsUp, 2*time.Minute)
	case event.Opened:
		f.First, f.Verdict = event.Opened, event.Verdict{}
	case event.Degraded:
		f.First, f.Verdict = event.Degraded, judged(event.IsDegraded, began)
	}
	return f
}

// work turns the facts into those of planned work tonight, from 01:00 to 05:00.
func (p *preview) work(f notice.Facts) notice.Facts {
	zone := cmp.Or(f.Zone, time.UTC)
	here := p.now.In(zone)
	from := time.Date(here.Year(), here.Month(), here.Day()+1, 1, 0, 0, 0, zone).UTC()
	f.First, f.Verdict, f.ETR = event.Maintenance, event.Verdict{}, time.Time{}
	f.Work = notice.Work{From: from, To: from.Add(4 * time.Hour)}
	if f.Kind != event.Maintenance && f.Kind != event.CalledOff {
		f.Work.Begun = true
	}
	return f
}

// show prints one notice over each channel by which these readers get it.
func (p *preview) show(f notice.Facts) {
	if p.texted() {
		p.text(f)
	}
	if p.reader != "oncall" {
		p.letter(f)
	}
	if name := notice.Withheld(p.reader, f); name != "" && spoken(f.Kind) {
		if mark := notice.Leftover(f.Title); mark != "" {
			p.stopped = true
			fmt.Fprintf(p.out, "  would not go out: %q stands in your words\n", mark)
		} else {
			fmt.Fprintf(p.out, "  without your words: %q in them is not for these readers\n", plain(name))
		}
	}
	fmt.Fprintln(p.out)
}

// spoken says whether a notice to those outside has room for an operator's words.
func spoken(kind event.Kind) bool {
	return kind == event.Opened || kind == event.Update || kind == event.Cancelled
}

func (p *preview) texted() bool {
	return p.reader == "oncall" || p.reader == notice.Subscriber || p.reader == notice.Partner
}

func (p *preview) text(f notice.Facts) {
	text, cut := p.rules.Wording.Text(p.Language, f), 0
	if p.reader != "oncall" {
		text, cut = p.rules.Wording.Short(p.reader, p.Language, f)
	}
	n, parts, alphabet := notice.Parts(text)
	words := []string{fmt.Sprintf("%d characters", n), alphabet, counted(parts, "part")}
	if price := p.rules.Price.Words(parts); price != "" {
		words = append(words, price)
	}
	fmt.Fprintf(p.out, "%s to %s by text (%s): %s\n", inkFor(p.out).bold(string(f.Kind)), p.Audience, p.Language, strings.Join(words, ", "))
	fmt.Fprintln(p.out, "  "+plain(text))
	if cut > 0 {
		fmt.Fprintf(p.out, "  too long by %d characters: it was shortened to one text\n", cut)
	}
}

func (p *preview) letter(f notice.Facts) {
	var l notice.Letter
	if err := json.Unmarshal([]byte(p.rules.Wording.Letter(p.reader, p.Language, f)), &l); err != nil {
		panic("a letter that cannot be read: " + err.Error()) // it was written by the line before
	}
	way := "mail"
	if p.reader == notice.Public {
		way = "page"
	}
	fmt.Fprintf(p.out, "%s to %s by %s (%s): %s\n", inkFor(p.out).bold(string(f.Kind)), p.Audience, way, p.Language, plain(l.Subject))
	for _, line := range strings.Split(l.Text, "\n") {
		fmt.Fprintln(p.out, strings.TrimRight("  "+plain(line), " "))
	}
}

// crowd says how many of the list would be told, what that costs and how long
// it takes.
func (p *preview) crowd() error {
	if p.reader != notice.Subscriber {
		return nil
	}
	d, err := directory.Open(p.conf.Data, "")
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintln(p.out, plain(err.Error()))
		}
		return nil
	}
	defer d.Close()
	counts, err := d.Count(append(slices.Clone(p.Region), p.About))
	if err != nil {
		return err
	}
	v := d.Version()
	mails := counts.Alone // nobody gets a mail besides a text
	if s := p.rules.Subscribers; s == nil || !s.Mail {
		mails = 0
	}
	x := p.rules.Costs(notice.Plan{What: "tell", Texts: counts.SMS, Mails: mails, Parts: 1, Where: p.Region, Taken: v.Taken})
	words := []string{fmt.Sprintf("%s texts (%s)", grouped(uint64(x.Texts)), counted(x.Parts, "part"))}
	if x.Mails > 0 {
		words = append(words, grouped(uint64(x.Mails))+" mail addresses")
	}
	for _, w := range []string{x.Cost, notice.Length("en", x.Takes)} {
		if w != "" && x.Texts > 0 {
			words = append(words, w)
		}
	}
	fmt.Fprintf(p.out, "%s: %s; list of %s, version %s\n", strings.Join(p.Region, ", "), strings.Join(words, ", "), v.Taken.UTC().Format("2 Jan 2006 15:04Z"), v.ID)
	return nil
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// ownOf are the owner's wordings for those outside.
func ownOf(c config.Config) []notice.Own {
	var list []notice.Own
	for _, o := range c.Texts.Outside {
		list = append(list, notice.Own{To: notice.Reader(o.To), Channel: o.Channel, Kind: o.Kind, Language: o.Language, Text: o.Text})
	}
	return list
}
