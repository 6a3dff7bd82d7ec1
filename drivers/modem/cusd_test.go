package modem

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// answers are results of service codes as modems print them, and what they say.
var answers = []struct {
	line   string
	packed bool // the modem took the code in packed septets
	state  int
	text   string
}{
	{"+CUSD: 0,\"Stan konta: 0,00 PLN\nWazne do 2026-12-01\",15", false, 0, "Stan konta: 0,00 PLN\nWazne do 2026-12-01"},
	{`+CUSD: 4`, false, 4, ""},
	{`+CUSD:2`, false, 2, ""},
	{`+CUSD: 5,"",15`, false, 5, ""},
	{`+CUSD: 1,"1 Konto 2 Pakiety"`, false, 1, "1 Konto 2 Pakiety"},
	{`+CUSD: 0,"Il tuo credito e' di ""5,20"" euro",15`, false, 0, `Il tuo credito e' di ""5,20"" euro`},
	{`+CUSD: 0,"005300740061006E0020006B006F006E00740061003A00200031003200200070142",72`, false, 0, "005300740061006E0020006B006F006E00740061003A00200031003200200070142"},
	{`+CUSD: 0,"005300740061006E003A0020003100320020007A0142",72`, false, 0, "Stan: 12 zł"},
	{`+CUSD: 0,"005300740061006e003a0020003100320020007a0142",72`, false, 0, "Stan: 12 zł"},
	{`+CUSD: 0,005300740061006E003A0020003100320020007A0142,72`, false, 0, "Stan: 12 zł"},
	{`+CUSD: 0,"04110430043B0430043D0441003A00200035",72`, false, 0, "Баланс: 5"},
	{`+CUSD: 0,"706C005300740061006E",17`, false, 0, "Stan"}, // the language comes first
	{`+CUSD: 0,"0053007400610073",15`, false, 0, "Stas"},     // UCS-2 because of +CSCS, whatever the coding says
	{`+CUSD: 0,"CBB79BFE06D51A",15`, true, 0, "Konto 5"},     // packed septets
	{`+CUSD: 0,"CBB79BFE06D51A",15`, false, 0, "Konto 5"},    //
	{`+CUSD: 0,"31D98C56B3DD703918",15`, true, 0, "1234567890"},
	{`+CUSD: 0,"485012007770",15`, false, 0, "485012007770"},                                       // a number
	{`+CUSD: 0,"48501200777",15`, false, 0, "48501200777"},                                         //
	{`+CUSD: 0,"20261201",15`, false, 0, "20261201"},                                               //
	{`+CUSD: 0,"BEEF",15`, false, 0, "BEEF"},                                                       // a word
	{"+CUSD: 0,\"Credito: 5 \x1be, citt\x7f di l\x07\",15", false, 0, "Credito: 5 €, città di lì"}, // the default alphabet, octet for octet
	{"+CUSD: 0,\"caf\xe9\",15", false, 0, "café"},                                                  // Latin-1
	{`+CUSD: 0,"Zostało 5 zł",15`, false, 0, "Zostało 5 zł"},                                       // UTF-8
	{`+CUSD: 0,"636166E9",68`, false, 0, "café"},                                                   // octets as hex
	{"+CUSD: 0,\"a\x00\x1bb\r\n\r\nc\u202e\ufeff\",15", false, 0, "a@b\n\nc"},                      // control characters
	{`+CUSD: 0,"never closed`, false, 0, "never closed"},
	{`+CUSD: 7,"x",900`, false, -1, "x"},
	{`+CUSD: `, false, -1, ""},
	{`+CUSD: 0,"` + strings.Repeat("x", 600) + `",15`, false, 0, strings.Repeat("x", longestAnswer)},
}

func TestAnswersToServiceCodesAreReadInAllTheirForms(t *testing.T) {
	t.Parallel()
	for _, a := range answers {
		if got := readCUSD(a.line, a.packed); got != (cusd{a.state, a.text}) {
			t.Errorf("%q:\n got %d %q\nwant %d %q", a.line, got.state, got.text, a.state, a.text)
		}
	}
}

// Whatever a network says, the text is short, valid and without control
// characters but line ends.
func FuzzCUSD(f *testing.F) {
	for _, a := range answers {
		f.Add(a.line, a.packed)
	}
	f.Add("+CUSD: 0,\"D83D\",72", false)
	f.Add("+CUSD: 0,\"D83DDE00\",72", false)
	f.Add("+CUSD: 0,\",15", true)
	f.Fuzz(func(t *testing.T, line string, packed bool) {
		c := readCUSD(line, packed)
		if c.state < -1 || c.state > 5 || !utf8.ValidString(c.text) || utf8.RuneCountInString(c.text) > longestAnswer {
			t.Errorf("%q: %d %q", line, c.state, c.text)
		}
		if i := strings.IndexFunc(c.text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }); i >= 0 {
			t.Errorf("%q: a control character in %q", line, c.text)
		}
	})
}
