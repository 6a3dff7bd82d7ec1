package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// key is one line of authorized_keys: somebody who may log in.
type key struct {
	options string // what the line limits it to, as it says it
	kind    string // the name of the algorithm
	blob    []byte // RFC 4253 §6.6
	whose   string // the comment
}

// kinds are the keys that dropbear takes, each with the number of its fields
// (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4; sk-…: OpenSSH's PROTOCOL.u2f).
// DSA is left out: OpenSSH took it out, too.
var kinds = map[string]int{
	"ssh-ed25519": 2, "ssh-rsa": 3,
	"ecdsa-sha2-nistp256": 3, "ecdsa-sha2-nistp384": 3, "ecdsa-sha2-nistp521": 3,
	"sk-ssh-ed25519@openssh.com": 3, "sk-ecdsa-sha2-nistp256@openssh.com": 4,
}

// limits are the options that dropbear keeps to. A key with any other one would
// never open: from= and expiry-time= are among those.
var limits = []string{"restrict", "no-pty", "no-port-forwarding", "no-agent-forwarding", "no-x11-forwarding", "no-touch-required", "verify-required"}

const (
	shortestRSA = 2048 // bits
	longestLine = 4096 // dropbear reads 4200 octets
)

// keysOf reads authorized_keys, and names every line that is wrong. A text
// without a key is no fault: it takes access away.
func keysOf(text string) (keys []key, err error) {
	text = strings.TrimPrefix(text, "\ufeff") // some editors begin with it
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		k, fault := keyOf(line)
		if fault != nil {
			err = errors.Join(err, fmt.Errorf("authorized_keys:%d: %w", n, fault))
		}
		keys = append(keys, k)
	}
	return keys, err
}

func keyOf(line string) (k key, err error) {
	if strings.Contains(line, "PRIVATE KEY") {
		return k, errors.New("this is a private key, which nobody else may have: bring the public one, from the file that ends in .pub")
	}
	word, rest := wordOf(line)
	if _, ok := kinds[word]; !ok && startsWithKind(rest) {
		if err := limited(word); err != nil {
			return k, err
		}
		k.options = word
		word, rest = wordOf(rest)
	}
	if _, ok := kinds[word]; !ok {
		return k, fmt.Errorf("%.40q is no key that can be used here: write ssh-ed25519, ecdsa-sha2-… or ssh-rsa, the key, and whose it is", word)
	}
	body, whose := wordOf(rest)
	if k.blob, err = base64.StdEncoding.DecodeString(body); err != nil || body == "" {
		return k, errors.New("the key is not whole: copy the whole line of the file that ends in .pub")
	}
	k.kind, k.whose = word, strings.TrimSpace(whose)
	if len(k.line()) > longestLine {
		return k, fmt.Errorf("it has more than %d characters", longestLine)
	}
	return k, k.check()
}

// wordOf takes a word from a line; in quotes a word goes on over spaces.
func wordOf(line string) (word, rest string) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t'):
			return line[:i], strings.TrimLeft(line[i:], " \t")
		}
	}
	return line, ""
}

// startsWithKind tells that what stood before are options: a kind of key comes
// now, known or not.
func startsWithKind(rest string) bool {
	word, _ := wordOf(rest)
	return kinds[word] > 0 || strings.HasPrefix(word, "ssh-") || strings.HasPrefix(word, "ecdsa-") || strings.HasPrefix(word, "sk-")
}

// limited refuses options that would not be kept to.
func limited(options string) error {
	for rest := options; rest != ""; {
		var option string
		option, rest = optionOf(rest)
		name, value, valued := strings.Cut(option, "=")
		name = strings.ToLower(name)
		command := name == "command" && len(value) > 2 && value[0] == '"' && value[len(value)-1] == '"'
		if !command && (valued || !slices.Contains(limits, name)) {
			return fmt.Errorf("the option %q is not known to the ssh of this image; it knows command=\"…\", %s", option, strings.Join(limits, ", "))
		}
	}
	return nil
}

// optionOf takes an option from a list with commas between.
func optionOf(list string) (option, rest string) {
	quoted := false
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == ',':
			return list[:i], list[i+1:]
		}
	}
	return list, ""
}

// check looks whether the key is what its name says, and long enough.
func (k key) check() error {
	parts, err := fields(k.blob)
	if err != nil || len(parts) != kinds[k.kind] || string(parts[0]) != k.kind {
		return fmt.Errorf("the key is no %s, or not whole: copy the whole line of the file that ends in .pub", k.kind)
	}
	if k.kind == "ssh-rsa" {
		if bits := 8 * len(bytes.TrimLeft(parts[2], "\x00")); bits < shortestRSA {
			return fmt.Errorf("an RSA key of %d bits is too short: make one with ssh-keygen -t ed25519", bits)
		}
	}
	if strings.HasSuffix(k.kind, "ssh-ed25519") && len(parts[1]) != 32 {
		return fmt.Errorf("an ed25519 key has 32 octets, this one %d", len(parts[1]))
	}
	return nil
}

// fields are the strings that a key consists of, each after its length.
func fields(blob []byte) (parts [][]byte, err error) {
	for len(blob) > 0 {
		if len(blob) < 4 || uint64(binary.BigEndian.Uint32(blob)) > uint64(len(blob)-4) {
			return nil, errors.New("it ends too early")
		}
		n := 4 + int(binary.BigEndian.Uint32(blob))
		parts, blob = append(parts, blob[4:n]), blob[n:]
	}
	return parts, nil
}

// line is the key as dropbear reads it: one space between words, and nothing
// that an editor added.
func (k key) line() string {
	words := []string{k.kind, base64.StdEncoding.EncodeToString(k.blob)}
	if k.options != "" {
		words = append([]string{k.options}, words...)
	}
	if k.whose != "" {
		words = append(words, k.whose)
	}
	return strings.Join(words, " ")
}

// fingerprint is what people compare: SHA256:…, as ssh-keygen -l prints it.
func (k key) fingerprint() string {
	sum := sha256.Sum256(k.blob)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// String is how a log names a key: never by the key.
func (k key) String() string {
	if k.whose == "" {
		return k.fingerprint()
	}
	return fmt.Sprintf("%s (%.60s)", k.fingerprint(), strings.Map(printable, k.whose))
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}
