package screen

// key is one row of the table from which the keys work, the footer names them
// and the help explains them.
type key struct {
	press []string // as bubbletea names them; the first is shown
	shown string   // how the footer and the help call it, where that differs
	hint  string   // one or two words for the footer
	group string
	help  string // a sentence

	verb    Verb
	phone   string // of Say and Ring: who; "" where the verb has no phone
	suggest string // what Enter sends when nothing was typed
}

// stranger is a number that nobody in the rehearsal knows.
const stranger = "+48600100299"

// The groups of the help, in the order of the table.
const (
	network = "The network"
	modem   = "The modem"
	box     = "The box"
	people  = "The people"
	screen  = "The screen"
)

// keys is the table. The digits are one row.
var keys = []key{
	{press: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, shown: "1-9", hint: "uplink", group: network, help: "Pick the uplink that is meant."},
	{press: []string{"c"}, hint: "cut", group: network, verb: Cut, help: "Cut its fibre; again mends it."},
	{press: []string{"b"}, hint: "hole", group: network, verb: BlackHole, help: "A router upstream swallows all."},
	{press: []string{"l"}, hint: "loss", group: network, verb: Loss, help: "Four packets in ten get lost."},
	{press: []string{"t"}, hint: "target", group: network, verb: OneTarget, help: "One target answers no more."},
	{press: []string{"f"}, hint: "flap", group: network, verb: Flap, help: "It goes and comes by itself."},
	{press: []string{"g"}, hint: "gw", group: network, verb: Gateway, help: "The gateway loses its power."},
	{press: []string{"o"}, hint: "port", group: network, verb: OwnPort, help: "Pull the cable of its port."},
	{press: []string{"m"}, hint: "mend", group: network, verb: Mend, help: "Make the whole network well."},

	{press: []string{"h"}, hint: "hang", group: modem, verb: Hang, help: "It answers nothing any more."},
	{press: []string{"u"}, hint: "USB", group: modem, verb: Unplug, help: "Pull its USB, or plug it in."},
	{press: []string{"s"}, hint: "SIM", group: modem, verb: Fill, help: "The SIM has no room for texts."},
	{press: []string{"x"}, hint: "refuse", group: modem, verb: Refuse, help: "Texts are refused with CMS 38."},
	{press: []string{"n"}, hint: "signal", group: modem, verb: NoCarrier, help: "No signal for data; texts go on."},
	{press: []string{"P"}, hint: "portal", group: modem, verb: Portal, help: "A captive portal answers all."},

	{press: []string{"k"}, hint: "kill", group: box, verb: Kill, help: "kill -9 the appliance."},
	{press: []string{"p"}, hint: "plug", group: box, verb: Plug, help: "Pull its power, or put it back."},
	{press: []string{"d"}, hint: "disk", group: box, verb: FullDisk, help: "Nothing can be written any more."},

	{press: []string{"a"}, hint: "ada", group: people, verb: Say, phone: "ada", suggest: "ack", help: "Text the box as ada, on call."},
	{press: []string{"B"}, hint: "bob", group: people, verb: Say, phone: "bob", help: "Text the box as bob."},
	{press: []string{"C"}, group: people, verb: Say, phone: "carol", help: "Text it as carol, a subscriber."},
	{press: []string{"!"}, hint: "spam", group: people, verb: Say, phone: stranger, help: "Text it as a stranger."},
	{press: []string{"@"}, hint: "fake", group: people, verb: Spoof, phone: "ada", suggest: "clear 1", help: "A stranger, with ada's number."},
	{press: []string{"r"}, hint: "ring", group: people, verb: Ring, phone: "ada", help: "Ring as ada; it means ACK."},

	{press: []string{"+", "="}, hint: "speed", group: screen, verb: Speed, help: "The next speed (restarts it)."},
	{press: []string{"tab", "shift+tab"}, shown: "Tab", hint: "pane", group: screen, help: "The next pane; Shift: back."},
	{press: []string{"up", "down", "pgup", "pgdown", "home", "end"}, shown: "↑ ↓", group: screen, help: "Scroll; also PgUp PgDn Home End."},
	{press: []string{"z", "enter"}, shown: "z", group: screen, help: "One pane only; Esc: all."},
	{press: []string{"?"}, hint: "help", group: screen, help: "This page; any key leaves it."},
	{press: []string{"q", "ctrl+c"}, hint: "quit", group: screen, help: "Quit at once, whatever goes on."},
}

func (k key) name() string {
	if k.shown != "" {
		return k.shown
	}
	return k.press[0]
}
