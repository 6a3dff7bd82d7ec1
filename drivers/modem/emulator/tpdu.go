package emulator

import (
	"fmt"
	"strings"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/gsm7/charset"
	"github.com/warthog618/sms/encoding/tpdu"
)

// The library makes each alphabet's table when it is first asked for, without
// a lock. Asking for all of them while the package's variables are set, before
// there are goroutines, keeps the loops of two networks from making one together.
var _ = func() int {
	for n := charset.Default; n < charset.End; n++ {
		charset.NewDecoder(n)
		charset.NewEncoder(n)
		charset.NewExtEncoder(n)
	}
	return charset.Size
}()

// address writes a number as 3GPP TS 23.040 §9.1.2.5 has it: a leading plus
// makes it international, digits alone leave the type open (national and short
// numbers), and anything with a letter is an alphanumeric sender.
func address(number string) tpdu.Address {
	var a tpdu.Address
	switch {
	case strings.HasPrefix(number, "+"):
		a = tpdu.Address{TOA: 0x91, Addr: number[1:]}
	case strings.Trim(number, "0123456789*#") == "":
		a = tpdu.Address{TOA: 0x81, Addr: number}
	default:
		a = tpdu.Address{TOA: 0xD0, Addr: number}
	}
	return a
}

// delivers makes the SMS-DELIVER TPDUs that carry body from a number, chained
// by reference when one does not hold it. An error names what cannot be coded.
func delivers(from, body string, at time.Time, reference int) ([]*tpdu.TPDU, error) {
	if body == "" {
		t, err := tpdu.NewDeliver()
		if err != nil {
			return nil, fmt.Errorf("make an empty text: %w", err)
		}
		t.OA, t.SCTS = address(from), stamp(at)
		return []*tpdu.TPDU{t}, nil
	}
	e := sms.NewEncoder(sms.AsDeliver)
	e.ConcatRef = fixed(reference)
	parts, err := e.Encode([]byte(body))
	if err != nil {
		return nil, fmt.Errorf("code the text %q: %w", body, err)
	}
	all := make([]*tpdu.TPDU, len(parts))
	for i := range parts {
		parts[i].OA, parts[i].SCTS = address(from), stamp(at)
		all[i] = &parts[i]
	}
	return all, nil
}

// fixed is a counter that always says the same.
type fixed int

func (f fixed) Count() int { return int(f) }

// stamp is a time as TPDUs carry it: whole seconds.
func stamp(t time.Time) tpdu.Timestamp {
	return tpdu.Timestamp{Time: t.Truncate(time.Second)}
}

// forward makes the SMS-DELIVER that the SMSC sends on for an SMS-SUBMIT
// (23.040 §9.2.2.1): the same data under the sender's address and the SMSC's time.
func forward(s *tpdu.TPDU, from string, at time.Time) *tpdu.TPDU {
	t := &tpdu.TPDU{OA: address(from), PID: s.PID, DCS: s.DCS, UDH: s.UDH, UD: s.UD, SCTS: stamp(at)}
	t.FirstOctet = t.FirstOctet.WithMTI(tpdu.MtDeliver) | s.FirstOctet&(tpdu.FoUDHI|tpdu.FoRP)
	return t
}

// report makes an SMS-STATUS-REPORT (23.040 §9.2.2.3).
func report(s Submission, status byte, at time.Time) *tpdu.TPDU {
	t := &tpdu.TPDU{MR: byte(s.Reference), RA: address(s.To), SCTS: stamp(s.At), DT: stamp(at), ST: status}
	t.FirstOctet = t.FirstOctet.WithMTI(tpdu.MtCommand) // 10: STATUS-REPORT when it comes from the SMSC
	return t
}

// text decodes the user data of one TPDU; what cannot be decoded is shown as hex.
func text(parts ...*tpdu.TPDU) string {
	b, err := sms.Decode(parts)
	if err != nil {
		var raw strings.Builder
		for _, p := range parts {
			fmt.Fprintf(&raw, "%X", []byte(p.UD))
		}
		return raw.String()
	}
	return string(b)
}

// chain reads the concatenation element: which part of how many, and the
// reference. A TPDU without one, or with an impossible one (part 0, or a part
// beyond the last), stands alone: part 1 of 1, reference -1.
func chain(t *tpdu.TPDU) (part, of, reference int) {
	of, part, reference, ok := t.ConcatInfo()
	if !ok || of == 0 || part == 0 || part > of {
		return 1, 1, -1
	}
	return part, of, reference
}

// class is the message class of 23.038 §4, or -1 for none.
func class(d tpdu.DCS) int {
	coded := d&0xC0 == 0 && d&0x10 != 0 // general group with a class
	if coded || d&0xF0 == 0xF0 {
		return int(d & 0x03)
	}
	return -1
}

// validity is how long the SMSC may keep an SMS-SUBMIT; zero means it says nothing.
func validity(t *tpdu.TPDU, now time.Time) time.Duration {
	switch t.VP.Format {
	case tpdu.VpfAbsolute:
		return t.VP.Time.Sub(now)
	case tpdu.VpfRelative, tpdu.VpfEnhanced:
		return t.VP.Duration
	}
	return 0
}
