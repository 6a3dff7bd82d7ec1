package screen

import (
	"context"
	"sync"
	"time"
)

// fakeWorld shows one view and remembers the acts that it was asked for.
type fakeWorld struct {
	mu   sync.Mutex
	view View
	acts []Act

	look func()                    // before Look answers
	do   func(Act) (string, error) // what Do answers
}

func (w *fakeWorld) Look() View {
	if w.look != nil {
		w.look()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view
}

func (w *fakeWorld) Do(_ context.Context, a Act) (string, error) {
	w.mu.Lock()
	w.acts = append(w.acts, a)
	w.mu.Unlock()
	if w.do != nil {
		return w.do(a)
	}
	return "done", nil
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

func uplink(name, iface, gateway string) Uplink {
	return Uplink{Name: name, Interface: iface, Gateway: gateway, Condition: "up", Evidence: "3/3 answer",
		Targets: []Target{{"icmp 198.51.100.9", true}, {"dns 198.51.100.53", true}, {"tcp 203.0.113.1:443", true}}}
}

// calm is the night before anything happened.
func calm() View {
	return View{
		Site: "waw-12", Elapsed: seconds(4.5), Scale: 20, Places: true,
		Box:     Box{Power: true, Running: true, Watching: true, Starts: 1},
		Uplinks: []Uplink{uplink("transit-a", "eth0", "192.0.2.1"), uplink("transit-b", "eth1", "192.0.2.129")},
		Queue:   []Count{{"pending", 0}, {"sending", 0}, {"unsure", 0}, {"sent", 0}, {"delivered", 0}, {"failed", 0}, {"superseded", 0}},
		Modem:   Modem{Name: "lte0", Make: "SIMCom SIM7600", Fit: true, State: "registered, home network", Bars: 4, Line: "< +CSQ: 22,99"},
		Phones:  []Phone{{Name: "ada", Number: "+48600100201"}, {Name: "bob", Number: "+48600100202"}, {Name: "carol", Number: "+48600100203"}},
		Log:     []Line{{seconds(0.4), "box", "started, watching 2 uplinks"}},
	}
}

// severed is the night a second after the first text.
func severed() View {
	v := calm()
	v.Elapsed = seconds(11)
	a := &v.Uplinks[0]
	a.Condition, a.Place, a.Evidence, a.Faults = "down", "upstream", "3/3 lost beyond gw; eth0 ok, gw ok", []string{"cut"}
	for i := range a.Targets {
		a.Targets[i].OK = false
	}
	v.Incidents = []Incident{{Number: 1, Subject: "transit-a", Phase: "open", Since: seconds(9), Timeline: []Line{
		{seconds(9), "box", "transit-a is down: 3/3 lost beyond gw: upstream"}, {seconds(9.3), "ada", "told by sms, delivered"}, {seconds(9.5), "carol", "told by sms, sent"}}}}
	v.Phones[0].Texts = []Text{{At: seconds(9.2), Body: "waw-12 #1 DOWN transit-a 04:02Z, 3/3 lost beyond gw: upstream. eth0 ok gw ok. Reply ACK 1"}}
	v.Phones[2].Texts = []Text{{At: seconds(9.5), Body: "Szanowni Państwo, awaria łącza w Twojej okolicy od 04:02. Pracujemy nad naprawą. 你好"}}
	v.Queue[2].N, v.Queue[3].N, v.Queue[4].N = 0, 1, 1
	v.Modem.Line = "> AT+CMGS=24"
	v.Log = append(v.Log, Line{seconds(8.1), "you", "cut the fibre of transit-a"}, Line{seconds(9), "box", "transit-a down"})
	return v
}

func acknowledged() View {
	v := severed()
	v.Elapsed = seconds(24)
	in := &v.Incidents[0]
	in.Owner = "ada" // the world may leave the phase at open
	in.Timeline = append(in.Timeline, Line{seconds(17), "ada", "acknowledged; quiet till the all-clear"})
	v.Phones[0].Texts = append(v.Phones[0].Texts, Text{At: seconds(16.5), Mine: true, Body: "ack"}, Text{At: seconds(17.1), Body: "waw-12 #1 yours. Quiet till all-clear."})
	v.Queue[3].N, v.Queue[4].N = 0, 3
	return v
}

func mended() View {
	v := acknowledged()
	v.Elapsed = seconds(40)
	v.Uplinks = calm().Uplinks
	in := &v.Incidents[0]
	in.Phase = "resolved"
	in.Timeline = append(in.Timeline, Line{seconds(33), "box", "transit-a is up again after 24 s"}, Line{seconds(33.4), "ada", "all-clear by sms, delivered"})
	v.Phones[0].Texts = append(v.Phones[0].Texts, Text{At: seconds(33.1), Body: "waw-12 #1 UP transit-a 04:07Z after 5 min. All clear."})
	v.Queue[4].N = 5
	return v
}

// outside is the same with a cellular connection and somebody to tell by it.
func outside() View {
	v := acknowledged()
	v.Air = &Air{Name: "cell", Interface: "wwan0", Up: true, State: "up", RTT: 41, Bytes: 48_400}
	const subject = "[waw-12 #1] No connection: transit-a"
	v.Outside = &Outside{
		Mail: []Mailbox{{"ada", 2, "Re: " + subject, "ada has it: transit-a."}, {"bob", 1, subject, "DOWN: transit-a, no connection since 22 Nov 2026 04:02 UTC."}, {Name: "wholesale"}},
		Page: []Entry{{Title: "waw: connections to the Internet interrupted", Phase: "identified", Told: 1}},
		Room: []Entry{{Title: "IDENTIFIED waw-12 #1 transit-a: no connection", Told: 2, Pinned: true}},
	}
	return v
}

// portal is the same while the carrier wants money.
func portal() View {
	v := outside()
	v.Air.Up, v.Air.State, v.Air.Why = false, "captive portal", "something between answered in place of check.noc.example: 302 to portal.carrier.example"
	v.Air.Faults, v.Air.Foreign = []string{"captive portal"}, 1
	return v
}

func boxDead() View {
	v := acknowledged()
	v.Box = Box{Power: true, Starts: 1, Disk: "full"}
	v.Modem.Fit, v.Modem.Why, v.Modem.Fault, v.Modem.Bars = false, "the box is dead", "USB pulled", 0
	for i := range v.Uplinks {
		v.Uplinks[i].Condition = "unknown"
	}
	v.Uplinks[1].Faults = []string{"black hole", "own port"}
	return v
}

var moments = map[string]func() View{"calm": calm, "cut": severed, "acknowledged": acknowledged, "mended": mended, "box-dead": boxDead, "outside": outside, "portal": portal}
