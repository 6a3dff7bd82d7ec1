package at

import (
	"strings"
	"testing"
)

func TestNoPasswordReachesALog(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`AT+CPIN="8264"`, `AT+CLCK="SC",0,"8264"`, `AT+CPWD="SC","8264","1111"`, `AT+CSIM=26,"0020000108 8264FFFF"`,
		`AT+CGAUTH=1,2,"web","8264"`, `AT+QICSGP=1,3,"internet","web","8264",2`, `AT^AUTHDATA=1,2,"","8264","web"`,
		`AT^NDISDUP=1,1,"internet","web","8264",2`, `AT$QCPDPP=1,2,"8264","web"`, `AT+UAUTHREQ=1,2,"web","8264"`, `AT#PDPAUTH=1,2,"web","8264"`,
	} {
		if got := mask(line); strings.Contains(got, "8264") || !strings.HasSuffix(got, masked) {
			t.Errorf("%s is shown as %s", line, got)
		}
	}
	for _, line := range []string{"AT+CPIN?", "+CPIN: READY", "AT+CGDCONT=1,\"IP\",\"internet\"", "AT^NDISSTATQRY?"} {
		if got := mask(line); got != line {
			t.Errorf("%s is shown as %s", line, got)
		}
	}
}
