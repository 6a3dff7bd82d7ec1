package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"heliograph/drivers/delivery"
)

// telling is one Send on its way.
type telling struct {
	room  *Room
	job   delivery.Job
	c     *delivery.Case
	book  *book
	at    *thread
	alone bool     // it is about no incident: one message, no thread
	again bool     // the incident was over and is open again
	notes []string // what the receipt should say besides
}

// message is what chat.postMessage and chat.update are told.
type message struct {
	Channel   string   `json:"channel"`
	TS        string   `json:"ts,omitempty"`
	Text      string   `json:"text"`
	Thread    string   `json:"thread_ts,omitempty"`
	Broadcast bool     `json:"reply_broadcast,omitempty"`
	Client    string   `json:"client_msg_id,omitempty"`
	Metadata  metadata `json:"metadata"`
	Unfurl    bool     `json:"unfurl_links"`
}

// metadata is how a message of ours is known again.
type metadata struct {
	Type    string  `json:"event_type"`
	Payload payload `json:"event_payload"`
}

// payload: of a head, Telling is one that was told for certain when it was
// written or edited, and Head counts the lines of its headline.
type payload struct {
	Key     string `json:"key"`
	Telling int    `json:"telling"`
	Head    int    `json:"head,omitempty"`
}

const event = "heliograph_telling"

func (t *telling) has() bool { return t.at.Telling >= t.c.Telling && t.c.Telling > 0 }

// tell brings the channel up to the telling.
func (t *telling) tell(ctx context.Context) (string, *refusal) {
	if t.has() {
		return t.receipt("the channel has it already"), nil
	}
	t.again = t.at.Over && !t.c.Phase.Over()
	if t.mustLook() {
		if no := t.look(ctx); no != nil {
			return "", no
		}
		if t.has() {
			t.done("it had arrived")
			t.pin(ctx)
			return t.receipt(""), nil
		}
	}
	switch {
	case t.at.Root != "":
		return t.reply(ctx)
	case t.c.Phase.Over() && !t.job.Follows:
		return t.done("nothing to close: the channel was told nothing of " + t.c.Key), nil
	}
	return t.open(ctx)
}

// open posts the head of a thread and pins it. The all-clear of a thread that
// somebody deleted is posted so too, for those who read it.
func (t *telling) open(ctx context.Context) (string, *refusal) {
	t.at.Root, t.at.Pinned = "", false
	first := escape(t.words(), longestFirst)
	no := t.post(ctx, t.head(escape(t.words(), longest), t.c.Telling), func(ts string) { t.at.Root, t.at.First = ts, first })
	if no != nil {
		return "", no
	}
	t.done("")
	t.pin(ctx)
	return t.receipt(""), nil
}

// reply brings the head up to date and then says what is new. The reply comes
// last, for it alone cannot be repeated; whoever finds it knows the rest is done.
func (t *telling) reply(ctx context.Context) (string, *refusal) {
	switch no := t.edit(ctx); {
	case no != nil && gone[no.word]:
		return t.open(ctx)
	case no != nil:
		return "", no
	}
	t.pin(ctx)
	if no := t.unpin(ctx); no != nil {
		return "", no
	}
	m := t.message(escape(t.words(), longest), payload{Key: t.c.Key, Telling: t.c.Telling})
	m.Thread, m.Broadcast = t.at.Root, t.c.Phase.Over() || t.again
	no := t.post(ctx, m, func(string) {})
	if no != nil && gone[no.word] {
		return t.open(ctx)
	}
	if no != nil {
		return "", no
	}
	return t.done(""), nil
}

// gone are Slack's words for a thread whose head somebody deleted.
var gone = map[string]bool{"message_not_found": true, "thread_not_found": true, "cannot_reply_to_message": true}

func (t *telling) words() string {
	if t.c.Text != "" {
		return t.c.Text
	}
	return t.job.Text
}

func (t *telling) head(first string, told int) message {
	head := headline(t.c)
	return t.message(under(head, first), payload{Key: t.c.Key, Telling: told, Head: 1 + strings.Count(head, "\n")})
}

func (t *telling) message(text string, p payload) message {
	return message{Channel: t.book.address(), Text: text, Metadata: metadata{event, p}}
}

// post posts a message. The mark is remembered first, so that whoever comes
// after a crash looks before posting again.
func (t *telling) post(ctx context.Context, m message, then func(ts string)) *refusal {
	t.at.Trying = max(t.c.Telling, 1)
	t.keep()
	m.Client = uuid(t.book.name, t.c.Key, fmt.Sprint(t.c.Telling), m.Thread)
	var a struct{ Channel, TS string }
	no := t.room.wire.write(ctx, "chat.postMessage", m, &a)
	if no == nil && a.TS == "" {
		no = &refusal{doubt: true, Error: delivery.Error{Fate: delivery.Retry, Worker: true, Err: errors.New("something between answered: a message without a time stamp")}}
	}
	if no != nil {
		if !no.doubt {
			t.at.Trying = 0
			t.keep()
		}
		return no
	}
	if isID.MatchString(a.Channel) {
		t.book.Channel = a.Channel
	}
	t.at.Last = a.TS
	then(a.TS)
	return nil
}

// edit brings the head's headline up to date. It can be repeated, so a lost
// answer is no harm; where Slack does not let it be edited the reply goes alone.
func (t *telling) edit(ctx context.Context) *refusal {
	m := t.head(t.at.First, t.at.Telling)
	m.TS = t.at.Root
	no := t.room.wire.write(ctx, "chat.update", m, &struct{}{})
	switch {
	case no == nil || gone[no.word]:
		return no
	case no.word != "" && fates[no.word].fate == 0 || no.word != "" && no.doubt:
		t.note("the head was not edited: " + no.word)
		return nil
	}
	return harmless(no)
}

// harmless is a request that may be repeated.
func harmless(no *refusal) *refusal {
	if no.Fate == delivery.Unsure {
		no.Fate, no.Worker = delivery.Retry, true
	}
	return no
}

type pinned struct {
	Channel string `json:"channel"`
	TS      string `json:"timestamp"`
}

// pin pins the head; it is tried again at the next telling.
func (t *telling) pin(ctx context.Context) {
	if t.at.Pinned || t.alone || t.c.Phase.Over() || t.at.Root == "" {
		return
	}
	no := t.room.wire.write(ctx, "pins.add", pinned{t.book.address(), t.at.Root}, &struct{}{})
	if no != nil && no.word != "already_pinned" {
		t.note("the head is not pinned: " + no.Error.Error())
		return
	}
	t.at.Pinned = true
	t.keep()
}

// unpin ends the war room. A no of Slack does not keep the all-clear back.
func (t *telling) unpin(ctx context.Context) *refusal {
	if !t.c.Phase.Over() {
		return nil
	}
	no := t.room.wire.write(ctx, "pins.remove", pinned{t.book.address(), t.at.Root}, &struct{}{})
	if no != nil && no.word == "" {
		return harmless(no)
	}
	if no != nil && no.word != "no_pin" {
		t.note("the head is still pinned: " + no.word)
		return nil
	}
	t.at.Pinned = false
	return nil
}

// hook carries a telling by an incoming webhook. What was once written is not
// written again, for nobody can look whether it arrived.
func (t *telling) hook(ctx context.Context) (string, *refusal) {
	switch {
	case t.has():
		return t.receipt("the channel has it already"), nil
	case t.job.Doubtful || t.at.Trying > 0 && t.at.Trying == t.c.Telling:
		return "", &refusal{Error: delivery.Error{Fate: delivery.Unsure, Advice: "look into the channel: a webhook cannot",
			Err: errors.New("it was written before and no answer came")}}
	case t.c.Phase.Over() && !t.job.Follows:
		return t.done("nothing to close: the channel was told nothing of " + t.c.Key), nil
	}
	t.at.Trying = max(t.c.Telling, 1)
	t.keep()
	in := map[string]string{"text": under(headline(t.c), escape(t.words(), longest))}
	a, no := t.room.wire.exchange(ctx, http.MethodPost, t.room.o.Webhook, in)
	if no == nil && strings.TrimSpace(string(a.Text)) != "ok" {
		no = between(a, false)
	}
	if no == nil {
		return t.done(""), nil
	}
	if no.doubt && no.Code != "HTTP 503" {
		no.Fate, no.Worker, no.After = delivery.Unsure, false, 0
	} else {
		t.at.Trying = 0
		t.keep()
	}
	return "", no
}

// done remembers that the channel has the telling.
func (t *telling) done(note string) string {
	t.at.Telling, t.at.Trying, t.at.Over = max(t.at.Telling, t.c.Telling), 0, t.c.Phase.Over() || t.alone
	t.keep()
	return t.receipt(note)
}

func (t *telling) keep() {
	if err := t.book.keep(t.at); err != nil {
		t.note(err.Error())
	}
}

// note adds what the receipt says besides, once.
func (t *telling) note(s string) {
	for _, had := range t.notes {
		if had == s {
			return
		}
	}
	t.notes = append(t.notes, s)
}

func (t *telling) receipt(note string) string {
	if note != "" {
		t.note(note)
	}
	return strings.TrimPrefix(strings.Join(append([]string{t.at.Last}, t.notes...), "; "), "; ")
}
