package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/control"
	"heliograph/storage/audit"
	"heliograph/storage/storagetest"
)

// ordersOfANight are the orders of a night, as the rules tell of them.
var ordersOfANight = []audit.Entry{
	{By: "ada", From: "…201", Way: "text", Order: "ACK 7", Proof: "none needed", Effect: "#7 is ada's"},
	{By: "bob", From: "…202", Way: "text", Order: "SAY 7 splicing \x1b[2J has begun", Proof: "call-back code", Effect: "said to 4 people"},
	{By: "uid 1000", From: "", Way: "socket", Order: "CLEAR 7", Proof: "socket", Effect: "#7 is over: the all-clear goes to 4 people"},
	{By: "ada", From: "…201", Way: "text", Order: "REBOOT", Proof: "failed: a wrong code", Effect: "nothing"},
}

// auditedStore is a store with a log of n orders, its oldest pruned.
func auditedStore(t *testing.T, n, pruned int) *storagetest.Store {
	t.Helper()
	s := storagetest.Open(t)
	s.Do(func(tx *bbolt.Tx) error {
		for i := range n {
			e := ordersOfANight[i%len(ordersOfANight)]
			e.Box, e.Wall, e.Trusted = cutAt.Add(time.Duration(i)*time.Minute), cutAt.Add(time.Duration(i)*time.Minute), i > 0
			if _, err := audit.Append(tx, e); err != nil {
				return err
			}
		}
		_, err := audit.Prune(tx, cutAt.Add(time.Duration(pruned)*time.Minute), pruned)
		return err
	})
	return s
}

// hashAt is the hash of an entry.
func hashAt(t *testing.T, s *storagetest.Store, number uint64) string {
	t.Helper()
	list := []audit.Entry{}
	err := s.View(func(tx *bbolt.Tx) (err error) {
		list, err = audit.Entries(tx, number, 1)
		return err
	})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d entries %d: %v", len(list), number, err)
	}
	return list[0].Hash.String()
}

// auditing is a box whose log is a store's.
type auditing struct {
	painting
	store *storagetest.Store
}

func (a *auditing) Audit(ctx context.Context, from uint64, limit int) (control.Audit, error) {
	return (&box{store: a.store.Store}).Audit(ctx, from, limit)
}

func auditSocket(t *testing.T, s *storagetest.Store) string {
	t.Helper()
	return serve(t, &auditing{store: s})
}

func TestTheAuditLogIsListedAndVerified(t *testing.T) {
	t.Parallel()
	s := auditedStore(t, 4, 0)
	out, errs, code := typed(t, "audit", "--socket", auditSocket(t, s))
	if code != 0 || errs != "" {
		t.Errorf("status %d, %s", code, errs)
	}
	compare(t, filepath.Join("testdata", "clients", "audit.txt"), out)
	if strings.Contains(out, "\x1b") {
		t.Error("what was ordered steers the terminal")
	}
}

func TestTheAuditLogOfALongTime(t *testing.T) {
	t.Parallel()
	s := auditedStore(t, 2500, 300)
	socket := auditSocket(t, s)
	ended := func(want string, wantCode int, args ...string) {
		t.Helper()
		out, errs, code := typed(t, append([]string{"audit", "--socket", socket}, args...)...)
		if code != wantCode || errs != "" || !strings.HasSuffix(out, want+"\n") {
			t.Errorf("%v: status %d, %s\n%s\nwant at the end\n%s", args, code, errs, out, want)
		}
	}
	head := hashAt(t, s, 2500)[:8]
	sound := "chain sound: 2,200 entries, head " + head + "; the 300 before are past their retention"
	ended(sound, 0)
	ended("2301   2026-11-22 18:22:07Z  ada  …201  text  ACK 7  none needed  #7 is ada's  "+hashAt(t, s, 2301)[:8]+"\n\n"+sound, 0, "--from=2301", "--limit=1")
	ended(sound+"\nhead "+head+" stands in the chain: it is entry 2,500, of 2026-11-22 21:41:07Z, the newest", 0, "--limit=0", "--head="+head)
	ended(sound+"\nhead "+hashAt(t, s, 1300)[:8]+" stands in the chain: it is entry 1,300, of 2026-11-22 01:41:07Z; 1,200 came after it", 0,
		"--limit=0", "--head="+strings.ToUpper(hashAt(t, s, 1300)[:8]))
	full := hashAt(t, s, 1300)
	ended("head "+full+" stands in the chain: it is entry 1,300, of 2026-11-22 01:41:07Z; 1,200 came after it", 0, "--head="+full)
	var anchor audit.Head
	s.View(func(tx *bbolt.Tx) error { anchor = audit.Anchor(tx); return nil })
	ended("head "+anchor.Hash.Short()+" stands in the chain: it is entry 300, past its retention", 0, "--head="+anchor.Hash.Short())
	ended("head 00000000 does not stand in the chain: it is older than entry 301, of another box, or the log was written anew since", 1, "--head=00000000")
}

func TestABrokenAuditLogIsSaidSo(t *testing.T) {
	t.Parallel()
	key := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	for _, c := range []struct {
		name string
		harm func(b, ends *bbolt.Bucket)
		want string
	}{
		{"edited", func(b, _ *bbolt.Bucket) {
			b.Put(key(3), bytes.Replace(b.Get(key(3)), []byte("CLEAR 7"), []byte("CLEAR 8"), 1))
		},
			"the audit log is broken at entry 3: it was edited: its hash does not fit what it says; what stands up to entry 2 fits; a backup may have the rest: heliograph audit --file BACKUP"},
		{"unreadable", func(b, _ *bbolt.Bucket) { b.Put(key(3), []byte("?")) },
			"the audit log is broken at entry 3: it is cut short: it was edited; what stands up to entry 2 fits; a backup may have the rest: heliograph audit --file BACKUP"},
		{"dropped", func(b, _ *bbolt.Bucket) { b.Delete(key(2)) },
			"the audit log is broken at entry 2: it is missing; what stands up to entry 1 fits; a backup may have the rest: heliograph audit --file BACKUP"},
		{"the first dropped", func(b, _ *bbolt.Bucket) { b.Delete(key(1)) },
			"the audit log is broken at entry 1: it is missing; a backup may have it: heliograph audit --file BACKUP"},
		{"cut off", func(b, _ *bbolt.Bucket) { b.Delete(key(4)) },
			"the audit log is broken at entry 4: it is missing: the end was cut off; what stands up to entry 3 fits; a backup may have the rest: heliograph audit --file BACKUP"},
		{"headless", func(_, ends *bbolt.Bucket) { ends.Delete([]byte("head")) },
			"the audit log is broken: the head that is noted is missing, or cannot be read; what stands up to entry 4 fits; a backup may have the rest: heliograph audit --file BACKUP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := auditedStore(t, 4, 0)
			s.Do(func(tx *bbolt.Tx) error {
				c.harm(tx.Bucket([]byte("audit")), tx.Bucket([]byte("auditends")))
				return nil
			})
			out, errs, code := typed(t, "audit", "--socket", auditSocket(t, s))
			if code != 1 || errs != "" || !strings.HasSuffix(out, "\n"+c.want+"\n") && out != c.want+"\n" {
				t.Errorf("status %d, %s\n%s\nwant\n%s", code, errs, out, c.want)
			}
			out, _, code = typed(t, "audit", "--json", "--socket", auditSocket(t, s))
			var v struct {
				Sound bool
				Fault string
			}
			if err := json.Unmarshal([]byte(out), &v); err != nil || code != 1 || v.Sound || !strings.HasPrefix(c.want, v.Fault+";") {
				t.Errorf("as JSON: status %d, %v, %s", code, err, out)
			}
		})
	}
}

// TestAStoppedAppliancesAuditLog is read from its file, or from a backup, and
// not while the appliance has it.
func TestAStoppedAppliancesAuditLog(t *testing.T) {
	t.Parallel()
	s := auditedStore(t, 4, 0)
	head := hashAt(t, s, 4)[:8]
	if _, errs, code := typed(t, "audit", "--file", s.Path()); code != 1 || !strings.Contains(errs, "is open in another program") {
		t.Errorf("of a running appliance: status %d, %s", code, errs)
	}
	s.Close()
	was, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{s.Path(), s.Dir} {
		out, errs, code := typed(t, "audit", "--head", head, "--file", path)
		if code != 0 || errs != "" {
			t.Errorf("%s: status %d, %s", path, code, errs)
		}
		want := fmt.Sprintf("chain sound: 4 entries, head %s\nhead %s stands in the chain: it is entry 4, of 2026-11-21 04:05:07Z, the newest\n", head, head)
		if !strings.HasSuffix(out, want) {
			t.Errorf("%s:\n%s\nwant at the end\n%s", path, out, want)
		}
	}
	if is, err := os.ReadFile(s.Path()); err != nil || string(is) != string(was) {
		t.Errorf("the file was changed (%v)", err)
	}

	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("no store ", 9000)), 0o600); err != nil {
		t.Fatal(err)
	}
	older := filepath.Join(t.TempDir(), "older.db")
	if err := olderStore(older); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		garbage: "heliograph: read the audit log of " + garbage + ": the store is damaged: invalid database\n",
		older:   "heliograph: read the audit log of " + older + ": it was written by a version that kept no audit log\n",
		filepath.Join(s.Dir, "nothing"): "heliograph: read the audit log of " + filepath.Join(s.Dir, "nothing") + ": stat " +
			filepath.Join(s.Dir, "nothing") + ": no such file or directory\n",
	} {
		if out, errs, code := typed(t, "audit", "--file", path); code != 1 || out != "" || errs != want {
			t.Errorf("status %d, %s%s\nwant %s", code, out, errs, want)
		}
	}
}

// olderStore makes a file of the schema before the audit log.
func olderStore(path string) error {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("meta"))
		if err != nil {
			return err
		}
		return b.Put([]byte("schema"), binary.BigEndian.AppendUint64(nil, 2))
	})
	return errors.Join(err, db.Close())
}

func TestAnAuditLogWithoutEntries(t *testing.T) {
	t.Parallel()
	s := auditedStore(t, 0, 0)
	out, errs, code := typed(t, "audit", "--socket", auditSocket(t, s))
	if out != "chain sound: no entries yet\n" || code != 0 || errs != "" {
		t.Errorf("status %d, %s%s", code, out, errs)
	}
	out, _, code = typed(t, "audit", "--head=3fa91c02", "--socket", auditSocket(t, s))
	if want := "chain sound: no entries yet\nhead 3fa91c02 does not stand in the chain: it is of another box, or the log was written anew since\n"; out != want || code != 1 {
		t.Errorf("status %d, %s", code, out)
	}
	for _, no := range []string{"3fa9", "zzzzzzzz"} {
		want := "heliograph: \"" + no + "\" is no head: write the eight digits that end the weekly text, such as: heliograph audit --head 3fa91c02\n"
		if out, errs, code := typed(t, "audit", "--head", no); out != "" || errs != want || code != 1 {
			t.Errorf("status %d, %s%s", code, out, errs)
		}
	}
}

// TestOverTheSocketNothingIsLostOfAnEntry: its hash verifies there too, and the
// newest come without a number.
func TestOverTheSocketNothingIsLostOfAnEntry(t *testing.T) {
	t.Parallel()
	s := auditedStore(t, 4, 0)
	var a control.Audit
	if _, err := control.Dial(auditSocket(t, s)).Get(t.Context(), "/v1/audit?limit=2", &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Entries) != 2 || a.Entries[0].Number != 3 || a.Head.Number != 4 || a.Head.Hash != a.Entries[1].Hash || a.Entries[1].Previous != a.Entries[0].Hash {
		t.Errorf("%+v", a)
	}
	if err := s.View(audit.Verify); err != nil {
		t.Error(err)
	}
}
