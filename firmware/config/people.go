package config

import (
	"encoding/base32"
	"strconv"
	"strings"
	"time"
)

// Price is what one part of a text costs.
type Price struct {
	Each     float64
	Currency string // as written: "EUR", "zl"
}

// price reads "0.02 EUR".
func (r *reader) price(v value) Price {
	s, ok := r.text(v)
	if !ok {
		return Price{}
	}
	amount, currency, _ := strings.Cut(strings.TrimSpace(s), " ")
	each, err := strconv.ParseFloat(strings.Replace(amount, ",", ".", 1), 64)
	currency = strings.TrimSpace(currency)
	if err != nil || each < 0 || each > 100 || currency == "" || len(currency) > 8 {
		r.fault(v, shown(s)+" is not the price of a text", `write an amount and a currency: "0.02 EUR"`)
		return Price{}
	}
	return Price{Each: each, Currency: currency}
}

// silence reads how long whoever has an incident may say nothing.
func (r *reader) silence(v value) time.Duration {
	if off(v) {
		return 0
	}
	return r.span(v, time.Minute, 7*day)
}

// totp reads the secret that a person's authenticator was given (RFC 4648
// base32, as in an otpauth address), at least 80 bits of it (RFC 4226 §4 asks
// for 128).
func (r *reader) totp(v value) Secret {
	s := r.secret(v, vital)
	if !s.Given() {
		return s
	}
	key := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(s.Reveal()))
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(key)
	if err != nil || len(raw) < 10 {
		r.fault(v, "what it points to is not the secret of an authenticator", "write at least 16 letters A to Z and digits 2 to 7 into it; `head -c 20 /dev/urandom | base32` makes one")
		return Secret{}
	}
	return Secret{key}
}
