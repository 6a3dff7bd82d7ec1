package modem

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestATextBecomesTheRightPDU(t *testing.T) {
	for _, c := range []struct {
		what, to, text string
		octets         int
		pdu            string
	}{
		{"seven bits, report, four hours", "+48501200777", "ALERT core-sw1 down", 31, "0031000B918405210077F700002F134166514A058DDFF2726B7E8F81C8EFBB1B"},
		{"a short code stays a short code", "12345", "SALDO", 16, "00310005812143F500002F05D32093F804"},
		{"one foreign letter costs the alphabet", "+48501200777", "Łódź: awaria", 38, "0031000B918405210077F700082F18014100F30064017A003A0020006100770061007200690061"},
	} {
		got, err := submits(c.text, c.to, 4*time.Hour, 0)
		if err != nil || len(got) != 1 || got[0].hex != c.pdu || got[0].octets != c.octets {
			t.Errorf("%s: got %v, %v; want %d octets %s", c.what, got, err, c.octets, c.pdu)
		}
	}
}

func TestTheSecondPartOfAChain(t *testing.T) {
	got, err := submits(strings.Repeat("x", 153)+"45678901234567890", "+48501200777", 4*time.Hour, 0x7A)
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
	if want := "0071000B918405210077F700002F180500037A020268"; !strings.HasPrefix(got[1].hex, want) || got[1].octets != len(got[1].hex)/2-1 {
		t.Errorf("got %s (%d), want %s…", got[1].hex, got[1].octets, want)
	}
	if _, err := submits(strings.Repeat("x", 153*255+1), "+48501200777", 0, 0); err != errLong {
		t.Errorf("256 parts: got %v", err)
	}
}

func TestPartsAreCountedAsTheNetworkDoes(t *testing.T) {
	for _, c := range []struct {
		what, text string
		parts      int
	}{
		{"160 letters", strings.Repeat("x", 160), 1},
		{"161 letters", strings.Repeat("x", 161), 2},
		{"306 letters", strings.Repeat("x", 306), 2},
		{"307 letters", strings.Repeat("x", 307), 3},
		{"80 euro signs count twice", strings.Repeat("€", 80), 1},
		{"81 euro signs", strings.Repeat("€", 81), 2},
		{"an escape is not cut in two", strings.Repeat("x", 152) + "€" + strings.Repeat("x", 152), 3},
		{"70 foreign letters", strings.Repeat("ł", 70), 1},
		{"71 foreign letters", strings.Repeat("ł", 71), 2},
		{"35 faces", strings.Repeat("😀", 35), 1},
		{"a face is not cut in two", strings.Repeat("ł", 66) + "😀" + strings.Repeat("ł", 66), 3},
		{"nothing", "", 0},
	} {
		if got := Parts(c.text); got != c.parts {
			t.Errorf("%s: %d parts, want %d", c.what, got, c.parts)
		}
	}
}

// The octet of TP-VP is the tenth one after the address here: 0031 00 0B91… 00 00 VP.
func TestValidityIsRoundedDown(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second:         "00",
		5 * time.Minute:     "00",
		9 * time.Minute:     "00",
		10 * time.Minute:    "01",
		time.Hour:           "0B",
		4 * time.Hour:       "2F",
		4*time.Hour + 59:    "2F",
		12 * time.Hour:      "8F",
		13 * time.Hour:      "91",
		24 * time.Hour:      "A7",
		48 * time.Hour:      "A8",
		7 * 24 * time.Hour:  "AD",
		30 * 24 * time.Hour: "C4",
		35 * 24 * time.Hour: "C5",
		10000 * time.Hour:   "FB",
		90000 * time.Hour:   "FF",
	} {
		got, err := submits("x", "+48501200777", d, 0)
		if err != nil || !strings.HasPrefix(got[0].hex, "0031000B918405210077F70000"+want) {
			t.Errorf("%v: got %v, %v; want %s", d, got, err, want)
		}
	}
	if got, _ := submits("x", "+48501200777", 0, 0); !strings.HasPrefix(got[0].hex, "0021000B918405210077F7000001") {
		t.Errorf("no validity: got %s", got[0].hex)
	}
}

// shown is a letter in one line.
func shown(l letter) string {
	switch {
	case l.mine:
		return "mine"
	case l.report != nil:
		r := l.report
		return fmt.Sprintf("report %d %s %s %02X %s", r.Reference, r.To, r.At.Format(time.RFC3339), r.Status, r.Outcome)
	}
	m := l.message
	s := fmt.Sprintf("%s %q", m.From, m.Text)
	if m.Alphanumeric {
		s = "(name) " + s
	}
	if !m.At.IsZero() {
		s += " " + m.At.Format(time.RFC3339)
	}
	if m.Total > 0 {
		s += fmt.Sprintf(" %d/%d ref %d", m.Seq, m.Total, m.Reference)
		if m.Wide {
			s += " wide"
		}
	}
	if m.Class >= 0 {
		s += fmt.Sprintf(" class %d", m.Class)
	}
	if len(m.Data) > 0 {
		s += fmt.Sprintf(" data %X", m.Data)
	}
	if m.Reason != "" {
		s += " reason"
	}
	return s
}

// Where a PDU says so, it is one of the vectors made with the library; the
// odd ones are those with single octets changed.
var incoming = []struct {
	what, pdu string
	octets    int
	want      string
}{
	{"a plain text", "07911614220991F1040B911605935713F200008140806113912304D7F79B0E", 23, `+61503975312 "Woot" 2018-04-08T16:31:19+08:00`},
	{"a zone west of Greenwich", "0891254901001014F0040C9125555213872600004280917113824A054769B1E804", 24, `+525525317862 "GREEN" 2024-08-19T17:31:28-06:00`},
	{"an answer", "00040B918405210077F700006211120100004008C1E11244BBC562", 26, `+48501200777 "ACK 4711" 2026-11-21T10:00:00+01:00`},
	{"a name", "00040BD0CDBC30EC5E030000621112010000400AD3309BFC06C1583018", 28, `(name) MyBank "Saldo 0,00" 2026-11-21T10:00:00+01:00`},
	{"a part", "00440B918405210077F70000621112010050400F0500037A0202E061391D44BFBF01", 33, `+48501200777 "part two" 2026-11-21T10:00:05+01:00 2/2 ref 122`},
	{"a report", "00060C0B918405210077F7621112010000406211120100404000", 25, "report 12 +48501200777 2026-11-21T10:00:00+01:00 00 delivered"},
	{"a report: still trying", "00060C0B918405210077F7621112010000406211120100404022", 25, "report 12 +48501200777 2026-11-21T10:00:00+01:00 22 trying"},
	{"a report: too late", "00060C0B918405210077F7621112010000406211120100404046", 25, "report 12 +48501200777 2026-11-21T10:00:00+01:00 46 failed"},
	{"a report: given up", "00060C0B918405210077F7621112010000406211120100404062", 25, "report 12 +48501200777 2026-11-21T10:00:00+01:00 62 failed"},
	{"a report: reserved", "00060C0B918405210077F76211120100004062111201004040A0", 25, "report 12 +48501200777 2026-11-21T10:00:00+01:00 A0 failed"},
	{"a report with more behind it", "00060C0B918405210077F762111201000040621112010040400007FF", 27, "report 12 +48501200777 2026-11-21T10:00:00+01:00 00 delivered"},
	{"a text of our own", "00310005812143F500002F05D32093F804", 16, "mine"},
	{"lower case", "00040b918405210077f700006211120100004008c1e11244bbc562", 26, `+48501200777 "ACK 4711" 2026-11-21T10:00:00+01:00`},
	{"a padded SIM record", "00040B918405210077F700006211120100004008C1E11244BBC562FFFFFFFF", 26, `+48501200777 "ACK 4711" 2026-11-21T10:00:00+01:00`},
	{"padded, and the length unknown", "00040B918405210077F700006211120100004008C1E11244BBC562FFFFFFFF", 0, `+48501200777 "ACK 4711" 2026-11-21T10:00:00+01:00`},
	{"a time stamp of all ones", "00040B918405210077F70000FFFFFFFFFFFFFF08C1E11244BBC562", 26, `+48501200777 "ACK 4711"`},
	{"a month 13", "00040B918405210077F700006231120100004008C1E11244BBC562", 26, `+48501200777 "ACK 4711"`},
	{"a name with an escape", "000407D0C14D59080000621112010000400AD3309BFC06C1583018", 26, `(name) A€B "Saldo 0,00" 2026-11-21T10:00:00+01:00`},
	{"no sender", "000400810000621112010000400AD3309BFC06C1583018", 22, ` "Saldo 0,00" 2026-11-21T10:00:00+01:00`},
	{"a national sender", "000409A105210077F700006211120100004008C1E11244BBC562", 25, `+48501200777 "ACK 4711" 2026-11-21T10:00:00+01:00`},
	{"a short code", "000405812143F500006211120100004008C1E11244BBC562", 23, `12345 "ACK 4711" 2026-11-21T10:00:00+01:00`},
	{"a flash", "00040B918405210077F700106211120100004008C1E11244BBC562", 26, `+48501200777 "ACK 4711" 2026-11-21T10:00:00+01:00 class 0`},
	{"a reserved alphabet", "00040B918405210077F700806211120100004008C1E11244BBC562", 26, `+48501200777 "" 2026-11-21T10:00:00+01:00 reason`},
	{"8-bit data", "00040B918405210077F700046211120100004003010203", 22, `+48501200777 "" 2026-11-21T10:00:00+01:00 data 010203`},
	{"UCS-2", "00040B918405210077F700086211120100004004014100F3", 23, `+48501200777 "Łó" 2026-11-21T10:00:00+01:00`},
	{"UCS-2 of odd length", "00040B918405210077F70008621112010000400301410F", 22, `+48501200777 "" 2026-11-21T10:00:00+01:00 reason`},
	{"a header longer than the data", "00440B918405210077F70000621112010050400F6500037A0202E061391D44BFBF01", 33, `+48501200777 "" 2026-11-21T10:00:05+01:00 reason`},
	{"a part 3 of 2", "00440B918405210077F70000621112010050400F0500037A0203E061391D44BFBF01", 33, `+48501200777 "part two" 2026-11-21T10:00:05+01:00`},
	{"a part of none", "00440B918405210077F70000621112010050400F0500037A0001E061391D44BFBF01", 33, `+48501200777 "part two" 2026-11-21T10:00:05+01:00`},
	{"cut short", "00040B918405210077F7000062111201", 15, ` "" reason`},
	{"less than its length", "00040B918405210077F700006211120100004008C1E1", 21, `+48501200777 "" 2026-11-21T10:00:00+01:00 reason`},
	{"a centre longer than all", "0F91", 0, ` "" reason`},
	{"no hex", "+CMGL: 0", 0, ` "" reason`},
	{"nothing", "", 0, ` "" reason`},
	{"a centre only", "00", 0, ` "" reason`},
}

func TestWhatComesInIsReadAsFarAsItCanBe(t *testing.T) {
	for _, c := range incoming {
		l := decode(c.pdu, c.octets, 48)
		if got := shown(l); got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, got, c.want)
		}
		if l.message != nil && (l.message.Hash == [32]byte{} || len(l.message.PDU) == 0 && c.pdu != "") {
			t.Errorf("%s: no hash or no PDU", c.what)
		}
	}
}

func TestSendersAreWrittenInFull(t *testing.T) {
	for _, c := range []struct {
		what, address string // length, type, digits
		country       int
		want          string
	}{
		{"international", "0B918405210077F7", 0, "+48501200777"},
		{"national", "09A105210077F7", 48, "+48501200777"},
		{"national, no country known", "09A105210077F7", 0, "501200777"},
		{"national with its zero", "0AA15010027077", 48, "+48501200777"},
		{"national in Italy, where the zero stays", "0AA15010027077", 39, "+390501200777"},
		{"a short code", "05812143F5", 48, "12345"},
		{"a filler in the middle", "0B91840FF10077F7", 48, "840FF10077F7"},
		{"none", "0081", 48, ""},
	} {
		b, _ := hex.DecodeString(c.address)
		if got, name := sender(b, c.country); got != c.want || name {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
}

func TestTheSameTextHasTheSameHash(t *testing.T) {
	hash := func(pdu string) [32]byte { return decode(pdu, 0, 0).message.Hash }
	first := hash("00040B918405210077F700006211120100004008C1E11244BBC562")
	if hash("07918405210077F7000B918405210077F700006211120100004008C1E11244BBC562") != first {
		t.Error("another centre and another more-messages bit changed the hash")
	}
	for what, pdu := range map[string]string{
		"sender": "00040B918405210077F800006211120100004008C1E11244BBC562",
		"time":   "00040B918405210077F700006211120100014008C1E11244BBC562",
		"text":   "00040B918405210077F700006211120100004008C1E11244BBC563",
		"coding": "00040B918405210077F700106211120100004008C1E11244BBC562",
	} {
		if hash(pdu) == first {
			t.Errorf("another %s left the hash the same", what)
		}
	}
}

// FuzzTPDU feeds anything to the decoder: it must not panic, and whatever it
// is must come out as something that can be handed over.
func FuzzTPDU(f *testing.F) {
	for _, c := range incoming {
		f.Add(c.pdu, c.octets)
		for _, cut := range []int{1, 2, 3, len(c.pdu) / 2, max(0, len(c.pdu)-1)} { // what a serial line leaves of it
			f.Add(c.pdu[:min(cut, len(c.pdu))], c.octets)
		}
	}
	for _, s := range []string{"", "0", "00", "FF", "07", "0000", "000400", "00020C", "000114", "0791", strings.Repeat("F", 360), strings.Repeat("0", 360), "0044FF", "not hex", "+CMGL: 1"} {
		f.Add(s, 0)
		f.Add(s, 23)
	}
	f.Fuzz(func(t *testing.T, line string, octets int) {
		l := decode(line, octets, 48)
		n := 0
		if l.mine {
			n++
		}
		if l.report != nil {
			n++
		}
		if l.message != nil {
			n++
		}
		if n != 1 {
			t.Errorf("%q became %d things", line, n)
		}
		if m := l.message; m != nil && (m.Seq > m.Total || m.Total > 0 && m.Seq == 0) {
			t.Errorf("part %d of %d", m.Seq, m.Total)
		}
	})
}
