package update

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"aead.dev/minisign"
)

const (
	title = "heliograph update 1 "
	// largest bounds what is taken in: the boot partition has room for no more.
	largest = 200 << 20
	// longestLine bounds a line of the head; a signature's are shorter.
	longestLine = 1024
)

// names are the files of a system, in the order in which they are packed.
var names = []string{"linux", "initrd"}

// Manifest says what an update holds.
type Manifest struct {
	Board   string            `json:"board"`   // such as arm64: the recipe that it was built by
	Version string            `json:"version"` // for people
	Built   time.Time         `json:"built"`   // of two versions the later is the newer
	Options string            `json:"options"` // the kernel's command line, without the slot
	Sums    map[string]string `json:"sha256"`  // of each file, in hexadecimal
}

// Pack writes an update of the files in a folder, signed with a key. It reads
// them twice.
func Pack(w io.Writer, m Manifest, folder string, key minisign.PrivateKey) error {
	m.Sums = map[string]string{}
	for _, name := range names {
		sum, err := sumOf(folder + "/" + name)
		if err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
		m.Sums[name] = sum
	}
	f, err := os.CreateTemp(folder, ".update-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := archive(f, m, folder); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	signed := minisign.NewReader(f)
	size, err := io.Copy(io.Discard, signed)
	if err != nil {
		return err
	}
	signature := signed.Sign(key)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s%d\n%s\n", title, size, strings.TrimSpace(string(signature))); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// archive writes the tar; the same files give the same bytes.
func archive(w io.Writer, m Manifest, folder string) error {
	t := tar.NewWriter(w)
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	head := func(name string, size int64) *tar.Header {
		return &tar.Header{Name: name, Size: size, Mode: 0o644, ModTime: m.Built, Format: tar.FormatUSTAR}
	}
	if err := t.WriteHeader(head("manifest.json", int64(len(text)))); err != nil {
		return err
	}
	if _, err := t.Write(text); err != nil {
		return err
	}
	for _, name := range names {
		if err := add(t, head, folder+"/"+name, name); err != nil {
			return err
		}
	}
	return t.Close()
}

func add(t *tar.Writer, head func(string, int64) *tar.Header, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = t.WriteHeader(head(name, info.Size()))
	}
	if err == nil {
		_, err = io.Copy(t, f)
	}
	return err
}

func sumOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

// receive takes an update in, into a file of the folder, and proves it. What
// it returns is the tar, at its beginning; the caller closes and removes it.
func receive(r io.Reader, folder string, key minisign.PublicKey) (*os.File, error) {
	in := bufio.NewReaderSize(r, longestLine)
	size, signature, err := head(in)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(folder, ".update-*")
	if err != nil {
		return nil, fmt.Errorf("take the update in: %w", err)
	}
	signed := minisign.NewReader(io.LimitReader(in, size))
	n, err := io.Copy(f, signed)
	switch {
	case err != nil:
		err = fmt.Errorf("take the update in: %w", err)
	case n < size:
		err = fmt.Errorf("the update is cut short: %d octets of %d came; fetch it again", n, size)
	case !signed.Verify(key, signature):
		err = errors.New("the update's signature is not that of this box's key: it was made by somebody else, or changed on its way")
	default:
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, err
	}
	return f, nil
}

// head reads what stands before the tar.
func head(in *bufio.Reader) (size int64, signature []byte, err error) {
	first, err := line(in)
	if err != nil || !strings.HasPrefix(first, title) {
		return 0, nil, errors.New("this is no update of heliograph: it is a file that `make image` calls heliograph-….update")
	}
	if _, err := fmt.Sscanf(first, title+"%d", &size); err != nil || size <= 0 || size > largest {
		return 0, nil, fmt.Errorf("the update says that it has %q octets: between 1 and %d can be taken", strings.TrimPrefix(first, title), largest)
	}
	var lines []string
	for range 4 {
		l, err := line(in)
		if err != nil {
			return 0, nil, errors.New("the update is cut short in its head; fetch it again")
		}
		lines = append(lines, l)
	}
	var s minisign.Signature
	signature = []byte(strings.Join(lines, "\n"))
	if s.UnmarshalText(signature) != nil {
		return 0, nil, errors.New("the update is not signed: only signed ones are taken; make it with a key (UPDATE_KEY=FILE make image)")
	}
	return size, signature, nil
}

func line(in *bufio.Reader) (string, error) {
	l, err := in.ReadSlice('\n') // a line that is longer than the buffer is an error
	return strings.TrimSuffix(string(l), "\n"), err
}

// unpack reads the manifest of a proven tar, and gives the caller each file.
func unpack(f io.Reader, admit func(Manifest) error, take func(name string, r io.Reader, sum string) error) (Manifest, error) {
	t := tar.NewReader(f)
	var m Manifest
	h, err := t.Next()
	if err != nil || h.Name != "manifest.json" || h.Size > 1<<20 || json.NewDecoder(t).Decode(&m) != nil {
		return m, errors.New("the update has no manifest: it was packed wrongly")
	}
	if err := admit(m); err != nil {
		return m, err
	}
	var seen []string
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || !slices.Contains(names, h.Name) || slices.Contains(seen, h.Name) {
			return m, fmt.Errorf("the update holds a file that does not belong into it: it was packed wrongly")
		}
		seen = append(seen, h.Name)
		if err := take(h.Name, t, m.Sums[h.Name]); err != nil {
			return m, err
		}
	}
	if len(seen) != len(names) {
		return m, fmt.Errorf("the update holds %v instead of %v: it was packed wrongly", seen, names)
	}
	return m, nil
}
