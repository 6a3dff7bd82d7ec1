package main

import (
	"crypto/tls"
	"errors"
	"slices"
	"testing"

	"heliograph/drivers/delivery"
	"heliograph/firmware/audience"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
	"heliograph/firmware/schedule"
)

func TestWordsOfADrillGoToTheTestTargetOnly(t *testing.T) {
	t.Parallel()
	real, test := &clerk{}, &clerk{}
	s := tested{real, test, "drill:noc-drill"}
	for _, to := range []string{"war-room", "drill:noc-drill", "an-older-room"} {
		if _, err := s.Send(t.Context(), delivery.Job{To: to, Text: to}); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(real.took, []string{"war-room", "an-older-room"}) || !slices.Equal(test.took, []string{"drill:noc-drill"}) {
		t.Errorf("the real one took %q, that for tests %q", real.took, test.took)
	}
	test.check = errors.New("the token is refused")
	if err := s.Check(t.Context()); err == nil || err.Error() != "the token is refused" {
		t.Errorf("the check says %v", err)
	}
	var e *delivery.Error
	s.real = nil
	if _, err := s.Send(t.Context(), delivery.Job{To: "war-room"}); !errors.As(err, &e) || e.Fate != delivery.Never {
		t.Errorf("without a real room: %v", err)
	}
	if s.Close(); !test.closed {
		t.Error("it is not closed")
	}
}

// A test target that cannot be used costs what is real nothing.
func TestATestTargetThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	c := config.Config{Drill: config.Drill{Statuspage: config.Statuspage{Page: "a/b"}}}
	x := withTest(event.Statuspage, c, nil, &tls.Config{}, driverMemory{}, &clerk{})
	if _, err := x.Send(t.Context(), delivery.Job{To: "abcd1234"}); err != nil {
		t.Errorf("the real page: %v", err)
	}
	if _, err := x.Send(t.Context(), delivery.Job{To: testPage(c.Drill.Statuspage)}); err == nil {
		t.Error("the test page takes it")
	}
	if x.Check(t.Context()) == nil {
		t.Error("the check says nothing")
	}
	if x := withTest(event.Mail, c, nil, nil, driverMemory{}, &clerk{}); x.(*clerk) == nil {
		t.Error("mail has no test target")
	}
}

func TestWhatADrillIsInTheConfiguration(t *testing.T) {
	t.Parallel()
	c := config.Config{Drill: config.Drill{
		Every:      config.Schedule{Cron: "0 10 * * 2", Nth: 1},
		Statuspage: config.Statuspage{Page: "te5t", Components: map[string]string{"waw": "c", "lodz": "d"}},
		Slack:      config.Slack{Channel: "noc-drill"},
	}, Selftest: config.Selftest{Off: true}}
	d := drillOf(c)
	if len(d.Groups) != 2 || !slices.Equal(d.Regions, []string{"lodz", "waw"}) || audience.Reader(d.Groups[0].Name) != audience.Room || audience.Reader(d.Groups[1].Name) != audience.Page {
		t.Errorf("%+v", d)
	}
	if got := online(c); !slices.Equal(got, []string{event.Statuspage, event.Slack}) {
		t.Errorf("workers %q", got)
	}
	if got := groupsOf(c); len(got) != 0 {
		t.Errorf("what is real would go to %+v", got)
	}
	if got := jobsOf(c).Jobs; len(got) != 1 || got[0] != (schedule.Job{What: schedule.Drill, Cron: "0 10 * * 2", Nth: 1}) {
		t.Errorf("jobs %+v", got)
	}
}
