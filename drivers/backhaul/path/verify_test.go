package path_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"heliograph/drivers/backhaul/path"
	"heliograph/drivers/probe/probetest"
)

// wantProof verifies and compares the state, words that must be there, and
// whether there is advice.
func wantProof(t *testing.T, p *path.Path, state path.State, usable bool, words ...string) path.Proof {
	t.Helper()
	proof := p.Verify(t.Context())
	if proof.State != state || proof.Usable() != usable {
		t.Errorf("%+v, wanted %s", proof, state)
	}
	for _, word := range words {
		if !strings.Contains(proof.Words, word) {
			t.Errorf("%q does not say %q", proof.Words, word)
		}
	}
	if (state == path.Works || state == path.NotUp) != (proof.Advice == "") {
		t.Errorf("%s with the advice %q", state, proof.Advice)
	}
	return proof
}

func TestAProbeBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	p := open(t, w.options())
	wantProof(t, p, path.NotUp, false)
	up(t, p, w.link(box4))
	if proof := wantProof(t, p, path.Works, true, " ms"); proof.RTT <= 0 || proof.RTT > 10*time.Second || proof.Through != "example.org" {
		t.Errorf("%+v", proof)
	}
}

func TestAPortalThatAnswersEverything(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	o := w.options()
	o.Hosts = []string{"secret.example:443"}
	p := open(t, o)
	up(t, p, w.link(box4))
	for name, portal := range map[string]struct {
		page http.HandlerFunc
		says string
	}{
		"a page": {func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "<html>Top up now") }, "200 text/html"},
		"a redirect": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://portal.carrier.example/?msisdn=48600100200", http.StatusFound)
		}, "302 to portal.carrier.example"},
		"RFC 6585 §6": {func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(http.StatusNetworkAuthenticationRequired)
		}, "511"},
	} {
		w.pages.Store(portal.page)
		if proof := wantProof(t, p, path.Portal, false, portal.says, "example.org"); strings.Contains(proof.Words, "48600100200") {
			t.Errorf("%s: the number is told: %s", name, proof.Words)
		}
	}
}

func TestAHostThatWillBeUsed(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	w.names.set(func() {
		w.names.known["secret.example."] = []string{site4}
		w.names.known["example.com."] = []string{site4}
	})
	o := w.options()
	o.Pages, o.Hosts = []string{}, []string{"example.com:443"} // the name in httptest's certificate
	p := open(t, o)
	up(t, p, w.link(box4))
	wantProof(t, p, path.Works, true)

	o.Name, o.Number, o.Hosts = "cell-2", 2, []string{"secret.example:443"}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	forger := open(t, o)
	up(t, forger, w.link(box4))
	wantProof(t, forger, path.Portal, false, "certificate")
}

func TestDeadNamesAndADeadAPN(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	p := open(t, w.options())
	up(t, p, w.link(box4))
	w.names.set(func() { w.names.silent = true })
	if proof := wantProof(t, p, path.NamesDead, true, "no name server"); proof.RTT <= 0 {
		t.Errorf("%+v", proof)
	}
	w.carrier.Do(func() { // there still is an address, but the carrier's core refuses
		all := &net.IPNet{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}
		if err := netlink.RouteReplace(&netlink.Route{Dst: all, Type: unix.RTN_PROHIBIT}); err != nil {
			t.Fatal(err)
		}
		probetest.Forget(t, "world", "198.51.100.1/24")
	})
	wantProof(t, p, path.Dead, false, "10.64.0.2", "nothing answers")
}

func TestIPv6AloneWithoutATranslator(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	p := open(t, w.options())
	up(t, p, w.link(box6))
	wantProof(t, p, path.OnlyIPv6, true, "IPv6 only")
	_, err := p.Dial(t.Context(), "tcp", site4+":7")
	if err == nil || !strings.Contains(err.Error(), "no translator") {
		t.Errorf("an IPv4 host: %v", err)
	}
}
