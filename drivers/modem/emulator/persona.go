package emulator

import "time"

// Persona is the make of a modem: how it names itself and where it differs
// from the standard. New ones start from Quectel() and change what differs.
type Persona struct {
	Name                          string
	Manufacturer, Model, Revision string
	// Info is the answer to ATI.
	Info []string
	// ICCID are the commands that answer with the SIM's number, for example +QCCID.
	ICCID []string
	// Boot are the lines that come after power-on, each at its time.
	Boot []BootLine
	// SIMTime is when after power-on +CPIN is told and the SIM can be used.
	SIMTime time.Duration
	// StackReady are the lines that say that SMS works.
	StackReady []string
	// Unknown is the +CME code for a command that does not exist; 0 is a plain ERROR.
	Unknown int
	// IndexBase is the first storage index, 0 or 1.
	IndexBase int
	// NoDirectReports refuses CNMI ds=1 although CNMI=? offers it (Qualcomm).
	NoDirectReports bool
	// CNMI are the values offered for mode, mt, bm, ds and bfr; nil entries are the standard's.
	CNMI [5][]int
	// NoAckService refuses AT+CSMS=1.
	NoAckService bool
	// NoMore refuses AT+CMMS.
	NoMore bool
	// ReportMemory names the memory told by +CDSI; empty is mem3.
	ReportMemory string

	// SIMReady are the lines that follow +CPIN: READY at power-on.
	SIMReady []string
	// SIMOut and SIMIn are the lines of a card that is pulled and put in.
	SIMOut, SIMIn []string
	// StackTime is the time from an unlocked SIM to a working SMS stack where
	// Options.StackDelay does not say it.
	StackTime time.Duration
	// StackAnswer is what SMS commands answer until then, instead of +CME ERROR: 14.
	StackAnswer string
	// FactoryErrors is +CMEE at power-on.
	FactoryErrors int
	// WordyErrors gives errors in words whatever +CMEE was set to.
	WordyErrors bool
	// UnknownAnswer is the final result for an extended command that does not
	// exist ("COMMAND NOT SUPPORT"), instead of Unknown.
	UnknownAnswer string
	// TooMany is the final result for more parameters than a command has; empty to ignore them.
	TooMany string
	// Capabilities is the answer to +GCAP; empty is "+GCAP: +CGSM".
	Capabilities string
	// Counter is the maker's command for the tries left: +QPINC, ^CPIN, +CPINC, +UPINCNT, +SPIC, #PCT; empty for none.
	Counter string
	// NoVerify refuses +CSIM, NoRetries refuses +CPINR.
	NoVerify, NoRetries bool
	// Resets are the maker's commands that reset it as +CFUN=1,1 does, "+CFUN=16" among them.
	Resets []string
	// ResetTime is how long a reset takes the port away; zero is 12 s.
	ResetTime time.Duration
	// Prompt is how it asks for a PDU; empty is CR LF '>' space.
	Prompt string
	// Registration is how it writes +CREG and its like.
	Registration RegistrationForm
	// Chatter are lines that it says again and again, each with its period.
	Chatter []BootLine
	// Memories are those of +CPMS, SM and ME among them; the first is used at
	// power-on. Nil is SM and ME. MT shows what is in ME; SR holds reports.
	Memories []string
	// NeedsAckService refuses CNMI mt=2 and ds=1 unless CSMS=1 was set.
	NeedsAckService bool
	// OnlyNotices are the only settings of +CNMI that it takes; nil for all that it offers.
	OnlyNotices [][5]int
	// ForgetsNotices is when after AT+CNMI it is forgotten without a word; zero for never.
	ForgetsNotices time.Duration
	// TextMode makes AT+CMGF=1 useful: listing, reading and sending in words.
	TextMode bool
	// KeepsTextMode answers OK to AT+CMGF=0 and stays in text mode; HidesTextMode
	// then says 0 to AT+CMGF? all the same.
	KeepsTextMode, HidesTextMode bool
	// UTCClock shows universal time with the local zone beside it, unless AT+CTZU=3 was set.
	UTCClock bool
	// ZoneNotice is the form of +CTZV under AT+CTZR=1: "" is +CTZV: "+04", "date"
	// is +CTZV: 26/11/21,10:00:00,+04.
	ZoneNotice string
	// PackedUSSD wants the codes of AT+CUSD in packed septets as hex, and gives
	// the answers so (Huawei).
	PackedUSSD bool
	// FiveG has AT+C5GREG.
	FiveG bool
	// UsedForm is the first part of the answer to AT+CMGD=?; empty lists the used places.
	UsedForm string

	commands map[string]verb // what it does in its own way
}

// BootLine is one line after power-on.
type BootLine struct {
	After time.Duration
	Line  string
}

func (p Persona) memories() []string {
	if p.Memories == nil {
		return []string{"SM", "ME"}
	}
	return p.Memories
}

// Quectel is an EG25-G, the persona of a zero Options.
func Quectel() Persona {
	return Persona{
		Name:         "quectel",
		Manufacturer: "Quectel", Model: "EG25", Revision: "EG25GGBR07A08M2G",
		Info:       []string{"Quectel", "EG25", "Revision: EG25GGBR07A08M2G"},
		ICCID:      []string{"+QCCID", "+CCID"},
		Boot:       []BootLine{{0, "RDY"}, {3 * time.Second, "+CFUN: 1"}},
		SIMTime:    3 * time.Second,
		StackReady: []string{"+QIND: SMS DONE"},
		Unknown:    4,
		CNMI:       [5][]int{{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}},
	}
}

// Qualcomm is the same modem with the firmware habit of refusing reports by
// +CDS (field reports from many Qualcomm platforms).
func Qualcomm() Persona {
	p := Quectel()
	p.Name, p.NoDirectReports = "qualcomm", true
	return p
}
