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

	commands map[string]verb // what it does in its own way
}

// BootLine is one line after power-on.
type BootLine struct {
	After time.Duration
	Line  string
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
