package main

import (
	"context"
	"fmt"
	"time"

	"github.com/pquerna/otp/totp"

	"heliograph/drivers/delivery"
	"heliograph/firmware/event"
	"heliograph/firmware/rehearsal/story"
)

// send is somebody's text to the box, with what is read off a phone before.
func (s *stage) send(l story.Line) {
	text, err := story.Phones{Texts: s.read, TOTP: s.totp}.Fill(l.Quoted, l.Who)
	if err != nil {
		s.t.Errorf("line %d: %v", l.Number, err)
		return
	}
	hash := fmt.Sprint(s.now(), s.number(l.Who), text)
	s.engine.Put(event.Received{Worker: "lte0", Hash: hash, From: s.number(l.Who), Text: text, Sent: time.Now()})
}

// read is what came to a person's phone.
func (s *stage) read(who string) []string {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	var texts []string
	for _, x := range s.world.sent {
		if x.to == s.number(who) && x.how == "" {
			texts = append(texts, x.text)
		}
	}
	return texts
}

// totp is what a person's authenticator shows.
func (s *stage) totp(who string) string {
	for _, p := range s.config.People {
		if p.Name == who && p.TOTP.Given() {
			code, err := totp.GenerateCode(p.TOTP.Reveal(), s.clocks().wall)
			if err != nil {
				s.t.Fatal(err)
			}
			return code
		}
	}
	return ""
}

// bell is a modem's calls: it rings for twenty seconds.
type bell struct {
	*world
	past time.Duration // as of a line
}

func (b bell) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	b.mu.Lock()
	b.sent = append(b.sent, sentText{at: time.Since(b.began), to: j.To, text: j.Text, how: " rings"})
	b.mu.Unlock()
	select {
	case <-ctx.Done():
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Unsure, Err: ctx.Err()}
	case <-time.After(line{world: b.world, past: b.past}.until(20 * time.Second)):
		return delivery.Receipt{Reference: "rang"}, nil
	}
}
