package backhaul

import (
	"context"
	"regexp"
	"strconv"
	"strings"
)

// reason is a cause of the session management of a network: 3GPP TS 24.008
// §10.5.6.6 and 24.301 §9.9.4.4, where both have the same numbers.
type reason struct {
	number int
	words  string // as modems print them, in lower case
	kind   Kind
	advice string
}

const (
	askCarrier = "ask the carrier whether data is part of this SIM's contract"
	checkAPN   = "check apn: in the configuration against what the carrier prints"
)

var reasons = []reason{
	{8, "operator determined barring", Denied, askCarrier},
	{26, "insufficient resources", Congested, ""},
	{27, "unknown apn", Denied, checkAPN},
	{27, "missing or unknown", Denied, checkAPN},
	{28, "unknown pdp", Denied, checkAPN},
	{29, "authentication failed", Denied, "check user and password of the access point"},
	{30, "rejected by ggsn", Refused, checkAPN},
	{30, "rejected by serving gw", Refused, checkAPN},
	{31, "activation rejected", Refused, ""},
	{32, "service option not supported", Denied, askCarrier},
	{33, "requested service option not subscribed", Denied, askCarrier},
	{34, "temporarily out of order", Congested, ""},
	{38, "network failure", Congested, ""},
	{50, "ipv4 only allowed", Refused, ""},
	{51, "ipv6 only allowed", Refused, "the carrier gives IPv6 only"},
	{22, "congestion", Congested, ""}, // of mobility management, 24.301 §9.9.3.9
}

// numbered is +CEER with numbers only, such as "+CEER: 33" or "+CEER: 1,33".
var numbered = regexp.MustCompile(`^\+CEER: *(?:\d+, *)?(\d+)$`)

// explain makes a refusal clearer by the modem's own account of it (+CEER,
// 3GPP TS 27.007 §6.10: words, and every make has its own).
func explain(t *Trouble, ceer string) *Trouble {
	ceer = strings.TrimSpace(ceer)
	said := strings.Trim(strings.TrimSpace(strings.TrimPrefix(ceer, "+CEER:")), `"`)
	if said == "" || strings.EqualFold(said, "no cause information available") {
		return t
	}
	better := *t
	better.Cause = t.Cause + " (" + strings.ReplaceAll(said, `"`, "") + ")"
	for _, r := range reasons {
		if !r.fits(ceer) {
			continue
		}
		if better.Kind = r.kind; r.advice != "" {
			better.Advice = r.advice
		}
		if m := numbered.FindStringSubmatch(ceer); m != nil {
			better.Cause = t.Cause + " (" + r.words + ")"
		}
		break
	}
	return &better
}

func (r reason) fits(ceer string) bool {
	if m := numbered.FindStringSubmatch(ceer); m != nil {
		n, err := strconv.Atoi(m[1])
		return err == nil && n == r.number
	}
	return strings.Contains(strings.ToLower(ceer), r.words)
}

// explained asks the modem why.
func explained(ctx context.Context, c Commander, t *Trouble) *Trouble {
	return explain(t, ask(ctx, c, "+CEER"))
}
