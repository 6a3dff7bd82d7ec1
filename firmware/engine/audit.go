package engine

import (
	"regexp"

	"go.etcd.io/bbolt"

	"heliograph/firmware/event"
	"heliograph/storage/audit"
	"heliograph/storage/kv"
	"heliograph/storage/outbox"
)

// audit appends to the audit log, in the commit of what the entry tells of.
func (t *turn) audit(a event.Audit) error {
	_, err := audit.Append(t.tx, audit.Entry{
		Box: t.at.Box, Wall: t.at.Wall, Trusted: t.at.Trusted,
		By: masked(a.By), From: masked(a.From), Way: a.Way, Order: masked(a.Order), Proof: masked(a.Proof), Effect: masked(a.Effect),
	})
	return err
}

// head is that of the audit log, for texts that people keep.
func (t *turn) head() string {
	if h := audit.Newest(t.tx); h.Number > 0 {
		return h.Hash.Short()
	}
	return ""
}

// numbers finds telephone numbers in words: seven digits or more in a row, or
// after a plus with blanks, points, hyphens and brackets between them. Dates,
// times, codes and the numbers of incidents have fewer.
var numbers = regexp.MustCompile(`\+[\d(][\d().\- ]{5,}\d|\d{7,}`)

// masked leaves three digits of each number in words: enough to tell the
// numbers of a small team apart, too few to call.
func masked(words string) string {
	return numbers.ReplaceAllStringFunc(words, func(n string) string { return "…" + n[len(n)-3:] })
}

// scrubName is under what the engine remembers that a number was erased whose
// bytes may still stand in free pages of the file.
const scrubName = "scrub"

// erase takes a number out of the store. That it was there can be read in the
// file's free pages until it is written anew, at the next upkeep in peace.
func (t *turn) erase(number string) error {
	done, err := outbox.Erase(t.tx, number, t.e.opt.Same, t.at.Nonce, t.at.Box)
	if err != nil {
		return err
	}
	if err := kv.Put(t.tx, scrubName, []byte{1}); err != nil {
		return err
	}
	return t.note(event.Note{What: "erased", Text: "a number was erased: " + done.String()})
}

// scrubs tells whether the file is to be written anew for that.
func (e *Engine) scrubs() (is bool) {
	err := e.opt.Store.View(func(tx *bbolt.Tx) error {
		is = kv.Get(tx, scrubName) != nil
		return nil
	})
	return is && err == nil
}

// scrubbed notes that the file was written anew; if it cannot, that is done
// once more.
func (e *Engine) scrubbed() {
	if err := e.opt.Store.Update(func(tx *bbolt.Tx) error { return kv.Delete(tx, scrubName) }); err != nil {
		e.opt.Log("store", "that it was written anew could not be noted: "+err.Error())
		return
	}
	e.opt.Log("store", "written anew: what was erased is gone from it")
}
