package emulator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/warthog618/sms/encoding/gsm7"
)

// Oddity is a message that real networks deliver and that breaks careless
// receivers: PDUs in hex behind an empty SMSC address, for Network.Inject.
type Oddity struct {
	Name string
	PDUs []string
	What string // what a host should make of it
}

// The pieces of an ordinary SMS-DELIVER (23.040 §9.2.2.1).
const (
	oddFrom = "0B918405210077F7" // +48501200777
	oddTime = "62111201000040"   // 2026-11-21 10:00:00 +01:00
	oddBody = "C1E11244BBC562"   // ACK 4711
)

// deliverHex puts an SMS-DELIVER together: length counts septets, or octets
// where the coding scheme has octets.
func deliverHex(first byte, from string, pid, dcs byte, at string, length int, data string) string {
	return fmt.Sprintf("00%02X%s%02X%02X%s%02X%s", first, from, pid, dcs, at, length, data)
}

// septets packs septets, after so many fill bits.
func septets(fill int, values ...byte) string {
	return strings.ToUpper(fmt.Sprintf("%x", gsm7.Pack7Bit(values, fill)))
}

// Oddities lists the messages of the field guide's cases 34 (senders, times,
// kinds) and 35 (alphabets).
func Oddities() []Oddity { return append(oddSenders(), oddAlphabets()...) }

func oddSenders() []Oddity {
	plain := func(name, from string, pid, dcs byte, at, what string) Oddity {
		return Oddity{name, []string{deliverHex(0x04, from, pid, dcs, at, 8, oddBody)}, what}
	}
	return []Oddity{
		{"alphanumeric", []string{"00040BD0CDBC30EC5E030000621112010000400AD3309BFC06C1583018"}, `from "MyBank", eleven nibbles: "Saldo 0,00"`},
		plain("alphanumeric-esc", "07D0"+septets(0, 'A', 0x1B, 0x65, 'B'), 0, 0, oddTime, `from "A€B": an escape in the sender`),
		plain("short-code", "05812143F5", 0, 0, oddTime, "from 12345"),
		plain("no-sender", "0080", 0, 0, oddTime, "from nobody"),
		plain("national", "09A105210077F7", 0, 0, oddTime, "from 501200777, national"),
		plain("no-time", oddFrom, 0, 0, "FFFFFFFFFFFFFF", "a time stamp of FF: the text counts, its time is unknown"),
		plain("west", oddFrom, 0, 0, "6211120100004A", "zone -06:00"),
		plain("1970", oddFrom, 0, 0, "07101000000000", "sent 1970-01-01: the text counts, its time does not"),
		plain("class-1", oddFrom, 0, 0x11, oddTime, "class 1: an ordinary text"),
		plain("class-0", oddFrom, 0, 0x10, oddTime, "class 0: a flash, an ordinary text to us"),
		plain("class-2", oddFrom, 0, 0x12, oddTime, "class 2: stored on the SIM and told by +CMTI even under mt=2"),
		plain("silent", oddFrom, 0x40, 0, oddTime, "type 0: acknowledged and not acted on"),
		{"8-bit", []string{deliverHex(0x04, oddFrom, 0, 0xF5, oddTime, 4, "DEADBEEF")}, "8-bit data, class 1: no text"},
		{"waiting", []string{deliverHex(0x04, oddFrom, 0, 0xE0, oddTime, 4, "00410042")}, `message waiting, UCS-2: "AB"`},
		{"reserved", []string{deliverHex(0x04, oddFrom, 0, 0x80, oddTime, 8, oddBody)}, "a reserved coding group: to be read as GSM 7 bit (23.038 §4)"},
		{"header-beyond", []string{deliverHex(0x44, oddFrom, 0, 0, oddTime, 5, "0A000312")}, "a header that says it is longer than all the data"},
		{"wap-push", []string{deliverHex(0x44, oddFrom, 0, 0x04, oddTime, 11, "0605040B8423F001060401")}, "a WAP push to port 2948: never a command"},
		{"truncated", []string{deliverHex(0x04, oddFrom, 0, 0, oddTime, 8, "C1E112")}, "it says 8 septets and has 3 octets"},
	}
}

func oddAlphabets() []Oddity {
	gsm := func(name, what string, values ...byte) Oddity {
		return Oddity{name, []string{deliverHex(0x04, oddFrom, 0, 0, oddTime, len(values), septets(0, values...))}, what}
	}
	national := func(name, element, what string) Oddity {
		return Oddity{name, []string{deliverHex(0x44, oddFrom, 0, 0, oddTime, 8, "03"+element+septets(3, 'A', 'C', 'K'))}, what}
	}
	part := func(number int, data string) string {
		return deliverHex(0x44, oddFrom, 0, 0x08, oddTime, 6+len(data)/2, fmt.Sprintf("0500037A02%02X%s", number, data))
	}
	return []Oddity{
		gsm("at-end", `"ABCDEFG@": the last septet is all zeros`, 'A', 'B', 'C', 'D', 'E', 'F', 'G', 0x00),
		gsm("esc-end", "an escape with nothing behind it", 'A', 'C', 'K', 0x1B),
		gsm("esc-esc", "an escape behind an escape", 'A', 0x1B, 0x1B, 'B'),
		gsm("esc-unknown", "an escape before what no table has", 'A', 0x1B, 'z', 'B'),
		national("locking-unknown", "25010F", "a locking shift table that nobody knows: the default one"),
		national("shift-unknown", "24010F", "a single shift table that nobody knows: the default one"),
		{"ucs2-odd", []string{deliverHex(0x04, oddFrom, 0, 0x08, oddTime, 3, "004142")}, "UCS-2 of three octets"},
		{"ucs2-half-pair", []string{deliverHex(0x04, oddFrom, 0, 0x08, oddTime, 4, "0041D83D")}, "half a surrogate pair"},
		{"split-pair", []string{part(1, "0041D83D"), part(2, "DE000042")}, `two parts, cut inside a surrogate pair: "A😀B"`},
		{"empty", []string{deliverHex(0x04, oddFrom, 0, 0, oddTime, 0, "")}, "an empty text"},
	}
}

// OddityByName gives one of Oddities.
func OddityByName(name string) (Oddity, bool) {
	all := Oddities()
	i := slices.IndexFunc(all, func(o Oddity) bool { return o.Name == name })
	if i < 0 {
		return Oddity{}, false
	}
	return all[i], true
}
