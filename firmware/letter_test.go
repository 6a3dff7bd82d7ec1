package main

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// A letter's Case is written in one room and read in another, and neither may
// import the other: here they are compared, field by field.
func TestACaseIsReadAsItIsWritten(t *testing.T) {
	sameShape(t, "Case", reflect.TypeFor[notice.Case](), reflect.TypeFor[delivery.Case]())

	now := event.Stamp{Box: time.Unix(1732248120, 0), Wall: time.Unix(1732248120, 0), Trusted: true}
	f := notice.Facts{Site: "waw-12", Incident: 7, Kind: event.Down, Scope: []string{"transit-a"}, Opened: now, Now: now, Verdict: event.Verdict{Condition: event.IsDown}}
	queued := notice.Wording{}.Letter(notice.Room, "en", f)
	f.Kind = event.Unwatched
	letter := notice.Compose(notice.Wording{}.Letter(notice.Room, "en", f), []notice.Said{{Wall: now.Wall, Trusted: true, Text: queued}}, now, now)
	var read struct{ Case delivery.Case }
	if err := json.Unmarshal([]byte(letter), &read); err != nil {
		t.Fatal(err)
	}
	c := read.Case
	if c.Key != "waw-12/7" || c.Phase != delivery.Resolved || c.Impact != delivery.Major || len(c.Timeline) != 1 || !c.Opened.Equal(now.Wall) || c.Scope[0].State != "operational" {
		t.Errorf("is read as %+v", c)
	}
}

// sameShape compares names, order, tags and types, in all that is inside.
func sameShape(t *testing.T, where string, wrote, reads reflect.Type) {
	t.Helper()
	if wrote.Kind() != reads.Kind() {
		t.Errorf("%s is %s where it is written and %s where it is read", where, wrote.Kind(), reads.Kind())
		return
	}
	switch {
	case wrote == reads:
	case wrote.Kind() == reflect.Slice:
		sameShape(t, where, wrote.Elem(), reads.Elem())
	case wrote.Kind() == reflect.Struct:
		if wrote.NumField() != reads.NumField() {
			t.Errorf("%s has %d fields where it is written and %d where it is read", where, wrote.NumField(), reads.NumField())
		}
		for i := range min(wrote.NumField(), reads.NumField()) {
			a, b := wrote.Field(i), reads.Field(i)
			if a.Name != b.Name || a.Tag != b.Tag {
				t.Errorf("%s: %s `%s` is written, %s `%s` is read", where, a.Name, a.Tag, b.Name, b.Tag)
			}
			sameShape(t, where+"."+a.Name, a.Type, b.Type)
		}
	}
}
