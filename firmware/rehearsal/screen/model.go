package screen

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

const (
	pollEvery = 150 * time.Millisecond
	saidFor   = 6 * time.Second
	longest   = 480 // runes of a text: three parts of a text message
)

// What reaches the loop beside keys and sizes.
type (
	tick   struct{}
	looked struct {
		view View
		err  error
	}
	done struct {
		said string
		err  error
	}
	hush int // the status with this number has been shown long enough
)

// model is the screen's memory. Only the loop of bubbletea touches it.
type model struct {
	ctx   context.Context // of acts
	world World
	cast  func(rows []string, w, h int)

	view    View
	seen    bool // there is a view
	stale   bool // the frame is to be drawn anew
	stance  stance
	w, h    int
	light   bool
	history []string
	saids   int
	frame   string
	broken  error
}

func newModel(ctx context.Context, w World) *model {
	return &model{ctx: ctx, world: w, cast: func([]string, int, int) {}, stance: stance{uplink: 1, focus: "network", up: map[string]int{}}}
}

func (m *model) Init() tea.Cmd { return tea.Batch(m.look(), tea.RequestBackgroundColor) }

func (m *model) View() tea.View {
	v := tea.NewView(m.frame)
	v.AltScreen = true
	v.WindowTitle = "heliograph rehearsal"
	return v
}

// Update ends the program when it panics: left to bubbletea, a panic would
// also restore the terminal, but not wait for who still reads from it.
func (m *model) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			next = m
			m.broken = fmt.Errorf("the screen broke: %v\n%s", r, debug.Stack())
			cmd = tea.Quit
		}
	}()
	if m.broken != nil {
		return m, tea.Quit
	}
	m.stale = true
	if cmd = m.take(msg); m.stale {
		m.render()
	}
	return m, cmd
}

func (m *model) render() {
	if m.w < 1 || m.h < 1 {
		return
	}
	page := placard("The rehearsal starts …", m.w, m.h)
	if m.seen {
		page = draw(m.view, m.stance, m.w, m.h)
	}
	rows := page.rows(m.palette())
	m.frame = strings.Join(rows, "\n")
	m.cast(rows, m.w, m.h)
}

func (m *model) palette() *palette {
	if m.light {
		return &light
	}
	return &dark
}

func (m *model) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		m.settle()
	case tea.BackgroundColorMsg:
		m.light = !msg.IsDark()
	case tick:
		m.stale = false
		return m.look()
	case looked:
		return m.see(msg)
	case done:
		m.stance.busy--
		return m.tell(msg)
	case hush:
		if int(msg) == m.saids {
			m.stance.said, m.stance.wrong = "", false
		}
	case tea.PasteMsg:
		if m.stance.entry != nil {
			m.write(msg.Content)
		}
	case tea.KeyPressMsg:
		return m.press(msg)
	}
	return nil
}

// look asks the world off the loop: even a world that blocks or panics leaves
// the keys alive.
func (m *model) look() tea.Cmd {
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = looked{err: fmt.Errorf("the rehearsal could not be looked at: %v", r)}
			}
		}()
		return looked{view: m.world.Look()}
	}
}

func (m *model) see(l looked) tea.Cmd {
	next := tea.Tick(pollEvery, func(time.Time) tea.Msg { return tick{} })
	if l.err != nil {
		return tea.Batch(next, m.tell(done{err: l.err}))
	}
	m.stale = !m.seen || !reflect.DeepEqual(glance(m.view), glance(l.view))
	m.view, m.seen = l.view, true
	m.settle()
	return next
}

// glance is a view without what nobody sees change: the clock shows seconds.
func glance(v View) View {
	v.Elapsed = v.Elapsed.Truncate(time.Second)
	return v
}

// settle keeps the picked uplink and the focus on what there is.
func (m *model) settle() {
	if n := len(m.view.Uplinks); n > 0 {
		m.stance.uplink = min(m.stance.uplink, n)
	}
	if ids := m.ring(); len(ids) > 0 && !slices.Contains(ids, m.stance.focus) {
		m.stance.focus = ids[0]
	}
}

// ring is what Tab goes through: all panes that are shown, or all there are
// while one fills the screen.
func (m *model) ring() []string {
	s := m.stance
	s.zoom = false
	at := arrange(m.view, s, m.w, m.h)
	var ids []string
	for _, p := range panes(m.view, s) {
		if _, shown := at[p.id]; shown || m.stance.zoom {
			ids = append(ids, p.id)
		}
	}
	return ids
}

// tell shows what an act returned, for some seconds.
func (m *model) tell(d done) tea.Cmd {
	m.stance.said, m.stance.wrong = d.said, d.err != nil
	if d.err != nil {
		m.stance.said = d.err.Error()
	}
	m.saids++
	number := m.saids
	return tea.Tick(saidFor, func(time.Time) tea.Msg { return hush(number) })
}

func (m *model) press(msg tea.KeyPressMsg) tea.Cmd {
	name := msg.String()
	if name == "ctrl+c" {
		return tea.Quit
	}
	if m.stance.entry != nil {
		return m.compose(msg)
	}
	if m.stance.help {
		m.stance.help = false
		if name == "?" || name == "esc" || name == "enter" || name == "space" {
			return nil
		}
	}
	if name == "esc" {
		m.stance.zoom = false
		m.settle()
		return nil
	}
	i := slices.IndexFunc(keys, func(k key) bool { return slices.Contains(k.press, name) })
	if i < 0 {
		return nil
	}
	return m.obey(keys[i], name)
}

func (m *model) obey(k key, name string) tea.Cmd {
	switch {
	case k.verb == Say || k.verb == Spoof:
		m.stance.entry = &entry{key: k}
		return nil
	case k.verb != "":
		return m.act(k, "")
	}
	switch k.group {
	case network:
		return m.pick(int(name[0] - '0'))
	case screen:
		return m.steer(name)
	}
	return nil
}

func (m *model) pick(n int) tea.Cmd {
	if n > len(m.view.Uplinks) {
		return m.tell(done{err: fmt.Errorf("there is no uplink %d; pick one of 1 to %d", n, len(m.view.Uplinks))})
	}
	m.stance.uplink = n
	return nil
}

// steer does what concerns the screen alone.
func (m *model) steer(name string) tea.Cmd {
	switch name {
	case "q":
		return tea.Quit
	case "?":
		m.stance.help = true
	case "z", "enter":
		m.stance.zoom = !m.stance.zoom
		m.settle()
	case "tab":
		m.move(1)
	case "shift+tab":
		m.move(-1)
	default:
		m.scroll(name)
	}
	return nil
}

func (m *model) move(by int) {
	ids := m.ring()
	if n := len(ids); n > 0 {
		m.stance.focus = ids[(slices.Index(ids, m.stance.focus)+by+n)%n]
	}
}

// scroll moves the content of the focused pane. Where the newest is at the
// bottom, that is where it rests.
func (m *model) scroll(name string) {
	i := slices.IndexFunc(panes(m.view, m.stance), func(p pane) bool { return p.id == m.stance.focus })
	r, shown := arrange(m.view, m.stance, m.w, m.h)[m.stance.focus]
	if i < 0 || !shown {
		return
	}
	p := panes(m.view, m.stance)[i]
	in := p.inner(r)
	over := max(p.draw(in.w, in.h).h-in.h, 0)
	by := map[string]int{"up": -1, "down": 1, "pgup": -in.h, "pgdown": in.h, "home": -over, "end": over}[name]
	if p.bottom {
		by = -by
	}
	m.stance.up[p.id] = min(max(min(m.stance.up[p.id], over)+by, 0), over)
}

// act carries one out off the loop. Its error or panic becomes a sentence.
func (m *model) act(k key, text string) tea.Cmd {
	a := Act{Verb: k.verb, Phone: k.phone, Text: text}
	if k.group == network && k.verb != Mend {
		if len(m.view.Uplinks) == 0 {
			return m.tell(done{err: fmt.Errorf("there is no uplink yet; wait until the box has started")})
		}
		a.Uplink = m.view.Uplinks[m.stance.uplink-1].Name
	}
	m.stance.busy++
	m.saids++ // an older status must not be hushed in this one's place
	m.stance.said, m.stance.wrong = strings.TrimSpace(k.hint+" "+a.Uplink), false
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = done{err: fmt.Errorf("%s: the rehearsal stumbled: %v", k.hint, r)}
			}
		}()
		said, err := m.world.Do(m.ctx, a)
		if said == "" {
			said = strings.TrimSpace(k.hint + " " + a.Uplink)
		}
		return done{said, err}
	}
}

// compose takes a key while a text is being written.
func (m *model) compose(msg tea.KeyPressMsg) tea.Cmd {
	e := m.stance.entry
	switch msg.String() {
	case "esc":
		m.stance.entry = nil
	case "enter":
		return m.send()
	case "backspace":
		e.text = e.text[:max(len(e.text)-1, 0)]
	case "ctrl+u":
		e.text = nil
	case "up":
		m.recall(1)
	case "down":
		m.recall(-1)
	default:
		m.write(msg.Text)
	}
	return nil
}

func (m *model) write(words string) {
	e := m.stance.entry
	words = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return ' '
		}
		return r
	}, words)
	e.text = append(e.text, []rune(words)...)
	e.text = e.text[:min(len(e.text), longest)]
}

// recall brings back an earlier text, or a later one again.
func (m *model) recall(by int) {
	e := m.stance.entry
	e.past = min(max(e.past+by, 0), len(m.history))
	e.text = nil
	if e.past > 0 {
		e.text = []rune(m.history[len(m.history)-e.past])
	}
}

func (m *model) send() tea.Cmd {
	e := m.stance.entry
	text := strings.TrimSpace(string(e.text))
	if text == "" {
		text = e.key.suggest
	}
	m.stance.entry = nil
	if text == "" {
		return m.tell(done{err: fmt.Errorf("nothing was written, so nothing is sent")})
	}
	if n := len(m.history); n == 0 || m.history[n-1] != text {
		m.history = append(m.history, text)
	}
	return m.act(e.key, text)
}
