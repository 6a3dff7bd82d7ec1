package modem

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/at"
	"heliograph/drivers/delivery"
)

func TestRegistrationIsReadInAllItsForms(t *testing.T) {
	for line, want := range map[string]registration{
		`+CREG: 2,1,"00C3","01A2B3C4",7`:                     {true, 1, 7, 0},
		`+CREG: 1,"00C3","01A2",2`:                           {true, 1, 2, 0},
		`+CREG: 1`:                                           {true, 1, -1, 0},
		`+CREG: 0,5`:                                         {true, 5, -1, 0},
		`+CREG: 2,1,00C3,01A2B3C4,0`:                         {true, 1, 0, 0},
		`+CREG: 1,00C3,01A2B3C4,0`:                           {true, 1, 0, 0},
		`+CEREG: 2,1,"1A2B","01","01A2B3C4",7`:               {true, 1, 7, 0},
		`+CEREG: 0,11`:                                       {true, 11, -1, 0},
		`+CEREG: 002,001`:                                    {true, 2, -1, 0},
		`+CREG: 2,001,"00C3","01A2B3C4",7`:                   {true, 1, 7, 0},
		`+CREG: 001,"00C3","01A2B3C4",7`:                     {true, 1, 7, 0},
		`+CEREG: 3,,,,0,15`:                                  {true, 3, -1, 15},
		`+CEREG: 3,3,,,,0,8`:                                 {true, 3, -1, 8},
		`+CGREG: 2,6,"00C3","01A2",7`:                        {true, 6, 7, 0},
		`+CEREG: 3,3,"1A2B","01A2B3C4",7,0,11`:               {true, 3, 7, 11},
		`+C5GREG: 3,1,"0000C3","0001A2B3C4",11,4,"01010101"`: {true, 1, 11, 0},
		`+C5GREG: 5,"0000C3","0001A2B3C4",11,0,""`:           {true, 5, 11, 0},
		`+C5GREG: 3,3,,,,,,0,11`:                             {true, 3, -1, 11},
		`+C5GREG: 3,,,,0,99`:                                 {true, 3, -1, 0},
	} {
		_, got, ok := parseRegistration(line)
		if !ok || got != want {
			t.Errorf("%s: got %+v, want %+v", line, got, want)
		}
	}
	for _, line := range []string{"+CREG:", "+CREG: x", `+CREG: "00C3"`} {
		if _, _, ok := parseRegistration(line); ok {
			t.Errorf("%s was taken", line)
		}
	}
}

func TestSignalIsReadFromWhicheverSystemThereIs(t *testing.T) {
	for line, want := range map[string]int{
		"+CSQ: 20,99": -73, "+CSQ: 99,99": 0, "+CSQ: 0,99": -113, "+CSQ: x": 0,
		"+CESQ: 99,99,255,255,20,30": -111, "+CESQ: 99,99,255,255,255,255": 0, "+CESQ: 99,99,40,20,255,255": -81, "+CESQ: 30,0,255,255,255,255": -81, "+CESQ: 1": 0,
	} {
		got := parseCSQ(line)
		if strings.HasPrefix(line, "+CESQ") {
			got = parseCESQ(line)
		}
		if got != want {
			t.Errorf("%s: %d dBm, want %d", line, got, want)
		}
	}
}

func TestClocksAreReadAndUnsetOnesRefused(t *testing.T) {
	for line, want := range map[string]string{
		`+CCLK: "26/11/21,10:00:00+04"`:         "2026-11-21T09:00:00Z",
		`+CCLK: "26/11/21,10:00:00-20"`:         "2026-11-21T15:00:00Z",
		`+CCLK: 26/11/21,10:00:00`:              "2026-11-21T10:00:00Z",
		`+CCLK: "2026/11/21,10:00:00+04"`:       "2026-11-21T09:00:00Z",
		`+CCLK: "80/01/06,00:00:12+00"`:         "",
		`+CCLK: "00/01/01,00:00:12+00"`:         "",
		`+CCLK: ""`:                             "",
		`+CCLK: "26/13/21,10:00:00+04"`:         "",
		`+CTZE: "+04",0,"2026/11/21,10:00:00"`:  "2026-11-21T09:00:00Z",
		`+CTZEU: "+04",0,"2026/11/21,09:00:00"`: "2026-11-21T09:00:00Z",
		`+CTZE: "+04",0`:                        "",
		`+CTZV: "+04"`:                          "",
	} {
		read := parseNITZ
		if strings.HasPrefix(line, "+CCLK") {
			read = parseCCLK
		}
		got, ok := read(line)
		if s := got.UTC().Format(time.RFC3339); ok != (want != "") || ok && s != want {
			t.Errorf("%s: %s, %v; want %s", line, s, ok, want)
		}
	}
}

func TestOffersOfNoticesAreReadAsListsAndRanges(t *testing.T) {
	for offer, want := range map[string]string{
		"+CNMI: (0-3),(0-3),(0,2,3),(0-2),(0,1)": "2,1,0,2,0 2,1,0,2,1 2,1,0,1,0",
		"+CNMI: (0,1,2),(0,1),(0,2),(0),(1)":     "2,1,0,0,1 1,1,0,0,1",
		"+CNMI: (1),(0,1),(0),(0,1),(0)":         "1,1,0,1,0 1,1,0,0,0",
		"":                                       "2,1,0,2,0 2,1,0,2,1 2,1,0,1,0",
		"+CNMI: (0-99999999999999999999),(x-y),(),(),(": "2,1,0,2,0 2,1,0,2,1 2,1,0,1,0",
	} {
		if got := strings.Join(notices(offer), " "); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s…", offer, got, want)
		}
	}
}

func TestNoCodeIsWithoutAFate(t *testing.T) {
	tables := map[string]map[int]rule{"CMS": cms, "CME": cme}
	for _, v := range vendor {
		tables[v.maker] = v.codes
	}
	for name, table := range tables {
		for code, r := range table {
			switch {
			case r.taken:
			case r.fate == delivery.Retry && r.after <= 0:
				t.Errorf("%s %d: a retry at once", name, code)
			case r.fate == delivery.Unsure && r.worker, r.fate == delivery.Never && r.worker:
				t.Errorf("%s %d: %v cannot be the worker's trouble", name, code, r.fate)
			case r.fate == 0:
				t.Errorf("%s %d: no fate", name, code)
			}
		}
	}
	// The same number means opposite things to different makers.
	for maker, want := range map[string]delivery.Fate{"Quectel": delivery.Retry, "SIMCOM INCORPORATED": delivery.Retry, "Telit": delivery.Unsure, "Acme": delivery.Retry} {
		code := 515
		if v, _ := judge(&at.Refusal{Kind: "CMS", Code: code}, maker); v.fate != want {
			t.Errorf("%s %d: %v, want %v", maker, code, v.fate, want)
		}
	}
	if _, ok := judge(&at.Refusal{Code: -1, Text: "ERROR"}, "Quectel"); ok {
		t.Error("a plain ERROR was judged without looking")
	}
}

func TestCallersAreWrittenInFull(t *testing.T) {
	for line, want := range map[string]string{
		`+CLIP: "+48501200777",145,"",,"",0`: "+48501200777", `+CLIP: "48501200777",145`: "+48501200777",
		`+CLIP: "0501200777",161`: "+48501200777", `+CLIP: "501200777",129`: "501200777", `+CLIP: "",128,"",,"",1`: "", "+CLIP:": "",
	} {
		if got := caller(line, 48); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestReferencesGoRoundAndAreStoredAhead(t *testing.T) {
	mem := &forgetful{}
	var c chain
	seen := map[int]int{}
	for range 256 {
		ref, err := c.take(memo{mem})
		if err != nil || ref < 0 || ref > 255 {
			t.Fatalf("got %d, %v", ref, err)
		}
		seen[ref]++
	}
	if len(seen) != 256 {
		t.Errorf("%d different references in a round of 256", len(seen))
	}
	last, _ := c.take(memo{mem})
	var after chain // the box restarts
	if next, _ := after.take(memo{mem}); next <= last {
		t.Errorf("after %d and a restart came %d", last, next)
	}
}

func TestCongestionIsToldApart(t *testing.T) {
	for code, want := range map[string]bool{"CMS 22": true, "CMS 42": true, "CMS 47": true, "CMS 192": true, "CME 122": true, "CMS 38": false, "CMS 41": false, "CMS 21": false, "CMS 50": false, "CMS 500": false} {
		var r at.Refusal
		fmt.Sscanf(code, "%s %d", &r.Kind, &r.Code)
		v, ok := judge(&r, "Quectel")
		if !ok || v.crowd != want || v.crowd && (v.fate != delivery.Retry || v.worker) {
			t.Errorf("%s: %+v", code, v)
		}
	}
}
