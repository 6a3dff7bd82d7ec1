package outbox

import (
	"time"

	"go.etcd.io/bbolt"
)

// The kinds of work that Tidy finds in its list.
const (
	workMark   = uint8('m') // an incident whose mark moved
	workNotice = uint8('n') // a notice that is held or withdrawn
)

// Tidy does at most about max rows of the work that other functions left for
// later: it supersedes the pending rows of withdrawn notices, drops the repeats
// of unsure ones, brings back rows that waited for a held notice, and forgets
// what is past its time. It returns how many rows it changed; zero means that
// nothing is left to do now. Each claim does a little of it by itself.
func Tidy(tx *bbolt.Tx, now time.Time, max int) (int, error) {
	n, err := tidyWork(tx, now, max)
	if err != nil || n >= max {
		return n, err
	}
	forgot, err := forget(tx, now, max-n)
	return n + forgot, err
}

func tidyWork(tx *bbolt.Tx, now time.Time, max int) (int, error) {
	done := 0
	for done < max {
		k := first(tx, bWork, nil)
		if k == nil {
			return done, nil
		}
		tidy := tidyNotice
		if k[0] == workMark {
			tidy = tidyMark
		}
		n, err := tidy(tx, last8(k), now, max-done)
		if err != nil {
			return done, err
		}
		if done += n; done < max {
			if err := del(tx, bWork, k); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// tidyMark tidies the withdrawn notices of an incident, the most urgent first:
// rows of people on call may be waiting behind them.
func tidyMark(tx *bbolt.Tx, incident uint64, now time.Time, max int) (int, error) {
	upTo, done := mark(tx, int(incident)), 0
	for class := 0; class < 256; class++ {
		next := 256
		for _, k := range keys(tx, bOf, key(incident), nil, 1<<30) {
			id := last8(k)
			s, err := standingOf(tx, id)
			if err != nil {
				return done, err
			}
			if int(s.Class) > class {
				next = min(next, int(s.Class))
			}
			if id > upTo || int(s.Class) != class {
				continue
			}
			n, err := tidyNotice(tx, id, now, max-done)
			if done += n; err != nil || done >= max {
				return done, err
			}
		}
		class = next - 1
	}
	return done, nil
}

// tidyNotice supersedes what a withdrawn notice still has in the queue, and
// brings back what waits for a held one.
func tidyNotice(tx *bbolt.Tx, id uint64, now time.Time, max int) (int, error) {
	s, err := standingOf(tx, id)
	if err != nil {
		return 0, err
	}
	if s.Is == Held {
		return releaseSome(tx, key(id), max)
	}
	if s.Is == Open {
		return 0, nil
	}
	ks := keys(tx, bQueue, key(id), nil, max)
	for _, k := range ks {
		d, err := Row(tx, last8(k))
		if err != nil {
			return 0, err
		}
		to := Superseded
		if d.Status == Unsure {
			to = Unsure
		}
		if err := finish(tx, d, to, now); err != nil {
			return 0, err
		}
	}
	return len(ks), nil
}

// forget deletes what is past its time.
func forget(tx *bbolt.Tx, now time.Time, max int) (int, error) {
	n := 0
	for ; n < max; n++ {
		k := first(tx, bOld, nil)
		if k == nil || instant(k[:8]).After(now) {
			return n, nil
		}
		bucket, rest := upTo(k[8:])
		if err := del(tx, bucket, rest); err != nil {
			return n, err
		}
		if err := del(tx, bOld, k); err != nil {
			return n, err
		}
	}
	return n, nil
}
