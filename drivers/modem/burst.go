package modem

import (
	"errors"
	"time"

	"heliograph/drivers/at"
)

// Two texts that follow each other this closely are a burst.
const burstGap = time.Second

// keepLink asks the modem to keep the relay link up between the texts of a
// burst (27.005 §3.5.6): 2 for as long as they follow each other, else 1,
// which ends by itself. A burst is a job that says that more is likely, or a
// text that follows another within a second; a single alert never waits for
// this. A modem that refuses is not asked again.
func (s *session) keepLink(more bool) {
	if s.more == "1" && time.Since(s.lastEnd) > burstGap {
		s.more = "" // the modem has gone back by itself
	}
	follows := !s.lastEnd.IsZero() && time.Since(s.lastEnd) <= burstGap
	if s.more != "" || s.persona.More == "no" || !more && !follows {
		return
	}
	found := s.persona.More
	for _, v := range preferred([]string{"2", "1"}, found) {
		_, err := s.ask(at.Command{Text: "+CMMS=" + v, Priority: at.Message, Brisk: true})
		var r *at.Refusal
		switch {
		case err == nil:
			s.more, s.persona.More = v, v
		case errors.As(err, &r):
			s.persona.More = "no"
			continue
		}
		break
	}
	if s.persona.More != found {
		s.chores = append(s.chores, s.remember)
	}
}

// endBurst lets the link go when nothing followed.
func (s *session) endBurst() error {
	if s.more == "" || time.Since(s.lastEnd) < 5*burstGap {
		return nil
	}
	s.more = ""
	_, err := s.tell("+CMMS=0", 0)
	return err
}
