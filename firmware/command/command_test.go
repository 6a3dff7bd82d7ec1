package command

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/notice"
)

// understood is what each text must become; Order is compared too if it is
// given.
func understood(t *testing.T, cases []struct {
	text string
	want Command
}) {
	t.Helper()
	for _, c := range cases {
		got, err := Parse(c.text, Air)
		if c.want.Order == "" {
			got.Order = ""
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q:\n  got  %+v, %v\n  want %+v", c.text, got, err, c.want)
		}
	}
}

func TestACKIsForgivenInAllItsForms(t *testing.T) {
	t.Parallel()
	seven := Command{Verb: Ack, Number: 7}
	understood(t, []struct {
		text string
		want Command
	}{
		{"ACK 7", Command{Verb: Ack, Number: 7, Order: "ACK 7"}},
		{"ack", Command{Verb: Ack, Order: "ACK"}},
		{"ACK7", seven}, {"ack#7", seven}, {"Ack 7!", seven}, {"  Ack #7. ", seven}, {"ACK-7", seven}, {"ack:7", seven}, {"ACK (7)", seven},
		{"ack no. 7", seven}, {"ACK nr 7", seven}, {"ack incident 7", seven}, {"ACK №7", seven}, {"ack 007", seven},
		{"ack ack 7", seven}, {"ok ok 7", seven}, {"OK, 7", seven}, {"7 ack", seven}, {"#7 OK", seven}, {"7: ok", seven},
		{"“ACK 7”", seven}, {"«ack» 7", seven}, {"\"Ack 7\"", seven}, {"*ACK* 7", seven}, {"- ack 7", seven}, {"> waw-12 #7 DOWN\nack 7", seven},
		{"ACK\u00a07", seven}, {"ACK\u202f7", seven}, {"ＡＣＫ ７", seven}, {"ACK\t7\r\n", seven}, {"\ufeffACK 7\u200b", seven}, {"👍 ack 7 👍", seven},
		{"ok", Command{Verb: Ack}}, {"O.K.", Command{Verb: Ack}}, {"ack ack", Command{Verb: Ack}}, {"OK, I am on it", Command{Verb: Ack}},
		{"ok, on it in 20 min", Command{Verb: Ack}}, {"ok 5 min", Command{Verb: Ack}}, {"ok 06:30", Command{Verb: Ack}},
		{"ok I take #7", seven}, {"ack 7 thanks", seven}, {"ack 7 please", seven}, {"ack 7, there in 20 min", seven}, {"ack 7 20 min", seven}, {"ack 7 2 of us come", seven},
		{"ACK 7 123456", seven}, {"ack 7\nSent from my iPhone", seven}, {"ack 7\nAda", seven}, {"ack 7\nSTATUS", seven},
		{"Potwierdzam 7", seven}, {"Biorę 7", seven}, {"przyjąłem 7", seven}, {"przyja\u0328łem 7", seven}, {"preso 7", seven}, {"Ricevuto 7", seven}, {"ci penso", Command{Verb: Ack}},
		{"waw-12 ack 7", seven}, {"waw-12 #7 ack", seven}, {"waw: ack 7", seven}, {"waw #7 OK", seven},
		{"ACK 7 8", Command{Verb: Ack, Number: 7, Other: 8, Order: "ACK 7 8"}},
		{"ack #7 and #8", Command{Verb: Ack, Number: 7, Other: 8}}, {"ack 7+8", Command{Verb: Ack, Number: 7, Other: 8}}, {"ack 7,8", Command{Verb: Ack, Number: 7, Other: 8}},
		{"potwierdzam 7 i 8", Command{Verb: Ack, Number: 7, Other: 8}}, {"ack 7 7", seven}, {"ack 7/8", Command{Verb: Ack, Number: 7, Other: 8}},
	})
}

func TestReadingVerbs(t *testing.T) {
	t.Parallel()
	understood(t, []struct {
		text string
		want Command
	}{
		{"Status?", Command{Verb: Status, Order: "STATUS"}}, {"st", Command{Verb: Status}}, {"S?", Command{Verb: Status}}, {"s", Command{Verb: Status}}, {"stan", Command{Verb: Status}}, {"stato\n", Command{Verb: Status}},
		{"status 7", Command{Verb: Status, Number: 7, Order: "STATUS 7"}}, {"status please", Command{Verb: Status}}, {"status of waw", Command{Verb: Status}}, {"#7 status", Command{Verb: Status, Number: 7}},
		{"sig", Command{Verb: Sig}}, {"Zasięg?", Command{Verb: Sig}}, {"campo?", Command{Verb: Sig}},
		{"Q", Command{Verb: Queue}}, {"queue", Command{Verb: Queue}}, {"kolejka", Command{Verb: Queue}}, {"coda", Command{Verb: Queue}},
		{"who?", Command{Verb: Who}}, {"who is on call", Command{Verb: Who}}, {"on-call?", Command{Verb: Who}}, {"dyżur", Command{Verb: Who}}, {"Chi è reperibile?", Command{Verb: Who}},
		{"log 7", Command{Verb: Log, Number: 7, Order: "LOG 7"}}, {"log", Command{Verb: Log}}, {"historia 7", Command{Verb: Log, Number: 7}},
		{"?", Command{Verb: Help, Order: "HELP"}}, {"???", Command{Verb: Help}}, {"help!", Command{Verb: Help}}, {"help me", Command{Verb: Help}}, {"pomoc", Command{Verb: Help}}, {"aiuto!", Command{Verb: Help}},
		{"help more", Command{Verb: Help, Word: More, Order: "HELP MORE"}}, {"More.", Command{Verb: Help, Word: More}}, {"HELP więcej", Command{Verb: Help, Word: More}}, {"altro", Command{Verb: Help, Word: More}}, {"help say", Command{Verb: Help, Word: "SAY", Order: "HELP SAY"}}, {"HELP mute?", Command{Verb: Help, Word: "MUTE"}}, {"help selftest", Command{Verb: Help, Word: "TEST"}}, {"aiuto avvisa", Command{Verb: Help, Word: "SAY"}},
		{"balance", Command{Verb: Balance}}, {"saldo?", Command{Verb: Balance}},
	})
}

func TestVerbsThatChangeSomething(t *testing.T) {
	t.Parallel()
	understood(t, []struct {
		text string
		want Command
	}{
		{"nack 7", Command{Verb: Nack, Number: 7}}, {"nack", Command{Verb: Nack}}, {"not me", Command{Verb: Nack}}, {"nie ja 7", Command{Verb: Nack, Number: 7}}, {"non io!", Command{Verb: Nack}}, {"nie mogę, jestem chory", Command{Verb: Nack}},
		{"open billing Card payments fail", Command{Verb: Open, Scope: []string{"billing"}, Text: "Card payments fail", Order: "OPEN billing Card payments fail"}},
		{"OPEN \"billing\": card payments\nfail since 4", Command{Verb: Open, Scope: []string{"billing"}, Text: "card payments fail since 4"}},
		{"otwórz Billing karty nie działają", Command{Verb: Open, Scope: []string{"Billing"}, Text: "karty nie działają"}},
		{"say 7 splicing: 06:30", Command{Verb: Say, Number: 7, Text: "splicing: 06:30", Order: "SAY 7 splicing: 06:30"}},
		{"say #7: splicing", Command{Verb: Say, Number: 7, Text: "splicing"}}, {"SAY 7 - splicing", Command{Verb: Say, Number: 7, Text: "splicing"}}, {"say 7 -71 dBm", Command{Verb: Say, Number: 7, Text: "-71 dBm"}},
		{"say 7 two\nlines\n> waw-12 #7 DOWN\nwaw-12 #7 UPDATE transit-a\n\nSent from my iPhone", Command{Verb: Say, Number: 7, Text: "two lines"}},
		{"say 7 done\nIl giorno 22 nov waw-12 ha scritto:\n> x", Command{Verb: Say, Number: 7, Text: "done"}},
		{"say 7 “smart” thanks", Command{Verb: Say, Number: 7, Text: "“smart” thanks"}},
		{"#7 say splicing has begun", Command{Verb: Say, Number: 7, Text: "splicing has begun"}}, {"waw-12 say 7 on our way", Command{Verb: Say, Number: 7, Text: "on our way"}},
		{"przekaż 7 spawanie trwa", Command{Verb: Say, Number: 7, Text: "spawanie trwa"}}, {"avvisa 7 ci siamo", Command{Verb: Say, Number: 7, Text: "ci siamo"}},
		{"CANCEL 7", Command{Verb: Cancel, Number: 7, Order: "CANCEL 7"}}, {"anuluj 7", Command{Verb: Cancel, Number: 7}}, {"annulla #7", Command{Verb: Cancel, Number: 7}}, {"false alarm 7", Command{Verb: Cancel, Number: 7}},
		{"clear #7", Command{Verb: Clear, Number: 7, Order: "CLEAR 7"}}, {"clear 7 please", Command{Verb: Clear, Number: 7}}, {"clear7.", Command{Verb: Clear, Number: 7}}, {"risolto 7", Command{Verb: Clear, Number: 7}}, {"clear 7 👍", Command{Verb: Clear, Number: 7}}, {"clear 7\nAda", Command{Verb: Clear, Number: 7}},
		{"link 7 8", Command{Verb: Link, Number: 7, Other: 8, Order: "LINK 7 8"}}, {"link #7 and #8", Command{Verb: Link, Number: 7, Other: 8}}, {"połącz 7 z 8", Command{Verb: Link, Number: 7, Other: 8}},
		{"SCOPE 7 waw,lodz", Command{Verb: Scope, Number: 7, Scope: []string{"waw", "lodz"}, Order: "SCOPE 7 waw,lodz"}}, {"scope 7: Waw, lodz and opole", Command{Verb: Scope, Number: 7, Scope: []string{"Waw", "lodz", "opole"}}},
		{"hold", Command{Verb: Hold}}, {"hold 7", Command{Verb: Hold, Number: 7}}, {"hold it!", Command{Verb: Hold}}, {"wstrzymaj", Command{Verb: Hold}}, {"go", Command{Verb: Go}}, {"go 7", Command{Verb: Go, Number: 7}}, {"vai", Command{Verb: Go}},
		{"mute 2h", Command{Verb: Mute, For: 2 * time.Hour, Order: "MUTE 2h"}}, {"mute", Command{Verb: Mute, Order: "MUTE"}}, {"MUTE for 90 min", Command{Verb: Mute, For: 90 * time.Minute, Order: "MUTE 1h30m"}}, {"mute2h", Command{Verb: Mute, For: 2 * time.Hour}},
		{"mute 1h30", Command{Verb: Mute, For: 90 * time.Minute}}, {"mute 1.5 h", Command{Verb: Mute, For: 90 * time.Minute}}, {"wycisz na 2 godz.", Command{Verb: Mute, For: 2 * time.Hour}}, {"silenzio per 2 ore", Command{Verb: Mute, For: 2 * time.Hour}}, {"mute 1 day", Command{Verb: Mute, For: 24 * time.Hour}},
		{"unmute", Command{Verb: Unmute}}, {"unmute now", Command{Verb: Unmute}}, {"koniec ciszy", Command{Verb: Unmute}},
		{"resend 120", Command{Verb: Resend, ID: 120, Order: "RESEND 120"}}, {"RESEND #18446744073709551615", Command{Verb: Resend, ID: 1<<64 - 1}},
		{"test", Command{Verb: Test, Order: "TEST"}}, {"selftest", Command{Verb: Test}}, {"Self-test modem", Command{Verb: Test, Word: "modem", Order: "TEST MODEM"}}, {"test poczta", Command{Verb: Test, Word: "mail"}}, {"prova tutto", Command{Verb: Test, Word: "all"}},
		{"drill", Command{Verb: Drill}}, {"drill end", Command{Verb: Drill, Word: "end", Order: "DRILL END"}}, {"drill start", Command{Verb: Drill}}, {"ćwiczenie koniec", Command{Verb: Drill, Word: "end"}},
		{"lte On", Command{Verb: LTE, Word: "on", Order: "LTE ON"}}, {"LTE auto.", Command{Verb: LTE, Word: "auto"}}, {"lte włącz", Command{Verb: LTE, Word: "on"}}, {"proxy off", Command{Verb: Proxy, Word: "off", Order: "PROXY OFF"}},
		{"swap bob", Command{Verb: Swap, Person: "bob", Order: "SWAP bob"}}, {"swap with Bob.", Command{Verb: Swap, Person: "Bob"}}, {"zamiana z bob", Command{Verb: Swap, Person: "bob"}}, {"take", Command{Verb: Take}}, {"subentro", Command{Verb: Take}}, {"biorę dyżur", Command{Verb: Take}},
		{"reboot", Command{Verb: Reboot}}, {"riavvia", Command{Verb: Reboot}},
		{"erase +48 600 100 201", Command{Verb: Erase, Phone: "+48600100201", Order: "ERASE +48600100201"}}, {"ERASE 0048-600-100-201.", Command{Verb: Erase, Phone: "+48600100201"}}, {"usuń +48600100201", Command{Verb: Erase, Phone: "+48600100201"}},
		{"STOP", Command{Verb: Stop}}, {"stop sending me this", Command{Verb: Stop}}, {"Start", Command{Verb: Start}},
	})
}

func TestPlansAndCodes(t *testing.T) {
	t.Parallel()
	understood(t, []struct {
		text string
		want Command
	}{
		{"approve 4f7", Command{Verb: Approve, Code: "4F7", Order: "APPROVE 4F7"}}, {"Approve #4F7.", Command{Verb: Approve, Code: "4F7"}}, {"APPROVE4F7", Command{Verb: Approve, Code: "4F7"}},
		{"APPROVE 4F7 MAIL ONLY", Command{Verb: Approve, Code: "4F7", Word: "mail", Order: "APPROVE 4F7 MAIL ONLY"}}, {"approve 4f7 only sms", Command{Verb: Approve, Code: "4F7", Word: "sms"}}, {"zgoda 4f7 tylko mail", Command{Verb: Approve, Code: "4F7", Word: "mail"}},
		{"deny 4f7", Command{Verb: Deny, Code: "4F7", Order: "DENY 4F7"}}, {"deny 4f7 too expensive", Command{Verb: Deny, Code: "4F7"}}, {"odrzuć 4F7", Command{Verb: Deny, Code: "4F7"}},
		{"4711", Command{Verb: Code, Code: "4711", Order: "CODE"}}, {" 4711. ", Command{Verb: Code, Code: "4711"}}, {"code 4711", Command{Verb: Code, Code: "4711"}}, {"Code: 4711", Command{Verb: Code, Code: "4711"}}, {"kod 4711", Command{Verb: Code, Code: "4711"}},
		{"47 11", Command{Verb: Code, Code: "4711"}}, {"４７１１", Command{Verb: Code, Code: "4711"}}, {"4711\nSent from my iPhone", Command{Verb: Code, Code: "4711"}}, {"123 456", Command{Verb: Code, Code: "123456"}},
	})
}

func TestTheTimesOfETR(t *testing.T) {
	t.Parallel()
	half := Clock{Hour: 6, Minute: 30, Set: true}
	with := func(change func(*Clock)) Clock { c := half; change(&c); return c }
	nov := with(func(c *Clock) { c.Day, c.Month = 23, time.November })
	morrow := with(func(c *Clock) { c.Tomorrow = true })
	utc := with(func(c *Clock) { c.UTC = true })
	in := func(d time.Duration) Clock { return Clock{In: d, Set: true} }
	for _, c := range []struct {
		text  string
		want  Clock
		order string
	}{
		{"06:30", half, "06:30"}, {"6:30", half, "06:30"}, {"0630", half, "06:30"}, {"06.30", half, "06:30"}, {"6.30!", half, "06:30"}, {"at 06:30", half, "06:30"}, {"ore 6:30", half, "06:30"}, {"godz. 6:30", half, "06:30"}, {"do 6:30", half, "06:30"},
		{"06:30Z", utc, "06:30Z"}, {"0630z", utc, "06:30Z"}, {"06:30 UTC", utc, "06:30Z"}, {"at 06:30 Z", utc, "06:30Z"},
		{"tomorrow 06:30", morrow, "tomorrow 06:30"}, {"06:30 tomorrow", morrow, "tomorrow 06:30"}, {"jutro o 6:30", morrow, "tomorrow 06:30"}, {"domani alle 6:30", morrow, "tomorrow 06:30"},
		{"23 Nov 06:30", nov, "23 Nov 06:30"}, {"Nov 23 06:30", nov, "23 Nov 06:30"}, {"06:30 23 nov", nov, "23 Nov 06:30"}, {"23.11 06:30", nov, "23 Nov 06:30"}, {"23.11. 6:30", nov, "23 Nov 06:30"}, {"23/11 06:30", nov, "23 Nov 06:30"}, {"23 listopada 6:30", nov, "23 Nov 06:30"}, {"23 novembre alle 6:30", nov, "23 Nov 06:30"},
		{"+2h", in(2 * time.Hour), "+2h"}, {"2h", in(2 * time.Hour), "+2h"}, {"in 90 min", in(90 * time.Minute), "+1h30m"}, {"za 2 godz", in(2 * time.Hour), "+2h"}, {"tra 2 ore e", Clock{}, ""}, {"fra 45 minuti", in(45 * time.Minute), "+45m"}, {"in 1h30", in(90 * time.Minute), "+1h30m"}, {"2 h 30 min", in(150 * time.Minute), "+2h30m"},
		{"?", Clock{Unknown: true, Set: true}, "?"}, {"unknown", Clock{Unknown: true, Set: true}, "?"}, {"ignoto.", Clock{Unknown: true, Set: true}, "?"},
		{"23.11", Clock{Hour: 23, Minute: 11, Set: true}, "23:11"},
		{"24:00", Clock{}, ""}, {"6", Clock{}, ""}, {"630", Clock{}, ""}, {"6:30pm", Clock{}, ""}, {"32 Nov 06:30", Clock{}, ""}, {"23 Nov", Clock{}, ""}, {"soon", Clock{}, ""}, {"06:30 or later", Clock{}, ""}, {"+0h", Clock{}, ""}, {"+99d", Clock{}, ""}, {"6:3", Clock{}, ""}, {"06:60", Clock{}, ""}, {"tomorrow", Clock{}, ""},
	} {
		for text, want := range map[string]Command{
			"ETR " + c.text:    {Verb: ETR, At: c.want, Order: "ETR " + c.order},
			"etr #7 " + c.text: {Verb: ETR, At: c.want, Number: 7, Order: "ETR 7 " + c.order},
		} {
			got, err := Parse(text, Air)
			switch {
			case c.order == "" && err == nil:
				t.Errorf("%q became %+v; want a refusal", text, got)
			case c.order != "" && (err != nil || !reflect.DeepEqual(got, want)):
				t.Errorf("%q:\n  got  %+v, %v\n  want %+v", text, got, err, want)
			}
		}
	}
}

func TestMaintenance(t *testing.T) {
	t.Parallel()
	understood(t, []struct {
		text string
		want Command
	}{
		{"maint start transit-a 2h", Command{Verb: Maint, Word: "start", Scope: []string{"transit-a"}, For: 2 * time.Hour, Order: "MAINT START transit-a 2h"}},
		{"MAINT START waw, lodz for 90 min New optics, 2h of work", Command{Verb: Maint, Word: "start", Scope: []string{"waw", "lodz"}, For: 90 * time.Minute, Text: "New optics, 2h of work", Order: "MAINT START waw,lodz 1h30m New optics, 2h of work"}},
		{"maint plan transit-a, waw 1 Dec 01:00 4h new optics", Command{Verb: Maint, Word: "plan", Scope: []string{"transit-a", "waw"}, At: Clock{Day: 1, Month: time.December, Hour: 1, Set: true}, For: 4 * time.Hour, Text: "new optics", Order: "MAINT PLAN transit-a,waw 1 Dec 01:00 4h new optics"}},
		{"prace zaplanuj transit-a jutro 01:00 na 90 min", Command{Verb: Maint, Word: "plan", Scope: []string{"transit-a"}, At: Clock{Tomorrow: true, Hour: 1, Set: true}, For: 90 * time.Minute, Order: "MAINT PLAN transit-a tomorrow 01:00 1h30m"}},
		{"lavori prolunga 7 di 2 ore", Command{Verb: Maint, Word: "extend", Number: 7, For: 2 * time.Hour, Order: "MAINT EXTEND 7 2h"}},
		{"maint extend 7 by 45m", Command{Verb: Maint, Word: "extend", Number: 7, For: 45 * time.Minute, Order: "MAINT EXTEND 7 45m"}},
		{"maint start transit-a new optics", Command{Verb: Maint, Word: "start", Scope: []string{"transit-a"}, Text: "new optics"}},
		{"prace początek transit-a 2h", Command{Verb: Maint, Word: "start", Scope: []string{"transit-a"}, For: 2 * time.Hour}},
		{"lavori fine", Command{Verb: Maint, Word: "end", Order: "MAINT END"}}, {"maint end 7", Command{Verb: Maint, Word: "end", Number: 7, Order: "MAINT END 7"}}, {"maint end transit-a", Command{Verb: Maint, Word: "end", Scope: []string{"transit-a"}, Order: "MAINT END transit-a"}},
	})
}

func TestWhatIsRefusedSaysWhatToSend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		from Source
		want string
	}{
		{"", Air, "Nothing in your text. Send ACK 7, STATUS or HELP."},
		{" \n\u200b", Air, "Nothing in your text. Send ACK 7, STATUS or HELP."},
		{"👍", Air, "That has no word in it. Send ACK 7, STATUS or HELP."},
		{"!!", Air, "That has no word in it. Send ACK 7, STATUS or HELP."},
		{strings.Repeat("ack ", 751), Air, "Your text is over 3000 characters. Send ACK 7, STATUS or HELP."},
		{"ack\x007", Air, "Your text has characters that nobody can read. Send ACK 7, STATUS or HELP."},
		{"ack \xff7", Air, "Your text has characters that nobody can read. Send ACK 7, STATUS or HELP."},
		{"> waw-12 #7 DOWN transit-a. Reply ACK 7", Air, "Only our own text came back, with no order from you. Send ACK 7, STATUS or HELP."},
		{"waw-12 #9 DOWN transit-a 04:02Z, 3/3 lost: upstream. Reply ACK 9", Air, "Only our own text came back, with no order from you. Send ACK 9, STATUS or HELP."},
		{"waw-12: Nothing open. lte0, queue 0. Up: transit-a.", Air, "Only our own text came back, with no order from you. Send ACK 7, STATUS or HELP."},
		{"waw-12 ACK 7 = I have it, texts about #7 stop. STATUS = what is up", Air, "ACK takes nothing more than this. Send ACK 7."},
		{"waw-12 #7 yours. Quiet till all-clear.", Air, "Only our own text came back, with no order from you. Send ACK 7, STATUS or HELP."},
		{"AKC 7", Air, "Not understood: AKC. Did you mean ACK 7?"},
		{"AKC 12", Air, "Not understood: AKC. Did you mean ACK 12?"},
		{"ACCK", Air, "Not understood: ACCK. Did you mean ACK?"},
		{"sttus", Air, "Not understood: STTUS. Did you mean STATUS?"},
		{"syy 9 we are on it", Air, "Not understood: SYY. Did you mean SAY 9 splicing has begun?"},
		{"clera 12", Local, "Not understood: CLERA. Did you mean CLEAR 12?"},
		{"muet 3h", Air, "Not understood: MUET. Did you mean MUTE 3h?"},
		{"erse +48600100299", Air, "Not understood: ERSE. Did you mean ERASE +48600100201?"},
		{"help akc", Air, "Not understood: AKC. Did you mean HELP ACK?"},
		{"where are you", Air, `"WHERE" is not a word I know. Send ACK 7, STATUS or HELP.`},
		{"tak", Air, `"TAK" is not a word I know. Send ACK 7, STATUS or HELP.`},
		{"don't ack 7", Air, `"DON'T" is not a word I know. Send ACK 7, STATUS or HELP.`},
		{"Liked “waw-12 #7 DOWN transit-a”", Air, `"LIKED" is not a word I know. Send ACK 7, STATUS or HELP.`},
		{"frobnicate everything at once", Local, `"FROBNICATE" is not a word I know. Such as: ACK 7, STATUS or HELP.`},
		{"ŁĄŚĆŻŹĆÓŁĄŚĆŻŹĆÓŁĄŚĆŻŹĆÓ", Air, `"ŁĄŚĆŻŹĆÓŁĄŚĆŻŹĆÓŁĄŚĆ.." is not a word I know. Send ACK 7, STATUS or HELP.`},
		{"9", Air, "9 alone is no order. Send ACK 9, STATUS or HELP."},
		{"#4711", Air, "#4711 alone is no order. Send ACK 4711, STATUS or HELP."},
		{"code", Air, "A code is the 4 digits that we texted to you. Send HELP."},
		{"ack 0", Air, "0: no incident has such a number. Send ACK 7 or ACK."},
		{"ack 7a", Air, "7a: no incident has such a number. Send ACK 7 or ACK."},
		{"ack 7 8 9", Air, "ACK takes two numbers at most; without one, all that wait. Send ACK 7 or ACK."},
		{"ok clear 9", Air, "ACK and CLEAR are two orders. Send CLEAR 9."},
		{"cancel", Local, "CANCEL needs an incident's number. Such as: CANCEL 7."},
		{"clear 7 8", Air, "CLEAR takes nothing more than this. Send CLEAR 7."},
		{"clear 9 all good", Air, "CLEAR takes nothing more than this. Send CLEAR 9."},
		{"reboot the modem", Air, "REBOOT takes nothing more than this. Send REBOOT."},
		{"take bob", Air, "TAKE takes nothing more than this. Send TAKE."},
		{"say 9", Local, "SAY needs words to pass on. Such as: SAY 9 splicing has begun."},
		{"say 9 👍", Air, "SAY needs words to pass on. Send SAY 9 splicing has begun."},
		{"say splicing has begun", Air, "SAY needs an incident's number. Send SAY 7 splicing has begun."},
		{"say 06:30 it is up", Air, "06:30: no incident has such a number. Send SAY 7 splicing has begun."},
		{"say 2h more", Air, "2h: no incident has such a number. Send SAY 7 splicing has begun."},
		{"open", Local, "OPEN needs what it is about. Such as: OPEN billing card payments fail."},
		{"open billing", Local, "OPEN needs words to pass on. Such as: OPEN billing card payments fail."},
		{"link 7", Air, "LINK needs the numbers of two incidents. Send LINK 7 8."},
		{"link 7 7", Air, "LINK needs the numbers of two incidents. Send LINK 7 8."},
		{"scope 9", Air, "SCOPE needs what it is about. Send SCOPE 9 waw,lodz."},
		{"lte maybe", Local, "LTE takes AUTO, OFF, ON. Such as: LTE AUTO."},
		{"test dns", Air, "TEST takes ALL, MAIL, MODEM, PAGE. Send TEST."},
		{"maint transit-a 2h", Air, "MAINT takes END, EXTEND, PLAN, START. Send MAINT START transit-a 2h."},
		{"maint start", Air, "MAINT needs what it is about. Send MAINT START transit-a 2h."},
		{"maint start waw lodz 2h", Air, "MAINT: the length comes right after the names. Send MAINT START transit-a 2h."},
		{"mute 2", Air, "MUTE needs a length with h or min, 31 days at most. Send MUTE 2h or MUTE 90 min."},
		{"etr 9", Air, "ETR needs a time (24 h clock) or a length. Send ETR 9 06:30 or ETR 9 +2h."},
		{"etr?", Air, "ETR needs a time (24 h clock) or a length. Send ETR 7 06:30 or ETR 7 +2h."},
		{"approve", Air, "APPROVE needs the code of the plan, as texted. Send APPROVE 4F7."},
		{"approve mail only", Air, "APPROVE needs the code of the plan, as texted. Send APPROVE 4F7."},
		{"approve 5a1 tomorrow", Air, "APPROVE takes nothing more than this. Send APPROVE 5A1 or APPROVE 5A1 MAIL ONLY."},
		{"resend it", Air, "RESEND needs the number of a delivery. Send RESEND 120."},
		{"swap", Air, "SWAP needs a name. Send SWAP bob."},
		{"erase 600 100 201", Air, "ERASE needs a full phone number with + and country. Send ERASE +48600100201."},
		{"erase +48600100299 and bob", Air, "ERASE takes nothing more than this. Send ERASE +48600100201."},
	} {
		got, err := Parse(c.text, c.from)
		if err == nil || err.Error() != c.want {
			t.Errorf("%.40q:\n  got  %v (%+v)\n  want %s", c.text, err, got, c.want)
		}
		checkRefusal(t, c.text, err)
	}
}

// fatal is a testing.T, or one that rapid made.
type fatal interface {
	Errorf(string, ...any)
	Helper()
}

// checkRefusal holds every refusal to its promises: in each language it fits a
// text behind the longest name of a site, and what it tells to send is
// understood.
func checkRefusal(t fatal, text string, err error) {
	t.Helper()
	var r *Refusal
	if err == nil {
		return
	}
	if !errors.As(err, &r) {
		t.Errorf("%q: %v is no Refusal", text, err)
		return
	}
	for _, lang := range []string{"en", "pl", "it"} {
		said := notice.Transliterate(r.Say(lang))
		if n, _ := notice.Septets(said); n > 160-len("warszawa-123 ") {
			t.Errorf("%q in %s: %d septets: %s", text, lang, n, said)
		}
		for _, e := range r.Example {
			if _, err := Parse(e, Air); err != nil || !strings.Contains(r.Say(lang), e) {
				t.Errorf("%q is told to send %q: %v, in %s: %s", text, e, err, lang, said)
			}
		}
	}
	if len(r.Example) == 0 {
		t.Errorf("%q: %s has no example", text, r.Say("en"))
	}
}

func TestRefusalsInTheirLanguages(t *testing.T) {
	t.Parallel()
	_, err := Parse("mów", Air)
	var r *Refusal
	if !errors.As(err, &r) || r.Word != "MÓW" {
		t.Fatalf("mów: %v", err)
	}
	for lang, want := range map[string]string{
		"pl": `Nie znam słowa "MÓW". Wyślij ACK 7, STATUS lub HELP.`,
		"it": `Non conosco la parola "MÓW". Invia ACK 7, STATUS o HELP.`,
		"de": `"MÓW" is not a word I know. Send ACK 7, STATUS or HELP.`,
	} {
		if got := r.Say(lang); got != want {
			t.Errorf("%s: got %s; want %s", lang, got, want)
		}
	}
	for lang, words := range tongues {
		for why := empty; why <= several; why++ {
			if words.why[why] == "" {
				t.Errorf("%s does not word reason %d", lang, why)
			}
			if got, want := strings.Count(words.why[why], "%s"), strings.Count(tongues["en"].why[why], "%s"); got != want {
				t.Errorf("%s: reason %d names %d things; want %d", lang, why, got, want)
			}
		}
	}
}
