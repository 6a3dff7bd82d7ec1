package config

import (
	"strings"
	"testing"
)

// What operators answer, as their phones show it.
func TestCreditIsRead(t *testing.T) {
	t.Parallel()
	zl := Credit{Match: `([0-9]+[.,][0-9]{2}) *zl`, Expiry: `([0-9]{2}\.[0-9]{2}\.[0-9]{4})`}
	for _, c := range []struct {
		credit Credit
		answer string
		amount float64
		unit   string
		until  string
		ok     bool
	}{
		{zl, "Stan konta: 12,40 zl. Wazne do 01.02.2027.", 12.40, "zl", "2027-02-01", true},
		{zl, "Stan konta 0.05zl", 0.05, "zl", "", true},
		{zl, "Kup pakiet!", 0, "", "", false},
		{zl, "12,40 zl do 41.13.2027", 12.40, "zl", "", true},
		{Credit{Match: `EUR ([0-9.,]+)`, Expiry: `until ([0-9/]+)`}, "Saldo EUR 1.234,50 until 28/02/2027", 1234.50, "EUR", "2027-02-28", true},
		{Credit{Match: `credito: ([0-9]+)`}, "Il tuo credito: 7 euro", 7, "", "", true},
		{Credit{Match: `([0-9.,]*) €`}, "Hai  €", 0, "", "", false},
		{Credit{Match: `(-?[0-9.]+)`}, strings.Repeat("x", 2000) + "5.00", 0, "", "", false},
	} {
		amount, unit, until, ok := c.credit.Read(c.answer)
		day := ""
		if !until.IsZero() {
			day = until.Format("2006-01-02")
		}
		if amount != c.amount || unit != c.unit || day != c.until || ok != c.ok {
			t.Errorf("%.60q: %v %q %q %t", c.answer, amount, unit, day, ok)
		}
	}
}

func TestTheSelfTestIsConfigured(t *testing.T) {
	t.Parallel()
	modem := func(credit string) string {
		return strings.Replace(small, "modems: [{name: lte0,", "modems: [{credit: "+credit+", name: lte0,", 1)
	}
	for _, c := range []struct{ text, want string }{
		{modem(`{ussd: "*101#", match: '([0-9]+'}`), "is no pattern: missing closing )"},
		{modem(`{ussd: "*101#", match: '[0-9]+'}`), "has nothing in brackets"},
		{modem(`{ussd: "*101#", match: '(` + strings.Repeat("x", 200) + `)'}`), "is longer than 200 characters"},
		{modem(`{ussd: "101", match: '([0-9]+)'}`), "is not a service code"},
		{modem(`{ussd: "*101#"}`), "match is missing"},
		{modem(`{match: '([0-9]+)'}`), "must be asked for in one way"},
		{modem(`{ussd: "*101#", text: {to: "8080", say: SALDO}, match: '([0-9]+)'}`), "must be asked for in one way"},
		{modem(`{text: {to: "8080"}, match: '([0-9]+)'}`), "say is missing"},
		{modem(`{ussd: "*101#", match: '([0-9]+)', low: much}`), "is not an amount"},
		{small + "peers: [{name: lodz-3}]\n", "number is missing"},
		{small + "peers: [{name: lodz-3, number: \"+48600100201\"}]\n", "number already"},
		{small + "peers: [{name: lodz-3, number: \"+48600100400\"}, {name: lodz-3, number: \"+48600100401\"}]\n", "lodz-3"},
	} {
		_, faults := Parse("/h.yaml", []byte(c.text), nil, nil)
		if err := faults.Err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\nsays %v, want %q", c.text, err, c.want)
		}
	}
	c := mustParse(t, small+"peers: [{name: lodz-3, number: \"+48600100400\", every: 9d}]\nselftest: {every: \"Mon 03:00\", peers: false}\n")
	if c.Selftest.Peers || len(c.Peers) != 1 || c.Peers[0].Every != 9*day {
		t.Errorf("%+v %+v", c.Selftest, c.Peers)
	}
	if w := strings.Join(Warnings(c), "\n"); !strings.Contains(w, "the self-test text comes at night") {
		t.Errorf("a self-test at three in the morning is warned of by %q", w)
	}
}
