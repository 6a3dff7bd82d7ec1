package ozmap_test

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

	"heliograph/drivers/ozmap/ozmaptest"
)

// TestOZmapsOwnLibraryKnowsTheFake: what the stand-in says is what a client
// that is not ours takes for OZmap. It sends its filters in the body of a GET.
func TestOZmapsOwnLibraryKnowsTheFake(t *testing.T) {
	t.Parallel()
	dir := library(t)
	oz := &ozmaptest.Map{Key: key, Login: "noc", Password: "spring"}
	city := oz.AddProject("Vicenza")
	oz.AddRegion("Nord", square(11, 45, 12, 46), city)
	one, two := oz.AddBox("CTO-1", city, ozmaptest.Point{11.5, 45.5}), oz.AddBox("CTO-2", city, ozmaptest.Point{11.6, 45.6})
	for _, c := range [][2]string{{"adam.jones", one}, {"beth.kim", one}, {"carl.orr", two}} {
		oz.AddClient(c[0], strings.ToUpper(c[0]), c[1])
	}
	server := httptest.NewTLSServer(oz)
	defer server.Close()
	roots := filepath.Join(dir, "roots.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(roots, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, "node", "proof.js")
	run.Dir = dir
	run.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+roots, "OZMAP_URL="+server.URL, "OZMAP_KEY="+key, "OZLOGGER_HTTP=false", "OZLOGGER_LEVEL=error") // its log opens no port
	var complaint strings.Builder
	run.Stderr = &complaint
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, complaint.String())
	}
	const want = `{"adam":["adam.jones","ADAM.JONES",0],"page":[3,2,0,2,true,true],"all":["adam.jones","beth.kim","carl.orr"],` +
		`"sorted":["carl.orr","beth.kim"],"behind":["adam.jones","beth.kim"],"either":["CTO-1","CTO-2"],"regions":[["Nord","Polygon"]],` +
		`"twice":"422 there is a tag Massive Outage","tagged":[["Massive Outage",["client"]]],"carriers":["adam.jones"],` +
		`"unknownTag":"422 tag 62a7344cd570f7001325ffff is not for a client","onABox":"422 tag 62a7344cd570f7000000000b is not for a box",` +
		`"untagged":0,"nobody":null,"login":1,"stranger":"401 Invalid credentials"}`
	lines := strings.Split(strings.TrimSpace(string(out)), "\n") // the library's own log comes before
	if got := lines[len(lines)-1]; got != want {
		t.Errorf("OZmap's library saw\n  %s\nwant\n  %s", got, want)
	}
}

// library installs OZmap's own client in a folder of its own.
func library(t *testing.T) string {
	t.Helper()
	for _, part := range []string{"npm", "node"} {
		if _, err := exec.LookPath(part); err != nil {
			t.Skipf("needs %s: OZmap's own library is not tried (%v)", part, err)
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
		t.Skipf("needs the npm package @ozmap/ozmap-sdk 1.1.8: %v\n%s", err, out)
	}
	return dir
}
