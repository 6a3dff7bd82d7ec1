package route

import (
	"os"
	"path/filepath"
	"strings"
)

// Strict reports whether the kernel drops IPv4 answers that arrive on a
// device to which the main table would not send (rp_filter 1). A probe bound
// by device alone then fails once the main default has moved. A source: on the
// uplink helps, or net.ipv4.conf.IF.rp_filter = 2. The stricter of the
// setting for all and for the device counts, save that 2 beats 1
// (Documentation/networking/ip-sysctl).
func Strict(device string) bool {
	return max(filter("all"), filter(filepath.Base(device))) == "1"
}

func filter(device string) string {
	value, err := os.ReadFile("/proc/sys/net/ipv4/conf/" + device + "/rp_filter")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(value))
}
