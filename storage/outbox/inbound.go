package outbox

import (
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// seenKept is how long an inbound message is recognised when it is read a
// second time, partsKept how long an unfinished text waits for its parts, and
// sameSet how far apart two copies of one part may be sent: beyond it the
// reference was used again.
const seenKept, partsKept, sameSet = 48 * time.Hour, 24 * time.Hour, 30 * time.Minute

// SeenInbound remembers an inbound message by its hash and tells whether it was
// there before. A hash is kept for 48 hours.
func SeenInbound(tx *bbolt.Tx, hash []byte, now time.Time) (bool, error) {
	if v := get(tx, bSeen, hash); v != nil {
		if instant(v).After(now) {
			return true, nil
		}
		if err := del(tx, bOld, key(instant(v), bSeen, hash)); err != nil {
			return false, err
		}
	}
	until := now.Add(seenKept)
	if err := put(tx, bSeen, hash, key(until)); err != nil {
		return false, err
	}
	return false, later(tx, until, bSeen, hash)
}

// InPart is one part of an inbound text.
type InPart struct {
	Key   string // what the parts of one text share: sender, reference, how many
	Seq   int    // from 1
	Total int
	Text  string
	At    time.Time // box time of its coming
}

// inSet is a text that is not whole yet.
type inSet struct {
	Total int            `json:"n"`
	First time.Time      `json:"f"`
	Texts map[int]string `json:"t"`
	Ats   map[int]int64  `json:"a"`
}

// PutPart keeps a part of an inbound text and hands out the whole once the last
// one is there. A part that is read twice changes nothing. A part that comes
// again more than 30 minutes from its first copy begins a new text.
func PutPart(tx *bbolt.Tx, p InPart) (whole string, complete bool, err error) {
	if p.Seq < 1 || p.Total < p.Seq || p.Key == "" || strings.ContainsRune(p.Key, 0) {
		return "", false, fmt.Errorf("keep part %d of %d of an inbound text: no such part", p.Seq, p.Total)
	}
	k, set, err := setFor(tx, p)
	if err != nil {
		return "", false, err
	}
	if _, known := set.Texts[p.Seq]; !known {
		set.Texts[p.Seq], set.Ats[p.Seq] = p.Text, p.At.UnixNano()
	}
	if len(set.Texts) < set.Total {
		return "", false, putJSON(tx, bInbound, k, set)
	}
	whole, _ = set.join()
	return whole, true, del(tx, bInbound, k)
}

// setFor finds the newest set of a part's text, or begins one.
func setFor(tx *bbolt.Tx, p InPart) ([]byte, inSet, error) {
	fresh := inSet{Total: p.Total, First: utc(p.At), Texts: map[int]string{}, Ats: map[int]int64{}}
	k := key(p.Key, p.At)
	for has(tx, bInbound, k) { // two sets may begin at one instant
		k = key(p.Key, instant(k[len(k)-8:]).Add(1))
	}
	sets := keys(tx, bInbound, key(p.Key), nil, 1<<10)
	if len(sets) == 0 {
		return k, fresh, nil
	}
	last := sets[len(sets)-1]
	var set inSet
	if _, err := getJSON(tx, bInbound, last, &set); err != nil {
		return nil, inSet{}, err
	}
	at, known := set.Ats[p.Seq]
	reused := known && p.At.Sub(time.Unix(0, at)).Abs() > sameSet
	if set.Total != p.Total || reused || p.At.Sub(set.First) > partsKept {
		return k, fresh, nil
	}
	return last, set, nil
}

// join puts the parts together and names those that are missing.
func (s inSet) join() (whole string, missing []int) {
	var b strings.Builder
	for n := 1; n <= s.Total; n++ {
		text, ok := s.Texts[n]
		if !ok {
			missing = append(missing, n)
			text = fmt.Sprintf("[part %d missing]", n)
		}
		b.WriteString(text)
	}
	return b.String(), missing
}

// Stale is a text whose missing parts did not come within 24 hours.
type Stale struct {
	Key     string
	Text    string // with [part n missing] in the place of each missing part
	Missing []int
	First   time.Time // when its first part came
}

// StaleParts hands out, once, at most max texts that waited for 24 hours.
func StaleParts(tx *bbolt.Tx, now time.Time, max int) ([]Stale, error) {
	var stale []Stale
	for _, k := range keys(tx, bInbound, nil, nil, 1<<20) {
		var set inSet
		if _, err := getJSON(tx, bInbound, k, &set); err != nil {
			return nil, err
		}
		if len(stale) == max {
			break
		}
		if now.Sub(set.First) < partsKept {
			continue
		}
		whole, missing := set.join()
		name, _ := upTo(k)
		stale = append(stale, Stale{Key: name, Text: whole, Missing: missing, First: set.First})
		if err := del(tx, bInbound, k); err != nil {
			return nil, err
		}
	}
	return stale, nil
}
