package story

import (
	"fmt"
	"regexp"
)

// What people read off their phones before they answer: {code} is the last
// call-back code texted to whoever sends, {plan} the last code of a plan that
// waits for APPROVE; {code bob} and {plan bob} are somebody else's.
var (
	blank    = regexp.MustCompile(`\{(code|plan)(?: ([^}]+))?\}`)
	callBack = regexp.MustCompile(`\b(?:code|kod|codice) (\d{4})\b`)
	approval = regexp.MustCompile(`\bAPPROVE ([0-9A-F]{3})\b`)
)

// Reads says that a text has in it what its sender can only know from a phone.
func Reads(text string) bool { return blank.MatchString(text) }

// Fill puts in what somebody reads off a phone; texts are those that came to a
// person, the newest last.
func Fill(text, sender string, texts func(who string) []string) (string, error) {
	var missing error
	filled := blank.ReplaceAllStringFunc(text, func(b string) string {
		m := blank.FindStringSubmatch(b)
		who, look := m[2], callBack
		if who == "" {
			who = sender
		}
		if m[1] == "plan" {
			look = approval
		}
		code := newest(texts(who), look)
		if code == "" {
			missing = fmt.Errorf("%s has no text with the code that %s stands for", who, b)
		}
		return code
	})
	return filled, missing
}

func newest(texts []string, look *regexp.Regexp) string {
	for i := len(texts) - 1; i >= 0; i-- {
		if m := look.FindStringSubmatch(texts[i]); m != nil {
			return m[1]
		}
	}
	return ""
}
