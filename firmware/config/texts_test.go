package config

import (
	"strings"
	"testing"
	"testing/fstest"
)

// The wordings for those outside lie in folders named after them, a mail's
// with an ending of its own; what stands in the file wins.
func TestWordingsForThoseOutside(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{}
	for name, text := range map[string]string{
		"subscribers/down.pl.txt": "{{.Brand}} nie działa\n", "subscribers/down.pl.mail": "Dzień dobry,\n\nnie działa.\n", "subscribers/down.en.txt": "of the folder",
		"partner/all-clear.it.mail": "Di nuovo", "public/update.en.txt": "We work on it.", "partner/.down.en.txt.swp": "x", "subscribers/notes.md": "x", "down.en.txt": "DOWN",
	} {
		folder["etc/heliograph/texts/"+name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	text := small + "\ntexts:\n  folder: /etc/heliograph/texts\n  subscribers: {down: {en: of the file}, mail: {down: {en: \"a\\n\\nb\"}}}\n"
	c, faults := Parse("heliograph.yaml", []byte(text), folder, environment)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var got []string
	for _, o := range c.Texts.Outside {
		got = append(got, o.name()+": "+strings.ReplaceAll(o.Text, "\n", "/"))
	}
	want := []string{
		"partner/all-clear (it, mail): Di nuovo", "public/update (en): We work on it.", "subscribers/down (en): of the file", "subscribers/down (en, mail): a//b",
		"subscribers/down (pl): {{.Brand}} nie działa", "subscribers/down (pl, mail): Dzień dobry,//nie działa.",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || c.Texts.Templates["down"]["en"] != "DOWN" {
		t.Errorf("want %s\n got %s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
	for name, file := range map[string]string{"subscribers/dwon.pl.txt": "kinds are down, opened", "public/down.en.mail": "the public reads pages only", "partner/reminder.en.txt": "KIND.LANGUAGE.mail"} {
		_, faults := Parse("heliograph.yaml", []byte(small+"\ntexts: {folder: /etc/heliograph/texts}\n"), fstest.MapFS{"etc/heliograph/texts/" + name: &fstest.MapFile{Data: []byte("x"), Mode: 0o644}}, environment)
		if len(faults) != 1 || !strings.Contains(faults[0].Error(), file) {
			t.Errorf("%s: %v", name, faults)
		}
	}
}
