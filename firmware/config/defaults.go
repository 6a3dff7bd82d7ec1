package config

import "time"

// defaults is what stands where a file is silent: what a duty engineer would
// want of a box that somebody set up in a hurry. What depends on other keys
// (interval in doubt, quorum, limits to leave, who is on call) is worked out
// in settle.go. testdata/reference.yaml shows these same values with their
// meaning.
var defaults = struct {
	Config      Config
	Modem       Modem
	Backhaul    Backhaul
	Uplink      Watch
	Service     Watch
	Person      Person
	Partner     Partner
	Subscribers Subscribers
	Tell        Tell
	Reminder    time.Duration
	Handover    Handover
	Heartbeat   time.Duration
	Peer        Peer
	Site        Site
	Proxy       Proxy
	OZmap       OZmap
	HTTPStatus  int
	DNSType     string
}{
	Config: Config{
		Timezone:  time.UTC,
		Language:  "en",
		Data:      "/var/lib/heliograph",
		Selftest:  Selftest{Every: Schedule{Text: "Mon 09:00", Cron: "0 9 * * 1"}, Peers: true},
		Control:   Control{Socket: "/run/heliograph/control.sock"},
		Limits:    Limits{Recipient: Rate{20, Hour}, News: Rate{8, Hour}},
		Drill:     Drill{For: 10 * time.Minute},
		Silence:   2 * time.Hour,
		Retention: 90 * 24 * time.Hour,
	},
	Modem: Modem{
		MinTries: 2,
		Limits:   ModemLimits{SMS: Rate{500, Day}, Reserve: 0.10},
	},
	Backhaul: Backhaul{
		Idle:   2 * time.Minute,
		Budget: Budget{Bytes: 500e6, Per: Month, Reserve: 0.20},
	},
	Uplink: Watch{
		Every:    2 * time.Second,
		Down:     Down{After: 10},
		Up:       Up{After: 10, Hold: time.Minute},
		Degraded: Degraded{Loss: 0.20, Latency: 400 * time.Millisecond, Over: time.Minute},
		Flap:     Flap{Changes: 5, Over: 30 * time.Minute, Calm: 10 * time.Minute},
	},
	Service: Watch{
		Every:    10 * time.Second,
		Down:     Down{After: 6},
		Up:       Up{After: 6, Hold: time.Minute},
		Degraded: Degraded{Loss: 0.20, Latency: time.Second, Over: 5 * time.Minute},
		Flap:     Flap{Changes: 5, Over: 30 * time.Minute, Calm: 10 * time.Minute},
	},
	Person:  Person{Role: Operator},
	Partner: Partner{After: 15 * time.Minute, Cap: 6},
	Subscribers: Subscribers{
		Every:   time.Hour,
		After:   5 * time.Minute,
		Cap:     2,
		Approve: Approve{Over: 20, Wait: 10 * time.Minute, Then: "hold"},
		Quiet:   Quiet{From: ClockTime{21, 0}, To: ClockTime{6, 0}, Except: []string{"down"}},
	},
	Tell: Tell{
		Subscribers: []time.Duration{48 * time.Hour}, Partners: []time.Duration{7 * 24 * time.Hour, 24 * time.Hour},
		Public: []time.Duration{7 * 24 * time.Hour}, Staff: []time.Duration{24 * time.Hour},
	},
	Reminder:   30 * time.Minute,
	Handover:   Handover{Day: time.Monday, At: ClockTime{9, 0}},
	Heartbeat:  10 * time.Minute,
	Peer:       Peer{Every: 8 * 24 * time.Hour},
	Site:       Site{Days: 14},
	Proxy:      Proxy{Limit: 50e6},
	OZmap:      OZmap{Tag: "Massive Outage", On: "clients", Read: true, Every: time.Minute, Write: true, Rate: 5},
	HTTPStatus: 200,
	DNSType:    "A",
}

// languages are those that built-in wording speaks.
var languages = []string{"en", "pl", "it"}
