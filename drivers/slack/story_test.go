package slack_test

import (
	"fmt"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/slack/slacktest"
)

// A head as the channel shows it.
const since, until = " waw-12 #7 transit-a: no connection / 2026-11-21 04:02 UTC –", " waw-12 #7 transit-a: no connection / 2026-11-21 04:02 – 05:10 UTC"

func TestANight(t *testing.T) {
	r := newRig(t)
	r.expect("the receipt", r.took(incident(1, delivery.Identified, "3/3 lost beyond gw & <upstream>.")), r.nth(0))
	r.expect("an empty memory looks first", r.requests(), "conversations.history, chat.postMessage, pins.add")
	r.expect("the head", r.shows(), "*IDENTIFIED*"+since+" / 3/3 lost beyond gw &amp; &lt;upstream&gt;. (pinned)")
	j := incident(2, delivery.Monitoring, "A ticket is open.")
	j.Case.ETR, j.Case.By = opened.Add(2*time.Hour), "ada"
	r.expect("the receipt", r.took(j), r.nth(1))
	r.expect("an update", r.requests(), "chat.update, chat.postMessage")
	r.expect("the thread", r.shows(), "*MONITORING*"+since+" · ETR 2026-11-21 06:02 UTC · ada / 3/3 lost beyond gw &amp; &lt;upstream&gt;. (pinned)\n  A ticket is open.")
	r.took(incident(3, delivery.Resolved, "Restored after 1 h 8 min. A post-mortem follows."))
	r.expect("the all-clear", r.requests(), "chat.update, pins.remove, chat.postMessage")
	r.expect("the thread", r.shows(), "*RESOLVED*"+until+" / 3/3 lost beyond gw &amp; &lt;upstream&gt;.\n  A ticket is open.\n  Restored after 1 h 8 min. A post-mortem follows. (to all)")
	r.expect("told once more", r.took(incident(3, delivery.Resolved, "Restored.")), r.nth(2)+"; the channel has it already")
	r.expect("which cost nothing", r.requests(), "")
}

func TestDownAgainGoesOnInTheThread(t *testing.T) {
	r := newRig(t)
	r.took(incident(1, delivery.Identified, "Down."))
	r.took(incident(2, delivery.Resolved, "Up."))
	r.took(incident(3, delivery.Identified, "Down again."))
	r.expect("the channel", r.shows(), "*IDENTIFIED*"+since+" / Down. (pinned)\n  Up. (to all)\n  Down again. (to all)")
}

// TestTheAnswerIsLost cuts the line after Slack posted, at every telling, and
// comes back in three ways. Nothing may stand in the channel twice.
func TestTheAnswerIsLost(t *testing.T) {
	for name, back := range map[string]func(*rig, delivery.Job) delivery.Job{
		"told of the doubt": func(_ *rig, j delivery.Job) delivery.Job { return again(j) },
		"after a restart":   func(r *rig, j delivery.Job) delivery.Job { r.restart(); return j },
		"on a new box":      func(r *rig, j delivery.Job) delivery.Job { r.forget(); return again(j) },
	} {
		for kind, fault := range map[string]slacktest.Fault{
			"cut":  {On: "chat.postMessage", Commit: true, Cut: true},
			"torn": {On: "chat.postMessage", Commit: true, Torn: true},
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				r := newRig(t)
				r.slack.Rows = 2 // pages of two, so that there are several
				for n, j := range []delivery.Job{
					incident(1, delivery.Identified, "Down."), incident(2, delivery.Monitoring, "Better."), incident(3, delivery.Resolved, "Up."),
				} {
					r.slack.Fail(fault)
					r.expect("without an answer", r.send(j), "unsure")
					got := r.took(back(r, j))
					r.expect("what was found", got, r.nth(n)+"; it had arrived")
				}
				r.expect("the channel", r.shows(), "*RESOLVED*"+until+" / Down.\n  Better.\n  Up. (to all)")
			})
		}
	}
}

func TestTheRequestIsLost(t *testing.T) {
	r := newRig(t)
	for _, j := range []delivery.Job{
		incident(1, delivery.Identified, "Down."), incident(2, delivery.Monitoring, "Better."), incident(3, delivery.Resolved, "Up."),
	} {
		r.slack.Fail(slacktest.Fault{On: "chat.postMessage", Cut: true})
		r.expect("without an answer", r.send(j), "unsure")
		r.slack.Fail(slacktest.Fault{Status: 502, Body: "<html>"})
		r.expect("while it cannot be looked up", r.send(j), "retry")
		r.took(j)
	}
	r.expect("the channel", r.shows(), "*RESOLVED*"+until+" / Down.\n  Better.\n  Up. (to all)")
}

// TestDoubtLasts: what could not be looked up stays in doubt, also when the
// next attempt is not told so.
func TestDoubtLasts(t *testing.T) {
	r := newRig(t)
	r.took(of(8, 1, delivery.Identified, "Eight."))
	r.slack.Fail(slacktest.Fault{Status: 502, Body: "<html>"})
	r.expect("while it cannot be looked up", r.send(again(incident(1, delivery.Identified, "Down."))), "retry")
	r.requests()
	r.took(incident(1, delivery.Identified, "Down."))
	r.expect("it looks", r.requests(), "conversations.history, chat.postMessage, pins.add")
}

func TestWhatCanBeRepeatedIsNotInDoubt(t *testing.T) {
	r := newRig(t)
	r.slack.Fail(slacktest.Fault{On: "pins.add", Status: 503, Body: "<html>"})
	r.expect("the message counts", r.took(incident(1, delivery.Identified, "Down.")), r.nth(0)+"; the head is not pinned: retry HTTP 503: <html>")
	r.restart()
	r.slack.Fail(slacktest.Fault{On: "chat.update", Commit: true, Cut: true})
	r.expect("an edit", r.send(incident(2, delivery.Monitoring, "Better.")), "retry, worker")
	r.took(incident(2, delivery.Monitoring, "Better."))
	r.expect("the pin is made up for", r.shows(), "*MONITORING*"+since+" / Down. (pinned)\n  Better.")
	r.slack.Fail(slacktest.Fault{On: "pins.remove", Commit: true, Cut: true})
	r.expect("an unpinning", r.send(incident(3, delivery.Resolved, "Up.")), "retry, worker")
	r.expect("nothing was said yet", r.shows(), "*RESOLVED*"+until+" / Down.\n  Better.")
	r.took(incident(3, delivery.Resolved, "Up."))
	r.expect("the channel", r.shows(), "*RESOLVED*"+until+" / Down.\n  Better.\n  Up. (to all)")
}

func TestAnEditWindowThatIsClosed(t *testing.T) {
	r := newRig(t)
	r.took(incident(1, delivery.Identified, "Down."))
	r.slack.Fail(slacktest.Fault{On: "chat.update", Status: 200, Type: "application/json", Body: `{"ok":false,"error":"edit_window_closed"}`})
	r.expect("the reply goes alone", r.took(incident(2, delivery.Monitoring, "Better.")), r.nth(1)+"; the head was not edited: edit_window_closed")
}

func TestTwoIncidentsAndSmallTalk(t *testing.T) {
	r := newRig(t)
	r.took(of(7, 1, delivery.Identified, "Seven."))
	for n := range 40 {
		r.slack.Chat(room, fmt.Sprint("what now? ", n))
	}
	r.took(of(8, 1, delivery.Identified, "Eight."))
	r.forget()
	r.slack.Rows = 20 // the heads stand on the second and third page
	r.took(of(7, 2, delivery.Resolved, "Seven is over."))
	r.took(of(8, 2, delivery.Monitoring, "Eight is better."))
	all := r.slack.Messages(room)
	seven, eight := all[0], all[41]
	if all[42].Thread != seven.TS || all[43].Thread != eight.TS || len(all) != 44 {
		t.Errorf("the channel has\n%s", r.shows())
	}
	if pins := r.slack.Pins(room); len(pins) != 1 || pins[0] != eight.TS {
		t.Errorf("pinned are %v", pins)
	}
}

func TestSomebodyDeletedTheHead(t *testing.T) {
	r := newRig(t)
	r.took(incident(1, delivery.Identified, "Down."))
	r.slack.Delete(room, r.nth(0))
	r.took(incident(2, delivery.Monitoring, "Better."))
	r.expect("a new thread", r.shows(), "*MONITORING*"+since+" / Better. (pinned)")
	r.slack.Delete(room, r.nth(0))
	r.took(incident(3, delivery.Resolved, "Up."))
	r.expect("those who read it are told", r.shows(), "*RESOLVED*"+until+" / Up.")
	r.expect("an all-clear of what nobody was told", r.took(of(9, 1, delivery.Resolved, "Up.")), "nothing to close: the channel was told nothing of waw-12/9")
}

// TestTenTellings: three fail, each in another way, and are overtaken by newer
// truth before they are tried again.
func TestTenTellings(t *testing.T) {
	r := newRig(t)
	fail := map[int]slacktest.Fault{
		2: {On: "chat.postMessage", Cut: true},
		5: {On: "chat.postMessage", Commit: true, Cut: true},
		8: {On: "chat.postMessage", Status: 200, Type: "application/json", Body: `{"ok":false,"error":"fatal_error"}`},
	}
	want := "*RESOLVED*" + until + " / 1"
	for n := 1; n <= 10; n++ {
		phase, mark := delivery.Identified, ""
		if n == 10 {
			phase, mark = delivery.Resolved, " (to all)"
		}
		f, failing := fail[n]
		if failing {
			r.slack.Fail(f)
		}
		if got := r.send(incident(n, phase, fmt.Sprint(n))); failing != (got == "unsure" || got == "retry") {
			t.Errorf("telling %d: %s", n, got)
		}
		if n > 1 && (!failing || f.Commit) {
			want += fmt.Sprintf("\n  %d%s", n, mark)
		}
	}
	r.expect("the channel", r.shows(), want)
}

func TestAChannelByItsName(t *testing.T) {
	r := newRig(t)
	for n := range 3 {
		r.slack.AddChannel(fmt.Sprintf("C0OTHER%d", n), fmt.Sprint("other-", n))
	}
	r.slack.Rows = 2
	r.o.Channel = "#other-2"
	r.restart()
	j := incident(1, delivery.Identified, "Down.")
	j.To = "#noc-war-room"
	r.took(j)
	r.took(incident(2, delivery.Monitoring, "Better."))
	r.expect("the job's channel", r.shows(), "*IDENTIFIED*"+since+" / Down. (pinned)")
	if err := r.driver.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPlannedWork(t *testing.T) {
	r := newRig(t)
	for n, p := range []delivery.Phase{delivery.Scheduled, delivery.InProgress, delivery.Completed} {
		j := incident(n+1, p, string(p))
		j.Case.From, j.Case.Until = opened.Add(24*time.Hour), opened.Add(28*time.Hour)
		j.Case.Drill = true
		r.took(j)
	}
	r.expect("the channel", r.shows(),
		"*DRILL COMPLETED* waw-12 #7 transit-a: no connection / 2026-11-22 04:02 – 08:02 UTC / scheduled\n  in_progress\n  completed (to all)")
}

func TestNewsOfNoIncident(t *testing.T) {
	r := newRig(t)
	j := delivery.Job{ID: 99, Subject: "Credit", Text: "It is low."}
	r.slack.Fail(slacktest.Fault{On: "chat.postMessage", Commit: true, Cut: true})
	r.expect("without an answer", r.send(j), "unsure")
	r.took(again(j))
	r.expect("the channel", r.shows(), "Credit / It is low.")
}

func TestAWebhook(t *testing.T) {
	r := newRig(t)
	r.o.Webhook, r.o.Token, r.o.Channel = r.o.Base[:len(r.o.Base)-len("/api")]+hook, "", ""
	r.restart()
	if err := r.driver.Check(t.Context()); err != nil {
		t.Error(err)
	}
	r.expect("nobody sees the check", r.shows(), "")
	r.took(incident(1, delivery.Identified, "Down & out."))
	r.slack.Fail(slacktest.Fault{Commit: true, Cut: true})
	j := incident(2, delivery.Monitoring, "Better.")
	r.expect("without an answer", r.send(j), "unsure")
	r.requests()
	r.expect("it stays unsure", r.send(j)+", "+r.send(again(j)), "unsure, unsure")
	r.expect("and is not written again", r.requests(), "")
	r.slack.Fail(slacktest.Fault{Status: 500, Body: "rollup_error"})
	j = incident(3, delivery.Resolved, "Up.")
	r.expect("refused", r.send(j), "retry")
	r.took(j)
	r.expect("the channel", r.shows(), "*IDENTIFIED*"+since+" / Down &amp; out.\n*MONITORING*"+since+" / Better.\n*RESOLVED*"+until+" / Up.")
	r.slack.Archive(room)
	r.expect("an archived channel", r.send(of(8, 1, delivery.Identified, "Down.")), "never")
}
