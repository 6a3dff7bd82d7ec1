package config

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/nyaruka/phonenumbers"
)

var (
	dialled = regexp.MustCompile(`^\+?[0-9 ()./-]+$`)
	short   = regexp.MustCompile(`^[0-9]{3,6}$`)
)

// E164 writes a number with its country code, "+48600100201", so that a
// sender can be compared with a person, always as a whole and never by its
// last digits. Country is the ISO 3166 region in which a number without
// country code is meant ("PL", may be empty). Short numbers and senders made
// of letters are nobody's: false.
func E164(number, country string) (string, bool) {
	n := parseNumber(number, country)
	if n == nil {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

func parseNumber(number, country string) *phonenumbers.PhoneNumber {
	number = strings.TrimSpace(number)
	if len(number) > 40 || !dialled.MatchString(number) || len(onlyDigits(number)) <= 6 {
		return nil
	}
	if country == "" && strings.HasPrefix(number, "00") {
		number = "+" + number[2:] // the usual prefix for abroad
	}
	n, err := phonenumbers.Parse(number, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return nil
	}
	return n
}

func onlyDigits(s string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
}

// regionOf is the ISO 3166 region of an E.164 number; empty if unknown.
func regionOf(number string) string {
	n := parseNumber(number, "")
	if n == nil {
		return ""
	}
	if region := phonenumbers.GetRegionCodeForNumber(n); region != "ZZ" && region != "001" {
		return region
	}
	return ""
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
	n := parseNumber(s, "")
	if n == nil || !phonenumbers.IsValidNumber(n) {
		r.fault(v, shown(s)+" is not a number that any network gives out", `count its digits: plus, country code, number, as in "+48600100201"`)
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// country reads an ISO 3166 region.
func (r *reader) country(v value) string {
	s, ok := r.text(v)
	if !ok {
		return ""
	}
	if phonenumbers.GetCountryCodeForRegion(strings.ToUpper(s)) == 0 {
		r.fault(v, shown(s)+" is not a country", "write its two letters, as in PL or IT")
		return ""
	}
	return strings.ToUpper(s)
}
