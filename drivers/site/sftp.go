package site

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path"
	"strings"
	"sync/atomic"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
)

// shell puts files by SFTP.
type shell struct {
	o      Options
	signer ssh.Signer
	pinned ssh.PublicKey // nil: only its fingerprint is known
	kind   atomic.Int32  // index into kinds that the fingerprint was seen with
}

// kinds are the host keys that a server may have several of: with a
// fingerprint alone it is not known which one it is of.
var kinds = [][]string{
	{ssh.KeyAlgoED25519},
	{ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521},
	{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256},
}

func openSFTP(o Options) (host, error) {
	s := &shell{o: o}
	if _, _, err := net.SplitHostPort(o.SFTP.Server); err != nil {
		return nil, errors.New("sftp.server: give it with its port, as in web.example.org:22")
	}
	if o.SFTP.User == "" || o.SFTP.Folder == "" {
		return nil, errors.New("sftp: it needs a user and a folder")
	}
	var err error
	if s.signer, err = ssh.ParsePrivateKey([]byte(o.SFTP.Key)); err != nil {
		return nil, errors.New("sftp.key: give a private key in PEM form without a passphrase, as `ssh-keygen -t ed25519 -N \"\"` makes one")
	}
	if s.pinned, err = pin(o.SFTP.HostKey); err != nil {
		return nil, err
	}
	return s, nil
}

// pin reads a fingerprint, for which it returns nil, or a key.
func pin(given string) (ssh.PublicKey, error) {
	given = strings.TrimSpace(given)
	if strings.HasPrefix(given, "SHA256:") {
		if len(given) != len("SHA256:")+43 {
			return nil, errors.New("sftp.host_key: a fingerprint is SHA256: and 43 characters, as `ssh-keyscan HOST | ssh-keygen -lf -` prints it")
		}
		return nil, nil
	}
	if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(given)); err == nil {
		return key, nil
	}
	marker, _, key, _, _, err := ssh.ParseKnownHosts([]byte(given))
	if err != nil || marker != "" {
		return nil, errors.New("sftp.host_key: give the host's fingerprint (SHA256:…) or its line of known_hosts")
	}
	return key, nil
}

// stranger is a host with another key than the pinned one.
var stranger = errors.New("the host's key is not the one that is pinned")

func (s *shell) known(_ string, _ net.Addr, key ssh.PublicKey) error {
	if s.pinned != nil && bytes.Equal(key.Marshal(), s.pinned.Marshal()) ||
		s.pinned == nil && ssh.FingerprintSHA256(key) == strings.TrimSpace(s.o.SFTP.HostKey) {
		return nil
	}
	return stranger
}

func (s *shell) put(ctx context.Context, files []file) error {
	return s.with(ctx, func(c *sftp.Client) error {
		for _, f := range files {
			if err := s.write(c, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// write writes a file aside and renames it, so that nobody reads half of it.
func (s *shell) write(c *sftp.Client, f file) error {
	name := path.Join(s.o.SFTP.Folder, f.name)
	aside := path.Join(s.o.SFTP.Folder, "."+f.name+".new")
	w, err := c.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return fmt.Errorf("opening %s: %w", aside, err)
	}
	_, err = w.Write(f.text)
	if closed := w.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", aside, err)
	}
	if err := c.PosixRename(aside, name); err == nil {
		return nil
	}
	// A server without posix-rename@openssh.com renames onto nothing that is there.
	c.Remove(name)
	if err := c.Rename(aside, name); err != nil {
		return fmt.Errorf("renaming %s: %w", aside, err)
	}
	return nil
}

func (s *shell) check(ctx context.Context) error {
	return s.with(ctx, func(c *sftp.Client) error {
		info, err := c.Stat(s.o.SFTP.Folder)
		if err == nil && !info.IsDir() {
			err = errors.New("it is no folder")
		}
		if err != nil {
			return fmt.Errorf("looking at %s: %w", s.o.SFTP.Folder, err)
		}
		return nil
	})
}

// with connects, does, and hangs up; what goes wrong becomes a fate.
func (s *shell) with(ctx context.Context, do func(*sftp.Client) error) error {
	conn, err := s.connect(ctx)
	if err == nil {
		defer conn.Close()
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		var c *sftp.Client
		if c, err = sftp.NewClient(conn); err == nil {
			defer c.Close()
			err = do(c)
		}
	}
	return judge(ctx, err)
}

// connect logs in. With a fingerprint it tries the kinds of keys in turn.
func (s *shell) connect(ctx context.Context) (*ssh.Client, error) {
	if s.pinned != nil {
		return s.login(ctx, algorithms(s.pinned))
	}
	first := int(s.kind.Load())
	var err error
	for i := range kinds {
		at := (first + i) % len(kinds)
		var c *ssh.Client
		if c, err = s.login(ctx, kinds[at]); err == nil {
			s.kind.Store(int32(at))
			return c, nil
		}
		var none *ssh.AlgorithmNegotiationError
		if !errors.Is(err, stranger) && !errors.As(err, &none) {
			return nil, err
		}
	}
	return nil, stranger
}

func algorithms(key ssh.PublicKey) []string {
	if key.Type() == ssh.KeyAlgoRSA {
		return kinds[2]
	}
	return []string{key.Type()}
}

func (s *shell) login(ctx context.Context, algorithms []string) (*ssh.Client, error) {
	dial, cancel := context.WithTimeout(ctx, https.ToConnect)
	defer cancel()
	raw, err := s.o.Dial(dial, "tcp", s.o.SFTP.Server)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", s.o.SFTP.Server, err)
	}
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	conn, chans, reqs, err := ssh.NewClientConn(raw, s.o.SFTP.Server, &ssh.ClientConfig{
		User: s.o.SFTP.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(s.signer)}, HostKeyCallback: s.known, HostKeyAlgorithms: algorithms,
	})
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		raw.Close()
		return nil, fmt.Errorf("logging in at %s: %w", s.o.SFTP.Server, err)
	}
	return ssh.NewClient(conn, chans, reqs), nil
}

const longestTrouble = 300 // bytes of an error: it may quote what the host sent

// judge gives trouble its fate: all of it is the host's or the path's, and the
// same files can be put again.
func judge(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	e := &delivery.Error{Fate: delivery.Retry, Worker: true, Err: errors.New(cut(err.Error(), longestTrouble))}
	var status *sftp.StatusError
	switch {
	case ctx.Err() != nil:
		e.Err = fmt.Errorf("%w (%w)", ctx.Err(), e.Err)
	case errors.Is(err, stranger):
		e.Advice = "somebody answers in the host's place, or its key was renewed: ask who runs it, and only then change sftp.host_key"
	case strings.Contains(err.Error(), "unable to authenticate"):
		e.Advice = "the host refuses the key: put its public half into authorized_keys there"
	case errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrNotExist):
		e.Advice = "make the folder on the host, and let the user write there"
	case errors.As(err, &status):
		e.Advice = "the host could not write: look whether its disk is full"
	}
	return e
}
