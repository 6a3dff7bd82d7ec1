package modem_test

import (
	"strings"
	"testing"

	"heliograph/drivers/modem/emulator"
)

// Whoever brings up data asks by the modem's own wire, in its turn.
func TestACommandOfOthers(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		lines, err := b.m.Command(b.t.Context(), "+CSQ")
		if err != nil || len(lines) != 1 || !strings.HasPrefix(lines[0], "+CSQ:") {
			b.t.Errorf("AT+CSQ: %q, %v", lines, err)
		}
		if _, err := b.m.Command(b.t.Context(), "+NOSUCH=1"); err == nil || !strings.Contains(err.Error(), "AT+NOSUCH=1") {
			b.t.Errorf("a command that the modem does not know: %v", err)
		}
		if _, err := b.m.Command(b.t.Context(), "+CSQ\r+CFUN=0"); err == nil {
			b.t.Error("two commands in one were taken")
		}
	})
}
