package modem

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/pdumode"
	"github.com/warthog618/sms/encoding/tpdu"
)

// letter is what a PDU from the modem turned out to be: exactly one is set.
type letter struct {
	message *Message
	report  *Report
	mine    bool // stored by somebody on this side: a draft, or a sent text
}

var errShort = errors.New("it is cut short")

// decode reads a PDU line. octets is the length of the TPDU that the modem
// named, or 0: SIM records are padded beyond it. A PDU that cannot be read is
// a message with a reason: it must be handed over, and never be lost or block
// the one behind it.
func decode(line string, octets, country int) letter {
	raw, err := hex.DecodeString(strings.TrimSpace(line))
	if err != nil {
		return undecoded([]byte(line), fmt.Errorf("the modem gave no PDU: %w", err))
	}
	frame, err := pdumode.UnmarshalBinary(raw)
	if err != nil {
		return undecoded(raw, fmt.Errorf("service centre: %w", err))
	}
	body := frame.TPDU
	if octets > 0 && octets < len(body) {
		body = body[:octets]
	}
	if len(body) == 0 {
		return undecoded(raw, errShort)
	}
	switch body[0] & tpdu.FoMTIMask {
	case 1:
		return letter{mine: true}
	case 2:
		return report(raw, body, country)
	}
	m := deliver(body, country)
	m.PDU, m.Centre = raw, number(frame.SMSC.Address, country)
	return letter{message: &m}
}

func undecoded(raw []byte, why error) letter {
	return letter{message: &Message{Class: -1, Hash: sha256.Sum256(raw), PDU: raw, Reason: why.Error()}}
}

// fields are the places of an SMS-DELIVER's parts (23.040 §9.2.2.1).
type fields struct{ address, pid, dcs, scts, data []byte }

// cut finds the places without looking into any: one bad part must not hide
// the others.
func cut(body []byte) (f fields, err error) {
	if len(body) < 3 {
		return f, errShort
	}
	end := 3 + (int(body[1])+1)/2
	if len(body) < end+10 {
		return f, errShort
	}
	return fields{body[1:end], body[end : end+1], body[end+1 : end+2], body[end+2 : end+9], body[end+9:]}, nil
}

// deliver reads an SMS-DELIVER. Sender, time and text are read one by one:
// real networks send time stamps of all ones and names with escapes.
func deliver(body []byte, country int) Message {
	m := Message{Class: -1}
	f, err := cut(body)
	if err != nil {
		m.Hash, m.Reason = sha256.Sum256(body), err.Error()
		return m
	}
	m.Hash = sha256.Sum256(bytes.Join([][]byte{f.address, f.scts, f.dcs, f.data}, nil))
	m.From, m.Alphanumeric = sender(f.address, country)
	m.At = stamp(f.scts)
	m.PID = f.pid[0]
	if c, err := tpdu.DCS(f.dcs[0]).Class(); err == nil && c != tpdu.MClassUnknown {
		m.Class = int(c)
	}
	if err := m.content(body[0], f); err != nil {
		m.Reason = err.Error()
	}
	return m
}

// content reads header and text, by way of a PDU whose other fields are known
// to be good.
func (m *Message) content(first byte, f fields) error {
	data := exact(first, f)
	clean := bytes.Join([][]byte{{first &^ tpdu.FoMTIMask, 0, 0x80}, {0}, f.dcs, {0x07, 0x10, 0x10, 0, 0, 0, 0}, data}, nil)
	var t tpdu.TPDU
	if err := t.UnmarshalBinary(clean); err != nil {
		return err
	}
	alphabet, err := t.Alphabet()
	if err != nil {
		return err
	}
	m.part(t.UDH)
	if alphabet == tpdu.Alpha8Bit {
		m.Data = t.UD
		return nil
	}
	text, err := tpdu.DecodeUserData(t.UD, t.UDH, alphabet, tpdu.WithAllCharsets)
	m.Text = string(text)
	return err
}

// exact drops what follows the user data: SIM records are padded.
func exact(first byte, f fields) []byte {
	octets := int(f.data[0])
	if a, err := tpdu.DCS(f.dcs[0]).Alphabet(); err == nil && a == tpdu.Alpha7Bit {
		octets = (octets*7 + 7) / 8
	}
	return f.data[:min(len(f.data), 1+octets)]
}

// part reads the concatenation header. One that contradicts itself is
// ignored: the text is then a whole one (23.040 §9.2.3.24.1).
func (m *Message) part(h tpdu.UserDataHeader) {
	total, seq, ref, ok := h.ConcatInfo8()
	if !ok {
		total, seq, ref, ok = h.ConcatInfo16()
		m.Wide = ok
	}
	if !ok || total == 0 || seq == 0 || seq > total {
		m.Wide = false
		return
	}
	m.Total, m.Seq, m.Reference = total, seq, ref
}

// sender reads an address; one that breaks the rules is shown as well as it
// can be rather than refused.
func sender(b []byte, country int) (from string, alphanumeric bool) {
	if b[1]&0x70 == 0x50 {
		septets := gsm7.Unpack7Bit(b[2:], 0)
		septets = septets[:min(len(septets), int(b[0])*4/7)]
		name, _ := gsm7.Decode(septets)
		return string(name), true
	}
	var a tpdu.Address
	if _, err := a.UnmarshalBinary(b); err != nil {
		return strings.ToUpper(hex.EncodeToString(b[2:])), false
	}
	return number(a, country), false
}

// number writes an address so that it can be compared: in full if its type
// allows that (23.040 §9.1.2.5).
func number(a tpdu.Address, country int) string {
	switch {
	case a.Addr == "":
		return ""
	case a.TypeOfNumber() == tpdu.TonInternational:
		return "+" + strings.TrimPrefix(a.Addr, "+")
	case a.TypeOfNumber() == tpdu.TonNational && country > 0:
		national := a.Addr
		if country != 39 && country != 378 { // Italy and San Marino keep the zero
			national = strings.TrimPrefix(national, "0")
		}
		return "+" + strconv.Itoa(country) + national
	}
	return a.Addr
}

// stamp reads a time stamp; zero if it makes no sense.
func stamp(b []byte) time.Time {
	var t tpdu.Timestamp
	if t.UnmarshalBinary(b) != nil || b[1] == 0 || b[2] == 0 {
		return time.Time{}
	}
	if swapped(b[1]) > 12 || swapped(b[2]) > 31 || swapped(b[3]) > 23 || swapped(b[4]) > 59 || swapped(b[5]) > 59 {
		return time.Time{}
	}
	return t.Time
}

// swapped is a number of two digits, the low one first.
func swapped(b byte) int { return int(b&0x0f)*10 + int(b>>4) }

// report reads an SMS-STATUS-REPORT (23.040 §9.2.2.3). What follows TP-ST is
// optional and not looked at.
func report(raw, body []byte, country int) letter {
	if len(body) < 4 {
		return undecoded(raw, errShort)
	}
	end := 4 + (int(body[2])+1)/2
	if len(body) < end+15 {
		return undecoded(raw, errShort)
	}
	to, _ := sender(body[2:end], country)
	r := Report{
		Reference: int(body[1]), To: to,
		At: stamp(body[end : end+7]), Discharge: stamp(body[end+7 : end+14]),
		Status: body[end+14], PDU: raw,
	}
	r.Outcome, r.Meaning = meaning(r.Status)
	return letter{report: &r}
}

// causes are the values of TP-ST that have names (23.040 §9.2.3.15); the
// temporary ones come twice, 0x20 while the centre goes on and 0x60 when it
// has stopped.
var causes = map[byte]string{
	0x00: "received by the phone", 0x01: "passed on, arrival not confirmed", 0x02: "replaced by a newer text",
	0x20: "congestion", 0x21: "phone busy", 0x22: "phone does not answer", 0x23: "service rejected", 0x24: "quality of service", 0x25: "error in the phone",
	0x40: "remote procedure error", 0x41: "incompatible destination", 0x42: "rejected by the phone", 0x43: "not obtainable", 0x44: "quality of service",
	0x45: "no interworking", 0x46: "validity period over", 0x47: "deleted by its sender", 0x48: "deleted by the operator", 0x49: "does not exist",
}

// meaning sorts a status into the three outcomes. Reserved values count as
// failed, as the specification asks of permanent errors.
func meaning(st byte) (Outcome, string) {
	cause, known := causes[st]
	if !known && st >= 0x60 && st < 0x66 {
		cause, known = causes[st-0x40]
	}
	if !known {
		cause = fmt.Sprintf("status 0x%02X", st)
	}
	switch {
	case st < 0x20:
		return Delivered, cause
	case st < 0x40:
		return Trying, cause
	}
	return Failed, cause
}
