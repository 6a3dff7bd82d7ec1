package emulator

import "testing"

// Whatever a host writes, the modem goes on, and after an ESC it answers again.
func FuzzAHostWritesAnything(f *testing.F) {
	for _, s := range []string{
		"AT\r", "ATE0V0Q0S3=13X4\r", "A/", "AT+CMGF=0\rAT+CMGS=31\r" + alertPDU + "\x1a", "AT+CMGS=1\r\x1b", "AT&", "AT+", "ATS", "AT\"", "AT+CPIN=\"1\",\"2\"",
		"AT+CNMI=2,2,0,1,0;+CSMS=1;+CNMA\r", "AT+CMGD=0,4;+CMGL=4;+CPMS=\"ME\"\r", "AT+CCLK=\"26/11/21,10:00:00+04\"\r", "ATD*99#;\r", "\xff\x00AT\xff\r", "AT+CSIM=10,\"0020000100\"\r",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n := NewNetwork()
		defer n.Close()
		m, err := New(Options{Network: n, Number: ours})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		port := m.Pipe()
		if _, err := port.Write(append(b, 0x1B)); err != nil {
			t.Fatal(err)
		}
		if m.State().Prompt {
			t.Errorf("the prompt is still open after %q and ESC", b)
		}
		n.Submitted() // the SMSC goes on as well
	})
}
