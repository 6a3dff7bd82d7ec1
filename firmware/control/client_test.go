package control_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heliograph/firmware/control"
)

// complaint is what the client says when it cannot get the status.
func complaint(t *testing.T, socket string) string {
	t.Helper()
	var s control.Status
	_, err := control.Dial(socket).Get(t.Context(), "/v1/status", &s)
	if err == nil {
		t.Fatalf("%s answered", socket)
	}
	return err.Error()
}

func TestNoApplianceRuns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "control.sock")
	want := "no appliance runs here: there is no socket " + path + "; start it with `heliograph run`, or name its socket with --socket"
	if got := complaint(t, path); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheApplianceDied(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "control.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	want := "the appliance does not answer on " + path + ": it is not running; start it with `heliograph run`"
	if got := complaint(t, path); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNotForEverybody(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("needs an ordinary user: root may open every socket")
	}
	_, path, _ := served(t, &box{})
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	want := "you may not speak to the appliance: " + path + " is for root and its group; use sudo or join the group heliograph"
	if got := complaint(t, path); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestStrangeAnswers comes from something else behind the socket, or another
// version.
func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"a path it does not know", http.NotFound, "the appliance answers 404 Not Found; it may be of another version than this command"},
		{"its own words", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, `{"error":"read the store: it is broken"}`)
		}, "read the store: it is broken"},
		{"no JSON", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") },
			"understand the answer of the appliance, which may be of another version: invalid character '<' looking for beginning of value"},
		{"a crash", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "speak to the appliance: EOF"},
	} {
		path := filepath.Join(t.TempDir(), "control.sock")
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		srv := &http.Server{Handler: c.answer}
		go srv.Serve(l)
		if got := complaint(t, path); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
		srv.Close()
	}
}

// TestABackupThatBreaks is known for broken, wherever it breaks.
func TestABackupThatBreaks(t *testing.T) {
	t.Parallel()
	page := bytes.Repeat([]byte{7}, 4096)
	b := &box{}
	c, _, _ := served(t, b)
	for _, s := range []struct {
		name  string
		pages int
		err   error
		want  string
	}{
		{"whole", 300, nil, ""},
		{"empty", 0, nil, ""},
		{"before the first page", 0, errors.New("back up the store: it is broken"), "back up the store: it is broken"},
		{"within the first buffer", 1, errors.New("broken"), "the appliance broke off in the middle; its log says why"},
		{"far in the middle", 300, errors.New("broken"), "the appliance broke off in the middle; its log says why"},
	} {
		b.backup = func(w io.Writer) error {
			for range s.pages {
				if _, err := w.Write(page); err != nil {
					return err
				}
			}
			return s.err
		}
		var copied bytes.Buffer
		n, err := c.Copy(t.Context(), "/v1/backup", &copied)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != s.want {
			t.Errorf("%s: %q, want %q", s.name, got, s.want)
		}
		if s.err == nil && (n != int64(s.pages*4096) || !bytes.Equal(copied.Bytes(), bytes.Repeat(page, s.pages))) {
			t.Errorf("%s: %d bytes came", s.name, n)
		}
	}
}

// TestAFullDiskHere is the client's own trouble, and said as such.
func TestAFullDiskHere(t *testing.T) {
	t.Parallel()
	b := &box{backup: func(w io.Writer) error { _, err := w.Write(make([]byte, 1<<20)); return err }}
	c, _, _ := served(t, b)
	_, err := c.Copy(t.Context(), "/v1/backup", full{})
	if err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("error %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
