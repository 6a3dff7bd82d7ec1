package emulator

import (
	"testing"
	"time"
)

func TestCreditFallsAsTextsAreSent(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.net.USSD("*101#", "Konto: {credit}")
		b.net.Credit(50, 20)
		says := func(want string) {
			b.t.Helper()
			b.ok(`AT+CUSD=1,"*101#",15`)
			b.after(2*time.Second, "\r\n+CUSD: 0,\"Konto: "+want+"\",15\r\n")
		}
		says("0.50")
		b.sent(31, alertPDU, 1)
		b.sent(31, alertPDU, 2)
		says("0.10")
		if got := b.send(31, alertPDU); got != "\r\n+CMS ERROR: 50\r\n" {
			t.Errorf("with less than a text costs: %q", got)
		}
		b.net.Credit(500, 20)
		b.sent(31, alertPDU, 4) // the refused one had a reference too
		says("4.80")
		b.net.USSD("*101#", "")
		b.ok(`AT+CUSD=1,"*101#",15`)
		b.after(2*time.Second, "\r\n+CUSD: 4\r\n")
	})
}

func TestAServiceNumberAnswersTexts(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.net.Credit(500, 20)
		b.net.Phone(ada).Replies("Zostalo {credit}")
		b.ok("AT+CNMI=2,1,0,0,0")
		b.net.DeliverDelay(time.Second)
		b.sent(31, alertPDU, 1)
		b.after(2*time.Second, "\r\n+CMTI: \"SM\",0\r\n")
		if got := b.modem.State().Stored; len(got) != 1 {
			t.Errorf("stored: %+v", got)
		}
	})
}

func TestCodesTravelInTheFormOfTheMakeAndOfTheCharset(t *testing.T) {
	packs := E3372()
	packs.Chatter = nil
	story(t, Options{Persona: packs}, func(b *bench) {
		b.net.USSD("*101#", "Konto 5")
		b.says(`AT+CUSD=1,"*101#",15`, "\r\n+CME ERROR: 50\r\n")
		b.ok(`AT+CUSD=1,"AA182C3602",15`)
		b.after(2*time.Second, "\r\n+CUSD: 0,\"CBB79BFE06D51A\",15\r\n")
	})
	t.Run("UCS2", func(t *testing.T) {
		story(t, Options{}, func(b *bench) {
			b.net.USSD("*101#", "Konto 5")
			b.ok(`AT+CSCS="UCS2"`)
			b.says(`AT+CUSD=1,"*101#",15`, "\r\n+CME ERROR: 50\r\n")
			b.ok(`AT+CUSD=1,"002A0031003000310023",15`)
			b.after(2*time.Second, "\r\n+CUSD: 0,\"004B006F006E0074006F00200035\",72\r\n")
			b.ok(`AT+CSCS="GSM"`)
			b.net.USSD("*101#", "Pozostało 5")
			b.ok(`AT+CUSD=1,"*101#",15`)
			b.after(2*time.Second, "\r\n+CUSD: 0,\"0050006F007A006F0073007400610142006F00200035\",72\r\n")
		})
	})
}
