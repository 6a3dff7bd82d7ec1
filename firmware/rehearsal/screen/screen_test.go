package screen

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// TestGoldenFrames holds the screen to pages that people have looked at.
func TestGoldenFrames(t *testing.T) {
	for name, view := range moments {
		for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
			if size[0] == 120 && view().Outside == nil {
				continue // it has nothing to show that the others have not
			}
			still := Still(view(), size[0], size[1])
			measure(t, still, size[0], size[1])
			file := filepath.Join("testdata", fmt.Sprintf("%s-%dx%d.txt", name, size[0], size[1]))
			if *update {
				if err := os.WriteFile(file, []byte(still), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if still != string(want) {
				t.Errorf("%s is drawn otherwise (go test -update, and look at it):\n%s", file, still)
			}
		}
	}
}

// measure checks that a frame is a full rectangle.
func measure(t *testing.T, frame string, w, h int) {
	t.Helper()
	rows := strings.Split(strings.TrimSuffix(frame, "\n"), "\n")
	if len(rows) != h {
		t.Errorf("a frame of %dx%d has %d rows", w, h, len(rows))
	}
	for i, row := range rows {
		if n := ansi.StringWidth(row); n != w {
			t.Errorf("row %d of a frame of %dx%d has %d columns: %q", i, w, h, n, row)
		}
	}
}

// TestEverySizeIsARectangle draws every moment at many sizes, down to none.
func TestEverySizeIsARectangle(t *testing.T) {
	for _, name := range []string{"cut", "box-dead", "portal"} {
		v := moments[name]()
		for _, n := range []int{1, 2, 9} { // as many uplinks
			for len(v.Uplinks) < n {
				v.Uplinks = append(v.Uplinks, uplink("transit-c", "enp3s0f1np1", "2001:db8:1234:5678::1"))
			}
			v.Uplinks = v.Uplinks[:n]
			for _, w := range []int{1, 79, 80, 101, 131, 132, 200} {
				for _, h := range []int{1, 24, 25, 34, 35, 48, 70} {
					frame := Still(v, w, h)
					if measure(t, frame, w, h); t.Failed() {
						t.Fatalf("%s with %d uplinks at %dx%d:\n%s", name, n, w, h, frame)
					}
				}
			}
		}
	}
	odd := severed()
	odd.Elapsed, odd.Scale, odd.Modem.Bars, odd.Queue[0].N, odd.Incidents[0].Since = -time.Hour, -1, -3, -7, 200*time.Hour
	for range 9 {
		odd.Phones = append(odd.Phones, odd.Phones[0])
	}
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		measure(t, Still(View{}, size[0], size[1]), size[0], size[1])
		measure(t, Still(odd, size[0], size[1]), size[0], size[1])
	}
}

func TestATooSmallTerminalIsToldWhatIsNeeded(t *testing.T) {
	if got := Still(calm(), 70, 20); !strings.Contains(got, "heliograph needs 80 x 24; this is 70 x 20") {
		t.Errorf("a small terminal shows:\n%s", got)
	}
}

// TestWordsCarryTheMeaning reads the stills, which have no colours.
func TestWordsCarryTheMeaning(t *testing.T) {
	for name, want := range map[string][]string{
		"calm":         {"UP", "all is well", "FIT", "▁▂▄▆·", "● on"},
		"cut":          {"✗ cut", "DOWN at upstream", "3/3 lost beyond gw", "#1 transit-a", "OPEN", "Reply ACK 1", "1 sent"},
		"acknowledged": {"ada has it", "ACKNOWLEDGED", "ack ", "yours."},
		"mended":       {"RESOLVED", "All clear.", "all is well"},
		"outside":      {"wwan0 cell UP 41 ms", "48.4 kB on the air", "ada 2 bob 1 wholesale 0", "page identified", "room identified"},
		"portal":       {"wwan0 cell captive portal ✗ portal", "✗ 1 not ours"},
		"box-dead":     {"the box is dead", "✗ dead", "UNKNOWN", "✗ black hole", "✗ pulled", "UNFIT", "USB pulled", "disk full"},
	} {
		still := Still(moments[name](), 80, 24)
		for _, words := range want {
			if !strings.Contains(still, words) {
				t.Errorf("%s at 80x24 does not say %q:\n%s", name, words, still)
			}
		}
	}
}

// TestFaultsHaveTheirPlace breaks one thing at a time and looks where it is
// drawn, from the left to the right.
func TestFaultsHaveTheirPlace(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		last := 0
		for _, c := range []struct{ fault, word string }{
			{"own port", "✗ pulled"}, {"gateway", "✗ no power"}, {"cut", "✗ cut"}, {"black hole", "✗ black hole"}, {"one target", "✗ tcp"},
		} {
			v := calm()
			v.Uplinks[0].Faults = []string{c.fault}
			if c.fault == "one target" {
				v.Uplinks[0].Targets[2].OK = false
				if size[0] == 80 {
					c.word = "●●✗"
				}
			}
			still := Still(v, size[0], size[1])
			at := -1
			for row := range strings.Lines(still) {
				if before, _, found := strings.Cut(row, c.word); found {
					at = ansi.StringWidth(before)
				}
			}
			if at <= last {
				t.Errorf("%s is drawn in column %d at %v, not to the right of column %d:\n%s", c.fault, at, size, last, still)
			}
			last = at
		}
	}
}

// table is a model at a size that has seen its world once.
func table(w *fakeWorld, width, height int) *model {
	m := newModel(context.Background(), w)
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	m.Update(m.look()())
	return m
}

// press gives keys to a model and carries out what they ask for.
func press(m *model, names ...string) {
	for _, name := range names {
		_, cmd := m.Update(stroke(name))
		if cmd != nil && m.stance.busy > 0 {
			m.Update(cmd())
		}
	}
}

// stroke is a key press as bubbletea reports it.
func stroke(name string) tea.KeyPressMsg {
	special := map[string]tea.Key{
		"tab": {Code: tea.KeyTab}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape},
		"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
		"backspace": {Code: tea.KeyBackspace}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, " ": {Code: tea.KeySpace, Text: " "},
	}
	if k, ok := special[name]; ok {
		return tea.KeyPressMsg(k)
	}
	return tea.KeyPressMsg(tea.Key{Code: []rune(name)[0], Text: name})
}

// TestEveryKeyReachesTheWorld presses each key of the table that is an act.
func TestEveryKeyReachesTheWorld(t *testing.T) {
	seen := map[Verb]bool{}
	for _, k := range keys {
		if k.verb == "" {
			continue
		}
		seen[k.verb] = true
		for _, name := range k.press {
			w := &fakeWorld{view: calm()}
			m := table(w, 80, 24)
			press(m, "2", name)
			want := Act{Verb: k.verb, Phone: k.phone}
			if k.group == network && k.verb != Mend {
				want.Uplink = "transit-b"
			}
			if k.verb == Say || k.verb == Spoof {
				press(m, "h", "i", "enter")
				want.Text = "hi"
			}
			if !slices.Equal(w.acts, []Act{want}) {
				t.Errorf("key %s: the world was asked for %+v, not %+v", name, w.acts, want)
			}
		}
	}
	for _, verb := range []Verb{Cut, BlackHole, Loss, OneTarget, Flap, Gateway, OwnPort, NoCarrier, Portal, Mend, Hang, Unplug, Fill, Refuse, Kill, Plug, FullDisk, Say, Spoof, Ring, Speed} {
		if !seen[verb] {
			t.Errorf("no key does %q", verb)
		}
	}
}

func TestNoKeyMeansTwoThings(t *testing.T) {
	seen := map[string]string{}
	for _, k := range keys {
		for _, name := range k.press {
			if seen[name] != "" {
				t.Errorf("%s means both %q and %q", name, seen[name], k.help)
			}
			seen[name] = k.help
		}
	}
}

// TestHelpFitsAndIsWhole reads the help at the smallest size.
func TestHelpFitsAndIsWhole(t *testing.T) {
	m := table(&fakeWorld{view: severed()}, 80, 24)
	press(m, "?")
	page := ansi.Strip(m.frame)
	for _, k := range keys {
		if !strings.Contains(page, k.name()+" ") || !strings.Contains(page, k.help) {
			t.Errorf("the help does not explain %s (%s):\n%s", k.name(), k.help, page)
		}
	}
	if !strings.Contains(page, "╰"+strings.Repeat("─", 78)+"╯") {
		t.Errorf("the help does not end on the page:\n%s", page)
	}
	if press(m, "esc"); strings.Contains(ansi.Strip(m.frame), "Pick the uplink") {
		t.Error("Esc does not leave the help")
	}
}

// TestFooterNamesTheKeys looks for every act's key at the smallest size.
func TestFooterNamesTheKeys(t *testing.T) {
	still := Still(calm(), 80, 24)
	for _, k := range keys {
		if k.hint != "" && !strings.Contains(still, k.name()+" "+k.hint) {
			t.Errorf("the footer does not name %s:\n%s", k.name(), still)
		}
	}
}

func TestAnAnswerIsTyped(t *testing.T) {
	w := &fakeWorld{view: severed()}
	m := table(w, 80, 24)

	press(m, "a")
	if !strings.Contains(ansi.Strip(m.frame), "text as ada") {
		t.Fatalf("no line to write on:\n%s", ansi.Strip(m.frame))
	}
	press(m, "enter") // nothing typed: what ada says by default

	press(m, "B", "q", "X", "backspace", "ż", "ó", " ", "1", "enter") // q is a letter here
	press(m, "!", "enter")                                            // nothing to send
	press(m, "!", "up", "up", "enter")                                // the text before the last one
	press(m, "B", "n", "o", "esc")
	press(m, "@")
	if !strings.Contains(ansi.Strip(m.frame), "text as a stranger with ada's number ▸ █clear 1") {
		t.Errorf("who fakes a number is not shown:\n%s", ansi.Strip(m.frame))
	}
	press(m, "enter")
	m.Update(stroke("a"))
	m.Update(tea.PasteMsg{Content: "say hello\nworld"})
	press(m, "enter")

	want := []Act{{Verb: Say, Phone: "ada", Text: "ack"}, {Verb: Say, Phone: "bob", Text: "qżó 1"},
		{Verb: Say, Phone: stranger, Text: "ack"}, {Verb: Spoof, Phone: "ada", Text: "clear 1"}, {Verb: Say, Phone: "ada", Text: "say hello world"}}
	if !slices.Equal(w.acts, want) {
		t.Errorf("the world heard\n%+v\nnot\n%+v", w.acts, want)
	}
}

func TestDigitsPickAnUplinkThatThereIs(t *testing.T) {
	w := &fakeWorld{view: calm()}
	m := table(w, 80, 24)
	press(m, "2", "3")
	if page := ansi.Strip(m.frame); !strings.Contains(page, "▸ 2 transit-b") || !strings.Contains(page, "✗ there is no uplink 3; pick one of 1 to 2") {
		t.Errorf("after 2 and 3:\n%s", page)
	}
	w.view.Uplinks = w.view.Uplinks[:1]
	m.Update(m.look()())
	press(m, "c")
	if want := (Act{Verb: Cut, Uplink: "transit-a"}); !slices.Equal(w.acts, []Act{want}) {
		t.Errorf("the picked uplink went away; then the world was asked for %+v", w.acts)
	}
}

// TestResizeFollows draws each size that the terminal takes.
func TestResizeFollows(t *testing.T) {
	m := table(&fakeWorld{view: severed()}, 80, 24)
	for _, size := range [][2]int{{200, 60}, {60, 10}, {120, 40}, {80, 24}} {
		m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		measure(t, ansi.Strip(m.frame), size[0], size[1])
	}
}

// TestTabScrollAndZoom goes to the log, which 80x24 has no room for, and up in it.
func TestTabScrollAndZoom(t *testing.T) {
	v := severed()
	for i := range 100 {
		v.Log = append(v.Log, Line{seconds(20), "you", fmt.Sprintf("thing %d.", i)})
	}
	m := table(&fakeWorld{view: v}, 80, 24)
	press(m, "shift+tab")
	if m.stance.focus != "short" {
		t.Errorf("Shift+Tab from the first pane leads to %s", m.stance.focus)
	}
	press(m, "z")
	for m.stance.focus != "log" {
		press(m, "tab")
	}
	if page := ansi.Strip(m.frame); !strings.Contains(page, "thing 99.") || strings.Contains(page, "thing 50.") {
		t.Errorf("the log does not rest at its end:\n%s", page)
	}
	press(m, "pgup", "pgup", "pgup")
	if page := ansi.Strip(m.frame); !strings.Contains(page, "thing 48.") {
		t.Errorf("three pages up:\n%s", page)
	}
	press(m, "home", "up")
	if page := ansi.Strip(m.frame); !strings.Contains(page, "started, watching") {
		t.Errorf("at the start:\n%s", page)
	}
	press(m, "end", "esc")
	if page := ansi.Strip(m.frame); !strings.Contains(page, "Network") || !strings.Contains(page, "Appliance") {
		t.Errorf("Esc does not show all panes:\n%s", page)
	}
}

// TestAHostileTextCannotSteer shows what a stranger may send. None of it may
// reach the terminal as anything but a picture of itself.
func TestAHostileTextCannotSteer(t *testing.T) {
	const evil = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\b\x00 \u202Eesrever\u202C a\u0301\u0301\u0301\u0301 👩\u200d💻 🇵🇱 \uFEFF\u2028end"
	v := severed()
	v.Site, v.Modem.Line, v.Modem.Why, v.Modem.Make = evil, evil, evil, evil
	v.Phones[0].Name, v.Phones[0].Texts = evil, []Text{{At: 0, Body: evil}, {At: 1, Mine: true, Body: evil}}
	v.Log = append(v.Log, Line{0, evil, evil})
	v.Incidents[0].Subject, v.Incidents[0].Timeline = evil, []Line{{0, evil, evil}}
	v.Uplinks[0] = Uplink{Name: evil, Interface: evil, Gateway: evil, Condition: evil, Place: evil, Evidence: evil, Faults: []string{evil}, Targets: []Target{{evil, true}}}
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		still := Still(v, size[0], size[1])
		measure(t, still, size[0], size[1])
		if i := strings.IndexFunc(still, func(r rune) bool {
			return r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0 || strings.ContainsRune("\u202E\u202C\u200d\uFEFF\u2028", r))
		}); i >= 0 {
			t.Errorf("%q gets through at %v", still[i:i+4], size)
		}
		if !strings.Contains(still, "␛[2J") || strings.Contains(still, "\u0301\u0301") {
			t.Errorf("the text is not shown as it is at %v:\n%s", size, still)
		}
		if svg := string(SVG(v, size[0], size[1])); strings.ContainsAny(svg, "\x1b\x07\x00") {
			t.Errorf("control characters in the picture at %v", size)
		}
	}
}

// TestAnErrorIsSaid also lets the world panic, in Do and in Look.
func TestAnErrorIsSaid(t *testing.T) {
	w := &fakeWorld{view: calm()}
	m := table(w, 80, 24)
	says := func(want string) {
		t.Helper()
		if page := ansi.Strip(m.frame); !strings.Contains(page, want) || !strings.Contains(page, "transit-a") {
			t.Errorf("the screen does not say %q:\n%s", want, page)
		}
	}
	w.do = func(Act) (string, error) { return "", errors.New("the modem is not there: plug it in first (u)") }
	press(m, "h")
	says("✗ the modem is not there: plug it in first (u)")
	w.do = func(Act) (string, error) { panic("no such namespace") }
	press(m, "c")
	says("✗ cut: the rehearsal stumbled: no such namespace")
	w.look = func() { panic("gone") }
	m.Update(m.look()())
	says("✗ the rehearsal could not be looked at: gone")
	w.look, w.do = nil, func(Act) (string, error) { return "the fibre of transit-a is cut", nil }
	press(m, "c")
	says("✓ the fibre of transit-a is cut")
	m.Update(hush(m.saids - 1))
	says("✓ the fibre of transit-a is cut") // an older silence does not take it away
	m.Update(hush(m.saids))
	says("00:00 box started, watching 2 uplinks")
}

// TestAnActIsShownWhileItGoesOn presses a key and does not carry it out yet.
func TestAnActIsShownWhileItGoesOn(t *testing.T) {
	m := table(&fakeWorld{view: calm()}, 80, 24)
	_, cmd := m.Update(stroke("c"))
	if page := ansi.Strip(m.frame); !strings.Contains(page, "… cut transit-a") {
		t.Errorf("nothing says that an act is under way:\n%s", page)
	}
	m.Update(cmd())
	if m.stance.busy != 0 {
		t.Error("the act is still under way")
	}
}

func TestQuitIsAtOnce(t *testing.T) {
	for _, keys := range [][]string{{"q"}, {"ctrl+c"}, {"?", "q"}, {"a", "ctrl+c"}, {"z", "q"}} {
		m := table(&fakeWorld{view: severed()}, 80, 24)
		press(m, keys[:len(keys)-1]...)
		_, cmd := m.Update(stroke(keys[len(keys)-1]))
		if cmd == nil {
			t.Errorf("%v does not quit", keys)
			continue
		}
		if _, quits := cmd().(tea.QuitMsg); !quits {
			t.Errorf("%v does not quit", keys)
		}
	}
}

// TestAFrameIsDrawnWhenSomethingChanged looks at the same view twice.
func TestAFrameIsDrawnWhenSomethingChanged(t *testing.T) {
	w := &fakeWorld{view: calm()}
	m := newModel(context.Background(), w)
	drawn := 0
	m.cast = func([]string, int, int) { drawn++ }
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if page := ansi.Strip(m.frame); !strings.Contains(page, "The rehearsal starts …") {
		t.Errorf("before the first look:\n%s", page)
	}
	for i, want := range []int{2, 2, 2, 3} { // each look, a fifth of a second apart
		w.view.Elapsed = seconds(4.5 + 0.17*float64(i))
		m.Update(tick{})
		if m.Update(m.look()()); drawn != want {
			t.Errorf("after look %d at %v there were %d frames, not %d", i, w.view.Elapsed, drawn, want)
		}
	}
}

// TestALightTerminalGetsDarkWords answers the question for the background.
func TestALightTerminalGetsDarkWords(t *testing.T) {
	m := table(&fakeWorld{view: severed()}, 80, 24)
	before := m.frame
	m.Update(tea.BackgroundColorMsg{Color: lipgloss.Color("#ffffff")})
	if m.frame == before || ansi.Strip(m.frame) != ansi.Strip(before) {
		t.Error("a light terminal is not given other colours, or other words")
	}
	m.Update(tea.BackgroundColorMsg{Color: lipgloss.Color("#000000")})
	if m.frame != before {
		t.Error("a dark terminal is not given the colours that it had")
	}
}

// TestATextIsNewForAMoment looks at the ink of a phone five seconds apart.
func TestATextIsNewForAMoment(t *testing.T) {
	v := severed()
	inked := func() bool {
		return slices.ContainsFunc(draw(v, stance{}, 80, 24).cells, func(c cell) bool { return c.ink == fresh })
	}
	if !inked() {
		t.Error("a text that has just come is not marked")
	}
	if v.Elapsed += recent; inked() {
		t.Error("a text is marked for too long")
	}
}
