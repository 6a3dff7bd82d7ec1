package modem

import (
	"fmt"
	"strconv"
	"strings"
)

// ranges reads `(0-3),(0,1),(2)` into the sets of numbers offered.
func ranges(s string) []map[int]bool {
	var out []map[int]bool
	for _, group := range strings.Split(s, "(")[1:] {
		group, _, _ = strings.Cut(group, ")")
		set := map[int]bool{}
		for _, item := range strings.Split(group, ",") {
			lo, hi, isRange := strings.Cut(strings.TrimSpace(item), "-")
			a, err := strconv.Atoi(strings.TrimSpace(lo))
			b := a
			if isRange && err == nil {
				b, err = strconv.Atoi(strings.TrimSpace(hi))
			}
			for ; err == nil && a <= b && b-a < 256; a++ {
				set[a] = true
			}
		}
		out = append(out, set)
	}
	return out
}

// notices lists the settings of +CNMI to try, best first (27.005 §3.4.1):
// tell of stored texts (mt 1), store or pass on reports (ds 2 or 1), no cell
// broadcasts. What the modem does not offer is left out; when it offers
// nothing readable all are tried, because some refuse what they offer and
// take what they do not.
func notices(offer string) []string {
	sets := ranges(offer)
	var out, all []string
	for _, v := range [][4]int{{2, 1, 0, 2}, {2, 1, 0, 1}, {2, 1, 0, 0}, {1, 1, 0, 2}, {1, 1, 0, 1}, {1, 1, 0, 0}, {3, 1, 0, 2}, {3, 1, 0, 1}, {3, 1, 0, 0}} {
		for _, bfr := range []int{0, 1} {
			s := fmt.Sprintf("%d,%d,%d,%d,%d", v[0], v[1], v[2], v[3], bfr)
			all = append(all, s)
			if offered(sets, v, bfr) {
				out = append(out, s)
			}
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

func offered(sets []map[int]bool, v [4]int, bfr int) bool {
	if len(sets) < 4 {
		return false
	}
	for i, n := range v {
		if !sets[i][n] {
			return false
		}
	}
	return len(sets) < 5 || sets[4][bfr]
}
