package modem

import (
	"strings"
	"time"
	"unicode"

	"heliograph/drivers/at"
	"heliograph/drivers/delivery"
)

// rule is what a refusal means for the text, for the modem and for the operator.
type rule struct {
	fate   delivery.Fate
	after  time.Duration
	worker bool   // this modem's own trouble; no try is counted
	heal   bool   // bring the modem up again before the next text
	advice string // empty if there is nothing an operator can do
	taken  bool   // the network has the text already
	crowd  bool   // the network is overloaded: see delivery.Error.Congested
	again  again  // what to change and try at once, one time
	centre bool   // it may be that the SIM names no service centre
}

// again is a change that makes a second try worth it.
type again int

const (
	notAgain   again = iota
	asItIs           // the modem was still digesting something
	noValidity       // the centre does not know validity periods
	noBurst          // the link must not be kept up between texts
	plainMode        // another program may have set text mode
)

// The classes of refusals. A retry soon; B retry later; C never for this text
// and number; D the operator must act; E heal the modem and retry; U nobody
// knows.
func soon(after time.Duration) rule  { return rule{fate: delivery.Retry, after: after} }
func later(after time.Duration) rule { return rule{fate: delivery.Retry, after: after} }
func never(advice string) rule       { return rule{fate: delivery.Never, advice: advice} }
func act(advice string) rule {
	return rule{fate: delivery.Retry, after: 10 * time.Minute, worker: true, advice: advice}
}
func busy(after time.Duration) rule { return rule{fate: delivery.Retry, after: after, worker: true} }
func heal() rule {
	return rule{fate: delivery.Retry, after: 30 * time.Second, worker: true, heal: true}
}
func unknown(advice string) rule { return rule{fate: delivery.Unsure, advice: advice} }

// crowded is a refusal for want of room in the network.
func crowded(after time.Duration) rule {
	return rule{fate: delivery.Retry, after: after, crowd: true}
}

func (r rule) retriedAs(a again) rule   { r.again = a; return r }
func (r rule) withAdvice(s string) rule { r.advice = s; return r }

// noCentre is the refusal of a text for want of a service centre.
func noCentre() rule {
	r := act("the SIM names no service centre: set smsc:")
	r.centre = true
	return r
}

const (
	credit  = "check the SIM's credit and that its plan includes texts"
	barred  = "ask the operator to lift the barring of texts on this SIM"
	centre  = "check the service centre number (smsc:)"
	slot    = "check that the SIM sits in its slot"
	enterIt = "put the SIM's PIN into the configuration, or switch it off"
	puk     = "unblock the SIM with its PUK in a telephone; this box never sends one"
	checkNo = "check the number"
	noSMS   = "texts do not work on this network: try another radio access or ask the operator for SMS over SGs or IMS"
)

// cms are the codes of +CMS ERROR below 512: causes of the network up to 127
// (3GPP TS 24.011 Annex E), of the centre up to 255 (23.040 §9.2.3.22), of the
// modem from 300 (27.005 §3.2.5).
var cms = map[int]rule{
	1:   never("check the number; if all fail, " + centre),
	8:   act(barred),
	10:  act(barred),
	17:  soon(30 * time.Second),
	21:  never("check the number; if all fail, the operator may be blocking this SIM"),
	22:  crowded(2 * time.Minute),
	27:  later(5 * time.Minute),
	28:  act("the operator does not know this SIM for texts: ask it"),
	29:  act("the operator refuses texts on this SIM: ask it"),
	30:  act("the operator does not know this SIM: is it active?"),
	34:  later(5 * time.Minute).withAdvice(credit),
	38:  later(time.Minute),
	41:  soon(15 * time.Second),
	42:  crowded(30 * time.Second),
	47:  crowded(30 * time.Second),
	50:  act(credit),
	69:  act(noSMS),
	81:  heal(),
	95:  heal(),
	96:  never(""),
	97:  heal(),
	98:  heal(),
	99:  heal(),
	111: heal(),
	127: later(5 * time.Minute).withAdvice(credit),
	128: never(""),
	129: never(""),
	130: never(""),
	143: never(""),
	144: never(""),
	145: never(""),
	159: never(""),
	160: never(""),
	161: never(""),
	175: never(""),
	176: never(""),
	192: crowded(time.Minute),
	193: act("the service centre does not serve this SIM: check smsc: and the plan"),
	194: later(5 * time.Minute),
	195: never(checkNo),
	196: never("the service centre bars this number"),
	197: {taken: true},
	198: {fate: delivery.Never, again: noValidity},
	199: {fate: delivery.Never, again: noValidity},
	208: heal(),
	209: heal(),
	210: heal(),
	211: heal(),
	212: busy(15 * time.Second),
	213: heal(),
	255: later(2 * time.Minute),
	300: heal(),
	301: busy(30 * time.Second).withAdvice("another program owns the modem's message service: stop ModemManager"),
	302: busy(10 * time.Second),
	303: never("the modem does not know this kind of text").retriedAs(plainMode),
	304: {fate: delivery.Never, again: asItIs},
	305: never("").retriedAs(plainMode),
	310: act(slot),
	311: act(enterIt),
	312: act("the SIM is locked to another device"),
	313: heal().withAdvice(slot),
	314: busy(10 * time.Second),
	315: act("the SIM does not fit this device: is one of them locked?"),
	316: act(puk),
	317: act("the SIM asks for PIN2"),
	318: act("the SIM asks for PUK2"),
	320: heal(),
	321: busy(10 * time.Second),
	322: heal(),
	330: noCentre(),
	331: busy(15 * time.Second),
	332: unknown(""),
	340: busy(5 * time.Second),
	350: unknown(noSMS), // Quectel, after two minutes without SMS service
	500: unknown("the modem gave no reason; if it goes on, " + noSMS),
}

// vendor codes from 510 on mean different things to different makers. The
// name is looked for in the answer to +CGMI. Sources: Quectel EC25/EC21 AT
// manual (summary of CMS error codes), SIMCom/MediaTek lists, Telit AT
// reference, Cinterion TC65 AT command set, Wavecom AT guide, Sierra HL78.
var vendor = []struct {
	maker string
	codes map[int]rule
}{
	{"quectel", map[int]rule{
		512: busy(10 * time.Second), 513: never(""), 514: never(""), 515: heal(), 517: later(2 * time.Minute),
		528: {fate: delivery.Retry, worker: true, after: 5 * time.Second, again: noBurst},
		529: act("this modem may not send texts: ask the operator"), 530: busy(30 * time.Second), 531: heal()}},
	{"simcom", map[int]rule{
		512: busy(10 * time.Second), 513: never(""), 514: never(""), 515: heal(), 517: later(2 * time.Minute),
		520: never("too many parts"), 521: busy(10 * time.Second), 525: busy(10 * time.Second), 528: {fate: delivery.Retry, worker: true, after: 5 * time.Second, again: noBurst},
		529: act("this modem may not send texts: ask the operator"), 530: busy(30 * time.Second), 531: heal(), 532: busy(10 * time.Second)}},
	{"telit", map[int]rule{510: act("texts are blocked in this modem"), 512: busy(10 * time.Second), 513: unknown(""), 514: soon(15 * time.Second), 515: unknown("")}},
	{"cinterion", siemens},
	{"siemens", siemens},
	{"thales", siemens},
	{"sierra", map[int]rule{512: soon(30 * time.Second).withAdvice("weak signal"), 513: unknown(""), 514: crowded(30 * time.Second), 515: busy(10 * time.Second), 606: busy(10 * time.Second)}},
	{"wavecom", map[int]rule{512: soon(30 * time.Second).withAdvice("weak signal"), 513: unknown(""), 514: crowded(30 * time.Second), 515: busy(10 * time.Second)}},
	{"motorola", map[int]rule{512: busy(10 * time.Second), 513: never(checkNo)}},
}

var siemens = map[int]rule{
	512: busy(5 * time.Second), 513: heal(), 514: never(""), 515: never(""), 516: never(""), 517: never(""), 518: never(""), 519: never(""), 520: never(""),
	521: unknown(""), 522: soon(15 * time.Second), 532: busy(10 * time.Second), 535: busy(10 * time.Second),
	549: never(""), 550: never(""), 551: never(""), 552: never(""), 553: never(""), 554: never(""),
}

// cme are the codes of +CME ERROR that a send can meet (27.007 §9.2).
var cme = map[int]rule{
	0: heal(), 3: busy(10 * time.Second), 4: never("the modem does not know this command"),
	5: act("the SIM is locked to another device"), 6: act("the SIM is locked to another device"), 7: act("the SIM is locked to another device"),
	10: act(slot), 11: act(enterIt), 12: act(puk), 13: heal().withAdvice(slot), 14: busy(10 * time.Second), 15: act("the SIM does not fit this device"),
	16: act("the PIN is wrong"), 17: act("the SIM asks for PIN2"), 18: act("the SIM asks for PUK2"),
	20: heal(), 23: heal(), 24: never(""), 25: never(""), 26: never(checkNo), 27: never(checkNo),
	30: busy(15 * time.Second), 31: unknown(""), 32: act("only emergency calls are allowed: is the SIM active?"),
	40: act("the modem is locked to a network"), 41: act("the modem is locked to a network"), 48: act("the modem is locked"),
	50: never(""), 51: busy(30 * time.Second), 52: unknown("another program wrote to the port during the text: stop it"),
	53: busy(30 * time.Second), 100: heal(), 103: act("the network calls this SIM illegal"), 106: act("the network calls this modem illegal"),
	107: act("the network refuses this SIM"), 108: act("the network refuses this SIM"), 111: act("this network is not allowed for the SIM"),
	112: busy(10 * time.Minute), 113: act("roaming is not allowed here"), 115: busy(time.Minute), 122: crowded(30 * time.Second), 126: crowded(2 * time.Minute),
	133: act(credit), 134: later(5 * time.Minute), 177: act(barred), 772: heal(),
}

// words are what modems print that ignore +CMEE=1, letters and digits only.
var words = map[string]int{
	"networktimeout": 332, "nonetworkservice": 331, "nonetwork": 331, "smscaddressunknown": 330, "memoryfull": 322, "invalidmemoryindex": 321,
	"memoryfailure": 320, "simpukrequired": 316, "simwrong": 315, "simbusy": 314, "simfailure": 313, "simpinrequired": 311, "simnotinserted": 310,
	"invalidtextmodeparameter": 305, "invalidpdumodeparameter": 304, "operationnotsupported": 303, "operationnotallowed": 302,
	"smsserviceofmereserved": 301, "mefailure": 300, "phonefailure": 300, "unknownerror": 500, "networkoutoforder": 38, "temporaryfailure": 41,
	"congestion": 42, "operatordeterminedbarring": 8, "callbarred": 10, "facilitynotsubscribed": 50, "requestedfacilitynotsubscribed": 50,
	"shortmessagetransferrejected": 21, "unassignednumber": 1, "unassignedunallocatednumber": 1, "destinationoutofservice": 27, "destinationoutoforder": 27,
	"resourcesunavailable": 47, "resourcesunavailableunspecified": 47, "interworkingunspecified": 127, "unspecifiederrorcause": 255,
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// judge finds the rule for a refusal. ok is false for a plain ERROR, which
// says nothing: the state of the modem must tell.
func judge(r *at.Refusal, maker string) (_ rule, ok bool) {
	code, table := r.Code, cms
	if r.Kind == "CME" && code >= 0 {
		table = cme
	}
	if code < 0 {
		_, text, _ := strings.Cut(r.Text, ":")
		if code, ok = words[plain(text)]; !ok {
			return rule{}, false
		}
	}
	if r.Kind != "CME" && code >= 510 {
		table = vendorTable(maker)
	}
	if found, ok := table[code]; ok {
		return found, true
	}
	return later(2 * time.Minute), r.Kind != ""
}

func vendorTable(maker string) map[int]rule {
	for _, v := range vendor {
		if strings.Contains(strings.ToLower(maker), v.maker) {
			return v.codes
		}
	}
	return nil
}
