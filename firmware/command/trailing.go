package command

import (
	"strings"
	"unicode"
)

// Trailing takes a group of six digits from the very end of a text ("say 7
// done 123456", and "123 456"), for a TOTP. The digits are empty if there is
// none, if what is before them is no command that asks for a code, or if the
// command is not whole without them: those of "RESEND 123456" and "ERASE +48
// 600 100 200" are its own. The rest is then the text as it came.
func Trailing(text string) (rest, digits string) {
	lines, no := clean(text)
	if no != nil {
		return text, ""
	}
	// What a phone puts below a one-line order is no part of it.
	whole := strings.Join(lines, "\n")
	if c, err := Parse(lines[0], Air); err != nil || c.Verb != Say && c.Verb != Open {
		if before, code := trailing(lines[0]); code != "" {
			return before, code
		}
	}
	if before, code := trailing(whole); code != "" {
		return before, code
	}
	return text, ""
}

func trailing(text string) (rest, digits string) {
	end := strings.TrimRight(text, separators+" \n")
	last := strings.LastIndexAny(end, " \n")
	if last < 0 {
		return "", ""
	}
	rest, digits = end[:last], end[last+1:]
	if len(digits) == 3 && number3(digits) {
		if i := strings.LastIndexAny(rest, " \n"); i >= 0 && number3(rest[i+1:]) && !(ended(rest[:i]) && whole(text)) {
			rest, digits = rest[:i], rest[i+1:]+digits
		}
	}
	if len(digits) != 6 || !number3(digits) {
		return "", ""
	}
	c, err := Parse(rest, Air)
	if _, proof := Need(c.Verb); err != nil || proof == NoProof {
		return "", ""
	}
	return strings.TrimSpace(rest), digits
}

// number3 says that a group is nothing but digits.
func number3(s string) bool { return strings.Trim(s, "0123456789") == "" }

// ended says that a text ends in a digit: three more and three more may go on
// with it, as telephone numbers do.
func ended(s string) bool {
	r := []rune(s)
	return len(r) > 0 && unicode.IsDigit(r[len(r)-1])
}

func whole(text string) bool {
	_, err := Parse(text, Air)
	return err == nil
}
