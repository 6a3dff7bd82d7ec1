// Package config turns the bytes of a configuration file into a checked
// Config, or into the whole list of what is wrong with it. It is pure: files
// are seen through an fs.FS, the environment through a function.
//
// The library parses YAML; walking its tree is ours, because a person who
// edits a file wants every fault at once, with its line, and because YAML eats
// the plus of +48… and reads 0123 as 83 without a word.
//
// testdata/reference.yaml documents every key with its default and is held to
// the code by a test.
package config

import (
	"net/netip"
	"time"

	"heliograph/firmware/event"
)

// Config is a checked configuration: every default is filled in and every
// reference points to something. It is a value; nobody changes it after Parse.
type Config struct {
	Site        string         // first word of every text, 1 to 12 of A-Z a-z 0-9 - _
	Brand       string         // who writes to subscribers, as they know it; empty is Site
	Timezone    *time.Location // for quiet hours, ETR and the self-test's hour
	Language    string         // "en", "pl" or "it"
	Data        string         // the only folder that is written
	ASN         uint32         // our own autonomous system, for carriers; zero if not given
	Prefixes    []netip.Prefix // our own network's, masked, none overlaps another; may be empty
	CallBack    string         // telephone of the duty desk, for carriers and partners
	Country     string         // ISO 3166 region of the site ("PL"), as the modems' and people's numbers tell; may be empty
	Modems      []Modem
	Backhaul    []Backhaul
	Uplinks     []Uplink
	Services    []Service
	People      []Person
	OnCall      []Step // in the order of the file
	Rotas       []Rota
	Silence     time.Duration // so long whoever has an incident may say nothing; zero: for ever
	Channels    Channels
	Partners    []Partner
	Subscribers Subscribers
	Maintenance Maintenance
	Selftest    Selftest
	Peers       []Peer
	Heartbeat   Heartbeat
	Proxy       Proxy
	Intake      Intake
	Control     Control
	Board       Board
	Clock       Clock
	Limits      Limits
	Drill       Drill
	Quiet       Hours // of people who have none of their own
	Texts       Texts
	BlackBox    BlackBox
	Retention   time.Duration // how long closed incidents are kept

	lines  map[string]int // dotted key as written -> its line
	absent []string       // secrets of keys not carried out yet that could not be read
}

// Modem is one worker that sends and receives texts.
type Modem struct {
	Name     string
	Port     string // device path; only main opens it
	Number   string // its own, E.164; empty if not given
	PIN      Secret
	MinTries int    // the PIN is sent only while the SIM leaves at least so many tries
	SMSC     string // service centre, E.164; empty: what the SIM says
	Country  string // ISO 3166 region for numbers without a country code
	Fallback bool   // it carries texts only when no other modem can
	Limits   ModemLimits
	Credit   Credit // how the SIM tells what it has left
	Power    Power
}

// ModemLimits bound what one SIM may send.
type ModemLimits struct {
	SMS     Rate
	Reserve float64 // 0 to 1: the part that only operators and all-clears may use
	Price   Price   // of one part; zero: not known
}

// Kept is how many texts of the limit are kept for operators and all-clears.
func (l ModemLimits) Kept() int { return int(float64(l.SMS.Count)*l.Reserve + 0.5) }

// Power is how the modem's supply can be switched.
type Power struct {
	GPIO string // line that cuts it while active: "gpiochip0/17", "gpiochip0/17 low"; empty: it cannot
}

// Rate is a count per period. Count zero means no limit.
type Rate struct {
	Count int
	Per   Period
}

// Period is the window of a rate.
type Period string

// Periods. A month is 30 days, rolling.
const (
	Hour  Period = "hour"
	Day   Period = "day"
	Month Period = "month"
)

// Window is the period's length.
func (p Period) Window() time.Duration {
	switch p {
	case Hour:
		return time.Hour
	case Day:
		return 24 * time.Hour
	case Month:
		return 30 * 24 * time.Hour
	}
	return 0
}

// Backhaul is a cellular data connection.
type Backhaul struct {
	Name      string
	Modem     string // a name in Modems
	Via       string // "ppp", "netdev" or "interface"
	Port      string // for ppp
	Interface string // for netdev and interface
	APN       string
	User      string // for carriers that ask for one
	Password  Secret
	Roaming   bool       // data may go by a foreign network
	Gateway   netip.Addr // for interface, where nothing on the box knows it
	MTU       int
	Check     string        // a small page that is fetched to see that the connection works; empty: well-known ones
	Idle      time.Duration // hang up so long after the last user has gone
	Budget    Budget
}

// Budget bounds what the backhaul may carry.
type Budget struct {
	Bytes   int64 // zero: no limit
	Per     Period
	Reserve float64 // 0 to 1
}

// Uplink is a path to the outside that is watched.
type Uplink struct {
	Name      string
	Interface string     // empty: probes follow the main routing table
	Gateway   netip.Addr // invalid if not given
	Source    netip.Addr // invalid if not given
	Mark      uint32     // firewall mark; zero: none
	Parent    string     // a separate uplink this one hangs on; excused while that one is down
	Carrier   Carrier
	Serves    []string // regions, boxes or tags whose subscribers hang on it
	Watch
}

// Carrier is who sells an uplink.
type Carrier struct {
	Name    string
	ASN     uint32
	Mail    string // its desk: a ticket is opened there when the fault lies beyond this site
	Circuit string // as the carrier calls it
	Account string // likewise ours with it
}

// Service is something people notice that no uplink explains.
type Service struct {
	Name   string
	Manual bool     // opened and closed by hand only; Watch is empty
	Serves []string // regions, boxes or tags whose subscribers use it
	Watch
}

// Watch is how an uplink or a service is probed and judged.
type Watch struct {
	Every    time.Duration // from round to round
	Doubt    time.Duration // likewise while the last rounds disagree with the verdict; never longer than Every
	Timeout  time.Duration // how long one probe waits for its answer
	Probes   []Probe
	Down     Down
	Up       Up
	Degraded Degraded
	Flap     Flap
}

// DownIn is how long the thresholds need to call it down, at the usual pace.
func (w Watch) DownIn() time.Duration { return time.Duration(w.Down.After) * w.Every }

// Down is when a path is called down.
type Down struct {
	After  int // rounds in a row
	Quorum int // a round is bad when fewer probes than this passed
}

// Up is when it is called up again.
type Up struct {
	After int           // good rounds in a row
	Hold  time.Duration // and calm for so long
}

// Degraded is when a path that works is called degraded. The limits to leave
// are lower than those to enter, so that it does not waver.
type Degraded struct {
	Off          bool
	Loss         float64 // 0 to 1
	Latency      time.Duration
	Over         time.Duration // the window
	LeaveLoss    float64
	LeaveLatency time.Duration
}

// Flap is when a path is called unstable: so many changes within Over, until
// it was calm for Calm.
type Flap struct {
	Changes int
	Over    time.Duration
	Calm    time.Duration
}

// Probe is one check. Which fields are set depends on its kind.
type Probe struct {
	Kind   event.ProbeKind
	Addr   netip.Addr     // icmp
	Target netip.AddrPort // tcp: where to connect; dns: the server
	Name   string         // dns: what to look up
	Type   string         // dns: record type, "A"
	URL    string         // http
	Expect int            // http: the status wanted
	Body   string         // http: text that the answer must contain; empty: any
}

// String names the probe as an operator would: "icmp 9.9.9.9".
func (p Probe) String() string {
	switch p.Kind {
	case event.ICMP:
		return "icmp " + p.Addr.String()
	case event.TCP:
		return "tcp " + p.Target.String()
	case event.DNS:
		return "dns " + p.Name + " @" + hostIfUsual(p.Target, 53)
	case event.HTTP:
		return "http " + p.URL
	}
	return string(p.Kind)
}

func hostIfUsual(at netip.AddrPort, usual uint16) string {
	if at.Port() == usual {
		return at.Addr().String()
	}
	return at.String()
}

// Person may be told, and may text commands.
type Person struct {
	Name     string
	SMS      string // E.164, or a short number; empty: not reachable by text
	Also     string // second number
	Mail     string
	Role     Role
	Language string
	TOTP     Secret // base32, without spaces
	Ring     bool   // the box also calls, because a text does not wake everybody
	Quiet    Hours
}

// Role is what a person may order.
type Role string

// Roles, each may do what the one before it may.
const (
	Viewer   Role = "viewer"
	Operator Role = "operator"
	Approver Role = "approver"
)

// Step is one step of the escalation. With Every set it is a reminder that
// repeats; its first one comes at After.
type Step struct {
	Who   []string
	After time.Duration
	Every time.Duration
}

// Channels are the accounts other than modems.
type Channels struct {
	Mail       Mail
	Statuspage Statuspage
	Slack      Slack
	Push       []Push
	Webhook    []Webhook
	Site       Site
	OZmap      OZmap
}

// Mail is one mail account; From is empty if there is none.
type Mail struct {
	From string
	SMTP SMTP
}

// SMTP is a submission server.
type SMTP struct {
	Server string // host:port
	User   string
	Auth   string // "plain", "login", "cram-md5", "xoauth2" or "none"
	Secret Secret
}

// Statuspage is a public page; Page is empty if there is none.
type Statuspage struct {
	Page       string
	Token      Secret
	Components map[string]string // region or uplink -> component
}

// Slack is a war room; Channel is empty if there is none.
type Slack struct {
	Channel string
	Token   Secret
	Webhook Secret // an incoming webhook's address, instead of channel and token
}

// Webhook is something that takes incidents as JSON.
type Webhook struct {
	Name   string
	URL    string
	Secret Secret // signs each request
	Token  Secret // bearer token, if it wants one
}

// Site is a small status page of the operator's own on a host outside.
type Site struct {
	Title string
	URL   string   // where people see it, for its feed
	Put   SitePut  // by HTTP
	SFTP  SiteSFTP // or by SFTP
	Days  int      // closed incidents are shown so long
}

// Given says whether there is such a page.
func (s Site) Given() bool { return s.Put.URL != "" || s.SFTP.Server != "" }

// SitePut is a folder that takes files by HTTP PUT.
type SitePut struct {
	URL    string
	User   string
	Secret Secret // the user's password, or a bearer token if there is no user
}

// SiteSFTP is a folder on an SSH server.
type SiteSFTP struct {
	Server  string // host:port
	User    string
	Key     Secret // private key in PEM form
	HostKey string // "SHA256:…" or a line of known_hosts
	Folder  string
}

// Push is a service for which a URL says all; the URL often holds a password,
// so it is kept like one.
type Push struct {
	Name string
	URL  Secret
}

// Partner is a group that hears after a while.
type Partner struct {
	Name     string
	Hears    []string // uplinks, regions or services
	After    time.Duration
	Cap      int // updates an hour of one incident; first words, all-clears and a later end do not count
	Mail     []string
	SMS      []string
	Language string
}

// Approve is when a mass notice needs a human's yes.
type Approve struct {
	Over int           // more recipients than this
	Two  int           // more than this need two people; zero: never
	Wait time.Duration // for so long
	Then string        // "hold" or "send"
}

// Quiet is when subscribers are not woken; From equal to To means never.
type Quiet struct {
	From, To ClockTime
	Except   []string // kinds of notices that go out all the same
}

// ClockTime is a time of day on the site's wall.
type ClockTime struct{ Hour, Minute int }

// Schedule is a repeating wall time.
type Schedule struct {
	Text string // as written
	Cron string // five fields: minute hour day month weekday
	Nth  int    // in these weeks of the month only, from 1; -1: in the last; zero: in all
}

// Heartbeat is a page that is fetched as a sign of life; URL is empty if none.
type Heartbeat struct {
	URL   string
	Every time.Duration
}

// Proxy is the duty desk's way to webmail and the page's console over the
// backhaul; Address is invalid if there is none.
type Proxy struct {
	Address netip.AddrPort // on the LAN side
	Cert    string         // PEM file
	Key     string         // PEM file
	Users   Secret         // lines NAME:BCRYPT, as htpasswd -B writes them
	Hosts   []string       // names that may be reached; *.example.org for all below one
	Limit   int64          // bytes per user while it is open
}

// Control is how the box is spoken to.
type Control struct {
	Socket  string
	Metrics Metrics
}

// Metrics is where metrics and health are served besides the socket; Address
// is invalid if nowhere. Off loopback there is always a certificate and a
// token.
type Metrics struct {
	Address netip.AddrPort
	Cert    string // PEM file
	Key     string // PEM file
	Token   Secret
}

// BlackBox is what is frozen of the last minutes with each incident.
type BlackBox struct {
	Numbers bool // telephone numbers in full
}

// Limits are those that no single SIM bounds.
type Limits struct {
	Recipient Rate // texts to one number
	News      Rate // what one person is told of changes, before they are put together; zero: no limit
}

// Texts are wordings that replace the built-in ones.
type Texts struct {
	Folder    string
	Templates map[event.Kind]map[string]string // kind -> language -> text/template
	Outside   []Outside                        // for those outside, sorted
}

// Outside is a wording for readers outside.
type Outside struct {
	To       string // "subscribers", "partner" or "public"
	Channel  string // event.SMS or event.Mail; empty for the public, who read pages
	Kind     event.Kind
	Language string
	Text     string // text/template
}
