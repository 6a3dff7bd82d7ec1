package at

import (
	"strings"

	"github.com/warthog618/modem/info"
)

// Fields splits the values of an info line at its commas: `+CREG: 2,1,"00C3"`
// gives "2", "1", "00C3". Quotes are removed; commas inside quotes or
// parentheses do not split. A line without the name gives nil.
func Fields(line, name string) []string {
	if !info.HasPrefix(line, name) {
		return nil
	}
	return split(info.TrimPrefix(line, name), true)
}

// split cuts s at its outer commas.
func split(s string, unquote bool) []string {
	var out []string
	var field strings.Builder
	quoted, depth := false, 0
	flush := func() {
		out = append(out, strings.TrimSpace(field.String()))
		field.Reset()
	}
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
			if unquote {
				continue
			}
		case quoted:
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth <= 0:
			flush()
			continue
		}
		field.WriteRune(r)
	}
	flush()
	return out
}
