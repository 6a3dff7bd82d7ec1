package modem

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/warthog618/sms/encoding/gsm7"
)

// cusd is a result of a service code: `+CUSD: 0,"Konto: 12,40 PLN",15`
// (27.007 §7.15).
type cusd struct {
	state int    // 0 done, 1 a reply is wanted, 2 ended by the network, 3 answered elsewhere, 4 not supported, 5 time-out; -1 if not told
	text  string // as the network said it, without control characters but line ends
}

// longestAnswer bounds what is kept of an answer, in characters. One has at
// most 182 octets; some makes join several.
const longestAnswer = 480

// readCUSD reads a line, or the lines, of +CUSD. packed says that this modem
// took its code in packed septets, and so may answer in them.
func readCUSD(line string, packed bool) cusd {
	rest := strings.TrimSpace(strings.TrimPrefix(line, "+CUSD:"))
	state, rest, _ := strings.Cut(rest, ",")
	c := cusd{state: -1}
	if n, err := strconv.Atoi(strings.TrimSpace(state)); err == nil && n >= 0 && n <= 5 {
		c.state = n
	}
	body, coding := rest, ""
	if first, last := strings.IndexByte(rest, '"'), strings.LastIndexByte(rest, '"'); first >= 0 {
		body = rest[first+1:]
		if last > first {
			body, coding = rest[first+1:last], rest[last+1:]
		}
	} else if i := strings.LastIndexByte(rest, ','); i >= 0 {
		body, coding = rest[:i], rest[i:]
	}
	dcs, err := strconv.Atoi(strings.Trim(coding, ", "))
	if err != nil {
		dcs = -1
	}
	c.text = readable(decodeCUSD(body, dcs, packed))
	return c
}

// alphabetOf reads a cell broadcast coding (23.038 §5), which service codes
// use: "gsm", "octets" or "ucs2". An unknown one is taken for the first.
func alphabetOf(dcs int) string {
	alphabets := [4]string{"gsm", "octets", "ucs2", "gsm"}
	switch group := dcs >> 4; {
	case dcs < 0 || dcs > 255:
	case dcs == 0x11:
		return "ucs2" // two octets of language come first
	case group >= 4 && group <= 7, group == 9:
		return alphabets[dcs>>2&3]
	case group == 15 && dcs&4 != 0:
		return "octets"
	}
	return "gsm"
}

// decodeCUSD finds out in which of its forms a text came: as it is, in UCS-2 as
// hex, in packed septets as hex, in octets as hex. Makes differ, and the coding
// that they print beside it is the network's, not theirs.
func decodeCUSD(body string, dcs int, packed bool) string {
	raw, err := hex.DecodeString(strings.TrimSpace(body))
	if err != nil || len(raw) < 2 {
		return unGSM(body)
	}
	alphabet := alphabetOf(dcs)
	if len(raw)%2 == 0 {
		if text, ok := fromUnits(raw, dcs == 0x11); ok && (alphabet == "ucs2" || sensible(text) && narrow(raw)) {
			return text
		}
	}
	switch {
	case alphabet == "octets":
		return latin(raw)
	case alphabet == "ucs2": // it is not, whatever it says
		return unGSM(body)
	}
	text := unpack(raw, dcs)
	letters := strings.ContainsAny(body, "abcdefABCDEF")
	if packed && mostly(text) || letters && len(raw) >= 4 && mostly(text) && sensible(text) {
		return text
	}
	return unGSM(body)
}

// fromUnits reads UCS-2; ok is false where it holds what no text does.
func fromUnits(raw []byte, language bool) (string, bool) {
	if language && len(raw) > 2 {
		raw = raw[2:]
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	text := string(utf16.Decode(units))
	return text, !strings.ContainsRune(text, utf8.RuneError) && mostly(text)
}

// narrow says that most characters are of one octet, as they are in any text
// of Europe in UCS-2; digits that are meant as digits look otherwise.
func narrow(raw []byte) bool {
	zeros := 0
	for i := 0; i < len(raw); i += 2 {
		if raw[i] == 0 {
			zeros++
		}
	}
	return zeros*4 >= len(raw) // half of the pairs
}

// unpack reads septets packed as for service codes (23.038 §6.1.2.3.1).
func unpack(raw []byte, dcs int) string {
	septets := gsm7.Unpack7BitUSSD(raw, 0)
	if dcs == 0x10 && len(septets) > 3 {
		septets = septets[3:] // two characters of language and CR come first
	}
	text, err := gsm7.Decode(septets)
	if err != nil {
		return ""
	}
	return string(text)
}

func latin(raw []byte) string {
	out := make([]rune, len(raw))
	for i, b := range raw {
		out[i] = rune(b)
	}
	return string(out)
}

// unGSM reads a text that came as it is. Under +CSCS="GSM" its characters are
// those of the default alphabet, octet for octet; most makes print those that
// ASCII has as ASCII, so only what cannot be ASCII is read by the table.
func unGSM(body string) string {
	var out strings.Builder
	for i := 0; i < len(body); {
		r, size := utf8.DecodeRuneInString(body[i:])
		piece := body[i : i+size]
		switch {
		case r == 0x1b && i+1 < len(body):
			size = 2
			piece = decoded(body[i : i+2])
		case r == utf8.RuneError && size == 1:
			piece = string(rune(body[i]))
		case r < ' ' && r != '\n' && r != '\r' || r == 0x7f:
			piece = decoded(piece)
		}
		out.WriteString(piece)
		i += size
	}
	return out.String()
}

func decoded(septets string) string {
	text, err := gsm7.Decode([]byte(septets))
	if err != nil {
		return ""
	}
	return string(text)
}

// mostly says that nearly all of a text are characters that texts are made of.
func mostly(text string) bool {
	odd, all := 0, 0
	for _, r := range text {
		all++
		if !plainRune(r) {
			odd++
		}
	}
	return all > 0 && odd*10 <= all
}

// plainRune says whether ordinary answers hold this character: letters of any
// script, but of those that the default alphabet has for formulas none.
func plainRune(r rune) bool {
	switch {
	case r == '\n', r == '\r', strings.ContainsRune("ΔΦΓΛΩΠΨΣΘΞ¤¡¿§", r):
		return r == '\n' || r == '\r'
	case r == '€', r == '£', r == '$', r == '°', r == '–', r == '’':
		return true
	}
	return r >= ' ' && r < 0x7f || unicode.IsLetter(r)
}

// sensible says that there is a letter or a space in it: digits alone may be
// meant as digits.
func sensible(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || r == ' ' }) >= 0
}

// readable bounds a text and keeps line ends, and no other control character.
func readable(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(text, ""))
	text = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || r == '\ufeff' || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	if r := []rune(text); len(r) > longestAnswer {
		text = string(r[:longestAnswer])
	}
	return strings.TrimSpace(text)
}
