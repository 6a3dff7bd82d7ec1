package slack_test

import (
	"context"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/slack/slacktest"
)

// TestSlacksOwnClientKnowsTheFake: what the stand-in says is what a client that
// is not ours takes for Slack.
func TestSlacksOwnClientKnowsTheFake(t *testing.T) {
	t.Parallel()
	dir := client(t)
	s := &slacktest.Slack{Token: token, Webhook: hook}
	s.AddChannel(room, "noc-war-room")
	server := httptest.NewTLSServer(s)
	defer server.Close()
	roots := filepath.Join(dir, "roots.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(roots, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	// It comes back after the 429 that its first message is told.
	s.Fail(slacktest.Fault{On: "chat.postMessage", Status: 429, Header: map[string][]string{"Retry-After": {"0"}}, Type: json, Body: `{"ok":false,"error":"ratelimited"}`})
	run := exec.CommandContext(t.Context(), "node", "proof.js")
	run.Dir = dir
	run.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+roots, "SLACK_API_URL="+server.URL+"/api/", "SLACK_TOKEN="+token, "SLACK_CHANNEL="+room)
	var complaint strings.Builder
	run.Stderr = &complaint
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, complaint.String())
	}
	const want = `{"user":"U0123","twice":"already_pinned","updated":"RESOLVED","unpinned":"no_pin","noThread":"thread_not_found","noReplyParent":"thread_not_found",` +
		`"noText":"no_text","noMessage":"message_not_found","noChannel":"channel_not_found","noToken":"invalid_auth",` +
		`"history":[["all clear",0],["RESOLVED",3]],"replies":["RESOLVED","reply","all clear"],"bare":true,"channels":["noc-war-room"],"ordered":true}`
	if got := strings.TrimSpace(string(out)); got != want {
		t.Errorf("Slack's client saw\n  %s\nwant\n  %s", got, want)
	}
}

// client installs Slack's client in a folder of its own.
func client(t *testing.T) string {
	t.Helper()
	for _, part := range []string{"npm", "node"} {
		if _, err := exec.LookPath(part); err != nil {
			t.Skipf("needs %s: Slack's own client is not tried (%v)", part, err)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "proof.js"} {
		text, err := os.ReadFile(filepath.Join("testdata/npm", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("needs the npm package @slack/web-api 8.2.0: %v\n%s", err, out)
	}
	return dir
}
