package number

import (
	"strings"
	"testing"
)

// TestNumbersAreWrittenInOneWay is the night's customs of the world: how
// people at home write their numbers, and how they are called from abroad.
func TestNumbersAreWrittenInOneWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, home, want string }{
		{"+48600100201", "", "+48600100201"},
		{" +48 600 100 201 ", "PL", "+48600100201"},
		{"+48 (600) 100-201", "IT", "+48600100201"},
		{"+48 600.100/201", "", "+48600100201"},
		{"0048600100201", "PL", "+48600100201"},
		{"0048600100201", "", "+48600100201"},
		{"48600100201", "PL", "+48600100201"},
		{"600100201", "PL", "+48600100201"},
		{"600100201", "IT", "+39600100201"},
		{"347 123 4567", "IT", "+393471234567"},
		{"06 6982 0000", "IT", "+390669820000"}, // the zero belongs to the number
		{"+39 06 6982 0000", "PL", "+390669820000"},
		{"8 (912) 345-67-89", "RU", "+79123456789"},
		{"810 48 600100201", "RU", "+48600100201"},
		{"8 701 234 5678", "KZ", "+77012345678"},
		{"06 20 123 4567", "HU", "+36201234567"},
		{"+36 06 20 123 4567", "", "+36201234567"},
		{"011 15 2345-6789", "AR", "+5491123456789"},
		{"11 2345 6789", "AR", "+541123456789"},
		{"+54 9 11 2345 6789", "US", "+5491123456789"},
		{"55 1234 5678", "MX", "+525512345678"},
		{"07400 123456", "GB", "+447400123456"},
		{"+44 (0)20 7946 0018", "", "+442079460018"},
		{"07797 712345", "JE", "+447797712345"},
		{"1 212 555 0123", "US", "+12125550123"},
		{"011 48 600100201", "US", "+48600100201"},
		{"464 1234", "AG", "+12684641234"}, // seven digits in a town, with the code of the island
		{"00 21 48 600100201", "BR", "+48600100201"},
		{"0 21 11 961234567", "BR", "+5511961234567"}, // a carrier was chosen
		{"0171 1234567", "DE", "+491711234567"},
		{"+800 1234 5678", "", "+80012345678"},
	} {
		got, err := E164(c.text, c.home)
		if got != c.want || err != nil {
			t.Errorf("E164(%q, %q) = %q, %v; want %q", c.text, c.home, got, err, c.want)
		}
		if want, ok := library(c.text, c.home); want != c.want || !ok {
			t.Errorf("the library reads %q in %q as %q; want %q", c.text, c.home, want, c.want)
		}
	}
}

func TestWhatIsNoNumberIsSaidInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, home, want string }{
		{"", "PL", `"" has 0 digits: write the whole number with its country code, as in +48600100201`},
		{"+", "PL", `"+" has 0 digits: write the whole number with its country code, as in +48600100201`},
		{"112", "PL", `"112" has 3 digits: write the whole number with its country code, as in +48600100201`},
		{"100201", "PL", `"100201" has 6 digits: write the whole number with its country code, as in +48600100201`},
		{"600100201x", "PL", `"600100201x" has 'x' after "600100201": a number is digits, with a plus before them and spaces, dots, dashes, slashes or brackets between them`},
		{"Orange", "PL", `"Orange" has 'O' after "": a number is digits, with a plus before them and spaces, dots, dashes, slashes or brackets between them`},
		{"+48600100201;ext=5", "", `"+48600100201;ext=5" has ';' after "+48600100201": a number is digits, with a plus before them and spaces, dots, dashes, slashes or brackets between them`},
		{"++48600100201", "PL", `"++48600100201" has '+' after "+": a number is digits, with a plus before them and spaces, dots, dashes, slashes or brackets between them`},
		{"٦٠٠١٠٠٢٠١", "PL", `"٦٠٠١٠٠٢٠١" has '٦' after "": a number is digits, with a plus before them and spaces, dots, dashes, slashes or brackets between them`},
		{"600100201, 600100202, 600100203, 600100204", "PL", `"600100201, 6"… is too long for a number: write one number, as in +48600100201`},
		{"600 100 201", "", `"600 100 201" has no country code: write it as in +48600100201`},
		{"600 100 201", "XX", `"600 100 201" has no country code, and "XX" is not a country: write the number as in +48600100201, or the country as in PL`},
		{"600 100 201", "001", `"600 100 201" has no country code, and "001" is not a country: write the number as in +48600100201, or the country as in PL`},
		{"+999 600 100 201", "", `"+999 600 100 201" begins with no country's calling code: after the plus (or 00) comes the code, as in +48600100201`},
		{"600 100 201 20", "PL", `"600 100 201 20" has 11 digits after +48: PL has numbers of 6, 7, 8, 9 or 10 digits`},
		{"+1 212 555 012", "", `"+1 212 555 012" has 9 digits after +1: US has numbers of 10 digits`},
		{"+800 1234 567", "", `"+800 1234 567" has 7 digits after +800: +800 has numbers of 8 digits`},
		{"+486001002016001002016", "", `"+486001002016001002016" has 19 digits after +48: PL has numbers of 6, 7, 8, 9 or 10 digits`},
	} {
		if got, err := E164(c.text, c.home); err == nil || err.Error() != c.want {
			t.Errorf("E164(%q, %q) = %q, %v\nwant %s", c.text, c.home, got, err, c.want)
		}
		if got, ok := library(c.text, c.home); ok {
			t.Errorf("the library reads %q in %q as %q", c.text, c.home, got)
		}
	}
}

func TestRegionsShareCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number, region string
		valid          bool
	}{
		{"+48600100201", "PL", true},
		{"+4860010020", "PL", false},
		{"+12125550123", "US", true},
		{"+15062345678", "CA", true},
		{"+12684641234", "AG", true},
		{"+79123456789", "RU", true},
		{"+77012345678", "KZ", true},
		{"+447400123456", "GB", true},
		{"+447797712345", "JE", true},
		{"+390669820000", "VA", true},
		{"+390612345678", "IT", true},
		{"+393471234567", "IT", true},
		{"+80012345678", "", true},
		{"+999600100201", "", false},
		{"600100201", "", false},
	} {
		if region, valid := Region(c.number), Valid(c.number); region != c.region || valid != c.valid {
			t.Errorf("%s is of %q, valid: %v; want %q, %v", c.number, region, valid, c.region, c.valid)
		}
	}
}

func TestCallingCodes(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]int{"PL": 48, "IT": 39, "US": 1, "CA": 1, "GB": 44, "JE": 44, "KZ": 7, "XK": 383, "XX": 0, "pl": 0, "": 0, "001": 0, "POL": 0} {
		if got := Code(region); got != want {
			t.Errorf("the calling code of %q is %d; want %d", region, got, want)
		}
	}
}

func TestPatternsAreReadInTheirOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, digits, read, kept string }{
		{"", "12", "", ""},
		{"0", "012", "0", ""},
		{"0", "12", "none", ""},
		{"0|8(0)?", "8012", "80", ""},
		{"8|80", "8012", "8", ""}, // the first that leads to a match, not the longest
		{"(8|80)1", "8012", "801", ""},
		{"0?<11|2[12]>15", "0221512", "02215", "22"},
		{"0?<11|2[12]>15", "221512", "2215", "22"},
		{"0?<11|2[12]>15", "231512", "none", ""},
		{"(0<.>)?", "12", "", ""},
		{"<5..>$|1", "5123", "none", ""},
		{"<5..>$|1", "512", "512", "512"},
		{"<5..>$|1", "1512", "1", ""},
		{"0(1|)2", "02", "02", ""},
		{"[12].", "2", "none", ""},
	} {
		end, kept, ok := match(c.pattern, c.digits)
		read, part := "none", ""
		if ok {
			read = c.digits[:end]
		}
		if kept.found {
			part = c.digits[kept.from:kept.to]
		}
		if read != c.read || part != c.kept {
			t.Errorf("%s reads %q of %s and keeps %q; want %q and %q", c.pattern, read, c.digits, part, c.read, c.kept)
		}
	}
}

// TestNoNumberIsRefusedForItsSpaces holds E164 to its own answer.
func TestNoNumberIsRefusedForItsSpaces(t *testing.T) {
	t.Parallel()
	for _, r := range regions {
		for _, example := range examples(r.name, int(r.code)) {
			if len(example) <= 7 {
				continue // Iran has short ones, which E164 leaves alone
			}
			spaced := strings.Join(strings.Split(example, ""), " ")
			if got, err := E164(spaced, ""); err != nil || got != example {
				t.Errorf("E164(%q) = %q, %v; want %q", spaced, got, err, example)
			}
		}
	}
}
