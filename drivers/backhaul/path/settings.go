package path

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
)

// setting is one line of /proc/sys/net for one interface. Why is what is
// missing without it.
type setting struct{ family, key, value, why string }

var always = []setting{
	{"ipv4", "rp_filter", "2", "answers may be dropped where no rule by source leads back"},
	{"ipv4", "accept_redirects", "0", "only the guard refuses redirects"},
}

var with6 = []setting{
	{"ipv6", "disable_ipv6", "0", "the interface has no IPv6"},
	{"ipv6", "accept_ra_defrtr", "0", "the carrier's router may appear as a default in the main table; only the guard keeps others from it"},
	{"ipv6", "accept_ra_rt_info_max_plen", "0", "the carrier's routes may appear in the main table; only the guard keeps others from them"},
	{"ipv6", "accept_redirects", "0", "only the guard refuses redirects"},
}

var without = []setting{
	{"ipv6", "disable_ipv6", "1", "only the guard keeps IPv6 off the interface"},
}

func (s setting) file(device string) string {
	return "/proc/sys/net/" + s.family + "/conf/" + device + "/" + s.key
}

// put writes a setting and returns what was there; it writes nothing where
// nothing would change, because most boxes keep /proc/sys read-only for us.
func (s setting) put(device string) (before string, err error) {
	now, err := os.ReadFile(s.file(device))
	if err != nil {
		return "", err
	}
	before = strings.TrimSpace(string(now))
	if before == s.value {
		return before, nil
	}
	return before, os.WriteFile(s.file(device), []byte(s.value), 0)
}

// settings remembers what was there before.
type settings struct {
	device string
	index  int
	before []setting // in reverse of the order in which they were written
}

func (s *settings) set(device *net.Interface, l Link) (notes []string) {
	s.device, s.index, s.before = device.Name, device.Index, nil
	list := append(append([]setting{}, always...), without...)
	if l.has6() {
		list = append(append([]setting{}, always...), with6...)
	}
	for _, want := range list {
		before, err := want.put(device.Name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a kernel without IPv6, or without that setting
		}
		if err != nil {
			notes = append(notes, fmt.Sprintf("net.%s.conf.%s.%s could not be set to %s: %s; set it in /etc/sysctl.d", want.family, device.Name, want.key, want.value, want.why))
			continue
		}
		if before != want.value {
			want.value = before
			s.before = append([]setting{want}, s.before...)
		}
	}
	return notes
}

// restore writes back what was there, if it is still the same interface.
func (s *settings) restore() error {
	old := s.before
	s.before = nil
	if now, err := net.InterfaceByName(s.device); err != nil || now.Index != s.index {
		return nil
	}
	var faults []error
	for _, o := range old {
		if _, err := o.put(s.device); err != nil && !errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// Prepare is for whoever brings an interface up, before it has light: no
// router advertisement on it may make a default in the main table, and IPv6
// is on where v6 asks for it and off elsewhere. It returns sentences about
// what could not be set.
func Prepare(device string, v6 bool) (notes []string) {
	list := without
	if v6 {
		list = with6
	}
	for _, want := range list {
		if _, err := want.put(device); err != nil && !errors.Is(err, fs.ErrNotExist) {
			notes = append(notes, fmt.Sprintf("net.%s.conf.%s.%s could not be set to %s: %s; set it in /etc/sysctl.d", want.family, device, want.key, want.value, want.why))
		}
	}
	return notes
}
