package emulator

import (
	"testing"
	"time"
)

// The PDU of the field guide's first vector: GSM 7 bit, a report is asked for, valid for 4 hours.
const alertPDU = "0031000B918405210077F700002F134166514A058DDFF2726B7E8F81C8EFBB1B"

func TestATextReachesAPhone(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.net.SubmitDelay(2 * time.Second)
		b.says("AT+CMGS=31", "\r\n> ")
		b.write(alertPDU + "\x1a")
		b.hears("")
		b.after(2*time.Second, "\r\n+CMGS: 1\r\n\r\nOK\r\n")
		text := <-b.net.Phone(ada).Arrived()
		if text.Body != "ALERT core-sw1 down" || text.From != ours || text.Parts != 1 {
			t.Errorf("the phone shows %+v", text)
		}
		log := b.net.Submitted()
		if len(log) != 1 || log[0].To != ada || !log[0].Report || log[0].Validity != 4*time.Hour || log[0].Reference != 1 {
			t.Errorf("the SMSC took %+v", log)
		}
	})
}
