package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"heliograph/firmware/rehearsal/isp"
	"heliograph/firmware/rehearsal/screen"
	"heliograph/firmware/rehearsal/story"
)

const (
	// playFor is how long the lines of a story may take; starting and stopping
	// come on top.
	playFor = 3900 * time.Millisecond
	// settle is how much later than in the story a text may come.
	settle = 2 * time.Second
	// carries is the time that a text takes in a story.
	carries = 2 * time.Second
)

// Playable says why a story can only be played in exact time; nil if it can be
// rehearsed against the real appliance.
func Playable(s story.Story) error {
	if s.Exact != "" {
		return errors.New(s.Exact)
	}
	for _, l := range s.Lines {
		switch {
		case l.Expect && (l.Who == "board" || slices.Contains(l.Words, "rings")):
			return fmt.Errorf("line %d: the board and the calls are not listened to here", l.Number)
		case l.Verb == "bulk":
			return fmt.Errorf("line %d: there is no directory of subscribers to text in bulk", l.Number)
		case (l.Expect && online(l) || l.Verb == "tags") && !s.Online, l.Verb == "path", l.Verb == "spent":
			return fmt.Errorf("line %d: what goes over the Internet is rehearsed by the standard night", l.Number)
		case slices.Contains([]string{"power", "press", "hold", "clock", "shows"}, l.Verb):
			return fmt.Errorf("line %d: for %q it takes a box with wires, or a clock that may be set", l.Number, l.Verb)
		case l.Verb == "inspect", l.Verb == "selftest":
			return fmt.Errorf("line %d: a real box is looked at as it is, and its schedule goes by the clock on the wall; write: order \"selftest\"", l.Number)
		case slices.Contains([]string{"lose", "hang", "bar", "congest", "free", "modem"}, l.Verb), l.Verb == "refuse" && !slices.Equal(l.Words, []string{"never"}):
			return fmt.Errorf("line %d: after %q come the pauses of modem and network, which no factor makes shorter", l.Number, l.Verb)
		case slices.Contains([]string{"loses half", "loses names"}, strings.Join(l.Words, " ")) && factor(s) > weighed:
			return fmt.Errorf("line %d: what works badly is weighed over a minute, which has too few rounds when it is so short", l.Number)
		case l.At == 0 && l.Verb == "" && !l.Expect:
			return fmt.Errorf("line %d: what goes on while the box starts cannot go on faster than it starts", l.Number)
		}
	}
	if len(s.Lines) == 0 {
		return errors.New("nothing happens in it: after the line --- come lines such as: at 01:00 transit-a fails")
	}
	return hasty(s)
}

// weighed is the factor up to which shares of lost answers can be weighed.
const weighed = 30

// noticed is how long a change must last here to be noticed: some rounds, each
// with a probe that gets no answer.
const noticed = 600 * time.Millisecond

// hasty says where a line changes again before that could be noticed, and the
// story expects no text that it could wait for.
func hasty(s story.Story) error {
	last := map[string]time.Duration{}
	all := slices.Clone(s.Lines)
	slices.SortStableFunc(all, func(a, b story.Line) int { return int(a.At - b.At) })
	for _, l := range all {
		switch at, before := last[l.Who]; {
		case l.Expect:
			clear(last) // it waits for this text
		case l.Verb != "":
		case before && l.At > at && float64(l.At-at)/factor(s) < float64(noticed):
			return fmt.Errorf("line %d: %s changes again before that could be noticed in so short a time", l.Number, l.Who)
		default:
			last[l.Who] = l.At
		}
	}
	return nil
}

// factor is what a story's times are divided by.
func factor(s story.Story) float64 { return max(1, float64(s.Length())/float64(playFor)) }

// player plays one story.
type player struct {
	*World
	story  story.Story
	report Report
	began  time.Time
	next   int // of the story's configurations
	listed crowd
}

// Play plays a story against the real appliance: every configured duration, and
// the story's own times, are divided by a factor.
func Play(ctx context.Context, o Options, s story.Story) Report {
	p := &player{story: s, report: Report{Story: s.Name}}
	if err := Playable(s); err != nil {
		p.report.conclude(nil, fmt.Errorf("the story cannot be rehearsed: %w", err))
		return p.report
	}
	if s.Online && !isp.Inside() {
		p.report.conclude(nil, errors.New("the story cannot be rehearsed here: its mails and tags take an Internet of the rehearsal's own, and this system refuses namespaces, or --loopback was asked for"))
		return p.report
	}
	o.Config, o.PIN, o.Reconnect = s.Configs[0], "", s.Online
	o.Scale = factor(s)
	o.Submit = time.Duration(float64(carries) / o.Scale)
	var err error
	if p.World, err = New(o); err != nil {
		p.report.conclude(nil, err)
		return p.report
	}
	if s.Online && p.out == nil {
		err = errors.New("the story is to be rehearsed online, and its configuration has no account or no backhaul")
	} else {
		err = p.play(ctx)
	}
	p.Halt()
	p.weigh()
	p.weighCrowd()
	if p.out != nil {
		p.weighOnline()
	}
	p.report.conclude(p.World, err)
	if err := p.Close(); err != nil && p.report.Fault == "" {
		p.report.OK, p.report.Fault = false, "it left something behind: "+err.Error()
	}
	return p.report
}

func (p *player) play(ctx context.Context) error {
	for _, who := range p.config.People {
		p.follow(who.Name, who.SMS)
	}
	p.note("story", "%s", p.story.About)
	p.note("story", "%s in %.1f s: all durations are divided by %.0f", story.Stamp(p.story.Length()), float64(p.story.Length())/float64(time.Second)/p.scale, p.scale)
	acts := p.story.Happenings()
	for len(acts) > 0 && acts[0].At == 0 { // before the box is switched on
		if err := p.act(ctx, acts[0]); err != nil {
			return err
		}
		acts = acts[1:]
	}
	if err := p.importList(); err != nil {
		return err
	}
	if err := p.Start(); err != nil {
		return err
	}
	if err := p.Fit(ctx); err != nil {
		return err
	}
	p.World.note("box", "is ready")
	p.began = time.Now()
	for _, l := range acts {
		p.hear(ctx, l.At)
		if !pause(ctx, time.Until(p.began.Add(p.real(l.At)))) {
			return ctx.Err()
		}
		if err := p.act(ctx, l); err != nil {
			return fmt.Errorf("line %d: %w", l.Number, err)
		}
	}
	return p.linger(ctx)
}

// real is the time that something takes here.
func (p *player) real(d time.Duration) time.Duration { return time.Duration(float64(d) / p.scale) }

// hear waits for the texts that the story expects before an instant. Rounds,
// modem and network have times of their own which no factor makes shorter: the
// story waits for them, and what follows a text comes so much later.
func (p *player) hear(ctx context.Context, before time.Duration) {
	ctx, cancel := context.WithDeadline(ctx, p.began.Add(p.real(before)+settle))
	defer cancel()
	if p.Until(ctx, "", func() bool { _, whole := p.heard(before); return whole }) != nil {
		return // it will be told as missing
	}
	if late, _ := p.heard(before); late > 0 {
		p.began = p.began.Add(late)
	}
}

// heard says how late the last text came that the story expects before an
// instant, and whether all of those came.
func (p *player) heard(before time.Duration) (late time.Duration, whole bool) {
	seen, last := map[string]int{}, time.Duration(-1)
	for _, l := range p.story.Expected() {
		if l.At >= before {
			continue
		}
		if count, is := crowded(l); is || online(l) {
			was, whole := p.toldMany(l, count)
			if !is {
				seen[l.Who]++
				was, whole = p.arrivedOnline(l, seen[l.Who])
			}
			if !whole {
				return 0, false
			}
			if l.At > last {
				last, late = l.At, was
			}
			continue
		}
		number := p.number(l.Who)
		texts := p.mobile.Phone(number).Texts()
		if seen[number]++; len(texts) < seen[number] {
			return 0, false
		}
		if l.At > last {
			last, late = l.At, texts[seen[number]-1].At.Sub(p.began.Add(p.real(l.At)))
		}
	}
	return late, true
}

// linger waits for the last text that is expected, and then a little for one
// that is not.
func (p *player) linger(ctx context.Context) error {
	p.hear(ctx, p.story.Length()+time.Second)
	pause(ctx, p.real(2*time.Minute)+200*time.Millisecond)
	return ctx.Err()
}

func (p *player) act(ctx context.Context, l story.Line) error {
	switch l.Verb {
	case "text":
		text, err := story.Phones{Texts: p.read}.Fill(l.Quoted, l.Who)
		if err == nil {
			_, err = p.say(screen.Act{Phone: l.Who, Text: text})
		}
		return err
	case "spoof":
		_, err := p.spoof(screen.Act{Phone: l.Who, Text: l.Quoted})
		return err
	case "ring":
		p.note(l.Who, "rings the box")
		p.mobile.Phone(p.number(l.Who)).Call(p.modems[0].Number(), 2)
	case "order":
		p.note("root", "orders: %s", l.Quoted)
		a, err := p.client.Order(ctx, l.Quoted)
		if err == nil {
			p.note("box", "answers: %s", a.Text)
		}
		return err
	case "refuse":
		p.note("network", "refuses texts to %s for good", l.Who)
		p.mobile.Phone(p.number(l.Who)).Refused(1)
	case "deliver":
		p.note("network", "takes texts to %s again", l.Who)
		p.mobile.Phone(p.number(l.Who)).On()
	case "list", "subscriber":
		return p.enlist(l)
	case "tags":
		return p.tags(l)
	case "kill", "dark":
		return p.dark(ctx, l)
	case "reload":
		return p.reload()
	default:
		return p.line(l)
	}
	return nil
}

// read is what came to somebody's phone.
func (p *player) read(who string) []string {
	var texts []string
	for _, t := range p.mobile.Phone(p.number(who)).Texts() {
		texts = append(texts, t.Body)
	}
	return texts
}

func (p *player) dark(ctx context.Context, l story.Line) error {
	p.note("saboteur", "cuts the power")
	p.Crash()
	if l.Verb == "dark" {
		d, err := time.ParseDuration(l.Who)
		if err != nil {
			return err
		}
		if !pause(ctx, p.real(d)) {
			return ctx.Err()
		}
	}
	return p.Start()
}

// reload puts the story's next configuration in force.
func (p *player) reload() error {
	if p.next++; p.next >= len(p.story.Configs) {
		return errors.New("there is no further configuration to reload: put it after another line ---")
	}
	c, err := p.parse(p.story.Configs[p.next])
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.config = c // the screen looks at it
	p.mu.Unlock()
	if err := p.outfit(p.story.Configs[p.next]); err != nil {
		return err
	}
	p.note("root", "puts the next configuration in force")
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == nil {
		return errors.New("the appliance does not run")
	}
	return p.child.cmd.Process.Signal(syscall.SIGHUP)
}

// line mends what is watched, and then breaks it as the story says.
func (p *player) line(l story.Line) error {
	how := strings.Join(l.Words, " ")
	p.note("line", "%s %s", l.Who, how)
	var err error
	for _, target := range p.targets(l.Who, "") {
		err = errors.Join(err, p.network.Target(target, true))
	}
	if p.isUplink(l.Who) {
		for _, f := range p.network.Broken(l.Who) {
			err = errors.Join(err, p.network.Mend(l.Who, f))
		}
	}
	switch {
	case how == "passes":
		return err
	case how == "loses names", how == "loses ping", !p.isUplink(l.Who):
		for _, target := range p.targets(l.Who, map[string]string{"loses names": "dns", "loses ping": "icmp"}[how]) {
			err = errors.Join(err, p.network.Target(target, false))
		}
		return err
	}
	f := map[string]isp.Fault{"fails": isp.Cut, "loses gateway": isp.Gateway, "loses link": isp.OwnPort, "loses half": isp.Loss}[how]
	if !p.network.Places() && f != isp.Loss {
		f = isp.Cut // on loopback a fault has no place
	}
	return errors.Join(err, p.network.Break(l.Who, f))
}

func (p *player) isUplink(name string) bool {
	return slices.ContainsFunc(p.network.Plan().Uplinks, func(u isp.Uplink) bool { return u.Name == name })
}

// targets are those of an uplink or a service, or only those of a kind.
func (p *player) targets(who, kind string) []string {
	asked := map[string][]isp.Target{} // as configured: over loopback an icmp target is a tcp one
	for _, u := range p.config.Uplinks {
		asked[u.Name] = targetsOf(u.Probes)
	}
	for _, s := range p.config.Services {
		asked[s.Name] = targetsOf(s.Probes)
	}
	laid := asked[who]
	for _, u := range p.network.Plan().Uplinks {
		if u.Name == who {
			laid = u.Targets
		}
	}
	var names []string
	for i, t := range asked[who] {
		if kind == "" || t.Kind == kind {
			names = append(names, laid[i].String())
		}
	}
	return names
}

// weigh holds what each phone got against what was expected, in order.
func (p *player) weigh() {
	want := map[string][]string{}
	var names []string
	for _, l := range p.story.Expected() {
		if _, many := crowded(l); many || online(l) {
			continue
		}
		if want[l.Who] == nil {
			names = append(names, l.Who)
		}
		want[l.Who] = append(want[l.Who], l.Quoted)
	}
	for _, who := range p.config.People {
		if want[who.Name] == nil {
			names = append(names, who.Name)
		}
	}
	for _, r := range p.listed.rows {
		if !r.Crowd && want[r.Code] == nil && r.Phone != "" {
			names = append(names, r.Code)
		}
	}
	for _, name := range names {
		var got []string
		for _, t := range p.mobile.Phone(p.number(name)).Texts() {
			got = append(got, t.Body)
		}
		p.report.promise(name+" gets the "+strconv.Itoa(len(want[name]))+" texts of the story in their order, and no other.",
			p.same(got, want[name]), "%s", p.difference(got, want[name]))
	}
}

func (p *player) same(got, want []string) bool {
	return slices.EqualFunc(got, want, p.like)
}

// like compares a text with what was expected, but for its times. Over
// loopback a fault has no place, and only what the text is about is compared.
func (p *player) like(got, want string) bool {
	got, want = story.Timeless(seenFrom(got)), story.Timeless(seenFrom(want))
	if !p.network.Places() {
		got, want = gist(got), gist(want)
	}
	return story.Like(got, want)
}

var (
	sums  = regexp.MustCompile(`closed: \d+ told, \d+ cleared`)
	onAir = regexp.MustCompile(`\b(lte\d+) [^,.]* -\d+ dBm`)
	mute  = regexp.MustCompile(`\bgw no answer(?: to ARP or ping)?`)
)

// seenFrom leaves out what a real modem and a real wire say more than a story
// does: the operator's name and signal, and what the gateway was asked.
func seenFrom(text string) string {
	text = sums.ReplaceAllString(text, "closed: … told, … cleared")
	return mute.ReplaceAllString(onAir.ReplaceAllString(text, "$1"), "gw no answer")
}

// gist is what a text is about: site, number, kind, subject.
func gist(text string) string {
	words := strings.Fields(text)
	return strings.TrimRight(strings.Join(words[:min(len(words), 4)], " "), ".,:")
}

func (p *player) difference(got, want []string) string {
	if p.same(got, want) {
		return fmt.Sprintf("%d came", len(got))
	}
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return fmt.Sprintf("%d came; the next should have been: %s", len(got), want[i])
		case i >= len(want):
			return "this came and was not expected: " + got[i]
		case !p.like(got[i], want[i]):
			return fmt.Sprintf("number %d was:\n            %s\n          and should have been:\n            %s", i+1, got[i], want[i])
		}
	}
	return ""
}

// Read reads a story from a file.
func Read(path string) (story.Story, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return story.Story{}, fmt.Errorf("read the story: %w", err)
	}
	return story.Parse(path, string(text))
}
