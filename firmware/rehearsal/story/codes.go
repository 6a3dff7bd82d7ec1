package story

import (
	"fmt"
	"regexp"
	"slices"
)

// What people read off their phones before they answer: {code} is the last
// call-back code texted to whoever sends, {plan} the last code of a plan that
// waits for APPROVE, {totp} what the authenticator shows; {code bob} and so on
// are somebody else's.
var (
	blank    = regexp.MustCompile(`\{(code|plan|totp)(?: ([^}]+))?\}`)
	callBack = regexp.MustCompile(`\b(?:code|kod|codice) (\d{4})\b`)
	approval = regexp.MustCompile(`\bAPPROVE ([0-9A-F]{3})\b`)
)

// Reads says that a text has in it what its sender can only know from a phone.
func Reads(text string) bool { return blank.MatchString(text) }

// Phones are what people read.
type Phones struct {
	Texts func(who string) []string // the newest last
	TOTP  func(who string) string   // nil: nobody has an authenticator
}

// Fill puts in what a sender reads before sending.
func (p Phones) Fill(text, sender string) (string, error) {
	var missing error
	filled := blank.ReplaceAllStringFunc(text, func(b string) string {
		m := blank.FindStringSubmatch(b)
		who := m[2]
		if who == "" {
			who = sender
		}
		code := p.read(m[1], who)
		if code == "" {
			missing = fmt.Errorf("%s has nothing that %s could stand for", who, b)
		}
		return code
	})
	return filled, missing
}

func (p Phones) read(what, who string) string {
	look := callBack
	switch {
	case what == "totp" && p.TOTP != nil:
		return p.TOTP(who)
	case what == "totp":
		return ""
	case what == "plan":
		look = approval
	}
	for _, text := range slices.Backward(p.Texts(who)) {
		if m := look.FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	return ""
}
