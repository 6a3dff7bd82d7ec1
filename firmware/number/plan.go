package number

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// world is the region of calling codes that belong to no country.
const world = "001"

// find returns the region of a name; nil if there is none.
func find(name string) *region {
	if len(name) != 2 {
		return nil
	}
	for i := range regions {
		if regions[i].name == name {
			return &regions[i]
		}
	}
	return nil
}

// speaker returns the region that speaks for a calling code; nil if nobody
// has that code.
func speaker(code int) *region {
	i, ok := slices.BinarySearchFunc(regions[:], code, func(r region, code int) int { return int(r.code) - code })
	if !ok {
		return nil
	}
	return &regions[i]
}

// sharing returns the regions with the code that a region speaks for.
func sharing(main *region) []region {
	i, _ := slices.BinarySearchFunc(regions[:], int(main.code), func(r region, code int) int { return int(r.code) - code })
	n := i
	for n < len(regions) && regions[n].code == main.code {
		n++
	}
	return regions[i:n]
}

// A fit is what the mere length of a number says.
type fit int

const (
	possible  fit = iota
	localOnly     // may be dialled within a town; it cannot be told from where
	tooShort
	tooLong
	between // shorter ones exist, and longer ones
)

func (r *region) fit(digits string) fit {
	n := len(digits)
	switch {
	case n < 32 && r.local>>n&1 == 1:
		return localOnly
	case n < 32 && r.lengths>>n&1 == 1:
		return possible
	case n < bits.TrailingZeros32(r.lengths):
		return tooShort
	case n >= bits.Len32(r.lengths):
		return tooLong
	}
	return between
}

// gives is whether a number is among those that networks of the region give
// out. Kinds of numbers are drawn more widely than the whole in some plans.
func (r *region) gives(digits string) bool {
	return accepts(r.general, digits) && accepts(r.valid, digits)
}

// homeless says why a number without calling code cannot be completed.
func homeless(text, home string) error {
	if home == "" {
		return fmt.Errorf("%q has no country code: write it as in +48600100201", text)
	}
	return fmt.Errorf("%q has no country code, and %q is not a country: write the number as in +48600100201, or the country as in PL", text, home)
}

func (r *region) called() string {
	if r.name == world {
		return "+" + strconv.Itoa(int(r.code))
	}
	return r.name
}

// sizes is how long the numbers of a region are, "8, 9 or 10 digits".
func (r *region) sizes() string {
	var all []string
	for n := range 32 {
		if r.lengths>>n&1 == 1 {
			all = append(all, strconv.Itoa(n))
		}
	}
	if n := len(all) - 1; n > 0 {
		return strings.Join(all[:n], ", ") + " or " + all[n] + " digits"
	}
	return strings.Join(all, "") + " digits"
}

func count(digits int) string {
	if digits == 1 {
		return "1 digit"
	}
	return strconv.Itoa(digits) + " digits"
}
