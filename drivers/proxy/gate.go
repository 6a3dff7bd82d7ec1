package proxy

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"
)

// users are the names that may come in, with the hashes of their passwords.
type users struct {
	hashes map[string][]byte
	nobody []byte // compared with what an unknown name brings, so that both take as long

	one  sync.Mutex          // one bcrypt at a time: guessing must not eat the box
	good map[string][32]byte // what was right before: a browser asks for each connection
}

func readUsers(text string) (*users, error) {
	u := &users{hashes: map[string][]byte{}, good: map[string][32]byte{}}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, hash, _ := strings.Cut(line, ":")
		if _, err := bcrypt.Cost([]byte(hash)); err != nil || name == "" {
			return nil, fmt.Errorf("line %d is not NAME:BCRYPT: make it by `htpasswd -nB NAME`", i+1)
		}
		if u.hashes[name] != nil {
			return nil, fmt.Errorf("line %d names %s again", i+1, name)
		}
		u.hashes[name] = []byte(hash)
		u.nobody = []byte(hash)
	}
	if len(u.hashes) == 0 {
		return nil, errors.New("nobody is named: write lines NAME:BCRYPT, as `htpasswd -nB NAME` prints them")
	}
	return u, nil
}

// who reads Proxy-Authorization (RFC 7617) and returns the name that it gives.
func (u *users) who(header string) (name string, ok bool) {
	scheme, rest, _ := strings.Cut(header, " ")
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	name, password, found := strings.Cut(string(text), ":")
	if !strings.EqualFold(scheme, "Basic") || err != nil || !found {
		return "", false
	}
	sum := sha256.Sum256(text)
	u.one.Lock()
	defer u.one.Unlock()
	if seen, ok := u.good[name]; ok && subtle.ConstantTimeCompare(sum[:], seen[:]) == 1 {
		return name, true
	}
	hash, known := u.hashes[name]
	if !known {
		hash = u.nobody
	}
	if bcrypt.CompareHashAndPassword(hash, []byte(password)) != nil || !known {
		return name, false
	}
	u.good[name] = sum
	return name, true
}

// allowed reads the target of a request: a name on the list, port 443.
func (p *Proxy) allowed(r *http.Request) (string, error) {
	if r.Method != http.MethodConnect {
		return "", &refusal{http.StatusMethodNotAllowed, "only https:// addresses are reached through this proxy"}
	}
	host, port, err := net.SplitHostPort(r.Host)
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	switch {
	case err != nil || port != onlyPort:
		return "", &refusal{http.StatusForbidden, "only port " + onlyPort + " is reached through this proxy"}
	case !slices.ContainsFunc(p.o.Hosts, func(rule string) bool { return matches(rule, host) }):
		return "", &refusal{http.StatusForbidden, host + " is not on the list of hosts for incidents"}
	}
	return host, nil
}

func matches(rule, host string) bool {
	if below, ok := strings.CutPrefix(rule, "*"); ok {
		return strings.HasSuffix(host, below) && len(host) > len(below)
	}
	return host == rule
}

// find looks a name up and keeps what is on the Internet.
func (p *Proxy) find(ctx context.Context, host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, p.o.Wait)
	defer cancel()
	all, err := p.o.Lookup(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("looking up %s: %w", host, err)
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("listing the box's own addresses: %w", err)
	}
	outside := slices.DeleteFunc(slices.Clone(all), func(a netip.Addr) bool { return !public(a) || mine(own, a) })
	if len(outside) == 0 {
		return nil, &refusal{http.StatusForbidden, host + " has no address on the Internet"}
	}
	return outside, nil
}

// mine tells whether an address is this box's, or on a network it is part of.
func mine(own []net.Addr, a netip.Addr) bool {
	return slices.ContainsFunc(own, func(n net.Addr) bool {
		prefix, err := netip.ParsePrefix(n.String())
		return err == nil && prefix.Contains(a.Unmap())
	})
}

// inward are blocks that are not private to netip and lead to no stranger
// either (RFC 6890); wrapped are those that carry an IPv4 address.
var (
	inward = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "2002::/16", "2001::/32", "fec0::/10", "100::/64", "64:ff9b:1::/48")
	nat64  = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052
)

func prefixes(all ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, s := range all {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}

// public tells whether an address is one of the Internet at large.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		return public(netip.AddrFrom4([4]byte(b[12:])))
	}
	if a.Is6() && a.IsValid() && strings.HasPrefix(a.String(), "::") {
		return false // :: and ::1, and IPv4 in the form that nobody should use
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(inward, func(p netip.Prefix) bool { return p.Contains(a) })
}
