package modem

import (
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
