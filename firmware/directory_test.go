package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heliograph/firmware/config"
	"heliograph/storage/directory"
)

// seed001 is the list of the upstream outage as an operator's books give it:
// 4,812 subscribers in three regions, and some rows that nobody looked at.
func seed001(n int) string {
	regions := []string{"Mazowieckie", "Łódzkie", "Śląskie"}
	var b strings.Builder
	b.WriteString("Nr klienta;Imię i nazwisko;Telefon komórkowy;E-mail;Język;Województwo;Skrzynka;Łącze;Uwagi\r\n")
	for i := range n {
		mail, language := "", "pl"
		if i%5 == 0 {
			mail = fmt.Sprintf("k%d@example.org", i)
		}
		if i%9 == 0 {
			language = "angielski"
		}
		fmt.Fprintf(&b, "K%05d;Jan Kowalski %d;600 %03d %03d;%s;%s;%s;BOX-%d;transit-a;\r\n", i, i, i/1000, i%1000, mail, language, regions[i%3], i/12)
	}
	return b.String()
}

// desk is a folder with a configuration, on which commands are typed.
func desk(t *testing.T, more string) (dir string, say func(words ...string) (out, errs string, code int)) {
	t.Helper()
	dir = t.TempDir()
	conf := filepath.Join(dir, "heliograph.yaml")
	text := "site: waw-12\ndata: " + dir + "\nmodems: [{name: lte0, port: /dev/ttyUSB2}]\npeople: [{name: ada, sms: \"+48600100201\"}]\n" +
		"uplinks:\n  - name: transit-a\n    interface: eth0\n    gateway: 192.0.2.1\n    probes: [icmp: 9.9.9.9]\n" + more
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, func(words ...string) (string, string, int) {
		return typed(t, append([]string{"directory", "-c", conf}, words...)...)
	}
}

func put(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheListOfAnUpstreamOutageIsImportedAndShown(t *testing.T) {
	t.Parallel()
	dir, say := desk(t, "")
	if _, errs, code := say(); code != 1 || !strings.Contains(errs, "there is no list of subscribers: `heliograph directory import` takes one") {
		t.Errorf("before there is a list: %d %s", code, errs)
	}
	text := seed001(4812) + "K90001;short;12345;;pl;Mazowieckie;BOX-1;transit-a;\r\n" + "K90002;mail only;12345;x@example.org;pl;Mazowieckie;BOX-1;transit-a;\r\n"
	out, errs, code := say("import", put(t, dir, "subscribers.csv", text))
	for _, want := range []string{
		"Columns: code from Nr klienta, name from Imię i nazwisko, phone from Telefon komórkowy, mail from E-mail, language from Język, region from Województwo, box from Skrzynka, uplink from Łącze.\nNot used: Uwagi.\n",
		"Not taken, by line:\n - 4814: Telefon komórkowy: \"12345\" has 5 digits: write the whole number with its country code, as in +48600100201\n",
		"Taken without what cannot be used, by line:\n - 4815: Telefon komórkowy: \"12345\" has 5 digits",
		"4,813 subscribers, list of ", " from subscribers.csv; 1 row not taken; version ",
		"4,812 numbers to text and 964 mail addresses; 0 subscribers have neither, 0 agreed to none\n",
		"\nregion  Łódzkie      lodzkie                     1,604\nregion  Mazowieckie  mazowieckie                 1,605\nregion  Śląskie      slaskie                     1,604\nuplink  transit-a    transit-a                   4,813\n",
	} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("status %d %s\n%s\nwithout\n%s", code, errs, out, want)
		}
	}
	shown, _, code := say()
	if _, same, _ := strings.Cut(out, "Not used: Uwagi.\n"); code != 0 || shown != same {
		t.Errorf("shown is\n%s\nafter\n%s", shown, same)
	}
	if out, _, _ := say("--all"); !strings.Contains(out, "box     BOX-400      box-400                     12\n") {
		t.Errorf("with --all, no box is shown:\n%s", out)
	}
}

func TestSomebodyIsFoundByAnyFormOfTheNumber(t *testing.T) {
	t.Parallel()
	dir, say := desk(t, "")
	if _, errs, code := say("import", put(t, dir, "list.csv", seed001(30))); code != 0 {
		t.Fatal(errs)
	}
	for _, what := range []string{"+48600000018", "600 000 018", "0048600000018", "k00018"} {
		out, errs, code := say("find", what)
		want := "Code:         K00018\nName:         Jan Kowalski 18\nNumbers:      +48600000018\nLanguage:     en\nRegion:       Mazowieckie\nBox:          BOX-1\nUplink:       transit-a\n\n"
		if code != 0 || out != want {
			t.Errorf("%s finds %d %s%s", what, code, out, errs)
		}
	}
	for what, want := range map[string]string{"+48600999999": "nobody in the list of ", "": "say whom: `heliograph directory find +48600100201`, or a code"} {
		if _, errs, code := say("find", what); code != 1 || !strings.Contains(errs, want) {
			t.Errorf("%q is told %d %s", what, code, errs)
		}
	}
}

// The export of the books broke off after twelve rows. What is in use stays,
// until somebody says that twelve is right.
func TestAListThatShrankIsAskedAboutTwice(t *testing.T) {
	t.Parallel()
	dir, say := desk(t, "subscribers: {from: {csv: "+filepath.Join(t.TempDir(), "away.csv")+"}}\n")
	if _, errs, code := say("import", put(t, dir, "list.csv", seed001(4812))); code != 0 {
		t.Fatal(errs)
	}
	short := put(t, dir, "short.csv", seed001(12))
	if _, errs, code := say("import", short); code != 1 || !strings.Contains(errs, "the new list has 12 of 4812 subscribers, and was not taken: if that is right, `heliograph directory import --force`") {
		t.Errorf("twelve are told %d %s", code, errs)
	}
	if _, errs, code := say("import"); code != 1 || !strings.Contains(errs, "read subscribers from away.csv: open ") {
		t.Errorf("a source that is gone is told %d %s", code, errs)
	}
	if v, err := directory.Newest(dir); err != nil || v.Count != 4812 {
		t.Errorf("in use is %+v (%v)", v, err)
	}
	if _, errs, code := say("import", short, "--force"); code != 0 {
		t.Errorf("forced: %s", errs)
	}
	if v, err := directory.Newest(dir); err != nil || v.Count != 12 {
		t.Errorf("in use is %+v (%v)", v, err)
	}
}

// What an uplink serves is written by hand: a name that nobody bears would
// tell nobody.
func TestWhatIsServedMustBeInTheList(t *testing.T) {
	t.Parallel()
	dir, say := desk(t, "    serves: [lodzkie, lodz]\nsubscribers: {from: {csv: /data/list.csv}}\n")
	conf, err := readConfig(filepath.Join(dir, "heliograph.yaml"), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := aboutSubscribers(conf); len(got) != 1 || got[0] != directory.ErrNone.Error() {
		t.Errorf("without a list: %q", got)
	}
	if _, errs, code := say("import", put(t, dir, "list.csv", seed001(30))); code != 0 {
		t.Fatal(errs)
	}
	if got := aboutSubscribers(conf); len(got) != 1 || !strings.HasPrefix(got[0], "transit-a serves lodz, and nobody in the list of subscribers of ") {
		t.Errorf("with a list: %q", got)
	}
}

func TestWordsThatDirectoryDoesNotTake(t *testing.T) {
	t.Parallel()
	_, say := desk(t, "")
	for line, want := range map[string]string{
		"import":         "no source of subscribers is configured: name a CSV file",
		"show K00001":    "`heliograph directory find K00001` looks for that",
		"show --force":   "--force is for import only",
		"import /no.csv": "read subscribers from no.csv: open /no.csv: no such file or directory",
	} {
		if _, errs, code := say(strings.Fields(line)...); code != 1 || !strings.Contains(errs, want) {
			t.Errorf("%s is told %d %s", line, code, errs)
		}
	}
}

// What a source is called in plans holds nothing of its address but the host.
func TestASourceIsCalledByItsFileOrHost(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]config.Directory{
		"a pipe":          {Kind: "csv", Path: "-"},
		"list.csv":        {Kind: "csv", Path: "/data/list.csv"},
		"bss.example.org": {Kind: "http", URL: "https://bss.example.org/clients?key=4711"},
		"splynx":          {Kind: "splynx"},
	} {
		if got := sourceName(d); got != want {
			t.Errorf("%+v is called %q", d, got)
		}
	}
}
