package push

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/push/pushtest"
	"heliograph/drivers/webhook/webhooktest"
)

const (
	atNtfy     = "ntfy://:" + pushtest.NtfyToken + "@" + webhooktest.Host + "/noc"
	atTelegram = "telegram://" + pushtest.TelegramToken + "@telegram?chats=-100123,@noc&notification=no"
	atMatrix   = "matrix://:" + pushtest.MatrixToken + "@" + webhooktest.Host + "/?rooms=noc:example.com"
	atHook     = "mattermost://heliograph@" + webhooktest.Host + "/" + pushtest.Hook + "/town"
	atBot      = "mattermost://:" + pushtest.BotToken + "@" + webhooktest.Host + "/?channel=ch4nnel"
)

func start(t *testing.T, address string) (*Pusher, *webhooktest.Line, *pushtest.Services) {
	t.Helper()
	services := new(pushtest.Services)
	line := webhooktest.NewLine(services)
	t.Cleanup(line.Close)
	conf := line.TLS()
	conf.ServerName = webhooktest.Host // Telegram has one name for all
	p, err := New(Options{URL: address, Dial: line.Dial, TLS: conf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, line, services
}

func down(id uint64) delivery.Job {
	return delivery.Job{ID: id, Path: "cell", Thread: "waw-12/7/duty", Subject: "waw-12 #7 DOWN transit-ą", Text: "No connection since 04:02 UTC.", Case: &delivery.Case{
		Key: "waw-12/7", Telling: int(id), Kind: "down", Phase: delivery.Identified, Impact: delivery.Major,
	}}
}

func fateOf(t *testing.T, err error) *delivery.Error {
	t.Helper()
	var e *delivery.Error
	if !errors.As(err, &e) {
		t.Fatalf("want a fate, got %v", err)
	}
	for _, secret := range []string{pushtest.NtfyToken, pushtest.TelegramToken, pushtest.MatrixToken, pushtest.Hook, pushtest.BotToken} {
		if s := e.Error() + e.Advice; strings.Contains(s, secret) {
			t.Errorf("a secret is told: %s", s)
		}
	}
	return e
}

func second(_ delivery.Receipt, err error) error { return err }

// Each service shows a message; the answer to the next one is lost, and it is
// repeated.
func TestEveryServiceThroughALostAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, address string
		first         pushtest.Shown
		reference     string
		lost          int // which request of the second Send loses its answer
		shown         int // after the repeat
	}{
		{"ntfy", atNtfy, pushtest.Shown{Target: "noc", Title: "waw-12 #7 DOWN transit-ą", Text: "No connection since 04:02 UTC.", Priority: 5}, "101", 0, 2},
		{"telegram", strings.Replace(atTelegram, ",@noc", "", 1), pushtest.Shown{Target: "-100123", Text: "waw-12 #7 DOWN transit-ą\nNo connection since 04:02 UTC.", Silent: true}, "101", 0, 3},
		{"matrix", atMatrix, pushtest.Shown{Target: "!abc:example.com", Text: "waw-12 #7 DOWN transit-ą\nNo connection since 04:02 UTC."}, "$101", 0, 2},
		{"mattermost's webhook", atHook, pushtest.Shown{Target: "town", Text: "**waw-12 #7 DOWN transit-ą**\nNo connection since 04:02 UTC."}, "", 0, 3},
		{"mattermost's bot", atBot, pushtest.Shown{Target: "ch4nnel", Text: "**waw-12 #7 DOWN transit-ą**\nNo connection since 04:02 UTC."}, "101", 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, line, services := start(t, c.address)
			if err := p.Check(t.Context()); err != nil || len(services.Shown()) != 0 {
				t.Fatalf("check: %v; shown %v", err, services.Shown())
			}
			line.In.Store(0)
			line.Out.Store(0)
			got, err := p.Send(t.Context(), down(1))
			if err != nil || got.Reference != c.reference || len(got.Parts) != 1 || services.Shown()[0] != c.first {
				t.Fatalf("%+v, %v; shown %+v", got, err, services.Shown())
			}
			t.Logf("%d bytes out, %d in", line.In.Load(), line.Out.Load())
			line.Next(webhooktest.LostAnswer)
			if e := fateOf(t, second(p.Send(t.Context(), down(2)))); e.Fate != delivery.Unsure {
				t.Fatalf("lost: %v", e)
			}
			again := down(2)
			again.Doubtful = true
			if _, err = p.Send(t.Context(), again); err != nil || len(services.Shown()) != c.shown {
				t.Errorf("repeated: %v; shown %+v", err, services.Shown())
			}
		})
	}
}

// Of three chats one is gone for good and one is busy: the third hears at
// once, the busy one later, and nobody twice.
func TestChatsDoNotWaitForOneAnother(t *testing.T) {
	t.Parallel()
	p, line, services := start(t, strings.Replace(atTelegram, "chats=", "chats=@gone,", 1))
	busy := webhooktest.Status(429, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}`, "Content-Type: application/json")
	line.Next(nil, busy, nil)
	j := down(1)
	j.Took = func(part delivery.Part) error { j.Taken = append(j.Taken, part); return nil }
	if e := fateOf(t, second(p.Send(t.Context(), j))); e.Fate != delivery.Retry || e.After != 5*time.Second || e.Worker {
		t.Fatalf("%+v", e)
	}
	got, err := p.Send(t.Context(), j)
	if err != nil || len(got.Parts) != 2 || len(got.Refused) != 1 || got.Refused[0].To != "@gone" {
		t.Fatalf("%+v, %v", got, err)
	}
	if all := services.Shown(); len(all) != 2 || all[0].Target != "@noc" || all[1].Target != "-100123" {
		t.Errorf("shown %+v", all)
	}
}

func TestFates(t *testing.T) {
	t.Parallel()
	const js = "Content-Type: application/json"
	for _, c := range []struct {
		name, address string
		trouble       webhooktest.Trouble
		fate          delivery.Fate
		worker        bool
		after         time.Duration
		says          string
	}{
		{"ntfy, the limit", atNtfy, webhooktest.Status(429, `{"code":42901,"http":429,"error":"limit reached: too many requests"}`, js), delivery.Retry, false, time.Minute, "limit reached"},
		{"matrix, the limit", "matrix://:x@example.com/?rooms=!abc:example.com", webhooktest.Status(429, `{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000}`, js), delivery.Retry, false, 2 * time.Second, ""},
		{"mattermost, first in flight", atBot, webhooktest.Status(500, `{"id":"api.post.deduplicate_create_post.pending","message":"pending"}`, js), delivery.Retry, false, 0, "pending"},
		{"mattermost, the channel", strings.Replace(atBot, "ch4nnel", "other", 1), nil, delivery.Retry, true, 0, "member of the channel"},
		{"ntfy, the token", strings.Replace(atNtfy, "tk_", "tk_old", 1), nil, delivery.Retry, true, 0, "user or token"},
		{"matrix, the token", "matrix://:old@example.com/?rooms=!abc:example.com", nil, delivery.Retry, true, 0, "Invalid access token"},
		{"matrix, not in the room", "matrix://:" + pushtest.MatrixToken + "@example.com/?rooms=!other:example.com", nil, delivery.Retry, true, 0, "in the room"},
		{"mattermost, the webhook", strings.Replace(atHook, pushtest.Hook, "gone", 1), nil, delivery.Never, false, 0, "still exists"},
		{"a portal", atNtfy, webhooktest.Portal, delivery.Retry, true, 0, "something between answered"},
		{"a portal before a webhook", atHook, webhooktest.Portal, delivery.Retry, true, 0, "something between answered"},
		{"a redirect", atBot, webhooktest.Redirect, delivery.Retry, true, 0, "login.carrier.example"},
		{"a proxy", atBot, webhooktest.BadGateway, delivery.Retry, false, 0, "502"},
		{"matrix, a room without an id", atMatrix, webhooktest.Status(200, `{}`, js), delivery.Retry, true, 0, "a room without an id"},
		{"telegram, patience without end", atTelegram, webhooktest.Status(429, `{"description":"slow","parameters":{"retry_after":9223372036854775807}}`, js), delivery.Retry, false, time.Hour, "slow"},
		{"a page that quotes the address", atTelegram, webhooktest.Status(502, "no answer for /bot"+pushtest.TelegramToken+"/sendMessage"), delivery.Retry, false, 0, "/bot…/sendMessage"},
		{"half an answer", atNtfy, webhooktest.CutShort, delivery.Unsure, false, 0, "broke off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, line, _ := start(t, c.address)
			line.Next(c.trouble)
			e := fateOf(t, second(p.Send(t.Context(), down(1))))
			if e.Fate != c.fate || e.Worker != c.worker || e.After != c.after || !strings.Contains(e.Error()+e.Advice, c.says) {
				t.Errorf("fate %v, worker %v, after %v: %v; %s", e.Fate, e.Worker, e.After, e, e.Advice)
			}
		})
	}
}

func TestTheLineIsTheWorkersTrouble(t *testing.T) {
	t.Parallel()
	p, line, _ := start(t, atMatrix)
	line.Cut(true)
	for _, err := range []error{second(p.Send(t.Context(), down(1))), p.Check(t.Context())} {
		if e := fateOf(t, err); e.Fate != delivery.Retry || !e.Worker {
			t.Errorf("%+v", e)
		}
	}
}

// Only what hits people may wake them.
func TestUrgency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phase  delivery.Phase
		impact delivery.Impact
		drill  bool
		want   int
	}{
		{delivery.Identified, delivery.Critical, false, 5}, {delivery.Identified, delivery.Major, false, 5}, {delivery.Identified, delivery.Minor, false, 4},
		{delivery.Identified, delivery.Major, true, 3}, {delivery.Resolved, delivery.Major, false, 3}, {delivery.Scheduled, delivery.Major, false, 3},
	} {
		if got := urgency(&delivery.Case{Phase: c.phase, Impact: c.impact, Drill: c.drill}); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	dial := func(context.Context, string, string) (net.Conn, error) { return nil, nil }
	for address, says := range map[string]string{
		"ntfy://ntfy.sh/example-noc?priority=high&tags=fire,noc": "",
		"telegram://1:a_b-C@telegram?channels=@noc":              "",
		"mattermost://chat.example.org:8443/abc":                 "",
		"ntfy://ntfy.sh/":                                        "one topic",
		"ntfy://ntfy.sh/noc?priority=loud":                       "priority is one of",
		"ntfy://ntfy.sh/noc?disableTLS=yes":                      "TLS only",
		"ntfy://ntfy.sh/noc?scheme=http":                         "TLS only",
		"ntfy:///noc":                                            "names no host",
		"telegram://secret@telegram?chats=1":                     "bot's token",
		"telegram://1:secret@telegram":                           "chats=",
		"matrix://noc:secret@matrix.example.org/?rooms=a":        "access token and no user",
		"matrix://:secret@matrix.example.org/":                   "rooms=",
		"mattermost://chat.example.org/":                         "webhook's key",
		"mattermost://:secret@chat.example.org/":                 "channel's id",
		"teams://secret@1":                                       "this box knows",
		"ntfy://:secret%@h/x":                                    "not an address",
	} {
		_, err := New(Options{URL: address, Dial: dial})
		if got := errText(err); says == "" && err != nil || !strings.Contains(got, says) || strings.Contains(got, "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
