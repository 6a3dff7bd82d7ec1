package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/delivery"
)

// found is a message as the channel lists it.
type found struct {
	TS       string
	Thread   string `json:"thread_ts"`
	Text     string
	Metadata metadata
}

type listed struct {
	Messages []found
	Metadata struct {
		Next string `json:"next_cursor"`
	} `json:"response_metadata"`
}

// mustLook: an earlier attempt may have arrived, or the channel may have a
// thread that is not remembered here.
func (t *telling) mustLook() bool {
	return t.doubtful() || t.at.Root == "" && (t.job.Follows || t.book.empty)
}

func (t *telling) doubtful() bool { return t.job.Doubtful || t.at.Trying > 0 }

// look takes over what the channel has of this incident. Where Slack does not
// let it look, a telling that is in no doubt goes all the same.
func (t *telling) look(ctx context.Context) *refusal {
	no := t.resolve(ctx)
	if no == nil && t.at.Root == "" {
		no = t.searchHistory(ctx)
	}
	if no == nil && t.at.Root != "" {
		no = t.searchThread(ctx)
	}
	switch {
	case no == nil:
		t.at.Trying = 0
		return nil
	case no.word != "" && !t.doubtful() && !fates[no.word].calm:
		t.note("nobody looked whether the channel knows of it: " + no.word)
		return nil
	}
	t.at.Trying = max(t.c.Telling, 1)
	t.book.put(t.at)
	no.Err = fmt.Errorf("looking whether the channel has it: %w", no.Err)
	return no
}

const (
	few, many = 15, 100 // messages of a page: what was just posted is among the first
	pages     = 5
)

// searchHistory goes back to when the incident began, newest first. An
// all-clear that the channel sees names its thread too.
func (t *telling) searchHistory(ctx context.Context) *refusal {
	args := url.Values{"channel": {t.book.address()}, "limit": {strconv.Itoa(few)}, "include_all_metadata": {"true"}}
	for range pages {
		var got listed
		if _, no := t.room.wire.read(ctx, "conversations.history", args, &got); no != nil {
			return no
		}
		for _, f := range got.Messages {
			t.adopt(f)
		}
		if t.at.Root != "" && t.at.First != "" || got.Metadata.Next == "" || t.before(got.Messages) {
			break
		}
		args.Set("cursor", got.Metadata.Next)
		args.Set("limit", strconv.Itoa(many))
	}
	return nil
}

// before tells whether a page reaches back to before the incident; the clocks
// of box and Slack may be an hour apart.
func (t *telling) before(page []found) bool {
	if len(page) == 0 {
		return true
	}
	seconds, err := strconv.ParseFloat(page[len(page)-1].TS, 64)
	return err == nil && !t.c.Opened.IsZero() && time.Unix(int64(seconds), 0).Before(t.c.Opened.Add(-time.Hour))
}

// searchThread reads what came after our newest message in the thread.
func (t *telling) searchThread(ctx context.Context) *refusal {
	args := url.Values{"channel": {t.book.address()}, "ts": {t.at.Root}, "limit": {strconv.Itoa(many)}, "include_all_metadata": {"true"}}
	if t.at.Last != "" {
		args.Set("oldest", t.at.Last)
	}
	for range pages {
		var got listed
		_, no := t.room.wire.read(ctx, "conversations.replies", args, &got)
		if no != nil && gone[no.word] {
			t.at.Root, t.at.Pinned = "", false
			return nil
		}
		if no != nil {
			return no
		}
		for _, f := range got.Messages {
			t.adopt(f)
		}
		if got.Metadata.Next == "" {
			break
		}
		args.Set("cursor", got.Metadata.Next)
	}
	return nil
}

// adopt takes over one message, if it is of this incident.
func (t *telling) adopt(f found) {
	p := f.Metadata.Payload
	if f.Metadata.Type != event || p.Key != t.c.Key {
		return
	}
	t.at.Root = cmp.Or(f.Thread, f.TS)
	t.at.Telling = max(t.at.Telling, p.Telling)
	t.at.Last = max(t.at.Last, f.TS) // of equal length for centuries: they order as text
	if lines := strings.SplitN(f.Text, "\n", p.Head+1); p.Head > 0 && t.at.First == "" && len(lines) > p.Head {
		t.at.First = lines[p.Head]
	}
}

// address is what the channel is called: its id, once it is known.
func (b *book) address() string {
	return cmp.Or(b.Channel, strings.TrimPrefix(b.name, "threads/"))
}

// resolve finds the id of a channel that is known by name, which reading,
// editing and pinning need. Only the channels that the bot is in are listed.
func (t *telling) resolve(ctx context.Context) *refusal { return t.room.resolve(ctx, t.book) }

func (r *Room) resolve(ctx context.Context, b *book) *refusal {
	if b.Channel != "" {
		return nil
	}
	for _, kind := range []string{"public_channel", "private_channel"} {
		no := r.list(ctx, b, kind)
		if no != nil && no.word != "missing_scope" {
			return no
		}
		if b.Channel != "" {
			return nil
		}
	}
	no := &refusal{word: "channel_not_found", Error: delivery.Error{Fate: invite.fate, Code: "channel_not_found", After: time.Minute, Advice: invite.advice}}
	no.Err = errors.New("the app is in no channel of the name " + b.address())
	return no
}

func (r *Room) list(ctx context.Context, b *book, kind string) *refusal {
	args := url.Values{"types": {kind}, "exclude_archived": {"true"}, "limit": {"200"}}
	for range pages {
		var got struct {
			Channels []struct{ ID, Name string }
			Metadata struct {
				Next string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		if _, no := r.wire.read(ctx, "users.conversations", args, &got); no != nil {
			return no
		}
		for _, c := range got.Channels {
			if c.Name == b.address() {
				b.Channel = c.ID
				return nil
			}
		}
		if got.Metadata.Next == "" {
			return nil
		}
		args.Set("cursor", got.Metadata.Next)
	}
	return nil
}
