package main

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"

	"heliograph/drivers/delivery"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// clerk is an account that answers as told, and remembers what it was given.
type clerk struct {
	took   []string
	answer error
	check  error
	closed bool
}

func (c *clerk) Send(_ context.Context, j delivery.Job) (delivery.Receipt, error) {
	c.took = append(c.took, j.Text)
	return delivery.Receipt{}, c.answer
}
func (c *clerk) Check(context.Context) error { return c.check }
func (c *clerk) Close() error                { c.closed = true; return nil }

func TestADeliveryGoesByThePathThatItsClaimNames(t *testing.T) {
	t.Parallel()
	primary, cell := &clerk{}, &clerk{}
	var told []string
	s := byPath{on: map[string]account{"primary": primary, "cell": cell}, told: func(err error) {
		if err != nil {
			told = append(told, err.Error())
		} else {
			told = append(told, "well")
		}
	}}
	send := func(path, text string) *delivery.Error {
		var e *delivery.Error
		_, err := s.Send(t.Context(), delivery.Job{Path: path, Text: text})
		errors.As(err, &e)
		return e
	}
	if e := send("primary", "a"); e != nil {
		t.Error(e)
	}
	// A path that does not carry is no fault of the account.
	cell.answer = &delivery.Error{Fate: delivery.Retry, Worker: true, Err: errors.New("no connection in 10 s")}
	send("cell", "b")
	cell.answer = &delivery.Error{Fate: delivery.Retry, Worker: true, Code: "535", Advice: "make a new app password"}
	send("cell", "c")
	cell.answer = nil
	send("cell", "d")
	if e := send("stick", "e"); e == nil || e.Fate != delivery.Retry || !e.Worker {
		t.Errorf("a path that is not there: %v", e)
	}
	if got := strings.Join(primary.took, "") + "|" + strings.Join(cell.took, ""); got != "a|bcd" {
		t.Errorf("taken: %s", got)
	}
	if want := []string{"well", "retry 535", "well"}; strings.Join(told, ", ") != strings.Join(want, ", ") {
		t.Errorf("told %q, want %q", told, want)
	}
	s.close()
	if !primary.closed || !cell.closed {
		t.Error("an account was not closed")
	}
}

func TestAChannelWithSeveralTargets(t *testing.T) {
	t.Parallel()
	all := map[string]*clerk{"duty": {}, "boss": {check: errors.New("the topic is locked")}}
	list := []config.Push{{Name: "duty"}, {Name: "boss"}}
	x, err := byTarget(list, func(p config.Push) (string, account, error) { return p.Name, all[p.Name], nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Send(t.Context(), delivery.Job{To: "boss", Text: "hello"}); err != nil || len(all["boss"].took) != 1 || len(all["duty"].took) != 0 {
		t.Errorf("to boss: %v, %+v", err, all)
	}
	var e *delivery.Error
	if _, err := x.Send(t.Context(), delivery.Job{To: "ceo"}); !errors.As(err, &e) || e.Fate != delivery.Never {
		t.Errorf("to somebody who is in the configuration no more: %v", err)
	}
	if err := x.Check(t.Context()); err == nil || err.Error() != "boss: the topic is locked" {
		t.Errorf("the check says %v", err)
	}
	broken := errors.New("no such service")
	all["duty"].closed = false
	_, err = byTarget(list, func(p config.Push) (string, account, error) {
		if p.Name == "boss" {
			return p.Name, nil, broken
		}
		return p.Name, all[p.Name], nil
	})
	if !errors.Is(err, broken) || !all["duty"].closed {
		t.Errorf("one of two could not be opened: %v, the other is closed: %t", err, all["duty"].closed)
	}
}

func TestCheckNamesAnAccountThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	var c config.Config
	c.Channels.Mail = config.Mail{From: "noc@example.org", SMTP: config.SMTP{Server: "smtp.example.org:587", Auth: "xoauth2", User: "noc"}}
	c.Channels.Slack = config.Slack{Channel: "war-room"}
	said := strings.Join(onThisBox(c), "\n")
	for _, want := range []string{"channels.mail cannot be used: ", "channels.slack cannot be used: "} {
		if !strings.Contains(said, want) {
			t.Errorf("check says %q, without %q", said, want)
		}
	}
}

// Only what a backhaul carries goes without ML-KEM.
func TestOnlyMeteredPathsAreFrugal(t *testing.T) {
	t.Parallel()
	if conf := secured(event.Primary); conf != nil {
		t.Errorf("the primary path is given %v", conf.CurvePreferences)
	}
	if conf := secured("cell"); conf == nil || slices.Contains(conf.CurvePreferences, tls.X25519MLKEM768) || !slices.Contains(conf.CurvePreferences, tls.X25519) {
		t.Errorf("a backhaul is given %+v", conf)
	}
}
