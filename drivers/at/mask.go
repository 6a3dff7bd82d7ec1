package at

import "regexp"

const masked = "****"

// Commands that carry PINs, PUKs and passwords in quotes or bare: SIM PIN
// (27.007 §8.3), facility lock (§7.4), change password (§7.5), VERIFY by
// generic SIM access (§8.17), and the vendors' own spellings.
var secrets = regexp.MustCompile(`(?i)([+^$#]?(?:CPIN2?|CLCK|CPWD|CPUK|CPIN_ENTER|CGAUTH|QICSGP|AUTHDATA|NDISDUP|QCPDPP|UAUTHREQ|PDPAUTH)=).*`)

// A VERIFY with data (length 5+8 octets) holds the PIN in hex; an empty one asks for the tries left.
var verify = regexp.MustCompile(`(?i)(\+CSIM=26,"?0020).*`)

// mask hides what must not be in a log. Queries ("+CPIN?") stay readable.
func mask(line string) string {
	line = secrets.ReplaceAllString(line, "${1}"+masked)
	return verify.ReplaceAllString(line, "${1}"+masked)
}
