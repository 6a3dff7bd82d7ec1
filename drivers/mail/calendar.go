package mail

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	gomail "github.com/wneessen/go-mail"

	"heliograph/drivers/delivery"
)

// maintnote properties (draft-gunter-calext-maintenance-notifications), which
// carriers' and customers' systems read planned work from.
const (
	noteProvider = ics.ComponentProperty("X-MAINTNOTE-PROVIDER")
	noteAccount  = ics.ComponentProperty("X-MAINTNOTE-ACCOUNT")
	noteID       = ics.ComponentProperty("X-MAINTNOTE-MAINTENANCE-ID")
	noteObject   = ics.ComponentProperty("X-MAINTNOTE-OBJECT-ID")
	noteImpact   = ics.ComponentProperty("X-MAINTNOTE-IMPACT")
	noteStatus   = ics.ComponentProperty("X-MAINTNOTE-STATUS")
)

// attach adds planned work as a calendar's event, so that it stands in its
// readers' calendars at its time: one UID from the first to the last mail, and
// a SEQUENCE that rises with every change (RFC 5545 §3.8.7.4).
func (m *Mailer) attach(msg *gomail.Msg, c *delivery.Case) error {
	if c == nil || c.Work == nil || c.From.IsZero() {
		return nil
	}
	method := ics.MethodPublish
	if c.Work.Status == "CANCELLED" {
		method = ics.MethodCancel
	}
	var out bytes.Buffer
	if err := m.calendar(c, method).SerializeTo(&out, ics.WithNewLineWindows); err != nil {
		return err
	}
	kind := gomail.ContentType(fmt.Sprintf("text/calendar; charset=UTF-8; method=%s", method))
	return msg.AttachReader("maintenance.ics", &out, gomail.WithFileContentType(kind))
}

func (m *Mailer) calendar(c *delivery.Case, method ics.Method) *ics.Calendar {
	cal := ics.NewCalendarFor("heliograph")
	cal.SetMethod(method)
	e := cal.AddEvent(strings.ReplaceAll(c.Key, "/", "-") + "@" + m.domain())
	now := c.Now
	if now.IsZero() {
		now = time.Now() // the box's clock is not trusted, and the property is required
	}
	e.SetDtStampTime(now)
	e.SetStartAt(c.From)
	e.SetEndAt(c.Until)
	e.SetSequence(c.Work.Revision)
	e.SetSummary(oneLine(c.Title))
	e.SetDescription(oneLine(c.Text))
	e.SetStatus(ics.ObjectStatusConfirmed)
	if method == ics.MethodCancel {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	e.SetOrganizer("mailto:" + m.from.Address)
	e.SetProperty(noteProvider, m.domain())
	if c.Work.Account != "" {
		e.SetProperty(noteAccount, oneLine(c.Work.Account))
	}
	e.SetProperty(noteID, fmt.Sprintf("%s-%d", c.Site, c.Number))
	for _, t := range c.Scope {
		e.AddProperty(noteObject, oneLine(t.Name))
	}
	e.SetProperty(noteImpact, c.Work.Impact)
	e.SetProperty(noteStatus, c.Work.Status)
	return cal
}
