package emulator

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"
	"github.com/warthog618/sms/encoding/ucs2"
)

// inText tells whether texts are shown and taken in words (27.005 §3).
func (m *Modem) inText() bool { return m.set.cmgf == 1 && m.o.Persona.TextMode }

// textStats are the words for a text's status (27.005 §3.1, <stat>).
var textStats = []string{"REC UNREAD", "REC READ", "STO UNSENT", "STO SENT"}

// openTextPrompt is AT+CMGS="+48501200777"[,145]. A bare number is a recipient
// too: that is what becomes of the length of a PDU.
func (m *Modem) openTextPrompt(a args, f *Fault) answer {
	to := a.text(0)
	if to == "" || strings.Trim(to, "+0123456789*#") != "" {
		return m.cms(cmsBadParameter)
	}
	if a.text(1) == "145" && to[0] != '+' {
		to = "+" + to
	}
	if f == nil {
		f = &Fault{}
	}
	m.wait(f.LatePrompt, func() { m.prompt(&entry{to: to, fault: f}) })
	return later()
}

// textPDU makes the SMS-SUBMIT of what was typed in text mode.
func (m *Modem) textPDU(e *entry) ([]byte, *answer) {
	if m.smsc == "" {
		a := m.cms(cmsNoSMSC)
		return nil, &a
	}
	parts, err := sms.Encode(e.typed)
	if err != nil || len(parts) != 1 {
		a := m.cms(cmsBadParameter)
		return nil, &a
	}
	parts[0].DA = address(e.to)
	pdu, err := parts[0].MarshalBinary()
	if err != nil {
		a := m.cms(cmsBadParameter)
		return nil, &a
	}
	return pdu, nil
}

func (m *Modem) listInWords(a args) answer {
	want := a.text(0)
	var lines []string
	mem := m.memories[m.set.cpms[0]]
	for _, i := range mem.indexes() {
		s := mem.slots[i]
		if want != "ALL" && want != textStats[s.stat] {
			continue
		}
		header, body := inWords(s)
		lines = append(lines, fmt.Sprintf("+CMGL: %d,%s", i, header), body)
		if s.stat == 0 {
			s.stat = 1
		}
	}
	if want != "ALL" && strings.Join(textStats, ",") == strings.ReplaceAll(strings.Join(textStats, ","), want, "") {
		return m.cms(cmsNotSupported) // not one of the words, or the number of PDU mode
	}
	return ok(lines...)
}

func (m *Modem) readInWords(s *slot) answer {
	header, body := inWords(s)
	if s.stat == 0 {
		s.stat = 1
	}
	return ok("+CMGR: "+header, body)
}

// inWords is a stored text as text mode shows it. Some real modems get the
// zone wrong here; this one does as UC200T: minus becomes a hundred and more.
func inWords(s *slot) (header, body string) {
	b, err := hex.DecodeString(s.pdu)
	if err != nil || len(b) < 2 {
		return fmt.Sprintf("%q,,,", textStats[s.stat]), s.pdu
	}
	t, err := sms.Unmarshal(b[b[0]+1:])
	if err != nil {
		return fmt.Sprintf("%q,,,", textStats[s.stat]), s.pdu
	}
	if t.MTI() == tpdu.MtCommand {
		return fmt.Sprintf("%q,6,%d,%q,145,%q,%q,%d", textStats[s.stat], t.MR, t.RA.Number(), textStamp(t.SCTS), textStamp(t.DT), t.ST), ""
	}
	return fmt.Sprintf("%q,%q,,%q", textStats[s.stat], t.OA.Number(), textStamp(t.SCTS)), text(t)
}

func textStamp(t tpdu.Timestamp) string {
	_, seconds := t.Zone()
	zone := seconds / 900
	if zone < 0 {
		zone = 80 - zone
	}
	return fmt.Sprintf("%s+%02d", t.Format("06/01/02,15:04:05"), zone)
}

// inCharset writes a string as +CSCS asks: under UCS2 in hex.
func (m *Modem) inCharset(s string) string {
	if m.set.cscs != "UCS2" {
		return s
	}
	return strings.ToUpper(hex.EncodeToString(ucs2.Encode([]rune(s))))
}
