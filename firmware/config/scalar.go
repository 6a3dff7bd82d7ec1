package config

import (
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// raw is a scalar as it was written, quotes taken off; false for anything
// that is not one.
func raw(n ast.Node) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		if s.Value == nil {
			return "", true
		}
		return s.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return s.GetToken().Value, true
	}
	return "", false
}

// scalar is raw, with a fault for lists and mappings.
func (r *reader) scalar(v value, want string) (string, bool) {
	s, ok := raw(v.node)
	if !ok {
		r.fault(v, "is "+kindOf(v.node), want)
	}
	return s, ok
}

// text reads words. A bare number is refused: what YAML makes of it is not
// what was written.
func (r *reader) text(v value) (string, bool) {
	s, ok := r.scalar(v, "a single text is wanted")
	if !ok {
		return "", false
	}
	switch n := v.node.(type) {
	case *ast.IntegerNode:
		r.fault(v, s+" is not quoted, "+eaten(s, n.Value), fmt.Sprintf("write %q", s))
		return "", false
	case *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		r.fault(v, s+" is not quoted, YAML would not read it as a text", fmt.Sprintf("write %q", s))
		return "", false
	}
	if s == "" {
		r.fault(v, "is empty", "give it a value or delete the line")
		return "", false
	}
	return s, true
}

// eaten says what YAML makes of a bare number.
func eaten(s string, read any) string {
	switch {
	case strings.HasPrefix(s, "+"):
		return "YAML would eat the plus"
	case strings.HasPrefix(s, "0") && len(s) > 1:
		return fmt.Sprintf("YAML would read it as %v", read)
	}
	return "YAML would read it as a number"
}

// oneOf reads one of a few words.
func (r *reader) oneOf(v value, words ...string) string {
	s, ok := r.text(v)
	if !ok {
		return ""
	}
	if slices.Contains(words, s) {
		return s
	}
	want := "write " + strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
	if near := nearest(s, words); near != "" {
		want = "did you mean " + near + "? (" + strings.Join(words, ", ") + ")"
	}
	r.fault(v, shown(s)+" is not one of the words that can stand here", want)
	return ""
}

// off says whether a section is switched off by the word off (or no, or
// false).
func off(v value) bool {
	s, ok := raw(v.node)
	return ok && (s == "off" || s == "no" || s == "false")
}

// yes reads true or false. What is neither counts as true: one fault is
// enough.
func (r *reader) yes(v value) bool {
	if b, ok := v.node.(*ast.BoolNode); ok {
		return b.Value
	}
	s, _ := raw(v.node)
	r.fault(v, shown(s)+" is not true or false", "write true or false")
	return true
}

// whole reads a whole number within limits.
func (r *reader) whole(v value, least, most int64) int64 {
	s, ok := r.scalar(v, "a whole number is wanted")
	if !ok {
		return 0
	}
	want := fmt.Sprintf("write a whole number from %d to %d", least, most)
	if _, quoted := v.node.(*ast.StringNode); quoted && digits.MatchString(s) {
		r.fault(v, shown(s)+" is quoted, but a number is wanted", "write "+s+" without quotes")
		return 0
	}
	if len(s) > 1 && s[0] == '0' && digits.MatchString(s) {
		r.fault(v, s+" begins with a zero, YAML would read it in eights", "write "+strings.TrimLeft(s, "0"))
		return 0
	}
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		r.fault(v, clip(s)+" is not a whole number", want)
		return 0
	}
	if n < least || n > most {
		r.fault(v, s+" is out of range", want)
		return 0
	}
	return n
}

var (
	digits   = regexp.MustCompile(`^[0-9]+$`)
	lengths  = regexp.MustCompile(`^(?:([0-9]+)d)?((?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h))*)$`)
	percents = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?%$`)
	rates    = regexp.MustCompile(`^([0-9]+) ?/ ?(hour|day|month)$`)
	sizes    = regexp.MustCompile(`^([0-9]+) ?(kB|KB|MB|GB|TB) ?/ ?(hour|day|month)$`)
	names    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,23}$`)
	sites    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,12}$`)
)

// Duration reads a length of time: 10s, 5m, 2h, 90d, 1h30m, 400ms.
func Duration(s string) (time.Duration, error) {
	m := lengths.FindStringSubmatch(s)
	if m == nil || s == "" {
		return 0, fmt.Errorf("%s is not a length of time", shown(s))
	}
	var d time.Duration
	if m[1] != "" {
		days, err := strconv.Atoi(m[1])
		if err != nil || days > 36500 {
			return 0, fmt.Errorf("%s is longer than a hundred years", shown(s))
		}
		d = time.Duration(days) * 24 * time.Hour
	}
	if m[2] != "" {
		rest, err := time.ParseDuration(m[2])
		if err != nil || rest > 36500*24*time.Hour {
			return 0, fmt.Errorf("%s is longer than a hundred years", shown(s))
		}
		d += rest
	}
	return d, nil
}

// span reads a duration within limits.
func (r *reader) span(v value, least, most time.Duration) time.Duration {
	const want = "write a number with its unit, as in 400ms, 10s, 5m, 2h, 90d or 1h30m"
	s, ok := r.scalar(v, want)
	if !ok {
		return 0
	}
	if s != "0" && digits.MatchString(s) {
		r.fault(v, s+" has no unit", fmt.Sprintf("write %ss for seconds or %sm for minutes", s, s))
		return 0
	}
	d, err := Duration(unitless(s))
	if err != nil {
		r.fault(v, err.Error(), want)
		return 0
	}
	if d < least || d > most {
		r.fault(v, fmt.Sprintf("%s is out of range", s), fmt.Sprintf("write something from %s to %s", written(least), written(most)))
		return 0
	}
	return d
}

// unitless gives the one number that needs no unit a unit.
func unitless(s string) string {
	if s == "0" {
		return "0s"
	}
	return s
}

// share reads a percentage as a number from 0 to 1.
func (r *reader) share(v value, least, most float64) float64 {
	want := fmt.Sprintf("write a percentage from %g%% to %g%%, as in 20%%", least*100, most*100)
	s, ok := r.scalar(v, want)
	if !ok {
		return 0
	}
	m := percents.FindStringSubmatch(s)
	if m == nil {
		if digits.MatchString(s) {
			want = "write " + s + "%"
		}
		r.fault(v, clip(s)+" is not a percentage", want)
		return 0
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil || n/100 < least || n/100 > most {
		r.fault(v, clip(s)+" is out of range", want)
		return 0
	}
	return n / 100
}

// rate reads a count per period.
func (r *reader) rate(v value) Rate {
	const want = "write a count and a period, as in 20/hour, 3000/day or 50000/month"
	s, ok := r.scalar(v, want)
	if !ok {
		return Rate{}
	}
	m := rates.FindStringSubmatch(s)
	if m == nil {
		r.fault(v, clip(s)+" is not a rate", want)
		return Rate{}
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n < 1 || n > 10_000_000 {
		r.fault(v, clip(s)+" is out of range", "write a count from 1 to 10000000")
		return Rate{}
	}
	return Rate{n, Period(m[2])}
}

// volume reads an amount of data per period, in units of a thousand.
func (r *reader) volume(v value) (int64, Period) {
	const want = "write an amount and a period, as in 500MB/month or 1GB/day"
	s, ok := r.scalar(v, want)
	if !ok {
		return 0, ""
	}
	n, per, good := sized(s)
	if !good {
		r.fault(v, clip(s)+" is not an amount of data per period", want)
	}
	return n, per
}

func sized(s string) (n int64, per Period, ok bool) {
	m := sizes.FindStringSubmatch(s)
	if m == nil {
		return 0, "", false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	unit := map[byte]int64{'k': 1e3, 'K': 1e3, 'M': 1e6, 'G': 1e9, 'T': 1e12}[m[2][0]]
	if err != nil || n < 1 || n > math.MaxInt64/unit {
		return 0, "", false
	}
	return n * unit, Period(m[3]), true
}

// amount reads an amount of data, in units of a thousand.
func (r *reader) amount(v value) int64 {
	const want = "write an amount, as in 50MB"
	s, ok := r.scalar(v, want)
	if !ok {
		return 0
	}
	n, _, good := sized(s + "/day")
	if !good {
		r.fault(v, clip(s)+" is not an amount of data", want)
	}
	return n
}

// name reads the name of a thing: it stands in texts and commands, so it is
// short and one word.
func (r *reader) name(v value) string {
	s, ok := r.text(v)
	if !ok {
		return ""
	}
	if !names.MatchString(s) {
		r.fault(v, shown(s)+" cannot be a name", "use 1 to 24 letters, digits, dots, - and _, without spaces: people must be able to text it")
		return ""
	}
	return s
}

// addr reads an IP address.
func (r *reader) addr(v value) netip.Addr {
	const want = "write an address, as in 192.0.2.1 or 2001:db8::1"
	s, ok := r.scalar(v, want)
	if !ok {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		r.fault(v, clip(s)+" is not an address"+named(s), want)
		return netip.Addr{}
	}
	return a.Unmap()
}

// named explains why a host name does not do.
func named(s string) string {
	if strings.ContainsAny(s, "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ") {
		return " (a name would need a resolver, and that fails with the network)"
	}
	return ""
}

// addrPort reads an address with its port; usual stands in for a missing port
// unless it is zero.
func (r *reader) addrPort(v value, usual uint16) netip.AddrPort {
	want := "write address and port, as in 192.0.2.1:443 or [2001:db8::1]:443"
	s, ok := r.scalar(v, want)
	if !ok {
		return netip.AddrPort{}
	}
	if a, err := netip.ParseAddr(s); err == nil && usual > 0 {
		return netip.AddrPortFrom(a.Unmap(), usual)
	} else if err == nil {
		want := "write the port behind it, as in " + s + ":443"
		if a.Is6() {
			want = "write it in brackets with the port behind, as in [2001:db8::1]:443"
		}
		r.fault(v, s+" has no port", want)
		return netip.AddrPort{}
	}
	at, err := netip.ParseAddrPort(s)
	if err != nil || at.Port() == 0 {
		r.fault(v, clip(s)+" is not an address with a port"+named(s), want)
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// hostPort reads a host name or address with a port, for accounts that are
// not probed.
func (r *reader) hostPort(v value) string {
	s, ok := r.text(v)
	if !ok {
		return ""
	}
	u, err := url.Parse("//" + s)
	port := 0
	if err == nil {
		port, _ = strconv.Atoi(u.Port())
	}
	if err != nil || u.Host != s || u.Hostname() == "" || port < 1 || port > 65535 {
		r.fault(v, clip(s)+" is not a host with a port", "write it as in smtp.example.org:587")
		return ""
	}
	return s
}

// link reads a web address.
func (r *reader) link(v value, schemes ...string) string {
	s, ok := r.text(v)
	if !ok {
		return ""
	}
	want := "write a whole address, as in " + schemes[len(schemes)-1] + "://www.example.org/"
	u, err := url.Parse(s)
	switch {
	case err != nil || !slices.Contains(schemes, u.Scheme) || u.Hostname() == "" || badPort(u.Port()):
		if strings.Contains(s, "@") {
			s = "this" // what stands before an @ may be a password
		} else {
			s = shown(s)
		}
		r.fault(v, s+" is not a web address", want)
		return ""
	case u.User != nil:
		r.fault(v, "the address holds a user name or password", "never write a secret here: take the part before the @ out")
		return ""
	}
	return s
}

func badPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port != "" && (err != nil || n == 0)
}

// filePath reads the path of something on the box.
func (r *reader) filePath(v value) string {
	s, ok := r.text(v)
	if !ok {
		return ""
	}
	if !strings.HasPrefix(s, "/") {
		r.fault(v, shown(s)+" is not a whole path", "write it from the root, as in /data/heliograph")
		return ""
	}
	return s
}

// mailbox reads a mail address; with a display name where one may stand.
func (r *reader) mailbox(v value, display bool) string {
	s, ok := r.text(v)
	if !ok {
		return ""
	}
	address := s
	if open := strings.LastIndexByte(s, '<'); display && open >= 0 && strings.HasSuffix(s, ">") {
		address = s[open+1 : len(s)-1]
	}
	local, domain, found := strings.Cut(address, "@")
	if !found || local == "" || domain == "" || strings.ContainsAny(address, " <>,;\"\t\r\n") || strings.Contains(domain, "@") {
		r.fault(v, shown(s)+" is not a mail address", "write it as in noc@example.org")
		return ""
	}
	return s
}

// words reads a list of names.
func (r *reader) words(v value, each func(value) string) []string {
	var all []string
	r.list(v, func(v value) {
		s := each(v)
		if s == "" {
			return
		}
		if slices.Contains(all, s) {
			r.fault(v, shown(s)+" stands in this list twice", "delete one of the two")
			return
		}
		all = append(all, s)
	})
	return all
}
