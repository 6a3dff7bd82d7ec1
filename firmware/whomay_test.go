package main

import (
	"strings"
	"testing"

	"heliograph/firmware/command"
	"heliograph/firmware/config"
)

func staffed(two int, people ...config.Person) config.Config {
	c := config.Config{Country: "PL", People: people}
	c.Subscribers.Approve.Two = two
	return c
}

// TestCheckSaysWhoMayWhat: each verb that people may text stands there once,
// and each of the people with their role.
func TestCheckSaysWhoMayWhat(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	whoMayWhat(&out, staffed(0, config.Person{Name: "ada", SMS: "+48600100201", Role: "approver"}, config.Person{Name: "bob", SMS: "+48600100202"}, config.Person{Name: "mailonly"}))
	for _, e := range command.Table() {
		if n := strings.Count(out.String(), "\n   "+string(e.Verb)+" "); n != 1 {
			t.Errorf("%s stands there %d times", e.Verb, n)
		}
		if proofWords[e.Proof] == "" {
			t.Errorf("no words for the proof %s", e.Proof)
		}
	}
	for _, want := range []string{"\n - approver: ada\n", "\n - operator: bob\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "mailonly") {
		t.Error("who cannot text stands among those who may")
	}
}

func TestWhatIsOddAboutRoles(t *testing.T) {
	t.Parallel()
	ada := config.Person{Name: "ada", SMS: "+48600100201", Role: "approver"}
	bob := config.Person{Name: "bob", SMS: "+48600100202"}
	for _, c := range []struct {
		conf config.Config
		want []string
	}{
		{staffed(0, bob), []string{"nobody is an approver"}},
		{staffed(100, ada, bob), []string{"asks for two people, and ada is the only approver", "ada is an approver without totp"}},
		{staffed(0, ada, bob), []string{"REBOOT takes two", "ada is an approver without totp"}},
		{staffed(100, ada, config.Person{Name: "eve", SMS: "+48600100205", Role: "approver"}), []string{"ada is an approver without totp", "eve is an approver without totp"}},
	} {
		got := oddRoles(c.conf)
		if len(got) != len(c.want) {
			t.Errorf("%q, want %q", got, c.want)
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%q does not say %q", got[i], want)
			}
		}
	}
}
