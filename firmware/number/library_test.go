package number

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"
)

// The authority: what this package says of a number has to be what the
// library says that its table was made from. There is no list of differences,
// for there are none.

// draws is how many numbers are drawn from each expression of the library; it
// held with 200, which takes minutes.
const draws = 2

var accepted = regexp.MustCompile(`^\+?[0-9 ()./-]+$`)

// understood is a text as the library reads it, nil if it is no number. What
// the library would take beside is cut off first, as E164 refuses it:
// letters on keys, extensions, digits of other scripts, short numbers.
func understood(text, home string) *phonenumbers.PhoneNumber {
	text = strings.TrimSpace(text)
	if len(text) > 40 || !accepted.MatchString(text) || len(phonenumbers.NormalizeDigitsOnly(text)) <= 6 {
		return nil
	}
	if home == "" && strings.HasPrefix(text, "00") {
		text = "+" + text[2:]
	}
	n, err := phonenumbers.Parse(text, home)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return nil
	}
	return n
}

func library(text, home string) (string, bool) {
	n := understood(text, home)
	if n == nil {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

type fataler interface {
	Errorf(format string, args ...any)
}

// agree compares everything that is said of a text; known are the numbers
// that were compared before, for the library takes its time.
func agree(t fataler, known map[string]bool, text, home string) {
	want, ok := library(text, home)
	got, err := E164(text, home)
	if got != want || ok != (err == nil) {
		t.Errorf("E164(%q, %q) = %q, %v; the library says %q, %v", text, home, got, err, want, ok)
		return
	}
	if !ok {
		want = text
	}
	if !known[want] {
		known[want] = true
		agreeOn(t, want)
	}
}

// agreeOn compares what is said of a number with its country code, or of a
// text that is none.
func agreeOn(t fataler, want string) {
	region, valid := "", false
	if n := understood(want, ""); n != nil {
		valid = phonenumbers.IsValidNumber(n)
		if region = phonenumbers.GetRegionCodeForNumber(n); region == world || region == "ZZ" {
			region = ""
		}
	}
	if r, v := Region(want), Valid(want); r != region || v != valid {
		t.Errorf("%q is of %q, valid: %v; the library says %q, %v", want, r, v, region, valid)
	}
}

// examples are the library's numbers of a region, one of each kind.
func examples(region string, code int) []string {
	var all []string
	add := func(n *phonenumbers.PhoneNumber) {
		if n != nil {
			all = append(all, phonenumbers.Format(n, phonenumbers.E164))
		}
	}
	if region == world {
		add(phonenumbers.GetExampleNumberForNonGeoEntity(code))
		return all
	}
	for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
		add(phonenumbers.GetExampleNumberForType(region, kind))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestEveryRegionIsReadAsTheLibraryReadsIt takes numbers of every kind of
// every region in every way in which they are written, read at home, in
// neighbours of the code, abroad and nowhere.
func TestEveryRegionIsReadAsTheLibraryReadsIt(t *testing.T) {
	t.Parallel()
	foreign := []string{"PL", "US", "IT", "RU", "BR", "JP", "XX", "001"}
	for _, r := range regions {
		list := examples(r.name, int(r.code))
		if len(list) == 0 {
			t.Errorf("%s +%d has no examples", r.name, r.code)
		}
		for _, e164 := range list {
			n, err := phonenumbers.Parse(e164, "")
			if err != nil {
				t.Fatalf("%s: %v", e164, err)
			}
			national, own := phonenumbers.Format(n, phonenumbers.NATIONAL), phonenumbers.GetNationalSignificantNumber(n)
			known := map[string]bool{}
			for i, text := range []string{
				e164, "00" + e164[1:], "011" + e164[1:], "810" + e164[1:], "+00" + e164[1:], e164[1:], "+" + own, national, // these are read abroad too
				own, "0" + own, "+0" + own, "1" + own, "8" + own, "06" + own, strings.ReplaceAll(national, " ", "-"),
				phonenumbers.Format(n, phonenumbers.INTERNATIONAL), phonenumbers.FormatOutOfCountryCallingNumber(n, "US"), phonenumbers.FormatOutOfCountryCallingNumber(n, "JP"),
				"+" + strconv.Itoa(int(r.code)) + " (0)" + own, strconv.Itoa(int(r.code)) + "0" + own, e164 + "0", e164[:len(e164)-1], own[1:], own + "15",
			} {
				homes := []string{r.name, speaker(int(r.code)).name}
				if i < 8 {
					homes = append(homes, "", foreign[(i+int(r.code))%len(foreign)])
				}
				slices.Sort(homes)
				for _, home := range slices.Compact(homes) {
					agree(t, known, text, home)
				}
			}
		}
	}
}

func TestMadeUpNumbersAreReadAsTheLibraryReadsThem(t *testing.T) {
	t.Parallel()
	var homes []string
	for _, r := range regions {
		homes = append(homes, r.name)
	}
	rapid.Check(t, func(t *rapid.T) {
		home := rapid.SampledFrom(append(homes, "", "XX")).Draw(t, "home")
		before := rapid.SampledFrom([]string{"", "+", "0", "00", "1", "8", "011", "+0", "15", strconv.Itoa(Code(home)), "+" + strconv.Itoa(Code(home))}).Draw(t, "before")
		for _, digits := range rapid.SliceOfN(rapid.StringMatching(`[0-9]{5,18}`), 1, 40).Draw(t, "digits") {
			agree(t, map[string]bool{}, before+digits, home)
		}
	})
}

// TestPlansAreTheLibrarys draws numbers from the library's own expressions,
// kind by kind, and with one digit changed, so that the edges of every plan
// are walked on both sides.
func TestPlansAreTheLibrarys(t *testing.T) {
	t.Parallel()
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range collection.GetMetadata() {
		r := row(m.GetId(), int(m.GetCountryCode()))
		if r == nil {
			t.Errorf("%s +%d is not in the table", m.GetId(), m.GetCountryCode())
			continue
		}
		kinds := []*phonenumbers.PhoneNumberDesc{
			m.GeneralDesc, m.FixedLine, m.Mobile, m.TollFree, m.PremiumRate, m.SharedCost, m.PersonalNumber, m.Voip, m.Pager, m.Uan, m.Voicemail,
		}
		general := regexp.MustCompile("^(?:" + m.GeneralDesc.GetNationalNumberPattern() + ")$")
		for _, kind := range kinds {
			if kind.GetNationalNumberPattern() == "" {
				continue
			}
			numbers := rapid.StringMatching(kind.GetNationalNumberPattern())
			for seed := range draws {
				digits := []byte(numbers.Example(seed))
				at := seed % len(digits)
				for digits[at] = '0'; digits[at] <= '9'; digits[at]++ {
					own := string(digits)
					if got, want := accepts(r.general, own), general.MatchString(own); got != want {
						t.Errorf("%s +%d may have %s: %v; the library says %v", r.name, r.code, own, got, want)
					}
					agreeOn(t, "+"+strconv.Itoa(int(r.code))+own)
				}
			}
		}
	}
}

// TestPrefixesAreTheLibrarys compares what is read before a number with the
// library's expressions themselves.
func TestPrefixesAreTheLibrarys(t *testing.T) {
	t.Parallel()
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range collection.GetMetadata() {
		r := row(m.GetId(), int(m.GetCountryCode()))
		for _, p := range []struct{ ours, theirs string }{
			{patterns[r.abroad], m.GetInternationalPrefix()},
			{patterns[r.leading], m.GetLeadingDigits()},
			{trunks[r.trunk].pattern, m.GetNationalPrefixForParsing()},
		} {
			theirs := regexp.MustCompile("^(?:" + p.theirs + ")")
			begun, any := rapid.StringMatching(p.theirs), rapid.StringMatching(`[0-9]{1,12}`)
			for seed := range 30 {
				for _, digits := range []string{any.Example(seed), begun.Example(seed), begun.Example(seed) + any.Example(seed)} {
					at := theirs.FindStringSubmatchIndex(digits)
					end, kept, ok := match(p.ours, digits)
					if ok != (at != nil) || ok && end != at[1] {
						t.Fatalf("%s: %s reads %d of %s, %v; %s reads %v", r.name, p.ours, end, digits, ok, p.theirs, at)
					}
					if n := len(at); kept.found && (kept.from != at[n-2] || kept.to != at[n-1]) {
						t.Fatalf("%s: %s keeps %v of %s; %s keeps %v", r.name, p.ours, kept, digits, p.theirs, at)
					}
				}
			}
		}
	}
}

func row(name string, code int) *region {
	for i := range regions {
		if regions[i].name == name && int(regions[i].code) == code {
			return &regions[i]
		}
	}
	return nil
}

func TestEveryRegionOfTheLibraryIsKnown(t *testing.T) {
	t.Parallel()
	for region := range phonenumbers.GetSupportedRegions() {
		if got, want := Code(region), phonenumbers.GetCountryCodeForRegion(region); got != want {
			t.Errorf("the calling code of %s is %d; the library says %d", region, got, want)
		}
	}
	for code := range 1000 {
		want := phonenumbers.GetRegionCodesForCountryCode(code)
		main := speaker(code)
		if (main == nil) != (len(want) == 0) {
			t.Errorf("+%d is known: %v; the library has %v", code, main != nil, want)
		}
	}
}

func FuzzE164(f *testing.F) {
	for _, text := range []string{"+48600100201", "0048 600 100 201", "8 (912) 345-67-89", "011 15 2345-6789", "+44 (0)20 7946 0018", "+00 1", "Orange", "464 1234"} {
		for _, home := range []string{"", "PL", "AR", "RU", "AG", "JP", "xx"} {
			f.Add(text, home)
		}
	}
	f.Fuzz(func(t *testing.T, text, home string) { agree(t, map[string]bool{}, text, home) })
}

// written are a list of subscribers as it comes: some at home, some whole.
var written = []string{"+48600100201", "600 100 201", "0048600100201", "+39 347 123 4567", "+1 (212) 555-0123", "+54 9 11 2345 6789", "22 555 01 23", "+44 7400 123456"}

func BenchmarkE164(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := E164(written[i%len(written)], "PL"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, ok := library(written[i%len(written)], "PL"); !ok {
				b.Fatal(written[i%len(written)])
			}
		}
	})
}

func BenchmarkValid(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			Valid("+447400123456")
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			phonenumbers.IsValidNumber(understood("+447400123456", ""))
		}
	})
}
