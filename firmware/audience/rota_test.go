package audience_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // a machine without time zone files tests the same

	"pgregory.net/rapid"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

var warsaw = place("Europe/Warsaw")

func place(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// on is an instant as a wall in Warsaw shows it: "2026-11-02 09:00".
func on(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, warsaw)
	if err != nil {
		panic(err)
	}
	return t
}

// utc is an instant by Greenwich.
func utc(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func date(text string) time.Time { return utc(text + " 00:00") }

var (
	monday   = audience.Handover{Day: time.Monday, Clock: audience.Clock{Hour: 9}}
	saturday = audience.Handover{Day: time.Saturday, Clock: audience.Clock{Hour: 9}}
	nine     = [2]audience.Clock{{Hour: 9}, {Hour: 9}}
	workdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
)

// weekly is three people who take turns from Monday to Monday.
var weekly = audience.Rota{Name: "duty", Zone: warsaw, Layers: []audience.Layer{
	{Turns: []string{"ada", "bob", "cyd"}, Handover: monday, From: date("2026-11-02")},
}}

// layered has weekends of their own, nights of bob's, and a Christmas.
var layered = audience.Rota{Name: "duty", Zone: warsaw, Layers: []audience.Layer{
	{Turns: []string{"ada", "bob", "cyd"}, Handover: monday, From: date("2026-11-02")},
	{Turns: []string{"cyd", "ada"}, Handover: saturday, From: date("2026-11-07"), Begins: true, Days: []time.Weekday{time.Saturday, time.Sunday}, Between: nine},
	{Turns: []string{"bob"}, Handover: monday, Days: workdays, Between: [2]audience.Clock{{Hour: 17}, {Hour: 8}}},
}, Overrides: []audience.Shift{
	{Who: "dan", From: on("2026-12-24 09:00"), To: on("2026-12-27 09:00")},
}}

func until(t time.Time) string {
	if t.IsZero() {
		return "for ever"
	}
	return t.In(warsaw).Format("Mon 2006-01-02 15:04 MST")
}

func TestWhoHasDutyAndUntilWhen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		rota  audience.Rota
		at    time.Time
		who   string
		until string
	}{
		{"the first turn", weekly, on("2026-11-02 09:00"), "ada", "Mon 2026-11-09 09:00 CET"},
		{"a minute before it, the last of them", weekly, on("2026-11-02 08:59"), "cyd", "Mon 2026-11-02 09:00 CET"},
		{"the second", weekly, on("2026-11-09 09:00"), "bob", "Mon 2026-11-16 09:00 CET"},
		{"round again", weekly, on("2026-11-23 09:00"), "ada", "Mon 2026-11-30 09:00 CET"},
		{"before the first day turns are counted backwards", weekly, on("2026-10-12 12:00"), "ada", "Mon 2026-10-19 09:00 CEST"},
		{"clocks go back on a Sunday: one hour more", weekly, utc("2026-10-25 00:30"), "bob", "Mon 2026-10-26 09:00 CET"},
		{"clocks go forward: one hour less", weekly, on("2027-03-28 01:59"), "cyd", "Mon 2027-03-29 09:00 CEST"},
		{"the year ends in the middle of a turn", weekly, on("2026-12-31 23:59"), "cyd", "Mon 2027-01-04 09:00 CET"},
		{"a year of 53 weeks upsets nobody", weekly, on("2027-01-04 09:00"), "ada", "Mon 2027-01-11 09:00 CET"},
		{"a leap day", weekly, on("2028-02-29 08:00"), "ada", "Mon 2028-03-06 09:00 CET"},
		{"without a day of theirs, turns are counted in ISO weeks", counted(monday), on("2026-11-23 10:00"), "bob", "Mon 2026-11-30 09:00 CET"},
		{"and in days", counted(audience.Handover{Daily: true, Clock: audience.Clock{Hour: 9}}), on("2026-11-23 10:00"), "bob", "Tue 2026-11-24 09:00 CET"},
		{"in the first week there was", counted(monday), utc("1970-01-05 08:00"), "ada", "Mon 1970-01-12 09:00 CET"},
		{"and the one before", counted(monday), utc("1970-01-05 07:59"), "cyd", "Mon 1970-01-05 09:00 CET"},
		{"one person alone", alone("ada"), on("2026-11-02 09:00"), "ada", "for ever"},
		{"one person under two names of a turn", alone("ada", "ada"), on("2026-11-02 09:00"), "ada", "for ever"},
		{"two weeks of the same person", turns("ada", "ada", "bob"), on("2026-11-02 09:00"), "ada", "Mon 2026-11-16 09:00 CET"},
		{"a rota of nobody", audience.Rota{}, on("2026-11-02 09:00"), "", "for ever"},

		{"by day on Monday", layered, on("2026-11-02 09:00"), "ada", "Mon 2026-11-02 17:00 CET"},
		{"the night of Monday", layered, on("2026-11-02 17:00"), "bob", "Tue 2026-11-03 08:00 CET"},
		{"the night of Friday ends on Saturday", layered, on("2026-11-06 23:00"), "bob", "Sat 2026-11-07 08:00 CET"},
		{"between the night and the weekend", layered, on("2026-11-07 08:00"), "ada", "Sat 2026-11-07 09:00 CET"},
		{"the weekend lasts till Monday", layered, on("2026-11-07 09:00"), "cyd", "Mon 2026-11-09 09:00 CET"},
		{"the next weekend is another's", layered, on("2026-11-15 20:00"), "ada", "Mon 2026-11-16 09:00 CET"},
		{"before the weekends had an order of their own", layered, on("2026-10-31 12:00"), "cyd", "Mon 2026-11-02 09:00 CET"},
		{"an override covers nights and weekends", layered, on("2026-12-24 09:00"), "dan", "Sun 2026-12-27 09:00 CET"},
		{"and ends on a weekend of cyd's", layered, on("2026-12-27 09:00"), "ada", "Mon 2026-12-28 09:00 CET"},
		{"the night in which the clocks go back", layered, on("2027-10-29 17:00"), "bob", "Sat 2027-10-30 08:00 CEST"},
	} {
		who, end := c.rota.At(c.at, nil)
		if got := strings.Join(who, " "); got != c.who || until(end) != c.until {
			t.Errorf("%s (%s): %q until %s, want %q until %s", c.what, until(c.at), got, until(end), c.who, c.until)
		}
	}
}

func counted(h audience.Handover) audience.Rota {
	return audience.Rota{Zone: warsaw, Layers: []audience.Layer{{Turns: []string{"ada", "bob", "cyd"}, Handover: h}}}
}

func turns(who ...string) audience.Rota {
	return audience.Rota{Zone: warsaw, Layers: []audience.Layer{{Turns: who, Handover: monday, From: date("2026-11-02")}}}
}

func alone(who ...string) audience.Rota { return turns(who...) }

// In Warsaw 02:00 is followed by 03:00 on 28 March 2027, and on 31 October
// the hour from 02:00 comes twice.
func TestAHandOverInTheHourThatIsMissingOrComesTwice(t *testing.T) {
	t.Parallel()
	daily := audience.Rota{Zone: warsaw, Layers: []audience.Layer{
		{Turns: []string{"ada", "bob"}, Handover: audience.Handover{Daily: true, Clock: audience.Clock{Hour: 2, Minute: 30}}, From: date("2027-03-26")},
	}}
	night := audience.Rota{Zone: warsaw, Layers: []audience.Layer{
		{Turns: []string{"ada"}},
		{Turns: []string{"bob"}, Between: [2]audience.Clock{{Hour: 2, Minute: 15}, {Hour: 2, Minute: 45}}},
	}}
	for _, c := range []struct {
		what string
		rota audience.Rota
		want string
	}{
		{"from 27 March", daily, "ada 2027-03-26 01:30, bob 2027-03-27 01:30, ada 2027-03-28 01:00, bob 2027-03-29 00:30"},
		{"from 30 October", daily, "ada 2027-10-30 00:30, bob 2027-10-31 00:30, ada 2027-11-01 01:30"},
		{"half an hour that is missing", night, "ada 2027-03-27 01:45, bob 2027-03-29 00:15"},
		{"half an hour that comes twice counts the first time", night, "bob 2027-10-31 00:15, ada 2027-10-31 00:45, bob 2027-11-01 01:15"},
	} {
		_, first, _ := strings.Cut(strings.Split(c.want, ", ")[0], " ")
		var got []string
		for at := utc(first); len(got) <= strings.Count(c.want, ","); {
			who, end := c.rota.At(at, nil)
			got = append(got, strings.Join(who, " ")+" "+at.UTC().Format("2006-01-02 15:04"))
			at = end
		}
		if all := strings.Join(got, ", "); all != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, all, c.want)
		}
	}
}

// Cairo's clocks go back at midnight, so a Thursday's last hour comes twice
// before it is Friday; those of St. John's went back a minute after, so that
// it was Sunday, Saturday, and Sunday again; Beirut's skip the first hour of a
// Sunday; Apia had no 30 December 2011.
func TestClocksThatChangeAtMidnight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, from, at, until string }{
		{"Africa/Cairo", "2026-10-27", "2026-10-29 12:00", "2026-10-29 22:00"},
		{"America/St_Johns", "2010-11-04", "2010-11-06 12:00", "2010-11-07 02:30"},
		{"America/St_Johns", "2010-11-04", "2010-11-07 02:45", "2010-11-08 03:30"},
		{"Asia/Beirut", "2026-03-27", "2026-03-28 12:00", "2026-03-28 22:00"},
		{"Pacific/Apia", "2011-12-27", "2011-12-30 05:00", "2011-12-30 10:00"},
		{"Pacific/Apia", "2011-12-27", "2011-12-30 10:00", "2011-12-31 10:00"},
	} {
		r := audience.Rota{Zone: place(c.zone), Layers: []audience.Layer{
			{Turns: []string{"ada", "bob", "cyd", "dan", "eve"}, Handover: audience.Handover{Daily: true}, From: date(c.from)},
		}}
		if _, end := r.At(utc(c.at), nil); !end.Equal(utc(c.until)) {
			t.Errorf("%s: the duty of %s ends %s, want %s", c.zone, c.at, end.UTC(), c.until)
		}
	}
}

func TestGapsAndWhatComesNext(t *testing.T) {
	t.Parallel()
	nights := audience.Rota{Zone: warsaw, Layers: layered.Layers[2:]}
	at, who := nights.Next(on("2026-11-02 17:00"), nil)
	if until(at) != "Tue 2026-11-03 08:00 CET" || who != nil {
		t.Errorf("the night ends %s for %q", until(at), who)
	}
	if at, who = nights.Next(at, nil); until(at) != "Tue 2026-11-03 17:00 CET" || !slices.Equal(who, []string{"bob"}) {
		t.Errorf("the gap ends %s for %q", until(at), who)
	}
	if at, _ = alone("ada").Next(on("2026-11-02 17:00"), nil); !at.IsZero() {
		t.Errorf("one person alone hands over at %s", until(at))
	}

	var plan []string
	for _, d := range layered.Plan(on("2026-11-06 12:00"), on("2026-11-09 12:00"), nil) {
		plan = append(plan, fmt.Sprintf("%s from %s", strings.Join(d.Who, " "), d.From.In(warsaw).Format("Mon 15:04")))
	}
	if got, want := strings.Join(plan, ", "), "ada from Fri 12:00, bob from Fri 17:00, ada from Sat 08:00, cyd from Sat 09:00, bob from Mon 09:00"; got != want {
		t.Errorf("the plan is %s, want %s", got, want)
	}

	next, ok := layered.NextOf("dan", on("2026-11-06 12:00"), nil)
	if !ok || until(next.From) != "Thu 2026-12-24 09:00 CET" || until(next.To) != "Sun 2026-12-27 09:00 CET" {
		t.Errorf("dan's next duty is %+v, %v", next, ok)
	}
	if now, ok := layered.NextOf("ada", on("2026-11-06 12:00"), nil); !ok || !now.From.Equal(on("2026-11-06 12:00")) {
		t.Errorf("ada's duty of now is %+v, %v", now, ok)
	}
	if _, ok := layered.NextOf("dan", on("2026-12-27 09:00"), nil); ok {
		t.Error("dan has duty after Christmas")
	}
}

func TestSwaps(t *testing.T) {
	t.Parallel()
	week := func(from, to string) (time.Time, time.Time) { return on(from + " 09:00"), on(to + " 09:00") }
	swap := func(rota, who, whose, from, to string) audience.Swap {
		a, b := week(from, to)
		return audience.Swap{Rota: rota, Who: who, For: whose, From: a, To: b}
	}
	// bob takes ada's week and ada his; then cyd takes two days of what bob took, and dan an hour of anybody's.
	swaps := []audience.Swap{
		swap("duty", "bob", "ada", "2026-11-02", "2026-11-09"),
		swap("duty", "ada", "bob", "2026-11-09", "2026-11-16"),
		swap("duty", "cyd", "bob", "2026-11-04", "2026-11-06"),
		{Rota: "duty", Who: "dan", From: on("2026-11-05 12:00"), To: on("2026-11-05 13:00")},
		swap("other", "eve", "ada", "2026-11-02", "2026-11-30"),
		swap("duty", "eve", "ada", "2026-11-16", "2026-11-23"), // it is cyd's week
	}
	var got []string
	for _, d := range weekly.Plan(on("2026-11-01 09:00"), on("2026-11-23 09:00"), swaps) {
		got = append(got, strings.Join(d.Who, " ")+" from "+d.From.In(warsaw).Format("2 Jan 15:04"))
	}
	want := "cyd from 1 Nov 09:00, bob from 2 Nov 09:00, cyd from 4 Nov 09:00, dan from 5 Nov 12:00, cyd from 5 Nov 13:00, bob from 6 Nov 09:00, " +
		"ada from 9 Nov 09:00, cyd from 16 Nov 09:00"
	if all := strings.Join(got, ", "); all != want {
		t.Errorf("the weeks are\n%s\nwant\n%s", all, want)
	}
	if left := audience.Ended(swaps, on("2026-11-16 09:00")); len(left) != 2 || len(swaps) != 6 {
		t.Errorf("after the 16th %d swaps are left of %d", len(left), len(swaps))
	}
}

func TestASwapIsKeptAsAFewWords(t *testing.T) {
	t.Parallel()
	swap := audience.Swap{Rota: "duty", Who: "bob", For: "ada", From: utc("2026-11-02 08:00"), To: utc("2026-11-09 08:00")}
	text, err := json.Marshal(swap)
	if want := `{"rota":"duty","who":"bob","for":"ada","from":"2026-11-02T08:00:00Z","to":"2026-11-09T08:00:00Z"}`; err != nil || string(text) != want {
		t.Errorf("kept as %s, %v", text, err)
	}
	var back audience.Swap
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, swap) {
		t.Errorf("read back as %+v, %v", back, err)
	}
}

func TestACalendarMayHaveTwoPeopleAtOnceAndNobody(t *testing.T) {
	t.Parallel()
	shifts := []audience.Shift{
		{Who: "ada", From: on("2026-11-02 09:00"), To: on("2026-11-04 09:00")},
		{Who: "bob", From: on("2026-11-03 09:00"), To: on("2026-11-05 09:00")},
		{Who: "ada", From: on("2026-11-04 09:00"), To: on("2026-11-04 10:00")},
		{Who: "cyd", From: on("2027-02-01 09:00"), To: on("2027-02-02 09:00")}, // further ahead than a glance
	}
	r := audience.Rota{Name: "duty", Zone: warsaw, Others: []string{"ada", "bob", "cyd"}, Calendar: func(from, to time.Time) []audience.Shift {
		return slices.DeleteFunc(slices.Clone(shifts), func(s audience.Shift) bool { return !s.To.After(from) || !s.From.Before(to) })
	}}
	var got []string
	for _, d := range r.Plan(on("2026-11-01 09:00"), on("2027-03-01 09:00"), nil) {
		got = append(got, fmt.Sprintf("%q till %s", d.Who, until(d.To)))
	}
	want := `[] till Mon 2026-11-02 09:00 CET, ["ada"] till Tue 2026-11-03 09:00 CET, ["ada" "bob"] till Wed 2026-11-04 09:00 CET, ` +
		`["bob" "ada"] till Wed 2026-11-04 10:00 CET, ["bob"] till Thu 2026-11-05 09:00 CET, [] till Mon 2027-02-01 09:00 CET, ` +
		`["cyd"] till Tue 2027-02-02 09:00 CET, [] till for ever`
	if all := strings.Join(got, ", "); all != want {
		t.Errorf("by the calendar\n%s\nwant\n%s", all, want)
	}
	if all := r.Everyone(); !slices.Equal(all, []string{"ada", "bob", "cyd"}) {
		t.Errorf("everybody is %q", all)
	}
}

var staffed = audience.Rules{
	People: append(slices.Clone(people), audience.Person{Name: "cyd", SMS: "+48600100203"}, audience.Person{Name: "dan", SMS: "+48600100204"}),
	Rotas: []audience.Rota{weekly, {Name: "silent", Zone: warsaw, Layers: []audience.Layer{
		{Turns: []string{"eve", "bob"}, Handover: monday, From: date("2026-11-02")},
	}}, {Name: "nights", Zone: warsaw, Layers: layered.Layers[2:]}},
	Steps: []audience.Step{{Who: []string{"duty"}}, {Who: []string{"bob", "duty"}, After: 5 * time.Minute}},
}

func TestARotaStandsForWhoHasDuty(t *testing.T) {
	t.Parallel()
	swaps := []audience.Swap{{Rota: "duty", Who: "dan", For: "ada", From: on("2026-11-02 09:00"), To: on("2026-11-03 09:00")}}
	for _, c := range []struct {
		names   string
		at      string
		trusted bool
		swaps   []audience.Swap
		want    string
	}{
		{"duty", "2026-11-02 09:00", true, nil, "ada"},
		{"bob duty", "2026-11-09 09:00", true, nil, "bob"},
		{"duty bob", "2026-11-02 09:00", true, swaps, "dan bob"},
		{"duty", "2026-11-02 09:00", false, nil, "ada bob cyd"},
		{"cyd duty nobody", "1970-01-01 00:00", false, swaps, "cyd ada bob dan nobody"},
		{"silent", "2026-11-09 09:00", true, nil, "bob"},
		{"silent", "2026-11-02 09:00", true, nil, "eve bob"}, // eve cannot be texted
		{"nights", "2026-11-02 18:00", true, nil, "bob"},
		{"nights", "2026-11-02 12:00", true, nil, "bob"}, // a gap: all there are
		{"ada eve", "2026-11-02 12:00", true, nil, "ada eve"},
	} {
		got := staffed.Expand(strings.Fields(c.names), on(c.at), c.trusted, c.swaps)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s at %s (trusted: %v) is %q, want %q", c.names, c.at, c.trusted, got, c.want)
		}
	}
}

func TestTheEscalationCallsWhoHasDutyAtThatTime(t *testing.T) {
	t.Parallel()
	p := audience.Begin(start)
	for _, c := range []struct {
		rules audience.Rules
		at    float64
		want  string
	}{
		{staffed.OnDuty(on("2026-11-09 08:58"), true, nil), 0, "ada"},
		{staffed.OnDuty(on("2026-11-09 09:03"), true, nil), 5, "bob"}, // handed over meanwhile
	} {
		var calls []audience.Call
		if p, calls = c.rules.Due(p, minute(c.at)); said(calls) != c.want {
			t.Errorf("after %g min: %q, want %q", c.at, said(calls), c.want)
		}
	}
	for want, rules := range map[string]audience.Rules{
		"ada":          staffed.OnDuty(on("2026-11-02 09:00"), true, nil),
		"ada bob cyd":  staffed.OnDuty(on("2026-11-02 09:00"), false, nil),
		"ada bob cyd ": staffed, // it was told no instant
	} {
		if got := said([]audience.Call{{To: rules.First()}}); got != strings.TrimSpace(want) {
			t.Errorf("the first are %q, want %q", got, want)
		}
	}
	if got := staffed.OnDuty(on("2026-11-16 09:00"), true, nil).Named([]string{"duty"}); !reflect.DeepEqual(got, []event.Recipient{{Name: "cyd", Channel: "sms", Address: "+48600100203"}}) {
		t.Errorf("duty is %+v", got)
	}
}

// reading is a rota as somebody would read it who stands before the wall and
// looks once a minute: it keeps the latest date and time that was shown, in
// minutes from the beginning of Thursday, 1 January 1970.
type reading struct {
	rota  audience.Rota
	shown int
}

const hour, day, week = 60, 24 * 60, 7 * 24 * 60

func minutes(t time.Time) int { return int(t.Unix() / 60) }

func clock(c audience.Clock) int { return c.Hour*hour + c.Minute }

// look is who has duty now, in the reader's eyes.
func (r *reading) look(now time.Time, swaps []audience.Swap) string {
	_, offset := now.In(r.rota.Zone).Zone()
	r.shown = max(r.shown, minutes(now)+offset/60)
	who := ""
	for _, l := range r.rota.Layers {
		if r.holds(l) {
			who = l.Turns[r.turn(l)]
		}
	}
	for _, o := range r.rota.Overrides {
		if !now.Before(o.From) && now.Before(o.To) {
			who = o.Who
		}
	}
	for _, s := range swaps {
		if s.Rota == r.rota.Name && !now.Before(s.From) && now.Before(s.To) && (s.For == "" || s.For == who) {
			who = s.Who
		}
	}
	return who
}

func (r *reading) turn(l audience.Layer) int {
	each := week
	if l.Handover.Daily {
		each = day
	}
	first := minutes(l.From)
	if l.From.IsZero() {
		first = 4 * day // a Monday
		for !l.Handover.Daily && time.Weekday((first/day+4)%7) != l.Handover.Day {
			first += day
		}
	}
	passed := r.shown - first - clock(l.Handover.Clock)
	for passed < 0 {
		passed += each * len(l.Turns)
	}
	return passed / each % len(l.Turns)
}

func (r *reading) holds(l audience.Layer) bool {
	if l.Begins && r.shown < minutes(l.From)+clock(l.Handover.Clock) {
		return false
	}
	a, b := clock(l.Between[0]), clock(l.Between[1])
	if len(l.Days) == 0 && a == b {
		return true
	}
	now := r.shown % day
	on := func(ago int) bool {
		return len(l.Days) == 0 || slices.Contains(l.Days, time.Weekday((r.shown/day-ago+4)%7))
	}
	if a < b {
		return on(0) && a <= now && now < b
	}
	return on(0) && a <= now || on(1) && now < b
}

// agree reads a rota minute by minute and compares each with what At says.
func agree(t rapid.TB, r audience.Rota, from, to time.Time, swaps []audience.Swap) {
	t.Helper()
	read := reading{rota: r}
	for at := from.Add(-26 * time.Hour); at.Before(from); at = at.Add(time.Minute) {
		read.look(at, swaps) // what the wall showed before
	}
	who, end := "", from
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		if !end.IsZero() && !at.Before(end) {
			was, now := who, []string(nil)
			now, end = r.At(at, swaps)
			if who = strings.Join(now, " "); at.After(from) && was == who {
				t.Fatalf("at %s %q still have duty, and a change was promised", until(at), who)
			}
		}
		if want := read.look(at, swaps); who != want {
			t.Fatalf("at %s (%s): %q, by the wall %q\n%+v\n%+v", until(at), at.UTC(), who, want, r, swaps)
		}
	}
}

func TestFiveYearsAreReadOffTheWallMinuteByMinute(t *testing.T) {
	t.Parallel()
	from := utc("2026-01-01 00:00")
	agree(t, layered, from, from.AddDate(5, 0, 0), nil)
}

// Any rota of layers, whenever it is looked at, is what the wall says; weeks
// in which the clocks change are looked at more often.
func TestAnyRotaIsReadOffTheWall(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{warsaw, place("Africa/Cairo"), place("America/Havana"), place("Australia/Lord_Howe"), place("America/New_York"), time.UTC}
	changes := []string{"2026-03-29 01:00", "2026-10-25 01:00", "2026-10-29 21:00", "2026-04-04 15:00", "2026-11-01 06:00", "2028-02-29 00:00", "2026-12-31 23:00"}
	rapid.Check(t, func(t *rapid.T) {
		r := audience.Rota{Name: "duty", Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Layers: rapid.SliceOfN(someLayer, 0, 4).Draw(t, "layers")}
		from := utc("2026-01-01 00:00").Add(time.Duration(rapid.IntRange(0, 5*365*24*60).Draw(t, "minute")) * time.Minute)
		if rapid.Bool().Draw(t, "near a change") {
			from = utc(rapid.SampledFrom(changes).Draw(t, "change")).Add(-time.Duration(rapid.IntRange(0, 3000).Draw(t, "minutes before")) * time.Minute)
		}
		span := rapid.Custom(func(t *rapid.T) [2]time.Time {
			begin := from.Add(time.Duration(rapid.IntRange(-3000, 15000).Draw(t, "begin")) * time.Minute)
			return [2]time.Time{begin, begin.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "length")) * time.Minute)}
		})
		name := rapid.SampledFrom([]string{"ada", "bob", "cyd", "dan"})
		for range rapid.IntRange(0, 2).Draw(t, "overrides") {
			s := span.Draw(t, "override")
			r.Overrides = append(r.Overrides, audience.Shift{Who: name.Draw(t, "who"), From: s[0], To: s[1]})
		}
		var swaps []audience.Swap
		for range rapid.IntRange(0, 3).Draw(t, "swaps") {
			s := span.Draw(t, "swap")
			swaps = append(swaps, audience.Swap{Rota: rapid.SampledFrom([]string{"duty", "other"}).Draw(t, "rota"), Who: name.Draw(t, "who"), For: rapid.SampledFrom([]string{"", "ada", "bob"}).Draw(t, "for"), From: s[0], To: s[1]})
		}
		agree(t, r, from, from.AddDate(0, 0, 8), swaps)
	})
}

var someLayer = rapid.Custom(func(t *rapid.T) audience.Layer {
	times := rapid.Custom(func(t *rapid.T) audience.Clock {
		return audience.Clock{Hour: rapid.SampledFrom([]int{0, 1, 2, 3, 9, 17, 23}).Draw(t, "hour"), Minute: rapid.SampledFrom([]int{0, 15, 30}).Draw(t, "minute")}
	})
	h := audience.Handover{Daily: rapid.Bool().Draw(t, "daily"), Day: time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")), Clock: times.Draw(t, "handover")}
	l := audience.Layer{Turns: rapid.SliceOfN(rapid.SampledFrom([]string{"ada", "bob", "cyd"}), 1, 4).Draw(t, "turns"), Handover: h}
	if rapid.Bool().Draw(t, "from") {
		l.From = date("2026-03-01").AddDate(0, 0, rapid.IntRange(0, 300).Draw(t, "from day"))
		for !h.Daily && l.From.Weekday() != h.Day {
			l.From = l.From.AddDate(0, 0, 1)
		}
		l.Begins = rapid.Bool().Draw(t, "begins")
	}
	if rapid.Bool().Draw(t, "windows") {
		days := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 6, rapid.ID).Draw(t, "days")
		for _, d := range days {
			l.Days = append(l.Days, time.Weekday(d))
		}
		l.Between = [2]audience.Clock{times.Draw(t, "start"), times.Draw(t, "end")}
	}
	return l
})
