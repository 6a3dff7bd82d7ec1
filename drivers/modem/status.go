package modem

import (
	"fmt"
	"strconv"
	"strings"

	"heliograph/drivers/at"
)

// registration is what one domain says: CREG for circuits (texts over SGs),
// CGREG, CEREG and C5GREG for packets (27.007 §7.2, §10.1.20, §10.1.22,
// §10.1.47).
type registration struct {
	known  bool
	stat   int
	access int // -1 if not told
	cause  int // why it was refused (24.301 §9.9.3.9, 24.501 §9.11.3.2); 0 if not told
}

// stats are the values of <stat>.
var stats = map[int]string{
	0: "not searching", 1: "home", 2: "searching", 3: "denied", 4: "unknown", 5: "roaming", 6: "home, texts only", 7: "roaming, texts only",
	8: "emergency calls only", 9: "home, no fallback preferred", 10: "roaming, no fallback preferred", 11: "restricted local service only",
}

// accesses are the values of <AcT>.
var accesses = map[int]string{
	0: "2G", 1: "2G", 2: "3G", 3: "2G", 4: "3G", 5: "3G", 6: "3G", 7: "LTE", 8: "2G", 9: "LTE", 10: "LTE", 11: "5G", 12: "5G", 13: "LTE",
}

// parseRegistration reads an answer or an unsolicited code of these names;
// they differ by a leading <n>, which the shape tells.
func parseRegistration(line string) (domain string, r registration, ok bool) {
	domain, _, _ = strings.Cut(line, ":")
	fields := at.Fields(line, domain)
	if at.ReadForm(line) {
		fields = fields[1:]
	}
	if len(fields) == 0 {
		return domain, r, false
	}
	stat, err := strconv.Atoi(fields[0])
	if err != nil {
		return domain, r, false
	}
	r = registration{known: true, stat: stat, access: -1}
	why := 4 // <cause_type>, <reject_cause>
	if domain == fiveG {
		why = 6 // the slices that are allowed come before it
	}
	if len(fields) >= why+2 && fields[why] == "0" {
		r.cause, _ = strconv.Atoi(fields[why+1])
	}
	if len(fields) >= 4 && (len(fields) < 6 || fields[1] != "") {
		// <AcT> follows the cell, and a routing area may come between.
		for _, f := range fields[3:] {
			if n, err := strconv.Atoi(f); err == nil && len(f) <= 2 && !strings.Contains(line, `"`+f+`"`) {
				r.access = n
				break
			}
		}
	}
	return domain, r, true
}

// fiveG is the registration with a 5G core.
const fiveG = "+C5GREG"

// technology is the radio of a domain that serves; -1 if there is none, or it
// is not told.
func (r registration) technology() int {
	if !r.served() {
		return -1
	}
	return r.access
}

// denials are the causes of a refused registration (24.301 §9.9.3.9 and
// annex A), and what can be done. The radio is not switched off and on for
// any: the network counts attempts, and answers them with longer bans.
var denials = map[int][2]string{
	2:  {"this SIM is unknown", "ask the operator whether the SIM is active"},
	3:  {"this SIM is not allowed", "ask the operator whether the SIM is active"},
	5:  {"this device is not accepted", "ask the operator whether it bars this IMEI"},
	6:  {"this device is barred", "ask the operator whether it bars this IMEI"},
	7:  {"data is not allowed for this SIM", "ask the operator for a plan with data"},
	8:  {"neither calls nor data are allowed for this SIM", "ask the operator whether the SIM is active"},
	11: {"this network is not allowed", "wait for another network, or allow roaming in the plan"},
	12: {"this area is not allowed", "wait, or try another place"},
	13: {"roaming is not allowed here", "allow roaming in the plan, or use a SIM of this network"},
	14: {"data is not allowed on this network", "ask the operator for roaming with data"},
	15: {"no suitable cells here", "try another place or antenna, or ask the operator"},
	17: {"the network has failed", "wait; it is tried again by itself"},
	22: {"the network is congested", "wait; it is tried again by itself"},
}

// served says whether a domain has service; texts-only counts.
func (r registration) served() bool {
	switch r.stat {
	case 1, 5, 6, 7, 9, 10:
		return r.known
	}
	return false
}

// service is what the domains say together.
type service struct {
	fit                bool
	state              State
	words, why, advice string
	access             string
}

// combine weighs circuits (CREG) against packets (CEREG, C5GREG): texts go
// over SGs when both are registered, or when one says texts only; with packets
// alone they need IMS, which only a real text proves. A modem that tells
// nothing is given the benefit of the doubt.
func combine(cs, ps, eps, five registration) service {
	best := cs
	for _, r := range []registration{eps, five, ps} {
		if !best.served() && (r.served() || !best.known) {
			best = r
		}
	}
	s := service{words: stats[best.stat], access: accesses[max(cs.technology(), eps.technology(), ps.technology(), five.technology())]}
	if s.access == "" && five.served() {
		s.access = accesses[11]
	}
	switch {
	case !cs.known && !ps.known && !eps.known && !five.known:
		s.fit, s.state, s.words = true, Ready, ""
		s.why = "the modem does not tell whether it is registered"
	case cs.served():
		s.fit, s.state = true, Ready
	case best.served():
		s.fit, s.state = true, Ready
		if best.stat != 6 && best.stat != 7 {
			s.why = "registered for data only: texts need IMS or an SGs link here"
			s.advice = "send a test text; if it fails, switch IMS on or ask the operator for SMS over SGs"
		}
	case cs.stat == 3 || eps.stat == 3 || ps.stat == 3 || five.stat == 3:
		s.state, s.words, s.why = Denied, stats[3], "the network denies registration"
		s.advice = "check that the SIM is active, paid and allowed on this network"
		if c := max(cs.cause, eps.cause, ps.cause, five.cause); c > 0 {
			s.why = fmt.Sprintf("the network denies registration, cause %d", c)
			if told := denials[c]; told != [2]string{} {
				s.why, s.advice = s.why+": "+told[0], told[1]
			}
		}
	case best.stat == 8 || best.stat == 11 || eps.stat == 11:
		s.state, s.why, s.advice = NoService, "only emergency calls are possible", "check the SIM and the coverage"
	default:
		s.state, s.why = Registering, "looking for a network"
	}
	return s
}

// parseCSQ gives dBm, 0 if unknown (27.007 §8.5).
func parseCSQ(line string) int {
	fields := at.Fields(line, "+CSQ")
	if len(fields) == 0 {
		return 0
	}
	v, err := strconv.Atoi(fields[0])
	if err != nil || v < 0 || v > 31 {
		return 0
	}
	return -113 + 2*v
}

// parseCESQ gives dBm of LTE, else of 3G, else of 2G; 0 if unknown (27.007 §8.69).
func parseCESQ(line string) int {
	v := numbers(at.Fields(line, "+CESQ"))
	if len(v) < 6 {
		return 0
	}
	switch {
	case v[5] >= 0 && v[5] <= 97:
		return v[5] - 141
	case v[2] >= 0 && v[2] <= 96:
		return v[2] - 121
	case v[0] >= 0 && v[0] <= 63:
		return v[0] - 111
	}
	return 0
}

// numbers reads fields as numbers, -1 for what is none.
func numbers(fields []string) []int {
	out := make([]int, len(fields))
	for i, f := range fields {
		n, err := strconv.Atoi(f)
		if err != nil {
			n = -1
		}
		out[i] = n
	}
	return out
}

// signal says how good it is, in words.
func signal(dbm int) string {
	if dbm == 0 {
		return "unknown"
	}
	return fmt.Sprintf("%d dBm", dbm)
}
