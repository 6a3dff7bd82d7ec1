package command

import "testing"

// TestOnTheBoxNoCodeIsAskedFor: who sits at it has had none; over the air the
// code is the proof.
func TestOnTheBoxNoCodeIsAskedFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"approve": "APPROVE", "approve 7": "APPROVE 7", "Approve #7 mail only": "APPROVE 7 MAIL ONLY", "approve mail only": "APPROVE MAIL ONLY",
		"deny": "DENY", "deny 7": "DENY 7", "zatwierdz": "APPROVE", "approve 4F7": "APPROVE 4F7",
	} {
		if c, err := Parse(text, Local); err != nil || c.Order != want {
			t.Errorf("%q on the box is %q (%v), want %q", text, c.Order, err, want)
		}
		if c, err := Parse(text, Air); err == nil && want != "APPROVE 4F7" {
			t.Errorf("%q over the air is %q", text, c.Order)
		}
	}
	for _, text := range []string{"approve everything", "deny 7 8", "approve 7 8"} {
		if c, err := Parse(text, Local); err == nil {
			t.Errorf("%q on the box is %q", text, c.Order)
		}
	}
}
