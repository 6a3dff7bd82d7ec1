// Package number reads telephone numbers as people write them and networks
// send them, and writes them in one way: E.164, "+48600100201".
//
// What it knows of the world's numbering plans is in table.go and states.go,
// which scripts/numbers writes from the metadata of libphonenumber; by that
// library this package is tested, number by number.
package number

import (
	"fmt"
	"strconv"
	"strings"
)

// A region is a numbering plan under a calling code. Regions that share a
// code stand together in the table, the one that speaks for the code first.
type region struct {
	name           string // ISO 3166, "PL"; "001" is a service of the whole world, as +800 is
	code           uint16 // calling code, 48
	abroad         uint8  // index in patterns: what is dialled before the calling code of another country
	trunk          uint8  // index in trunks: what is dialled before a number of one's own country
	leading        uint8  // index in patterns: how numbers begin where regions share a code; none: whatever is valid
	general, valid uint16 // roots in states: what may be taken for a number, and what kinds of numbers there are
	lengths        uint32 // bit n: numbers of n digits exist, without calling code and trunk prefix
	local          uint32 // bit n: numbers of n digits can be dialled within a town
}

// A trunk is a prefix that is dialled at home and not from abroad.
type trunk struct {
	pattern string
	moves   bool   // if the pattern kept a part, put and that part take the place of what was read
	put     string // "9" in Argentina: 0 11 15 2345-6789 is +54 9 11 2345-6789
}

// A number has from 2 to 17 digits after its calling code. Recommendation
// E.164 has 15 with it; Germany gives out longer ones.
const shortest, longest = 2, 17

// E164 writes a number with its country code, "+48600100201", so that numbers
// can be compared, always as a whole and never by their last digits. Home is
// the ISO 3166 region in which a number without country code is meant ("PL",
// may be empty). Short numbers, and senders made of letters, are nobody's. The
// error says what is wrong with the text and what would be right.
func E164(text, home string) (string, error) {
	main, own, err := parse(text, home)
	if err != nil {
		return "", err
	}
	return "+" + strconv.Itoa(int(main.code)) + own, nil
}

// Region is the ISO 3166 region of a number with its country code; empty if
// it is unknown, or a service of no country.
func Region(e164 string) string {
	main, own, err := parse(e164, "")
	if err != nil {
		return ""
	}
	if r := regionOf(main, own); r != nil && r.name != world {
		return r.name
	}
	return ""
}

// Valid is whether a network could have given out a number with its country
// code; that it has one to call is not known to anybody but the network.
func Valid(e164 string) bool {
	main, own, err := parse(e164, "")
	if err != nil {
		return false
	}
	r := regionOf(main, own)
	return r != nil && r.gives(own)
}

// Code is the calling code of an ISO 3166 region, 48 for "PL"; 0 if there is
// no such region.
func Code(region string) int {
	if r := find(region); r != nil {
		return int(r.code)
	}
	return 0
}

// parse returns the region that speaks for a number's calling code, and the
// number without code and trunk prefix.
func parse(text, home string) (*region, string, error) {
	text = strings.TrimSpace(text)
	digits, plus, err := dialled(text)
	if err != nil {
		return nil, "", err
	}
	if home == "" && strings.HasPrefix(text, "00") {
		digits, plus = digits[2:], true // the usual prefix for abroad
	}
	at := find(home)
	if at == nil && !plus {
		return nil, "", homeless(text, home)
	}
	plan, own := split(digits, plus, at)
	if plan == nil {
		return nil, "", fmt.Errorf("%q begins with no country's calling code: after the plus (or 00) comes the code, as in +48600100201", text)
	}
	if stripped := plan.strip(own); plan.fit(stripped) == possible || plan.fit(stripped) == tooLong {
		own = stripped
	}
	main := speaker(int(plan.code))
	if f := main.fit(own); f != possible && f != localOnly || len(own) < shortest || len(own) > longest {
		return nil, "", fmt.Errorf("%q has %s after +%d: %s has numbers of %s", text, count(len(own)), main.code, main.called(), main.sizes())
	}
	return main, own, nil
}

// dialled returns the digits of a text, and whether a plus was before them.
func dialled(text string) (digits string, plus bool, err error) {
	rest, plus := strings.CutPrefix(text, "+")
	if len(text) > 40 {
		return "", false, fmt.Errorf("%.12q… is too long for a number: write one number, as in +48600100201", text)
	}
	kept := make([]byte, 0, 40)
	for i, c := range rest {
		switch {
		case c >= '0' && c <= '9':
			kept = append(kept, byte(c))
		case !strings.ContainsRune(" ()./-", c):
			return "", false, fmt.Errorf("%q has %q after %q: a number is digits, with a plus before them and spaces, dots, dashes, slashes or brackets between them",
				text, c, text[:len(text)-len(rest)+i])
		}
	}
	if len(kept) <= 6 {
		return "", false, fmt.Errorf("%q has %s: write the whole number with its country code, as in +48600100201", text, count(len(kept)))
	}
	return string(kept), plus, nil
}

// split takes the calling code off. The region is the one whose plan the rest
// follows: home for a national number, else the one that speaks for the code;
// nil if no country has such a code.
func split(digits string, plus bool, home *region) (*region, string) {
	if plus {
		if r, own := foreign(digits); r != nil {
			return r, own
		}
	}
	if home == nil {
		return nil, ""
	}
	if end, _, ok := match(patterns[home.abroad], digits); ok && (end == len(digits) || digits[end] != '0') {
		if len(digits)-end <= shortest {
			return nil, ""
		}
		return foreign(digits[end:])
	}
	if own, ok := strings.CutPrefix(digits, strconv.Itoa(int(home.code))); ok {
		// The code without a plus: believed if the digits are no number of
		// the country as they stand.
		own = home.strip(own)
		if !accepts(home.general, digits) && accepts(home.general, own) || home.fit(digits) == tooLong {
			return speaker(int(home.code)), own
		}
	}
	if plus {
		return nil, "" // it said that a code would come, and none did
	}
	return home, digits
}

// foreign splits a number that begins with a calling code.
func foreign(digits string) (*region, string) {
	for n := 1; n <= 3 && n < len(digits) && digits[0] != '0'; n++ {
		code, _ := strconv.Atoi(digits[:n]) // dialled lets digits pass only
		if r := speaker(code); r != nil {
			return r, digits[n:]
		}
	}
	return nil, ""
}

// strip takes the trunk prefix off, unless that would make a number of the
// country into none.
func (r *region) strip(digits string) string {
	t := trunks[r.trunk]
	end, kept, ok := match(t.pattern, digits)
	if t.pattern == "" || !ok {
		return digits
	}
	stripped := digits[end:]
	if t.moves && kept.found {
		stripped = t.put + digits[kept.from:kept.to] + stripped
	}
	if accepts(r.general, digits) && !accepts(r.general, stripped) {
		return digits
	}
	return stripped
}

// regionOf is the region of a number among those that share its code.
func regionOf(main *region, own string) *region {
	rows := sharing(main)
	if len(rows) == 1 {
		return main
	}
	for i := range rows {
		r := &rows[i]
		if leading := patterns[r.leading]; leading == "" && r.gives(own) {
			return r
		} else if _, _, ok := match(leading, own); leading != "" && ok {
			return r
		}
	}
	return nil
}
