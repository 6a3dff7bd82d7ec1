package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heliograph/firmware/config"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// previewed types `heliograph preview` at a desk.
func previewed(t *testing.T, more string, words ...string) (dir string, say func(words ...string) (string, string, int)) {
	t.Helper()
	dir, _ = desk(t, more)
	return dir, func(words ...string) (string, string, int) {
		return typed(t, append([]string{"preview", "-c", filepath.Join(dir, "heliograph.yaml")}, words...)...)
	}
}

const previewConfig = "    serves: [mazowieckie, slaskie]\ncallback: \"+48221234567\"\nsubscribers: {from: {csv: /data/list.csv}}\n"

func TestPreviewShowsWhatSubscribersRead(t *testing.T) {
	t.Parallel()
	dir, say := previewed(t, previewConfig)
	out, errs, code := say("--kind", "down", "--language", "pl")
	if code != 0 || !strings.Contains(out, "by text (pl): ") || !strings.Contains(out, " characters, GSM-7, 1 part\n  waw-12: brak internetu (mazowieckie, slaskie) od ") || !strings.Contains(out, "there is no list of subscribers") {
		t.Errorf("status %d, %s: %s", code, errs, out)
	}
	put(t, dir, "list.csv", seed001(4812))
	if _, errs, code := typed(t, "directory", "-c", filepath.Join(dir, "heliograph.yaml"), "import", filepath.Join(dir, "list.csv")); code != 0 {
		t.Fatal(errs)
	}
	out, errs, code = say("--region", "slaskie", "--about", "transit-a", "--kind", "all-clear")
	if code != 0 || !strings.Contains(out, "your Internet in slaskie works again since ") || !strings.Contains(out, "texts (1 part), ") || !strings.Contains(out, "; list of ") ||
		strings.Contains(out, "mail addresses") { // all have a number, and nobody gets a mail besides
		t.Errorf("status %d, %s: %s", code, errs, out)
	}
	out, _, _ = say()
	for _, kind := range notice.OutsideKinds(notice.Subscriber) {
		if !strings.Contains(out, string(kind)+" to subscribers by text (en): ") {
			t.Errorf("%s is not shown", kind)
		}
	}
}

// What would not go out is marked and ends in status 1; what goes out without
// an operator's words says why.
func TestPreviewMarksWhatWouldNotGoOut(t *testing.T) {
	t.Parallel()
	_, say := previewed(t, previewConfig)
	for _, c := range []struct {
		title, want string
		code        int
	}{
		{"splicing has begun", "Splicing has begun.", 0},
		{"about ??? hours", `would not go out: "???" stands in your words`, 1},
		{"transit-a is cut", `without your words: "transit-a" in them is not for these readers`, 0},
		{"see INC-4711", `without your words: "INC-4711" in them is not for these readers`, 0},
		{strings.Repeat("we work at the bridge over the river ", 5), "too long by ", 0},
	} {
		out, errs, code := say("--kind", "update", "--title", c.title)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: status %d, want %d and %q: %s%s", c.title, code, c.code, c.want, out, errs)
		}
	}
	if _, errs, code := say("--kind", "acked"); code != 1 || !strings.Contains(errs, `no notice of the kind "acked" to subscribers; there are: down, opened`) {
		t.Errorf("status %d: %s", code, errs)
	}
}

// The owner's wordings are checked where the configuration is, and shown.
func TestPreviewShowsTheOwnersWords(t *testing.T) {
	t.Parallel()
	dir, say := previewed(t, previewConfig+"texts: {folder: texts}\n")
	if err := os.MkdirAll(filepath.Join(dir, "texts", "partner"), 0o700); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "heliograph.yaml")
	b, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "heliograph.yaml", strings.Replace(string(b), "folder: texts", "folder: "+filepath.Join(dir, "texts"), 1))
	put(t, filepath.Join(dir, "texts", "partner"), "down.en.mail", "Dear partner,\n\n{{.Subject}} is down {{.Since}}.\n")
	out, errs, code := say("--audience", "partner", "--kind", "down")
	if code != 0 || !strings.Contains(out, "  Dear partner,\n\n  transit-a is down since ") {
		t.Errorf("status %d: %s%s", code, out, errs)
	}
	put(t, filepath.Join(dir, "texts", "partner"), "down.en.mail", "Dear partner, ticket {{.Number}}")
	if _, errs, code = say("--audience", "partner"); code != 1 || !strings.Contains(errs, "wording partner/mail/down/en: there is no field .Number for these readers") {
		t.Errorf("status %d: %s", code, errs)
	}
}

// The configuration takes the kinds that there are words for, and no others.
func TestTheConfigurationKnowsTheKindsForThoseOutside(t *testing.T) {
	t.Parallel()
	for _, to := range []notice.Reader{notice.Subscriber, notice.Partner, notice.Public} {
		for _, kind := range notice.OutsideKinds(to) {
			text := "site: waw-12\ndata: /tmp\nmodems: [{name: lte0, port: /dev/ttyUSB2}]\npeople: [{name: ada, sms: \"+48600100201\"}]\n" +
				"uplinks: [{name: transit-a, interface: eth0, probes: [icmp: 9.9.9.9]}]\ntexts: {" + string(to) + ": {" + string(kind) + ": {en: x}}}\n"
			c, faults := config.Parse("x.yaml", []byte(text), nil, func(string) (string, bool) { return "", false })
			if len(faults) > 0 || len(c.Texts.Outside) != 1 || c.Texts.Outside[0].Kind != kind || c.Texts.Outside[0].Channel == event.Mail {
				t.Errorf("%s/%s: %v", to, kind, faults)
			}
		}
	}
}
