package config

import (
	"os"
	"testing"
	"testing/fstest"
)

// secrets are the files that the example points to.
func secrets() fstest.MapFS {
	files := fstest.MapFS{}
	for name, content := range map[string]string{
		"sim.pin": "1234\n", "ada.totp": "JBSWY3DPEHPK3PXP\n", "mail.json": `{"refresh_token":"x"}`,
		"statuspage.token": "sp\n", "slack.token": "xoxb\n",
	} {
		files["etc/heliograph/"+name] = &fstest.MapFile{Data: []byte(content), Mode: 0o640}
	}
	return files
}

const where = "/etc/heliograph/heliograph.yaml"

func mustRead(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mustParse(t *testing.T, text string) Config {
	t.Helper()
	c, faults := Parse(where, []byte(text), secrets(), nil)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheExampleParses(t *testing.T) {
	c := mustParse(t, mustRead(t, "example.yaml"))
	t.Logf("%+v", c)
}
