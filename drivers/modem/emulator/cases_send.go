package emulator

import (
	"fmt"
	"strings"
	"time"
)

const always = -1 // Fault.Times: every command

func sendCases() []Case {
	send := func(f Fault) Fault {
		f.On = "+CMGS"
		return f
	}
	return []Case{
		{1, "a clean send", []string{"clean"}, false,
			"AT+CMGS, prompt, PDU, +CMGS and OK.",
			func(*Modem, *Network, string) error { return nil }},
		{2, "the answer takes its time", []string{"40s", "175s"}, false,
			"The next text is answered after 40 s or 175 s; it was taken at once.",
			struckBy(map[string]Fault{"40s": send(Fault{Delay: 40 * time.Second}), "175s": send(Fault{Delay: 175 * time.Second})})},
		{3, "no answer, and a stray one later", []string{"never", "late"}, false,
			"The SMSC takes the next text. never: no answer at all. late: +CMGS comes 30 s after a host that waits 180 s gave up, in the middle of whatever it does then.",
			struckBy(map[string]Fault{"never": send(Fault{Swallow: true, Commit: true}), "late": send(Fault{Delay: 210 * time.Second, Late: true})})},
		{4, "refused after two minutes", []string{"350"}, false,
			"+CMS ERROR: 350 after 135 s (EG06-E without SMS service).",
			struckBy(map[string]Fault{"350": send(Fault{Delay: 135 * time.Second, Answer: "+CMS ERROR: 350"})})},
		{5, "prompts of every form", []string{"line", "slow", "cr", "glued"}, false,
			`line: CR LF > CR LF. slow: the space comes 300 ms after the >. cr: CR > space without a line feed. glued: echo is on, and the prompt follows the echoed command without a pause.`,
			promptForms},
		{6, "no prompt", []string{"none"}, false,
			"The modem waits for the PDU without saying so; ESC ends that with OK.",
			struckBy(map[string]Fault{"none": send(Fault{NoPrompt: true})})},
		{7, "a late prompt", []string{"15s"}, false,
			"The prompt comes 15 s after the command, when the host has given up: what it writes then is taken for the PDU, and ends in +CMS ERROR: 304 or, with ESC, in OK.",
			struckBy(map[string]Fault{"15s": send(Fault{LatePrompt: 15 * time.Second})})},
		{13, "the report is faster than the reference", []string{"before"}, false,
			"The status report of the next text comes before its +CMGS. The host must have asked for reports.",
			struckBy(map[string]Fault{"before": send(Fault{ReportFirst: true})})},
		{14, "a report in two reads", []string{"split"}, false,
			"The next +CDS is cut in the middle of its PDU, with 300 ms between the halves. Only for hosts that take reports by +CDS.",
			func(m *Modem, _ *Network, _ string) error {
				m.Tear("+CDS:", 40, 300*time.Millisecond)
				return nil
			}},
		{15, "reports of every kind", []string{"later", "expired", "unknown", "reused"}, false,
			"later: still trying, and delivered two hours after. expired: 46. unknown: A0. reused: a report with the reference of the next text, about another number, comes before it is sent.",
			reportKinds},
		{17, "the send is refused", []string{
			"38", "1", "8", "10", "17", "21", "22", "28", "41", "42", "47", "50", "69", "96", "127", "192", "194", "197", "208", "300", "301", "302", "304", "310", "311", "313", "314", "322", "330", "331", "332", "500",
			"512", "513", "514", "515", "517", "521", "528", "529", "530", "531", "532", "error", "words", "nospace", "cme",
		}, false,
			"The next text gets this +CMS code; what those above 511 mean depends on the make. error: a plain ERROR. words: +CMS ERROR: Network timeout. nospace: +CMS ERROR:38. cme: +CME ERROR: 30.",
			refusals},
		{18, "results in other words", []string{"not-support", "too-many", "na", "stray"}, false,
			"not-support, too-many and na are the final results of AT+CSQ from now on; stray: NO CARRIER for no reason.",
			otherWords},
		{19, "an answer to a command that is over", []string{"csq", "cmgl", "creg"}, false,
			"The next AT+CSQ (AT+CMGL, AT+CREG?) is answered after 12 s (70 s for the list), in the middle of what runs then.",
			struckBy(map[string]Fault{
				"csq":  {On: "+CSQ", Delay: 12 * time.Second, Late: true},
				"cmgl": {On: "+CMGL", Delay: 70 * time.Second, Late: true},
				"creg": {On: "+CREG?", Delay: 12 * time.Second, Late: true},
			})},
		{45, "the third part fails", []string{"38"}, false,
			"Two texts or parts go, the third gets +CMS ERROR: 38, those after it go again.",
			struckBy(map[string]Fault{"38": send(Fault{Skip: 2, Answer: "+CMS ERROR: 38"})})},
		{55, "the host restarts", []string{"queued", "prompt", "written", "accepted"}, false,
			"The test restarts its host while the next text stands so: queued: nothing special. prompt: the prompt takes 30 s. written: the SMSC has it, the answer takes 60 s. accepted: answered at once, its report takes 60 s.",
			func(m *Modem, n *Network, v string) error {
				switch v {
				case "prompt":
					return m.Fault(send(Fault{LatePrompt: 30 * time.Second}))
				case "written":
					return m.Fault(send(Fault{Delay: 60 * time.Second}))
				case "accepted":
					n.ReportDelay(60 * time.Second)
				}
				return nil
			}},
	}
}

func promptForms(m *Modem, _ *Network, v string) error {
	f := map[string]Fault{
		"line": {PromptForm: "\r\n>\r\n"}, "slow": {PromptPause: 300 * time.Millisecond}, "cr": {PromptForm: "\r> "}, "glued": {},
	}[v]
	f.On = "+CMGS"
	if v == "glued" {
		m.loop.do(func() { m.wire.echo = true })
	}
	return m.Fault(f)
}

func reportKinds(m *Modem, n *Network, v string) error {
	switch v {
	case "later":
		n.ReportAs(ReportStep{2 * time.Second, 0x22}, ReportStep{2 * time.Hour, 0x00})
	case "expired":
		n.ReportAs(ReportStep{2 * time.Second, 0x46})
	case "unknown":
		n.ReportAs(ReportStep{2 * time.Second, 0xA0})
	case "reused":
		old := Submission{Reference: (m.State().Reference + 1) % 256, To: stranger, At: n.now().Add(-24 * time.Hour)}
		b, err := report(old, 0x00, n.now()).MarshalBinary()
		if err != nil {
			return err
		}
		return n.Inject(m.Number(), fmt.Sprintf("00%X", b))
	}
	return nil
}

func refusals(m *Modem, _ *Network, v string) error {
	answer := map[string]string{
		"error": "ERROR", "words": "+CMS ERROR: Network timeout", "nospace": "+CMS ERROR:38", "cme": "+CME ERROR: 30",
	}[v]
	if answer == "" {
		answer = "+CMS ERROR: " + v
	}
	return m.Fault(Fault{On: "+CMGS", Answer: answer})
}

func otherWords(m *Modem, _ *Network, v string) error {
	word := map[string]string{"not-support": "COMMAND NOT SUPPORT", "too-many": "TOO MANY PARAMETERS", "na": "NA"}[v]
	if word == "" {
		m.Unsolicited("NO CARRIER")
		return nil
	}
	return m.Fault(Fault{On: "+CSQ", Times: always, Answer: word})
}

func priceCases() []Case {
	return []Case{
		{46, "the service centre", []string{"empty", "hex", "stuck-hex", "locked"}, true,
			"empty: the SIM has none. hex: +CSCS is UCS2 as another program left it, and strings come in hex. stuck-hex: they stay in hex whatever +CSCS is set to. locked: the SIM has none, and AT+CSCA= is answered ERROR.",
			centres},
		{47, "no credit", []string{"50", "127", "21"}, false,
			"Registered, and every text is refused with this code; USSD says 0,00.",
			func(m *Modem, n *Network, v string) error {
				n.Congested(args{v}.number(0, 50))
				m.AnswerUSSD("Stan konta: 0,00 PLN")
				return nil
			}},
		{48, "barred", []string{"10", "8"}, false,
			`Every text is refused with this code, and AT+CLCK="AO",2 says 1.`,
			func(m *Modem, n *Network, v string) error {
				m.Bar(true)
				if v == "8" {
					return m.Fault(Fault{On: "+CMGS", Times: always, Answer: "+CMS ERROR: 8"})
				}
				return nil
			}},
		{49, "more messages to send", []string{"error", "528"}, false,
			"error: AT+CMMS is answered ERROR. 528: it is taken, and every text after the first under it gets +CMS ERROR: 528 until AT+CMMS=0.",
			func(m *Modem, _ *Network, v string) error {
				if v == "error" {
					return m.Fault(Fault{On: "+CMMS", Times: always, Answer: "ERROR"})
				}
				m.loop.do(func() { m.moreFail = 528 })
				return nil
			}},
	}
}

func centres(m *Modem, _ *Network, v string) error {
	switch v {
	case "hex":
		m.loop.do(func() { m.set.cscs = "UCS2" })
	case "stuck-hex":
		return m.Fault(Fault{On: "+CSCA?", Times: always, Lines: []string{`+CSCA: "` + hexUCS2(m.State().SMSC) + `",145`}})
	case "empty", "locked":
		m.loop.do(func() { m.smsc = "" })
	}
	if v == "locked" {
		return m.Fault(Fault{On: "+CSCA=", Times: always, Answer: "ERROR"})
	}
	return nil
}

func hexUCS2(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, "%04X", r)
	}
	return b.String()
}
