package modem

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/at"
)

// shownBy masks a dialogue and makes the hashes readable.
func shownBy(t *tape, lines ...string) string {
	hash := regexp.MustCompile(`#[0-9a-f]{6}`)
	var out []string
	for _, l := range lines {
		out = append(out, l[:2]+hash.ReplaceAllString(t.add(at.Direction(l[:1]), l[2:]), "#HASH"))
	}
	return strings.Join(out, "\n")
}

func TestATraceShowsTheDialogueAndNobodysWords(t *testing.T) {
	t.Parallel()
	got := shownBy(&tape{},
		"> AT+CMGS=31",
		"> 0031000B918405210077F700002F134166514A058DDFF2726B7E8F81C8EFBB1B^Z",
		"< +CMGS: 12",
		"< +CMGL: 3,0,,26",
		"< 00040B918405210077F700006211120100004008C1E11244BBC562",
		"< +CMGL: 4,0,,28",
		"< 00040BD0CDBC30EC5E030000621112010000400AD3309BFC06C1583018",
		"< +CDS: 25",
		"< 00060C0B918405210077F7621112010000406211120100404000",
		`< +CMGR: "REC UNREAD","+48501200777",,"26/11/21,10:00:00+04"`,
		"< approve 4711",
		`< +CLIP: "+48501200777",145,"",,"",0`,
		`< +CSCA: "+48501200777",145`,
		`< +CREG: 2,1,"0012","01020304",7`,
		"< 867698041234567",
		"< +CCID: 89480100000123456789",
		`< +CUSD: 0,"Stan konta: 12,00 PLN`,
		`< wazne do 2026-12-01",15`,
		"> ATD+48501200777;", `< +CLCC: 1,0,3,0,0,"+48501200777",145`, "! gave up ATD+48501200777;: no answer in time", "> ATD*99***1#",
		"< OK", "< +CSQ: 20,99", "> AT+CPIN=****", "! gave up AT+CSQ")
	want := strings.Join([]string{
		"> AT+CMGS=31",
		"> <pdu 31 octets to …777 #HASH>",
		"< +CMGS: 12",
		"< +CMGL: 3,0,,26",
		"< <pdu 26 octets from …777 #HASH>",
		"< +CMGL: 4,0,,28",
		`< <pdu 28 octets from "MyBank">`,
		"< +CDS: 25",
		"< <pdu 25 octets to …777 #HASH>",
		`< +CMGR: "REC UNREAD","…777 #HASH",,"26/11/21,10:00:00+04"`,
		"< approve ####",
		`< +CLIP: "…777 #HASH",145,"",,"",0`,
		`< +CSCA: "…777 #HASH",145`,
		`< +CREG: 2,1,"0012","01020304",7`,
		"< 867698041234567",
		"< +CCID: 89480100000123456789",
		`< +CUSD: #,"Stan konta: ##,## PLN`,
		`< wazne do ####-##-##",##`,
		"> ATD…777 #HASH;", `< +CLCC: 1,0,3,0,0,"…777 #HASH",145`, "! gave up ATD…777 #HASH;: no answer in time", "> ATD*99***1#",
		"< OK", "< +CSQ: 20,99", "> AT+CPIN=****", "! gave up AT+CSQ"}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOneNumberHasOneHashAndTheOperatorMaySeeIt(t *testing.T) {
	t.Parallel()
	var a, b tape
	line := `+CLIP: "+48501200777",145`
	if x, y := a.add(at.In, line), b.add(at.In, line); x != y || x == a.add(at.In, `+CLIP: "+48501299777",145`) {
		t.Errorf("%s and %s", x, y)
	}
	b.veil.numbers = true
	if got := b.add(at.In, line); got != line {
		t.Errorf("asked for in full: %s", got)
	}
}

func TestTheTapeKeepsTheLastLinesAndNoMore(t *testing.T) {
	t.Parallel()
	m := &Modem{}
	for i := range 5000 {
		m.tape.add(at.In, fmt.Sprintf("^RSSI: %d", i))
	}
	got := m.Traced()
	if len(got) != keptLines || got[0].Line != "^RSSI: 3000" || got[keptLines-1].Line != "^RSSI: 4999" || time.Since(got[0].At) > time.Minute || got[0].Dir != "<" {
		t.Errorf("%d lines from %v to %v", len(got), got[0], got[len(got)-1])
	}
	for range 5000 {
		m.tape.add(at.In, strings.Repeat("x", 4000))
	}
	bytes := 0
	for _, l := range m.Traced() {
		bytes += len(l.Line)
	}
	if bytes > keptBytes || bytes < keptBytes/3 {
		t.Errorf("%d bytes are kept, at most %d may be", bytes, keptBytes)
	}
	m.tape.add(at.In, "the last")
	if got := m.Traced(); got[len(got)-1].Line != "the last" {
		t.Errorf("the last line is %v", got[len(got)-1])
	}
}

// BenchmarkTrace is what one traced PDU costs.
func BenchmarkTrace(b *testing.B) {
	var t tape
	for b.Loop() {
		t.add(at.Out, "0031000B918405210077F700002F134166514A058DDFF2726B7E8F81C8EFBB1B^Z")
	}
}
