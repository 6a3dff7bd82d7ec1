package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// twoEvents is a calendar in which ada has a Monday, and bob every Tuesday.
var twoEvents = strings.ReplaceAll(`BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:ada
DTSTART;VALUE=DATE:20261102
END:VEVENT
BEGIN:VEVENT
SUMMARY:on call
ATTENDEE:mailto:bob@noc.example
DTSTART;VALUE=DATE:20261103
RRULE:FREQ=WEEKLY
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")

// staffed is calm with a rota.
var staffed = strings.Replace(calm, `oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
`, `  - {name: cyd, sms: "+48601234503"}
timezone: Europe/Warsaw
rota:
  - name: duty
    turns: [ada, bob, ada, cyd]
    from: 2026-11-02
    layers:
      - {days: [Sat, Sunday], turns: [cyd, ada], handover: "Sat 09:00", from: 2026-11-07}
      - {days: [Mon, Tue, Wed, Thu, Fri], between: ["17:00", "08:00"], turns: [bob]}
      - {turns: [bob, cyd], between: ["04:00", "04:30"], handover: "04:00"}
    overrides:
      - {who: bob, from: "2026-07-24 09:00", to: "2026-12-27 09:00"}
  - name: second
    calendar: {file: oncall.ics}
oncall:
  - {who: [duty], after: 0s}
  - {who: [second], after: 2m}
`, 1)

func TestARotaIsRead(t *testing.T) {
	t.Parallel()
	c := mustParse(t, strings.Replace(staffed, "+48601234502\"}", "+48601234502\", mail: bob@noc.example}", 1))
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	mon, sat := Handover{Day: time.Monday, At: ClockTime{9, 0}}, Handover{Day: time.Saturday, At: ClockTime{9, 0}}
	want := []RotaLayer{
		{Turns: []string{"ada", "bob", "ada", "cyd"}, Handover: mon, From: day(11, 2)},
		{Turns: []string{"cyd", "ada"}, Handover: sat, From: day(11, 7), Begins: true, Days: []time.Weekday{6, 0}, Between: [2]ClockTime{{9, 0}, {9, 0}}},
		{Turns: []string{"bob"}, Handover: mon, Days: []time.Weekday{1, 2, 3, 4, 5}, Between: [2]ClockTime{{17, 0}, {8, 0}}},
		{Turns: []string{"bob", "cyd"}, Handover: Handover{Daily: true, At: ClockTime{4, 0}}, Between: [2]ClockTime{{4, 0}, {4, 30}}},
	}
	duty := c.Rotas[0]
	if !reflect.DeepEqual(duty.Layers, want) {
		t.Errorf("the layers are\n%+v\nwant\n%+v", duty.Layers, want)
	}
	o := duty.Overrides[0]
	if from, to := o.From.UTC().Format(time.DateTime), o.To.UTC().Format(time.DateTime); from != "2026-07-24 07:00:00" || to != "2026-12-27 08:00:00" {
		t.Errorf("in Warsaw the override lasts from %s to %s by Greenwich", from, to)
	}
	second := c.Rotas[1]
	if cal := second.Calendar; cal.Trouble != "" || !slices.Equal(cal.People, []string{"ada", "bob"}) || second.Layers != nil {
		t.Errorf("the calendar's rota is %+v", second)
	}
	if got := c.Callable([]string{"cyd", "second"}); !slices.Equal(got, []string{"cyd", "ada", "bob"}) {
		t.Errorf("callable are %q", got)
	}
	if !slices.Equal(c.Selftest.Tell, []string{"duty"}) {
		t.Errorf("the self-test goes to %q", c.Selftest.Tell)
	}
	golden(t, "plan-rota.txt", Plan(c))
}

// A layer without hand-over has the rota's, and without between its days
// begin at that hour.
func TestALayerTakesItsHandOverFromTheRota(t *testing.T) {
	t.Parallel()
	c := mustParse(t, strings.Replace(calm, "oncall:\n", "rota: [{name: duty, handover: \"20:30\", layers: [{turns: [ada, bob], days: [mon]}]}]\noncall:\n", 1))
	want := []RotaLayer{{Turns: []string{"ada", "bob"}, Handover: Handover{Daily: true, At: ClockTime{20, 30}}, Days: []time.Weekday{1}, Between: [2]ClockTime{{20, 30}, {20, 30}}}}
	if !reflect.DeepEqual(c.Rotas[0].Layers, want) {
		t.Errorf("the layers are %+v", c.Rotas[0].Layers)
	}
}

func TestWhatIsWrongWithARotaIsNamedWithItsPlaceAndItsCure(t *testing.T) {
	t.Parallel()
	mustParse(t, staffed)
	for _, c := range []struct{ old, new, want string }{
		{"turns: [ada, bob, ada, cyd]", "turns: [ada, bop]", `16:18: rota[0].turns[1]: "bop" is not a person in people: did you mean bob?`},
		{"turns: [cyd, ada], handover", "turns: [cyd, eve], handover", `19:44: rota[0].layers[0].turns[1]: "eve" is not a person in people: there are ada, bob and cyd`},
		{"{who: bob, from", "{who: eve, from", `23:15: rota[0].overrides[0].who: "eve" is not a person in people: there are ada, bob and cyd`},
		{"2026-11-02", "2026-11-03", `17:11: rota[0].from: is a Tuesday, and duty is handed over on a Monday: write 2026-11-02 or 2026-11-09`},
		{"2026-11-07", "2026-11-06", `19:79: rota[0].layers[0].from: is a Friday, and duty is handed over on a Saturday: write 2026-10-31 or 2026-11-07`},
		{"2026-11-02", "2.11.2026", `17:11: rota[0].from: "2.11.2026" is not a date: write it as in 2026-11-02`},
		{"2026-11-02", "2026-02-30", `17:11: rota[0].from: "2026-02-30" is not a date: write it as in 2026-11-02`},
		{"Sunday]", "Sun, sat]", `19:27: rota[0].layers[0].days[2]: "sat" stands in this list twice: delete one of the two`},
		{"Sunday]", "Funday]", `19:22: rota[0].layers[0].days[1]: "Funday" is not a day of the week: write it as in Mon or Monday`},
		{`"Sat 09:00"`, `"Sat 9"`, `19:60: rota[0].layers[0].handover: "Sat 9" has no time of day like 09:00: write it as in "Mon 09:00", or "09:00" for every day`},
		{`"Sat 09:00"`, `"weekly"`, `19:60: rota[0].layers[0].handover: "weekly" has no time of day like 09:00: write it as in "Mon 09:00", or "09:00" for every day`},
		{`"Sat 09:00"`, `"Any 09:00"`, `19:60: rota[0].layers[0].handover: "Any 09:00" is not a time of the week: write it as in "Mon 09:00", or "09:00" for every day`},
		{`["17:00", "08:00"]`, `["17:00"]`, `20:52: rota[0].layers[1].between: has not two times of day: write it as in ["17:00", "08:00"]`},
		{`["17:00", "08:00"]`, `["17:00", "8"]`, `20:62: rota[0].layers[1].between[1]: "8" is not a time of day: write it as in "06:00"`},
		{`2026-12-27 09:00`, `2026-07-24 09:00`, `23:50: rota[0].overrides[0].to: is not after from: write the time at which it ends`},
		{`2026-12-27 09:00`, `2026-12-27`, `23:50: rota[0].overrides[0].to: "2026-12-27" is not a date with a time: write it as in "2026-12-24 09:00"`},
		{"{who: bob, from: ", "{from: ", `23:9: rota[0].overrides[0]: who is missing: write it as in {who: bob, from: "2026-12-24 09:00", to: "2026-12-27 09:00"}`},
		{"name: second", "name: Ada", `24:11: rota[1].name: "Ada" is the name of another rota or a person too (line 10): give each a name of its own`},
		{"name: second", "name: duty", `24:11: rota[1].name: "duty" is the name of another rota or a person too (line 15): give each a name of its own`},
		{"calendar: {file: oncall.ics}", "handover: \"09:00\"", `24:5: rota[1]: has nobody in it: add turns: [ada, bob], or calendar: {file: /etc/heliograph/oncall.ics}`},
		{"calendar: {file", "turns: [ada]\n    calendar: {file", `26:15: rota[1].calendar: stands beside turns: keep one of the two`},
		{"[second]", "[secund]", `28:12: oncall[1].who[0]: "secund" is not a person in people or a rota: did you mean second?`},
	} {
		text := strings.Replace(staffed, c.old, c.new, 1)
		if text == staffed {
			t.Errorf("%q is not in the file", c.old)
			continue
		}
		_, faults := Parse(where, []byte(text), secrets(), environment)
		if got := strings.ReplaceAll(faults.Error(), where+":", ""); !strings.Contains("\n"+got+"\n", "\n"+c.want+"\n") || len(faults) > 2 {
			t.Errorf("%s\ngot:  %s\nwant: %s", c.new, got, c.want)
		}
	}
}

func TestARotaThatWouldWakeNobodyIsWarnedOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, want string }{
		{"sms: \"+48601234503\"", "mail: cyd@noc.example", "rota[0] (line 15): cyd has duty in duty and cannot be texted, so all of duty are told then; add sms: to cyd in people"},
		{"  - {who: [second], after: 2m}\n", "", "rota[1].name (line 24): second stands in no step of oncall: nobody is told because of it; write who: [second] there"},
		{"  - name: second", "      - {who: ada, from: \"2026-12-01 09:00\", to: \"2026-12-02 09:00\"}\n  - name: second", "rota[0].overrides[1] (line 24): overlaps with the override of bob in line 23: while both last, this one counts"},
		{"oncall.ics", "gone.ics", "rota[1].calendar.file (line 25): gone.ics cannot be read: file does not exist; until it can be read, ada, bob and cyd are told, whoever has duty"},
		{"oncall.ics", "pin", "rota[1].calendar.file (line 25): pin it does not begin with BEGIN:VCALENDAR: it is no iCalendar file; until it can be read, ada, bob and cyd are told, whoever has duty"},
		{"sms: \"+48601234501\"", "sms: \"+48601234501\", role: viewer", "people[0].role (line 10): ada is on call and may not acknowledge as a viewer; write role: operator"},
	} {
		text := strings.Replace(staffed, c.old, c.new, 1)
		conf, faults := Parse(where, []byte(text), secrets(), environment)
		if err := faults.Err(); err != nil {
			t.Errorf("%s: %v", c.new, err)
			continue
		}
		if all := Warnings(conf); !slices.Contains(all, c.want) {
			t.Errorf("%s:\ngot:  %s\nwant: %s", c.new, strings.Join(all, "\n"), c.want)
		}
	}
	sound := strings.Replace(staffed, "+48601234502\"}", "+48601234502\", mail: bob@noc.example}", 1)
	if all := Warnings(mustParse(t, sound)); all != nil {
		t.Errorf("a sound rota is warned of: %q", all)
	}
}
