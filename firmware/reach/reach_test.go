package reach

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heliograph/firmware/event"
)

var midnight = time.Date(2024, 11, 22, 0, 0, 0, 0, time.UTC)

func at(d time.Duration) event.Stamp {
	return event.Stamp{Box: midnight.Add(d), Wall: midnight.Add(d), Trusted: true}
}

// transit is the uplink of the stories: a round every 30 s, down after three.
func transit() Rule {
	return Rule{
		Name: "transit-a", Interface: "eth0", Gateway: "192.0.2.1", Every: 30 * time.Second, Doubt: 10 * time.Second,
		Quorum: 2, DownAfter: 3, UpAfter: 3, Hold: 2 * time.Minute, Flap: Flap{Changes: -1},
	}.Filled()
}

// looks of a round, by the names that the stories use.
func results(look string) []event.Result {
	ok := func(probe string, kind event.ProbeKind, pass bool) event.Result {
		r := event.Result{Probe: probe, Kind: kind, OK: pass, RTT: 20 * time.Millisecond, Seen: "answered"}
		if !pass {
			r.RTT, r.Seen = 0, "no answer"
		}
		return r
	}
	fails := map[string]string{
		"good": "", "cut": "itd", "port": "lgitd", "gateway": "gitd", "names": "d", "one": "t", "quiet-gw": "g", "box": "gitd", "two": "it",
	}[look]
	pass := func(letter string) bool { return !strings.Contains(fails, letter) }
	list := []event.Result{
		ok("link", event.Link, pass("l")), ok("gateway", event.Gateway, pass("g")),
		ok("icmp 9.9.9.9", event.ICMP, pass("i")), ok("icmp 1.1.1.1", event.ICMP, pass("i")),
		ok("tcp 1.1.1.1:443", event.TCP, pass("t")), ok("dns 8.8.8.8", event.DNS, pass("d")),
	}
	if look == "port" {
		list[0].Seen = "no carrier"
	}
	for i := range list {
		list[i].Local = look == "box"
	}
	if look == "slow" {
		for i := range list {
			list[i].RTT = 500 * time.Millisecond
		}
	}
	return list
}

// story weighs one round every `every` from `from` on, and tells what changed.
type story struct {
	rule Rule
	m    Memory
	now  time.Duration
	told []string
}

func (s *story) rounds(n int, look string) { s.paced(n, s.rule.Every, look, false) }

func (s *story) paced(n int, every time.Duration, look string, parentDown bool) {
	for range n {
		var changes []Change
		s.m, changes = s.rule.Weigh(s.m, at(s.now), results(look), parentDown)
		s.tell(changes)
		s.now += every
	}
}

func (s *story) tell(changes []Change) {
	for _, c := range changes {
		line := fmt.Sprintf("%s %s: %s to %s", clock(s.now), c.What, c.From.Condition, c.To.Condition)
		if c.To.Place != "" {
			line += ", " + string(c.To.Place)
		}
		s.told = append(s.told, line+" since "+clock(c.To.Since.Sub(midnight)))
	}
}

func clock(d time.Duration) string { return midnight.Add(d).Format("15:04:05") }

func (s *story) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(s.told, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("want\n%s\ngot\n%s", strings.Join(want, "\n"), got)
	}
	s.told = nil
}

func TestStories(t *testing.T) {
	const boot = "00:00:00 up:  to up since 00:00:00"
	for _, c := range []struct {
		name   string
		rounds []string // looks, one round each; "cut*3" is three
		want   []string
	}{
		{"a cut and its end", []string{"good", "cut*3", "good*6"}, []string{
			boot, "00:01:30 down: up to down, upstream since 00:00:30", "00:04:00 up: down to up since 00:02:00"}},
		{"down at boot", []string{"cut*4"}, []string{"00:01:00 down:  to down, upstream since 00:00:00"}},
		{"one good round in between begins it anew", []string{"good", "cut*2", "good", "cut*3"}, []string{
			boot, "00:03:00 down: up to down, upstream since 00:02:00"}},
		{"one bad round in the calm begins it anew", []string{"cut*3", "good*4", "cut", "good*6"}, []string{
			"00:01:00 down:  to down, upstream since 00:00:00", "00:06:00 up: down to up since 00:04:00"}},
		{"no carrier", []string{"good", "port*3"}, []string{boot, "00:01:30 down: up to down, own port since 00:00:30"}},
		{"the gateway and all beyond", []string{"good", "gateway*3"}, []string{boot, "00:01:30 down: up to down, gateway since 00:00:30"}},
		{"the box cannot probe", []string{"good", "box*3"}, []string{boot, "00:01:30 down: up to down, this box since 00:00:30"}},
		{"a passing probe proves its gateway", []string{"quiet-gw*9"}, []string{boot}},
		{"too few pass", []string{"good", "two*3"}, []string{boot, "00:01:30 down: up to down, upstream since 00:00:30"}},
		{"one target is its own fault", []string{"one*50"}, []string{boot}},
		{"names only", []string{"good", "names*5", "good*10"}, []string{
			boot, "00:01:30 degraded: up to degraded, name service only since 00:00:30", "00:05:00 better: degraded to up since 00:03:00"}},
		{"the fault moves, once it is sure", []string{"gateway*3", "cut*2", "gateway", "cut*5"}, []string{
			"00:01:00 down:  to down, gateway since 00:00:00", "00:04:00 place: down to down, upstream since 00:00:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &story{rule: transit()}
			for _, look := range c.rounds {
				n := 1
				if name, times, ok := strings.Cut(look, "*"); ok {
					look = name
					fmt.Sscan(times, &n)
				}
				s.rounds(n, look)
			}
			s.expect(t, c.want...)
		})
	}
}

// Rounds taken faster while in doubt do not bring the alarm forward.
func TestDoubtSharpensButNeverHastens(t *testing.T) {
	s := &story{rule: transit()}
	s.rounds(1, "good")
	s.paced(9, 10*time.Second, "cut", false)
	s.expect(t, "00:00:00 up:  to up since 00:00:00", "00:01:30 down: up to down, upstream since 00:00:30")
	if s.m.InDoubt(s.rule) {
		t.Error("a lasting outage is no doubt")
	}
	s.rounds(1, "good")
	if !s.m.InDoubt(s.rule) {
		t.Error("the end of an outage is in doubt at first")
	}
}

func TestEvidence(t *testing.T) {
	s := &story{rule: transit()}
	s.rounds(3, "port")
	e := s.m.Verdict.Evidence
	if e.Lost != 4 || e.Of != 4 || e.Link != "eth0 no carrier" || e.Gateway != "gw no answer" || e.Loss != 1 {
		t.Errorf("%+v", e)
	}
	if len(e.Failing) != 4 || e.Failing[2] != "tcp 1.1.1.1:443: no answer" {
		t.Errorf("failing: %q", e.Failing)
	}
	s = &story{rule: transit()}
	s.rounds(4, "one")
	v := s.m.Current(s.rule)
	if v.Condition != event.IsUp || v.Place != event.PlaceTarget || v.Evidence.Failing[0] != "tcp 1.1.1.1:443: no answer" || v.Evidence.Loss != 0 {
		t.Errorf("one target: %+v", v)
	}
}

func TestCarrierIsNoRound(t *testing.T) {
	s := &story{rule: transit()}
	s.rounds(1, "good")
	lost := results("port")[:1]
	var changes []Change
	s.m, changes = s.rule.Weigh(s.m, at(s.now), lost, false)
	if len(changes) > 0 || !s.m.InDoubt(s.rule) || s.m.Current(s.rule).Evidence.Link != "eth0 no carrier" {
		t.Errorf("%v, in doubt %v, %+v", changes, s.m.InDoubt(s.rule), s.m.Current(s.rule))
	}
}

// A restart during an outage: the end must be seen, not assumed.
func TestRestartDuringAnOutage(t *testing.T) {
	s := &story{rule: transit()}
	s.rounds(3, "cut")
	s.m = reread(t, s.m)
	s.m = s.rule.Begin(s.m, at(s.now))
	s.told = nil
	s.rounds(4, "good")
	s.expect(t)
	s.rounds(1, "good")
	s.expect(t, "00:03:30 up: down to up since 00:01:30")
}

func reread(t *testing.T, m Memory) Memory {
	t.Helper()
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var again Memory
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	return again
}

// Probes that fall silent are an alarm of their own, also when they never spoke.
func TestSilence(t *testing.T) {
	s := &story{rule: transit()}
	s.m = s.rule.Begin(s.m, at(0))
	if wake := s.rule.Wake(s.m); !wake.Equal(at(150 * time.Second).Box) {
		t.Fatalf("wakes at %s", wake)
	}
	s.now = 149 * time.Second
	s.tick()
	s.expect(t)
	s.now = 150 * time.Second
	s.tick()
	s.tick()
	s.expect(t, "00:02:30 silent:  to unknown, this box since 00:00:00")
	if wake := s.rule.Wake(s.m); !wake.IsZero() {
		t.Errorf("wakes again at %s", wake)
	}
	s.rounds(1, "good")
	s.expect(t, "00:02:30 up: unknown to up since 00:02:30")
}

func (s *story) tick() {
	var changes []Change
	s.m, changes = s.rule.Tick(s.m, at(s.now))
	s.tell(changes)
}

// An outage is not over because nobody looked for a while.
func TestSilenceDuringAnOutage(t *testing.T) {
	s := &story{rule: transit()}
	s.rounds(3, "cut")
	s.now = 10 * time.Minute
	s.tick()
	s.told = nil
	s.rounds(4, "good")
	s.expect(t)
	s.rounds(1, "good")
	s.expect(t, "00:12:00 up: unknown to up since 00:10:00")
}

func TestParent(t *testing.T) {
	s := &story{rule: transit()}
	s.rule.Parent = "core"
	s.rounds(1, "good")
	s.told = nil
	s.paced(5, s.rule.Every, "cut", true)
	s.expect(t, "00:01:30 excused: up to unknown since 00:00:30")
	if list := s.m.Current(s.rule).Evidence.Failing; list[0] != "excused by core" {
		t.Errorf("failing: %q", list)
	}
	if s.m.InDoubt(s.rule) {
		t.Error("excused is no doubt")
	}
	s.rounds(3, "cut") // the parent is back, this one is not
	s.expect(t, "00:04:00 down: unknown to down, upstream since 00:03:00")
	s.paced(2, s.rule.Every, "cut", true)
	s.expect(t) // it was down on its own account
}

func TestLossAndLatency(t *testing.T) {
	rule := transit()
	rule.Every, rule.DownAfter, rule.UpAfter, rule.Hold = 2*time.Second, 10, 10, 60*time.Second
	rule.Degraded = Limits{Loss: 0.2, Latency: 400 * time.Millisecond, Over: time.Minute}
	rule = rule.Filled()
	s := &story{rule: rule}
	for range 30 {
		s.rounds(1, "two") // 3 of 4 lost in one round of four
		s.rounds(3, "good")
	}
	// At 00:00:30 half a window is seen, 19 % of it lost; at 00:00:32 a round is
	// bad and might begin an outage; after it 21 % are lost.
	s.expect(t, "00:00:02 up:  to up since 00:00:02", "00:00:34 degraded: up to degraded, upstream since 00:00:34")
	end := s.now
	s.rounds(90, "good")
	if len(s.told) != 1 || !strings.Contains(s.told[0], "better: degraded to up") || s.m.Verdict.Since.Before(at(end).Box) {
		t.Errorf("%q", s.told)
	}
	s.told = nil
	s.rounds(40, "slow")
	if len(s.told) != 1 || !strings.Contains(s.told[0], "degraded: up to degraded") {
		t.Errorf("slow: %q", s.told)
	}
}

// A total cut is one text: not degraded first and down eight seconds later.
func TestACutIsNotDegradedFirst(t *testing.T) {
	rule := transit()
	rule.Every, rule.DownAfter, rule.Degraded = 2*time.Second, 10, Limits{Loss: 0.2, Over: time.Minute}
	s := &story{rule: rule.Filled()}
	s.rounds(60, "good")
	s.told = nil
	s.rounds(20, "cut")
	s.expect(t, "00:02:18 down: up to down, upstream since 00:02:00")
	s.rounds(200, "good")
	s.expect(t, "00:04:40 up: down to up since 00:02:40")
}

func (s *story) cycles(n int) {
	for range n {
		s.rounds(3, "cut")
		s.rounds(5, "good")
	}
}

// Promise 5: down again after the tenth time.
func TestTenCycles(t *testing.T) {
	s := &story{rule: transit()}
	s.rounds(1, "good")
	s.cycles(10)
	if len(s.told) != 21 {
		t.Fatalf("%d changes: %q", len(s.told), s.told)
	}
	s.told = nil
	s.rounds(3, "cut")
	s.expect(t, "00:41:30 down: up to down, upstream since 00:40:30")
}

// Flapping is said once, and once more when it has settled; the last state is
// right, and so is the count.
func TestFlapping(t *testing.T) {
	s := &story{rule: transit()}
	s.rule.Flap = Flap{Changes: 4, Over: time.Hour, Calm: 20 * time.Minute}
	s.rounds(1, "good")
	s.told = nil
	s.cycles(2)
	s.expect(t, "00:01:30 down: up to down, upstream since 00:00:30", "00:04:00 up: down to up since 00:02:00",
		"00:05:30 down: up to down, upstream since 00:04:30", "00:08:00 unstable: down to up since 00:06:00")
	if v := s.m.Verdict; v.Changes != 4 || !v.Unstable.Equal(at(30*time.Second).Box) {
		t.Errorf("%d changes since %s", v.Changes, v.Unstable)
	}
	s.cycles(8)
	for _, line := range s.told {
		if !strings.Contains(line, " quiet: ") {
			t.Errorf("told while unstable: %s", line)
		}
	}
	s.told = nil
	s.rounds(45, "cut")
	s.expect(t, "00:41:30 quiet: up to down, upstream since 00:40:30", "01:00:30 settled: down to down, upstream since 00:40:30")
	if v := s.m.Verdict; v.Changes != 21 || !v.Unstable.IsZero() {
		t.Errorf("%d changes, unstable since %s", v.Changes, v.Unstable)
	}
}

// After a restart calm is not believed before a round was seen.
func TestUnstableOverARestart(t *testing.T) {
	s := &story{rule: transit()}
	s.rule.Flap = Flap{Changes: 2, Over: time.Hour, Calm: 20 * time.Minute}
	s.rounds(1, "good")
	s.cycles(1)
	s.now = 2 * time.Hour
	s.m, s.told = s.rule.Begin(reread(t, s.m), at(s.now)), nil
	s.tick()
	s.expect(t)
	s.rounds(1, "good")
	s.expect(t, "02:00:00 settled: up to up since 00:02:00")
}

// The box was dark for three days and learns it two rounds after its boot:
// neither is that silence, nor were the two rounds three days of failing.
func TestBoxTimeMovesForward(t *testing.T) {
	s := &story{rule: transit()}
	s.m = s.rule.Begin(s.m, event.Stamp{Box: midnight})
	for range 2 {
		s.m, _ = s.rule.Weigh(s.m, event.Stamp{Box: midnight.Add(s.now)}, results("cut"), false)
		s.now += s.rule.Every
	}
	const dark = 72 * time.Hour
	s.now += dark
	s.m = s.m.Reclocked(dark, at(s.now))
	s.tick()
	s.rounds(1, "cut")
	s.expect(t, "00:01:00 down:  to down, upstream since 00:00:00")
	if v := s.m.Verdict; !v.Trusted || !v.SinceWall.Equal(at(dark).Wall) {
		t.Errorf("since %s, trusted %v", v.SinceWall, v.Trusted)
	}
}

func TestCheckNamesEveryFault(t *testing.T) {
	if err := transit().Check(); err != nil {
		t.Error(err)
	}
	bad := transit()
	bad.Parent, bad.Doubt, bad.Degraded.Over, bad.Degraded.Loss = bad.Name, time.Hour, time.Second, 2
	err := bad.Check()
	for _, key := range []string{"parent: ", "every: ", "degraded.over: ", "degraded.loss: "} {
		if err == nil || !strings.Contains(err.Error(), "transit-a: "+key) {
			t.Errorf("%s is not named: %v", key, err)
		}
	}
}

// deep is a copy that shares nothing.
func deep(m Memory) Memory {
	c := m
	c.Flips = append([]time.Time(nil), m.Flips...)
	c.window.rounds = append([]round(nil), m.window.rounds...)
	c.window.probes = append([]string(nil), m.window.probes...)
	c.latest.Failing = append([]string(nil), m.latest.Failing...)
	c.Verdict.Evidence.Failing = append([]string(nil), m.Verdict.Evidence.Failing...)
	return c
}

// Any weather: the argument is never changed, DOWN never comes sooner than the
// rule says nor with a good round in its run, downs and ups alternate, and the
// durable part changes only together with a Change.
func TestAnyWeather(t *testing.T) {
	looks := []string{"good", "good", "cut", "cut", "port", "gateway", "names", "one", "slow", "two", "box"}
	rapid.Check(t, func(t *rapid.T) {
		rule := transit()
		rule.Hold = time.Duration(rapid.IntRange(1, 200).Draw(t, "hold")) * time.Second
		rule.DownAfter = rapid.IntRange(1, 5).Draw(t, "down after")
		rule.Degraded = Limits{Loss: 0.2, LeaveLoss: 0.1, Latency: 400 * time.Millisecond, LeaveLatency: 300 * time.Millisecond, Over: 5 * time.Minute}
		damped := rapid.Bool().Draw(t, "damped")
		if damped {
			rule.Flap = Flap{Changes: 3, Over: time.Hour, Calm: 10 * time.Minute}
		}
		var m Memory
		var now, badSince time.Duration
		bad, last := 0, event.Condition("")
		for range rapid.IntRange(1, 60).Draw(t, "spells") {
			look := rapid.SampledFrom(looks).Draw(t, "look")
			pace := rapid.SampledFrom([]time.Duration{rule.Every, rule.Doubt}).Draw(t, "pace")
			for range rapid.IntRange(1, 12).Draw(t, "rounds") {
				now += pace
				list := results(look)
				if 4-lost(list) < rule.Quorum {
					if bad++; bad == 1 {
						badSince = now
					}
				} else {
					bad = 0
				}
				before, copied := m, deep(m)
				next, changes := rule.Weigh(m, at(now), list, false)
				rule.Weigh(m, at(now), results("good"), false) // a second branch must not disturb the first
				if !same(before, copied) {
					t.Fatalf("%s: the argument was changed", clock(now))
				}
				if repeat, _ := rule.Weigh(before, at(now), list, false); !same(repeat, next) {
					t.Fatalf("%s: the same round weighs differently", clock(now))
				}
				if len(changes) == 0 && !reflect.DeepEqual(durable(before), durable(next)) {
					t.Fatalf("%s: durable without a change", clock(now))
				}
				for _, c := range changes {
					if c.To.Condition == event.IsDown && c.From.Condition != event.IsDown {
						if bad < rule.DownAfter || now-badSince < time.Duration(rule.DownAfter-1)*rule.Every || !c.To.Since.Equal(at(badSince).Box) {
							t.Fatalf("%s: down after %d rounds and %s", clock(now), bad, now-badSince)
						}
					}
					if !damped && (c.What == Down || c.What == Up) {
						if c.To.Condition == last {
							t.Fatalf("%s: %s twice", clock(now), last)
						}
						last = c.To.Condition
					}
				}
				if bad >= rule.DownAfter && now-badSince >= time.Duration(rule.DownAfter-1)*rule.Every && next.Verdict.Condition != event.IsDown {
					t.Fatalf("%s: missed an outage since %s", clock(now), clock(badSince))
				}
				m = next
			}
		}
	})
}

func lost(list []event.Result) int {
	n := 0
	for _, r := range list {
		if !r.OK && r.Kind != event.Link && r.Kind != event.Gateway {
			n++
		}
	}
	return n
}

type kept struct {
	Verdict event.Verdict
	Before  event.Condition
	Flips   []time.Time
}

func durable(m Memory) kept { return kept{m.Verdict, m.Before, m.Flips} }

// same compares copies, so that an empty list and none are alike.
func same(a, b Memory) bool { return reflect.DeepEqual(deep(a), deep(b)) }

func BenchmarkRound(b *testing.B) {
	rule := transit()
	rule.Every, rule.DownAfter = 2*time.Second, 10
	rule.Degraded = Limits{Loss: 0.2, Latency: 400 * time.Millisecond, Over: time.Minute}
	rule = rule.Filled()
	list := results("good")
	for i := range 5 {
		list = append(list, event.Result{Probe: fmt.Sprintf("icmp %d", i), Kind: event.ICMP, OK: true, RTT: time.Millisecond})
	}
	var m Memory
	b.ReportAllocs()
	for i := range b.N {
		m, _ = rule.Weigh(m, at(time.Duration(i)*rule.Every), list, false)
	}
}
