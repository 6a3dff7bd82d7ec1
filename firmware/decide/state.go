// Package decide composes the pure rooms: Rules.Step takes the state and one
// event and gives the next state and what follows from it. It reads no clock,
// draws no chance and touches nothing; the engine does.
package decide

import (
	"maps"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/firmware/notice"
	"heliograph/firmware/reach"
)

// Rules is the pure part of the checked configuration.
type Rules struct {
	Site     string
	Language string       // of people and texts that name no other
	Subjects []reach.Rule // uplinks and services, in the order of the configuration
	Manual   []string     // services that are opened by hand only
	Audience audience.Rules
	Carriers []Carrier // the workers, in the order of the configuration

	Backhauls   []Backhaul       // cellular connections, the preferred first
	Places      map[string]Place // per uplink and service
	Zone        *time.Location   // of the site
	Private     []string         // names that the public must not read
	Proxy       bool             // there is one for the duty desk
	OwnASN      uint32           // ours; zero if not given
	Brand       string           // who writes to subscribers
	CallBack    string           // telephone of the duty desk, for carriers and partners
	Subscribers *Subscribers     // nil: there is no list of them
	Approve     Approve
	Price       Price
	Quota       int // texts a day that the SIMs allow beside their reserve; 1<<30 without a limit
	Planning    Planning
	Silence     time.Duration // so long nothing may be heard from whoever has an incident; zero: for ever
	Wording     notice.Wording
	Selftest    Selftest
	// Fold brings a place's name into the form in which the list of subscribers
	// compares; nil: as it is, in whatever case.
	Fold func(string) string
	// Number brings a number into the one form in which senders are compared;
	// empty if it cannot be a person's.
	Number func(string) string

	Drill Drill
	News  News
}

// State is all that decisions rest on. What is marked json:"-" lives only as
// long as the process; the rest is on disk after every commit. It holds no
// contacts, no timeline and no secrets.
type State struct {
	NextIncident int                     `json:"next_incident"`
	NextNotice   uint64                  `json:"next_notice"`
	Subjects     map[string]reach.Memory `json:"subjects,omitempty"`
	Incidents    []Case                  `json:"incidents,omitempty"` // open and resolved ones, by number
	LastSend     map[string]time.Time    `json:"last_send,omitempty"` // per worker, box time: the latest text that the network took
	LastSelftest time.Time               `json:"last_selftest"`       // wall time it was due at
	Limited      map[string]time.Time    `json:"limited,omitempty"`   // per worker, box time: people were told that its limit is used up
	Power        *outage                 `json:"power,omitempty"`     // of the site's power; nil: it has power
	Tested       map[string]Tested       `json:"tested,omitempty"`    // per backhaul: its last test
	Results      map[string]Result       `json:"results,omitempty"`   // per part of the self-test: when it last worked
	Failing      map[string]Failure      `json:"failing,omitempty"`   // likewise: it failed, until it passes
	Credit       map[string]Result       `json:"credit,omitempty"`    // per modem: what its operator said last
	Peers        map[string]peered       `json:"peers,omitempty"`     // boxes whose self-test texts come here
	Proxy        string                  `json:"proxy,omitempty"`     // an order about the duty desk's proxy, as Backhaul
	Backhaul     string                  `json:"backhaul,omitempty"`  // an order about it: "on" or "off"; empty: as needed

	Talks    map[string]talk     `json:"talks,omitempty"` // per listed number: codes, and how often it was wrong
	Plans    []Plan              `json:"plans,omitempty"` // what waits for a yes
	NextPlan int                 `json:"next_plan,omitempty"`
	Muted    *muting             `json:"muted,omitempty"`
	HeldBy   string              `json:"held_by,omitempty"` // whose HOLD keeps everything from going outside; empty: nobody's
	Windows  []Window            `json:"windows,omitempty"` // times of maintenance that were ordered at once
	Shut     map[string]shut     `json:"shut,omitempty"`    // per subject: trouble that an operator has closed while it lasts
	Works    works               `json:"works,omitzero"`    // planned work that is over
	Swaps    []audience.Swap     `json:"swaps,omitempty"`   // of duty, that are not over
	Shrunk   string              `json:"shrunk,omitempty"`  // of which list people were told that it was not taken
	Tags     tags                `json:"tags,omitzero"`     // what somebody else's map shows
	Duty     map[string]dutyTurn `json:"duty,omitempty"`    // per rota: as people were told last

	Counting map[int]time.Time `json:"-"` // per incident, box time before which its subscribers are not counted again

	Asks map[string][]time.Time `json:"-"` // per digest of a subscriber's number: box times of its questions

	Drills drills           `json:"drills,omitzero"`
	Storms map[string]storm `json:"storms,omitempty"` // per person

	WorksRead time.Time `json:"-"` // box time at which the lists of planned work were read last

	Workers map[string]event.WorkerChanged `json:"-"`
	Unfit   map[string]sick                `json:"-"` // workers that cannot send
	Health  map[string]health              `json:"-"` // how workers fared
	Faults  []string                       `json:"-"`
	List    listing                        `json:"-"` // of subscribers
	Net     network                        `json:"-"`
	Booted  event.Stamp                    `json:"-"`
	Version string                         `json:"-"`

	Trial       *trial    `json:"-"` // a self-test that runs
	Balance     *balance  `json:"-"` // a BALANCE that waits for its answer
	creditAsked time.Time // box time of the last

	Restarted event.Cause `json:"-"` // why the box was not running before
	Pressed   time.Time   `json:"-"` // box time of the button's last press that counted
	wake      time.Time
}

// sick is since when a worker cannot send, and whether people know.
type sick struct {
	since event.Stamp
	told  bool
}

// Case is an incident and how far its audience was called.
type Case struct {
	incident.Incident
	Progress audience.Progress      `json:"progress"`
	Calls    []uint64               `json:"calls,omitempty"`    // notices that called people; an ACK withdraws what is unsent of them
	Called   bool                   `json:"called"`             // the first word was given out
	CalledAt time.Time              `json:"called_at,omitzero"` // box time of it
	Heard    []string               `json:"heard,omitempty"`    // addresses on call that the network took a word of it for
	Reminder uint64                 `json:"reminder,omitempty"` // the newest reminder: the next one replaces what is unsent of it
	First    event.Kind             `json:"first,omitempty"`    // what was said first: its letters keep that title
	Groups   []string               `json:"groups,omitempty"`   // audiences besides the people on call that were told
	Tellings int                    `json:"tellings,omitempty"` // notices to groups so far
	Regions  []string               `json:"regions,omitempty"`  // whom it concerns, by an operator's word; empty: those whom its scope serves
	ETR      time.Time              `json:"etr,omitzero"`       // wall time at which it is expected to end
	Nagged   bool                   `json:"nagged,omitempty"`   // whoever has it was told that this time has passed
	Word     time.Time              `json:"word,omitzero"`      // box time of the last word from whoever has it
	Asked    bool                   `json:"asked,omitempty"`    // and was asked for another
	Linked   int                    `json:"linked,omitempty"`   // the incident that it is a part of
	Hold     bool                   `json:"hold,omitempty"`     // nothing of it goes outside
	Outside  []uint64               `json:"outside,omitempty"`  // the newest notices to those outside
	Unread   bool                   `json:"unread,omitempty"`   // people know that the list of subscribers cannot be read
	Crowd    int                    `json:"crowd,omitempty"`    // subscribers who were to be told
	Updates  map[string][]time.Time `json:"updates,omitempty"`  // box times of the last updates to each audience that has a cap
	Denied   []string               `json:"denied,omitempty"`   // audiences that a DENY keeps from hearing of it
	Overran  int                    `json:"overran,omitempty"`  // the planned work that left it down
	Alarm    *Alarm                 `json:"alarm,omitempty"`    // the outage of another system that it stands for
	Hit      []string               `json:"hit,omitempty"`      // whom it concerns within its places, in the words of the list; empty: all there
	HitBy    int                    `json:"hit_by,omitempty"`   // how many names that are
	Reached  []string               `json:"reached,omitempty"`  // scopes whose subscribers were told
	Wider    bool                   `json:"wider,omitempty"`    // others have come into its scope since
	Unasked  int                    `json:"unasked,omitempty"`  // readers outside who were told without anybody's yes
	Asleep   asleep                 `json:"asleep,omitzero"`    // what waits for the subscribers' morning
	Relieved *event.Verdict         `json:"relieved,omitempty"` // by what uplink it is over for subscribers; nil: it is not
	Lists    []uint64               `json:"lists,omitempty"`    // the newest notices to the list
	Nobody   bool                   `json:"nobody,omitempty"`   // the list has nobody in its scope who can be told
	Rest     *event.Mass            `json:"rest,omitempty"`     // among whom are those that a notice was overtaken before it got to
}

// Wake names the next instant, in box time, at which the passing of time alone
// would matter; zero means never.
func (s State) Wake() time.Time { return s.wake }

// Case finds an open or resolved incident by number.
func (s State) Case(number int) (Case, bool) {
	i := s.index(number)
	if i < 0 {
		return Case{}, false
	}
	return s.Incidents[i], true
}

func (s State) index(number int) int {
	return slices.IndexFunc(s.Incidents, func(c Case) bool { return c.Number == number })
}

// about finds the incident that a verdict on a subject belongs to.
func (s State) about(subject string) (Case, bool) {
	for _, c := range s.Incidents {
		if c.Subject == subject && !c.ByHand() {
			return c, true
		}
	}
	return Case{}, false
}

// live lists the incidents whose trouble lasts, oldest first. Planned work is
// no trouble.
func (s State) live() []Case {
	var open []Case
	for _, c := range s.Incidents {
		if c.Live() && c.Work == nil {
			open = append(open, c)
		}
	}
	return open
}

// put replaces or adds a case without touching the slice it came from.
func (s *State) put(c Case) {
	s.Incidents = slices.Clone(s.Incidents)
	if i := s.index(c.Number); i >= 0 {
		s.Incidents[i] = c
		return
	}
	s.Incidents = append(s.Incidents, c)
}

func (s *State) drop(number int) {
	s.Incidents = slices.DeleteFunc(slices.Clone(s.Incidents), func(c Case) bool { return c.Number == number })
}

func (s *State) remember(subject string, m reach.Memory) {
	s.Subjects = cloned(s.Subjects)
	s.Subjects[subject] = m
}

func cloned[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}

func (r Rules) subject(name string) (reach.Rule, bool) {
	i := slices.IndexFunc(r.Subjects, func(x reach.Rule) bool { return x.Name == name })
	if i < 0 {
		return reach.Rule{}, false
	}
	return r.Subjects[i], true
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
