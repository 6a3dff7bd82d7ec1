package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// Secret is a value that must never be seen in a log, a page or an export.
// Only Reveal gives it away.
type Secret struct{ value string }

const hidden = "(secret)"

// Reveal gives the value itself; empty if there is none.
func (s Secret) Reveal() string { return s.value }

// Given says whether there is a value.
func (s Secret) Given() bool { return s.value != "" }

// String hides the value.
func (s Secret) String() string { return hidden }

// GoString hides the value from %#v.
func (s Secret) GoString() string { return hidden }

// Format hides the value from every verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hidden) }

// MarshalJSON hides the value.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText hides the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// NewSecret makes a secret of a value that came from elsewhere, as rehearsals
// and tests do.
func NewSecret(value string) Secret { return Secret{value} }

// need is what a missing secret means.
type need bool

const (
	vital need = true  // the key is carried out: without its secret the file is refused
	later need = false // the key is not carried out yet: said as a warning
)

// heaviest is the most a secret file may hold, in bytes; a service account's
// JSON has about two thousand.
const heaviest = 64 << 10

const neverHere = "never write a secret here: put it in a file and write {file: /etc/heliograph/NAME}, or write {env: NAME}"

// secret reads {file: …} or {env: …}.
func (r *reader) secret(v value, n need) Secret {
	if _, plainly := raw(v.node); plainly {
		r.fault(v, "the secret itself stands in the configuration", neverHere)
		return Secret{}
	}
	var file, env value
	var where, name string
	ok := r.mapping(v, fields{
		"file": func(v value) { file = v; where, _ = r.text(v) },
		"env":  func(v value) { env = v; name, _ = r.text(v) },
	})
	switch {
	case !ok:
		return Secret{}
	case r.has(v.key+".file") && r.has(v.key+".env"):
		r.fault(v, "has both a file and an environment variable", "keep one of the two")
	case where != "":
		return r.secretFile(file, where, n)
	case name != "":
		return r.secretEnv(env, name, n)
	case !r.has(v.key+".file") && !r.has(v.key+".env"):
		r.fault(v, "says neither which file nor which environment variable", "write {file: /etc/heliograph/NAME} or {env: NAME}")
	}
	return Secret{}
}

// lacking reports a secret that cannot be had.
func (r *reader) lacking(v value, n need, problem, want string) {
	if n == vital {
		r.fault(v, problem, want)
		return
	}
	r.absent = append(r.absent, fmt.Sprintf("%s (line %d): %s; not needed yet", v.key, r.placeOf(v.key).line, problem))
}

func (r *reader) secretEnv(v value, name string, n need) Secret {
	if !variables.MatchString(name) {
		r.fault(v, shown(name)+" cannot be an environment variable", "use capital letters, digits and _; if this is the secret itself: "+neverHere)
		return Secret{}
	}
	s, ok := r.env(name)
	if s = strings.TrimSpace(s); !ok || s == "" {
		r.lacking(v, n, "the environment variable "+name+" is not set", "set it for the service, or use {file: …}")
		return Secret{}
	}
	return Secret{s}
}

func (r *reader) secretFile(v value, name string, n need) Secret {
	content, ok := r.readFile(v, name, n, true)
	if !ok {
		return Secret{}
	}
	s := strings.TrimSpace(content)
	if s == "" {
		r.lacking(v, n, "the file "+name+" is empty", "write the secret into it")
	}
	return Secret{s}
}

// inside is a path as the file system given to Parse wants it: without the
// leading slash, or beside the configuration.
func (r *reader) inside(name string) string {
	if !strings.HasPrefix(name, "/") {
		name = path.Join(path.Dir(r.file), name)
	}
	name = strings.TrimPrefix(path.Clean(name), "/")
	if name == "" {
		return "."
	}
	return name
}

// readFile reads a small file beside the configuration; private ones must not
// be readable by everybody.
func (r *reader) readFile(v value, name string, n need, private bool) (string, bool) {
	inside := r.inside(name)
	if strings.HasPrefix(r.file, "/") {
		name = "/" + inside
	}
	if !fs.ValidPath(inside) || r.files == nil {
		r.fault(v, shown(name)+" is not a path to a file", "write the whole path, as in /etc/heliograph/NAME")
		return "", false
	}
	info, err := fs.Stat(r.files, inside)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.lacking(v, n, "there is no file "+name, "create it, or mend the path")
		return "", false
	case err != nil:
		r.lacking(v, n, "the file "+name+" cannot be looked at: "+reason(err), "let the user that runs heliograph read it")
		return "", false
	case !info.Mode().IsRegular():
		r.fault(v, name+" is not a file", "write the path of a file")
		return "", false
	case private && info.Mode().Perm()&0o004 != 0:
		r.fault(v, "everybody on this box can read "+name, "run: chmod 640 "+name)
		return "", false
	case info.Size() > heaviest:
		r.fault(v, name+" is larger than 64 kB", "is this the right file?")
		return "", false
	}
	content, err := r.slurp(inside)
	if err != nil {
		r.lacking(v, n, "the file "+name+" cannot be read: "+reason(err), "let the user that runs heliograph read it")
		return "", false
	}
	return content, true
}

func (r *reader) slurp(name string) (string, error) {
	f, err := r.files.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, heaviest))
	return string(content), err
}

// reason is an error without the path that the sentence already has.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

var variables = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,63}$`)
