package outbox_test

import (
	"testing"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
)

// A notice to an audience reaches the parts of it that are named after it, and
// can leave one of them out, or be for it alone.
func TestAPartOfAnAudience(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Audience: "subscribers", Effect: outbox.Tells})
	k.Do(func(tx *bbolt.Tx) error {
		_, err := outbox.Address(tx, 1, []outbox.Recipient{
			{Name: "ada", Channel: "sms", Address: "+481", Language: "en"},
			{Name: "bob", Channel: "sms", Address: "+482", Language: "en", Audience: "subscribers:awake"},
			{Name: "eve", Channel: "sms", Address: "+483", Language: "en", Audience: "subscriberships"},
		}, k.now)
		return err
	})
	for _, who := range []string{"ada", "bob", "eve"} {
		k.expect("lte0", who+": down")
		k.outcome("lte0", outbox.Sent)
	}
	k.notice(outbox.Notice{ID: 2, Kind: "night", Audience: "subscribers:awake", FromLedger: true})
	k.expand(2)
	k.expect("lte0", "bob: night to-told")
	k.outcome("lte0", outbox.Sent)
	k.notice(outbox.Notice{ID: 3, Kind: "morning", Audience: "subscribers", But: "subscribers:awake", FromLedger: true})
	k.expand(3)
	k.expect("lte0", "ada: morning to-told")
	k.outcome("lte0", outbox.Sent)
	k.notice(outbox.Notice{ID: 4, Kind: "clear", Audience: "subscribers", Effect: outbox.Clears, FromLedger: true})
	k.expand(4)
	for _, who := range []string{"ada", "bob"} {
		k.expect("lte0", who+": clear to-told")
		k.outcome("lte0", outbox.Sent)
	}
	k.expect("lte0", "")
}
