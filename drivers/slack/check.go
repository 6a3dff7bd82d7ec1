package slack

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"heliograph/drivers/delivery"
)

// Check proves the token and its scopes, and finds the channel's id. Of a
// webhook it proves that it still takes messages, by one that is refused for
// being empty. Nobody sees anything of it.
func (r *Room) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	leave, err := r.enter(ctx, "")
	if err != nil {
		return err
	}
	defer leave(false)
	check := r.checkToken
	if r.o.Webhook != "" {
		check = r.checkWebhook
	}
	if no := check(ctx); no != nil {
		return &no.Error
	}
	return nil
}

func (r *Room) checkToken(ctx context.Context) *refusal {
	header, no := r.wire.read(ctx, "auth.test", url.Values{}, &struct{}{})
	if no != nil {
		return no
	}
	if lacks := lacking(header.Get("X-OAuth-Scopes")); lacks != "" {
		no := &refusal{Error: delivery.Error{Fate: scope.fate, Worker: true, Code: "missing_scope", Advice: scope.advice}}
		no.Err = errors.New("the app lacks " + lacks)
		return no
	}
	b, err := r.book(r.o.Channel)
	if err == nil && b.Channel == "" {
		if no := r.resolve(ctx, b); no != nil {
			return no
		}
		err = b.store()
	}
	if err != nil {
		return &refusal{Error: delivery.Error{Fate: delivery.Retry, Worker: true, Err: err}}
	}
	return nil
}

// lacking names the scopes that a thread needs and the token has not.
func lacking(scopes string) string {
	if scopes == "" {
		return ""
	}
	has := strings.Split(strings.ReplaceAll(scopes, " ", ""), ",")
	var lacks []string
	for _, need := range []string{"chat:write", "pins:write"} {
		if !slices.Contains(has, need) {
			lacks = append(lacks, need)
		}
	}
	if !slices.Contains(has, "channels:history") && !slices.Contains(has, "groups:history") {
		lacks = append(lacks, "channels:history")
	}
	return strings.Join(lacks, ", ")
}

func (r *Room) checkWebhook(ctx context.Context) *refusal {
	a, no := r.wire.exchange(ctx, http.MethodPost, r.o.Webhook, map[string]string{"text": ""})
	switch {
	case no == nil:
		return between(a, false)
	case no.word == "no_text" || no.word == "invalid_payload" || no.word == "missing_text_or_fallback_or_attachments":
		return nil
	}
	return harmless(no)
}
