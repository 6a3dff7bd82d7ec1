package backhaul

import (
	"regexp"
	"strings"
)

// step is one thing that the modem is asked to do: the first spelling that it
// takes counts. In spellings {cid}, {apn}, {user} and {password} are filled in.
type step []string

// way is how the modems of a make are told to carry data on a network card of
// their own. Commands are without AT.
type way struct {
	name   string         // as in NetdevOptions.Make
	models *regexp.Regexp // of what +CGMM answers; nil fits none by itself

	login      step           // user and password, where they are given
	activate   step           // empty where the modem dials by itself
	query      string         // asked until an answer matches up
	up         *regexp.Regexp // {cid} stands for the context
	deactivate step           // empty where it cannot be
	setup      string         // what a person does once, so that the card is there at all

	source   string
	unproven bool // from a manual or a report, and not heard from a real modem or a program that is in use
}

// define is the same for all (3GPP TS 27.007 §10.1.1): both families, and IPv4
// for those that refuse that.
var define = step{`+CGDCONT={cid},"IPV4V6","{apn}"`, `+CGDCONT={cid},"IP","{apn}"`}

// addressed is +CGPADDR with an address that is one (27.007 §10.1.14; 0.0.0.0 is none).
const addressed = `^\+CGPADDR: *{cid},.*([1-9a-fA-F]\.?|[1-9a-fA-F]:)`

// standard is 27.007 alone: +CGAUTH §10.1.31, +CGACT §10.1.10.
var standard = way{
	name: "standard", login: step{`+CGAUTH={cid},1,"{user}","{password}"`},
	activate: step{"+CGACT=1,{cid}"}, query: "+CGACT?", up: regexp.MustCompile(`^\+CGACT: *{cid}, *1`), deactivate: step{"+CGACT=0,{cid}"},
	source: "3GPP TS 27.007 §10.1", unproven: true,
}

// ways in the order in which models are tried.
var ways = []way{
	{
		name: "quectel-asr", models: model(`EC200|EC600|EG800|EG915|EG912|EC800|UC200`),
		login:    step{`+QICSGP={cid},3,"{apn}","{user}","{password}",1`},
		activate: step{"+QNETDEVCTL=1,{cid},1"}, query: "+CGPADDR={cid}", up: regexp.MustCompile(addressed),
		// Which parameter comes first depends on the firmware; with context 1 only the end tells them apart.
		deactivate: step{"+QNETDEVCTL=0,{cid},1", "+QNETDEVCTL={cid},0,1"},
		setup:      `AT+QCFG="usbnet",1 and AT+CFUN=1,1`,
		source:     "dialling scripts of OpenWrt builds and of board makers for EC200 (=1,cid,1 and =0,cid,1)",
	},
	{
		name: "quectel", models: model(`EC2[015]|EG2[15]|EG9[15]|EM05|EG06|EM06|EC20`),
		login: step{`+QICSGP={cid},3,"{apn}","{user}","{password}",1`},
		query: "+CGPADDR={cid}", up: regexp.MustCompile(addressed),
		setup:  `AT+QCFG="usbnet",1 and AT+CFUN=1,1; it dials by itself then`,
		source: "Sixfab's page on ECM with EC25; forums.quectel.com 6793",
	},
	{
		name: "simcom-qcrmcall", models: model(`SIM7[0-9]00|SIM7070|SIM8[0-9]00`),
		login:    step{`+CGAUTH={cid},1,"{password}","{user}"`, `+CGAUTH={cid},1,"{user}","{password}"`}, // the password first
		activate: step{"$QCRMCALL=1,1"}, query: "$QCRMCALL?", up: regexp.MustCompile(`^\$QCRMCALL: *1, *V[46]`), deactivate: step{"$QCRMCALL=0,1"},
		setup:  "AT+CUSBPIDSWITCH=9001,1,1; with 9011 or 9018 it dials by itself: make: simcom",
		source: "Waveshare's and other makers' pages on SIM7600 (DHCP on wwan0 after $QCRMCALL=1,1); order of CGAUTH by TinyGSM",
	},
	{
		name: "simcom", models: model(`A76[0-9][0-9]|A7670|SIM767`),
		login: step{`+CGAUTH={cid},1,"{user}","{password}"`},
		query: "+CGPADDR={cid}", up: regexp.MustCompile(addressed),
		setup:  `AT+DIALMODE=0, AT$MYCONFIG="usbnetmode",1 and AT+CRESET; it dials by itself then`,
		source: "SIMCom A7600 series, pages of board makers",
	},
	{
		name: "sierra", models: model(`MC7[0-9]|EM7[0-9]|WP7[0-9]|AIRPRIME`),
		login:    step{`$QCPDPP={cid},1,"{password}","{user}"`}, // the password first
		activate: step{"!SCACT=1,{cid}"}, query: "!SCACT?", up: regexp.MustCompile(`^!SCACT: *{cid}, *1`), deactivate: step{"!SCACT=0,{cid}"},
		setup: "a USB composition with a network card; newer ones speak QMI or MBIM only: via: interface", source: "ModemManager, plugins/sierra", unproven: true,
	},
	{
		name: "u-blox", models: model(`TOBY|LARA|SARA|MPCI|LISA`),
		login:    step{`+UAUTHREQ={cid},1,"{user}","{password}"`, `+UAUTHREQ={cid},1,"{password}","{user}"`},
		activate: step{"+CGACT=1,{cid}"}, query: "+CGACT?", up: regexp.MustCompile(`^\+CGACT: *{cid}, *1`), deactivate: step{"+CGACT=0,{cid}"},
		setup: "AT+UUSBCONF=2 (ECM) or 3 (RNDIS), AT+UBMCONF=1 (router) and AT+CFUN=16", source: "ModemManager, plugins/ublox", unproven: true,
	},
	{
		name: "telit", models: model(`LE9[0-9]|ME910|LN9[0-9]|FN9[0-9]|LM9[0-9]`),
		login:    step{`#PDPAUTH={cid},1,"{user}","{password}"`},
		activate: step{"#ECM={cid},0"}, query: "#ECM?", up: regexp.MustCompile(`^#ECM: *0, *1`), deactivate: step{"#ECMD=0"},
		setup: "AT#USBCFG=4 and AT#REBOOT", source: "ModemManager, plugins/telit (#ECM); PDPAUTH from the manual", unproven: true,
	},
	{
		name: "huawei", models: model(`ME909|MS23|E3372|E3131|E3276|E392|ME906|MU[67]09`),
		activate: step{`^NDISDUP={cid},1,"{apn}","{user}","{password}",1`, `^NDISDUP={cid},1,"{apn}"`},
		query:    "^NDISSTATQRY?", up: regexp.MustCompile(`(?i)^\^NDISSTATQRY: *1`), deactivate: step{"^NDISDUP={cid},0"},
		setup: "a composition with NCM", source: "ModemManager, plugins/huawei", unproven: true,
	},
	standard,
	// A HiLink stick or a router: nobody has to be told anything.
	{name: "router", source: "the stick dials by itself and has no AT port"},
}

func model(words string) *regexp.Regexp { return regexp.MustCompile(`(?i)(` + words + `)`) }

// wayNamed is the way of a name; ok is false if there is none.
func wayNamed(name string) (way, bool) {
	for _, w := range ways {
		if w.name == name {
			return w, true
		}
	}
	return way{}, false
}

// wayFor is the way of a modem by its own name, else the standard's.
func wayFor(modelName string) way {
	for _, w := range ways {
		if w.models != nil && w.models.MatchString(modelName) {
			return w
		}
	}
	return standard
}

// MakeNames are the names for NetdevOptions.Make.
func MakeNames() []string {
	var names []string
	for _, w := range ways {
		names = append(names, w.name)
	}
	return names
}

// filled is a spelling with the values in; needs is false if it wants one that
// is empty.
func (o NetdevOptions) filled(spelling string) (cmd string, complete bool) {
	complete = (o.User != "" || !strings.Contains(spelling, "{user}")) && (o.APN != "" || !strings.Contains(spelling, "{apn}"))
	return strings.NewReplacer("{cid}", o.cid(), "{apn}", o.APN, "{user}", o.User, "{password}", o.Password).Replace(spelling), complete
}

// says tells whether an answer says that data is up.
func (w way) says(lines []string, cid string) bool {
	up := regexp.MustCompile(strings.ReplaceAll(w.up.String(), "{cid}", cid))
	for _, l := range lines {
		if up.MatchString(strings.TrimSpace(l)) {
			return true
		}
	}
	return false
}
