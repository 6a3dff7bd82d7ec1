package config

import (
	"strings"
	"testing"
)

// One system on the LAN needs a token, several a name and a token each; the
// address is one on the LAN, and TLS always.
func TestWhereOutagesAreTakenIn(t *testing.T) {
	t.Parallel()
	const tls = "tls: {cert: /etc/heliograph/tls.crt, key: /etc/heliograph/tls.key}"
	const token = "token: {file: /etc/heliograph/intake.token}"
	one := mustParse(t, small+"intake: {address: 192.0.2.10:8443, "+tls+", "+token+"}\n").Intake
	if one.Address.String() != "192.0.2.10:8443" || len(one.Senders) != 1 || one.Senders[0].Name != "lan" || one.Senders[0].Token.Reveal() != "0123456789abcdef" {
		t.Errorf("one sender: %+v", one)
	}
	if one.Cert != "/etc/heliograph/tls.crt" || one.Key != "/etc/heliograph/tls.key" {
		t.Errorf("its certificate is %s, %s", one.Cert, one.Key)
	}
	for _, c := range []struct{ intake, want string }{
		{"{address: \"0.0.0.0:8443\", " + tls + ", " + token + "}", "would listen on every interface, the cellular one included"},
		{"{address: \"[::]:8443\", " + tls + ", " + token + "}", "would listen on every interface, the cellular one included"},
		{"{address: 127.0.0.1:8443, " + token + "}", "intake: tls is missing"},
		{"{address: 192.0.2.10:8443, " + tls + "}", "names nobody who may report"},
		{"{" + tls + ", " + token + "}", "intake: address is missing"},
		{"{address: 192.0.2.10:8443, " + tls + ", token: secret}", "the secret itself stands in the configuration"},
		{"{address: 192.0.2.10:8443, " + tls + ", token: {file: /etc/heliograph/pin}}", "too short to be a token: make one: openssl rand -hex 24"},
		{"{address: 192.0.2.10:8443, " + tls + ", " + token + ", senders: [{name: adtran, " + token + "}]}", "stands beside senders"},
		{"{address: 192.0.2.10:8443, " + tls + ", senders: [{name: a, " + token + "}, {name: b, " + token + "}]}", "the same token for two senders"},
		{"{address: 192.0.2.10:8443, " + tls + ", senders: [{name: a, " + token + "}, {name: a, " + token + "}]}", "two senders called a"},
		{"{address: 192.0.2.10:8443, " + tls + ", senders: [{" + token + "}]}", "name is missing"},
	} {
		_, faults := Parse(where, []byte(small+"intake: "+c.intake+"\n"), secrets(), environment)
		if err := faults.Err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngives %v, want %q", c.intake, err, c.want)
		}
	}
}
