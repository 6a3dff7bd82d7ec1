package emulator

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/ucs2"
)

// USSD sets what the operator answers to a code, such as *101#. {credit} in it
// becomes what is left on the SIM. An empty text takes the code away: it is
// then not supported.
func (n *Network) USSD(code, text string) {
	n.loop.do(func() {
		if n.knobs.codes == nil {
			n.knobs.codes = map[string]string{}
		}
		n.knobs.codes[code] = text
		if text == "" {
			delete(n.knobs.codes, code)
		}
	})
}

// USSDDelay sets how long the operator takes to answer a code (2 s).
func (n *Network) USSDDelay(d time.Duration) { n.loop.do(func() { n.knobs.ussd = d }) }

// Credit puts so much on the SIMs, in hundredths, and takes a price for each
// text that the SMSC accepts. When less than the price is left, texts are
// refused with +CMS ERROR: 50. A price of zero ends it.
func (n *Network) Credit(hundredths, price int) {
	n.loop.do(func() { n.knobs.credit, n.knobs.price = hundredths, price })
}

// priced fills in what is left.
func (n *Network) priced(text string) string {
	return strings.ReplaceAll(text, "{credit}", fmt.Sprintf("%d.%02d", n.knobs.credit/100, n.knobs.credit%100))
}

// charge takes the price of a text, or says that there is not enough.
func (n *Network) charge() bool {
	if n.knobs.credit < n.knobs.price {
		return false
	}
	n.knobs.credit -= n.knobs.price
	return true
}

// Replies makes the phone answer every text that it gets with this one, as an
// operator's service number does; {credit} is filled in as in USSD. Empty ends it.
func (p *Phone) Replies(text string) { p.net.loop.do(func() { p.reply = text }) }

// answerText is what a phone with a reply does with a text.
func (p *Phone) answerText(to string) {
	if p.reply == "" {
		return
	}
	body := p.net.priced(p.reply)
	p.net.loop.after(0, func() { _ = p.write(to, body) }) // what cannot be coded is not sent
}

// asked is a code that a modem asks for. answer is called in the Network's loop.
func (n *Network) asked(code string, answer func(text string)) {
	n.loop.post(func() {
		n.loop.after(n.knobs.ussd, func() { answer(n.priced(n.knobs.codes[code])) })
	})
}

// ussdAnswer is what codes are answered with where the operator has no text of
// its own for them.
const ussdAnswer = "Stan konta: 12,40 PLN\r\nWazne do 2026-12-01"

// ussdForms are the ways in which answers come (27.007 §7.15), by variant of
// case 36: after so much more time, so many lines.
var ussdForms = map[string]struct {
	after time.Duration
	say   func(text string) string
}{
	"":            {0, func(text string) string { return ussdLine(0, text) }},
	"lines":       {6 * time.Second, func(text string) string { return ussdLine(0, text) }},
	"unsupported": {0, func(string) string { return "+CUSD: 4" }},
	"ucs2":        {0, func(text string) string { return fmt.Sprintf(`+CUSD: 0,"%s",72`, upperUCS2(text)) }},
	"packed":      {0, func(text string) string { return fmt.Sprintf(`+CUSD: 0,"%s",15`, packed(text)) }},
	"cme132":      {7 * time.Second, func(string) string { return "+CME ERROR: 132" }},
	"open":        {0, func(text string) string { return ussdLine(1, text+"\r\n1 Pakiety\r\n0 Koniec") }},
	"ended":       {0, func(string) string { return "+CUSD: 2" }},
	"timed-out":   {30 * time.Second, func(string) string { return "+CUSD: 5" }},
	"silent":      {0, func(string) string { return "" }},
}

// ussdLine writes a text in the alphabet of +CSCS="GSM", octet for octet; what
// it does not have comes as UCS-2 in hex, as networks send it.
func ussdLine(state int, text string) string {
	raw, err := gsm7.Encode([]byte(text))
	if err != nil {
		return fmt.Sprintf(`+CUSD: %d,"%s",72`, state, upperUCS2(text))
	}
	return fmt.Sprintf(`+CUSD: %d,"%s",15`, state, raw)
}

func upperUCS2(text string) string {
	return strings.ToUpper(hex.EncodeToString(ucs2.Encode([]rune(text))))
}

// packed is a text in septets, packed as USSD packs them (23.038 §6.1.2.3), in hex.
func packed(text string) string {
	septets, err := gsm7.Encode([]byte(text))
	if err != nil {
		return ""
	}
	return strings.ToUpper(hex.EncodeToString(gsm7.Pack7BitUSSD(septets, 0)))
}

// unpacked is the other way round.
func unpacked(code string) (string, bool) {
	b, err := hex.DecodeString(code)
	if err != nil {
		return "", false
	}
	text, err := gsm7.Decode(gsm7.Unpack7BitUSSD(b, 0))
	return string(text), err == nil
}

// ussd takes a request, or ends the session that one has opened.
func (m *Modem) ussd(a args) answer {
	n, code := a.number(0, 0), a.text(1)
	if n < 0 || n > 2 {
		return m.cme(cmeBadParameters)
	}
	if n == 2 {
		m.ussdOpen = false
		return ok()
	}
	m.set.cusd = n
	if code == "" || n != 1 {
		return ok()
	}
	known := true
	switch {
	case m.set.cscs == "UCS2":
		code, known = wide(code)
	case m.o.Persona.PackedUSSD:
		code, known = unpacked(code)
	}
	if !known || strings.Trim(code, "+0123456789*#") != "" {
		return m.cme(cmeBadParameters)
	}
	if !m.shown.voice() { // it falls back to circuits, or it does not go
		m.after(5*time.Second, func() { m.urc("+CME ERROR: 132") })
		return ok()
	}
	power := m.power
	m.net.asked(code, func(text string) {
		m.loop.post(func() {
			if m.power == power {
				m.tellUSSD(text)
			}
		})
	})
	return ok()
}

// wide reads a code in UCS-2 hex.
func wide(code string) (string, bool) {
	b, err := hex.DecodeString(code)
	if err != nil {
		return "", false
	}
	r, err := ucs2.Decode(b)
	return string(r), err == nil
}

// tellUSSD says the operator's answer in the form that is staged.
func (m *Modem) tellUSSD(text string) {
	if m.ussdText != "" {
		text = m.ussdText
	}
	form, name := ussdForms[m.ussdAs], m.ussdAs
	switch {
	case text == "" && name == "":
		form = ussdForms["unsupported"]
	case text == "":
		text = ussdAnswer
	case name == "" && m.set.cscs == "UCS2":
		form = ussdForms["ucs2"]
	case name == "" && m.o.Persona.PackedUSSD:
		form = ussdForms["packed"]
	}
	m.after(form.after, func() {
		m.ussdOpen = name == "open"
		if line := form.say(text); line != "" {
			m.urc(line)
		}
	})
}

func ussdCases() []Case {
	return []Case{
		{36, "service codes", []string{"lines", "unsupported", "ucs2", "packed", "cme132", "open", "ended", "timed-out", "silent"}, false,
			"Every AT+CUSD=1 is answered OK at once; then: lines: 8 s later a text of two lines. unsupported: +CUSD: 4. ucs2: in UCS-2 hex with dcs 72. packed: in packed septets as hex. cme132: 9 s later an unsolicited +CME ERROR: 132. open: a menu that waits for a reply until AT+CUSD=2. ended, timed-out: +CUSD: 2 or, after 32 s, 5. silent: nothing comes.",
			quietly(func(m *Modem, v string) { m.ussdAs = v })},
	}
}
