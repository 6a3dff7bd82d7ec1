package command

import "testing"

func TestSixDigitsAtTheEndAreAPassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, rest, digits string }{
		{"say 7 done 123456", "say 7 done", "123456"},
		{"say 7 done 123 456", "say 7 done", "123456"},
		{"Say 7 done, 123456.", "Say 7 done,", "123456"},
		{"say 7 done\n123456", "say 7 done", "123456"},
		{"say 7 two\nlines 123456\nSent from my iPhone", "say 7 two\nlines", "123456"},
		{"clear 7 123456", "clear 7", "123456"},
		{"clear 7 123 456", "clear 7", "123456"},
		{"clear 7 123456\nAda", "clear 7", "123456"},
		{"CLEAR\u00a07\u00a0１２３４５６", "CLEAR 7", "123456"},
		{"etr 7 0630 123456", "etr 7 0630", "123456"},
		{"etr 7 0630 123 456", "etr 7 0630", "123456"},
		{"link 7 8 123456", "link 7 8", "123456"},
		{"mute 123456", "mute", "123456"},
		{"test 123456", "test", "123456"},
		{"reboot 123456", "reboot", "123456"},
		{"approve 4f7 123456", "approve 4f7", "123456"},
		{"erase +48600100201 123456", "erase +48600100201", "123456"},
		{"erase +48 600 100 201 123 456", "erase +48 600 100 201", "123456"},
		{"resend 120 123456", "resend 120", "123456"},

		// The digits are the order's own.
		{"resend 123456", "", ""}, {"clear 123456", "", ""}, {"link 7 123456", "", ""}, {"say 7 123456", "", ""}, {"approve 123456", "", ""},
		{"erase +48 600 100 201", "", ""}, {"erase +39 06 123456", "", ""}, {"say 7 call 600 100 201", "", ""},
		// Nothing is asked to prove.
		{"ack 123456", "", ""}, {"ack 7 123456", "", ""}, {"status 123456", "", ""}, {"log 7 123 456", "", ""},
		// It is something else.
		{"123456", "", ""}, {"123 456", "", ""}, {"say 7 done", "", ""}, {"say 7 done 12345", "", ""}, {"say 7 done 1234567", "", ""}, {"say 7 done A123456", "", ""}, {"frob 123456", "", ""}, {"", "", ""}, {"\x00 123456", "", ""},
	} {
		if c.digits == "" {
			c.rest = c.text
		}
		rest, digits := Trailing(c.text)
		if rest != c.rest || digits != c.digits {
			t.Errorf("%q: got %q, %q; want %q, %q", c.text, rest, digits, c.rest, c.digits)
		}
	}
}
