package outbox

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// The buckets. Numbers in keys are 8 bytes, big end first; a name in a key
// ends with a zero byte.
const (
	bNotices   = "notices"    // notice -> JSON
	bStandings = "standings"  // notice -> class, standing, incident: what a claim asks of every notice
	bOf        = "incident"   // incident, notice
	bMarks     = "marks"      // incident -> notices up to this one are withdrawn
	bRows      = "deliveries" // delivery -> JSON
	bByNotice  = "bynotice"   // notice, delivery
	bQueue     = "queue"      // notice, lane, channel, due, delivery
	bHeads     = "heads"      // channel, class, due, delivery -> notice: the first ready row of each open notice
	bHeadOf    = "headof"     // notice, channel -> due, delivery: where in heads it is
	bBlocked   = "blocked"    // blocker's notice, blocker, delivery
	bTargets   = "targets"    // channel, address, incident, delivery -> notice: rows in the queue
	bBusy      = "busy"       // channel, address -> the delivery being sent to it
	bFlight    = "flight"     // worker -> the delivery that it sends
	bFailed    = "failed"     // delivery: the dead-letter list
	bDoubt     = "doubt"      // worker, delivery: unsure rows, which a report may settle
	bLedger    = "ledger"     // incident, channel, address -> JSON
	bCounts    = "counts"     // what, number -> how many
	bUsed      = "used"       // limit, subject, time -> parts
	bWork      = "work"       // kind, number: what Tidy has to do
	bOld       = "old"        // time, bucket, key: what Tidy deletes when the time has come
	bRefs      = "refs"       // worker, reference, time, delivery, part
	bReports   = "reports"    // worker, reference, time -> JSON: reports that matched nothing yet
	bSeen      = "seen"       // hash of an inbound message
	bInbound   = "inbound"    // key, time -> JSON: parts of texts that are not whole yet
	bTimeline  = "timeline"   // incident, sequence -> JSON
	bIncidents = "incidents"  // incident -> time closed, the engine's own bytes
	bArchive   = "archive"    // time closed, incident
	bBoxes     = "blackbox"   // incident, sequence -> the engine's own bytes
)

// BlackBoxBucket came with schema 2.
const BlackBoxBucket = bBoxes

// Buckets names the buckets that must exist.
func Buckets() []string {
	return []string{bNotices, bStandings, bOf, bMarks, bRows, bByNotice, bQueue, bHeads, bHeadOf, bBlocked,
		bTargets, bBusy, bFlight, bFailed, bDoubt, bLedger, bCounts, bUsed, bWork, bOld, bRefs, bReports,
		bSeen, bInbound, bTimeline, bIncidents, bArchive, bBoxes}
}

// key builds a key of numbers, names, instants and raw bytes.
func key(parts ...any) []byte {
	k := make([]byte, 0, 64)
	for _, p := range parts {
		switch p := p.(type) {
		case uint64:
			k = binary.BigEndian.AppendUint64(k, p)
		case int:
			k = binary.BigEndian.AppendUint64(k, uint64(p))
		case uint8:
			k = append(k, p)
		case time.Time:
			k = binary.BigEndian.AppendUint64(k, nano(p))
		case string:
			k = append(append(k, p...), 0)
		case []byte:
			k = append(k, p...)
		default:
			panic(fmt.Sprintf("a key cannot hold a %T", p))
		}
	}
	return k
}

// nano is an instant as a key; instants before 1970 are all the same.
func nano(t time.Time) uint64 {
	if t.IsZero() || t.Unix() < 0 {
		return 0
	}
	return uint64(t.UnixNano())
}

func instant(b []byte) time.Time { return time.Unix(0, int64(number(b))).UTC() }

func number(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

// last8 reads the number that ends a key.
func last8(k []byte) uint64 { return number(k[len(k)-8:]) }

// upTo returns the name that starts at the head of a key, and what follows it.
func upTo(k []byte) (string, []byte) {
	i := bytes.IndexByte(k, 0)
	return string(k[:i]), k[i+1:]
}

// utc strips an instant to what the disk keeps, so that a row read back
// equals the row written.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Round(0).UTC()
}

func has(tx *bbolt.Tx, bucket string, k []byte) bool {
	return tx.Bucket([]byte(bucket)).Get(k) != nil
}

func get(tx *bbolt.Tx, bucket string, k []byte) []byte {
	return tx.Bucket([]byte(bucket)).Get(k)
}

func put(tx *bbolt.Tx, bucket string, k, v []byte) error {
	b := tx.Bucket([]byte(bucket))
	b.FillPercent = 0.9 // mass notices and timelines are written in key order: fuller pages, a smaller file
	if err := b.Put(k, v); err != nil {
		return fmt.Errorf("write to %s: %w", bucket, err)
	}
	return nil
}

func del(tx *bbolt.Tx, bucket string, k []byte) error {
	if err := tx.Bucket([]byte(bucket)).Delete(k); err != nil {
		return fmt.Errorf("delete from %s: %w", bucket, err)
	}
	return nil
}

func putJSON(tx *bbolt.Tx, bucket string, k []byte, row any) error {
	v, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("write to %s: %w", bucket, err)
	}
	return put(tx, bucket, k, v)
}

// getJSON reads a row and tells whether there is one.
func getJSON(tx *bbolt.Tx, bucket string, k []byte, row any) (bool, error) {
	v := get(tx, bucket, k)
	if v == nil {
		return false, nil
	}
	if err := json.Unmarshal(v, row); err != nil {
		return false, fmt.Errorf("read a row of %s: %w", bucket, err)
	}
	return true, nil
}

// first returns a copy of the first key with a prefix, nil if there is none.
func first(tx *bbolt.Tx, bucket string, prefix []byte) []byte {
	k, _ := tx.Bucket([]byte(bucket)).Cursor().Seek(prefix)
	if !bytes.HasPrefix(k, prefix) {
		return nil
	}
	return bytes.Clone(k)
}

// keys returns copies of at most max keys with a prefix, from a key on.
func keys(tx *bbolt.Tx, bucket string, prefix, from []byte, max int) [][]byte {
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	var found [][]byte
	c := tx.Bucket([]byte(bucket)).Cursor()
	for k, _ := c.Seek(from); k != nil && bytes.HasPrefix(k, prefix) && len(found) < max; k, _ = c.Next() {
		found = append(found, bytes.Clone(k))
	}
	return found
}

// later remembers that a key may be deleted when its time has come.
func later(tx *bbolt.Tx, at time.Time, bucket string, k []byte) error {
	return put(tx, bOld, key(at, bucket, k), []byte{})
}

// hasPrefix is false for the nil key at a cursor's end.
func hasPrefix(k, prefix []byte) bool { return k != nil && bytes.HasPrefix(k, prefix) }
