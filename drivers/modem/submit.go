package modem

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/warthog618/sms/encoding/tpdu"
)

// pdu is one SMS-SUBMIT as it goes on the wire.
type pdu struct {
	hex    string // service centre "00" (the SIM's own), then the TPDU
	octets int    // of the TPDU alone, which is what AT+CMGS counts (27.005 §4.3)
}

// A chain has at most 255 parts (23.040 §9.2.3.24.1).
const maxParts = 255

var (
	errEmpty  = errors.New("the text is empty")
	errNumber = errors.New("not a telephone number")
	errLong   = fmt.Errorf("the text needs more than %d parts", maxParts)
)

// reference gives every part of a text the same concatenation reference.
type reference int

func (r reference) Count() int { return int(r) }

// Parts is how many texts the network will count for this one: 160 septets or
// 70 UCS-2 units go into one, 153 or 67 into each part of several.
func Parts(text string) int { return len(segments(text, 0, &tpdu.TPDU{})) }

// segments cuts a text. The default GSM alphabet is used if it has every
// character, else UCS-2 (23.038 §6.2); the national tables are not, because
// old phones show garbage.
func segments(text string, chain int, template *tpdu.TPDU) []tpdu.TPDU {
	template.SetSmsType(tpdu.SmsSubmit)
	ud, _, alphabet := tpdu.EncodeUserData([]byte(text))
	template.DCS = 0
	if alphabet == tpdu.AlphaUCS2 {
		template.DCS = tpdu.DcsUCS2Data
	}
	return template.Segment(ud, tpdu.WithConcatRef(reference(chain)))
}

// submits words a text as PDUs, one per part. Each asks for a status report.
func submits(text, to string, validity time.Duration, chain int) ([]pdu, error) {
	address, err := destination(to)
	if err != nil {
		return nil, err
	}
	t := tpdu.TPDU{FirstOctet: tpdu.FoSRR, DA: address}
	if validity > 0 {
		t.SetVP(relative(validity))
	}
	cut := segments(text, chain, &t)
	switch {
	case len(cut) == 0:
		return nil, errEmpty
	case len(cut) > maxParts:
		return nil, errLong
	}
	out := make([]pdu, len(cut))
	for i := range cut {
		b, err := cut[i].MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("encoding part %d: %w", i+1, err)
		}
		out[i] = pdu{hex: "00" + strings.ToUpper(hex.EncodeToString(b)), octets: len(b)}
	}
	return out, nil
}

// destination is a number as it was configured: international with its plus,
// everything else as it stands, for the network to read as if it were dialled
// (23.040 §9.1.2.5).
func destination(to string) (tpdu.Address, error) {
	digits := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(to)
	a := tpdu.Address{TOA: 0x81}
	if rest, ok := strings.CutPrefix(digits, "+"); ok {
		a.TOA, digits = 0x91, rest
	}
	if digits == "" || len(digits) > 20 || strings.Trim(digits, "0123456789*#") != "" {
		return a, fmt.Errorf("%q is %w", to, errNumber)
	}
	a.Addr = digits
	return a, nil
}

// relative is the longest validity period that does not exceed d, and at
// least five minutes: a stale text is worse than one given up
// (23.040 §9.2.3.12.1).
func relative(d time.Duration) tpdu.ValidityPeriod {
	if d < 10*time.Minute {
		d = time.Minute // the library makes ten minutes of five
	}
	var vp tpdu.ValidityPeriod
	vp.SetRelative(d)
	return vp
}
