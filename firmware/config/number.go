package config

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"heliograph/firmware/number"
)

var short = regexp.MustCompile(`^[0-9]{3,6}$`)

// E164 writes a number with its country code, "+48600100201", so that a
// sender can be compared with a person, always as a whole and never by its
// last digits. Country is the ISO 3166 region in which a number without
// country code is meant ("PL", may be empty). Short numbers and senders made
// of letters are nobody's: false.
func E164(text, country string) (string, bool) {
	n, err := number.E164(text, country)
	return n, err == nil
}

// regionOf is the ISO 3166 region of an E.164 number; empty if unknown.
func regionOf(e164 string) string { return number.Region(e164) }

func onlyDigits(s string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
}

// phone reads a number in international form; a short number of three to six
// digits where one can be texted to.
func (r *reader) phone(v value, shortToo bool) string {
	if bare, ok := v.node.(*ast.IntegerNode); ok && len(onlyDigits(bare.Token.Value)) > 6 && !strings.HasPrefix(bare.Token.Value, "+") {
		s := bare.Token.Value
		r.fault(v, s+" is not quoted, "+eaten(s, bare.Value), `write it quoted and with its country code, as in "+48600100201"`)
		return ""
	}
	s, ok := r.text(v)
	if !ok {
		return ""
	}
	if short.MatchString(s) {
		if shortToo {
			return s
		}
		r.fault(v, shown(s)+" is a short number", `write the whole number with its country code, as in "+48600100201"`)
		return ""
	}
	if !strings.HasPrefix(s, "+") {
		r.fault(v, shown(s)+" has no country code", `write it as in "+48600100201"`)
		return ""
	}
	if !number.Valid(s) {
		r.fault(v, shown(s)+" is not a number that any network gives out", `count its digits: plus, country code, number, as in "+48600100201"`)
		return ""
	}
	e164, _ := number.E164(s, "") // it is valid
	return e164
}

// country reads an ISO 3166 region.
func (r *reader) country(v value) string {
	s, ok := r.text(v)
	if !ok {
		return ""
	}
	if number.Code(strings.ToUpper(s)) == 0 {
		r.fault(v, shown(s)+" is not a country", "write its two letters, as in PL or IT")
		return ""
	}
	return strings.ToUpper(s)
}
