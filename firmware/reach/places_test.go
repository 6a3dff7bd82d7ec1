package reach

import (
	"testing"
	"time"

	"heliograph/firmware/event"
)

// A gateway that this box may not ask places nothing: the fault is not put
// there, and the evidence says that it is not known.
func TestAGatewayThatCannotBeAskedPlacesNothing(t *testing.T) {
	t.Parallel()
	r := Rule{Name: "transit-a", Gateway: "192.0.2.1", Every: 2 * time.Second, DownAfter: 3}.Filled()
	at := event.Stamp{Box: time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC)}
	m := r.Begin(Memory{}, at)
	for range 5 {
		at.Box = at.Box.Add(2 * time.Second)
		m, _ = r.Weigh(m, at, []event.Result{
			{Probe: "tcp 1.1.1.1:443", Kind: event.TCP, Seen: "no answer in 1.8 s"},
			{Probe: "gateway", Kind: event.Gateway, Local: true, Seen: "ping is not permitted"},
		}, false)
	}
	v := m.Current(r)
	if v.Condition != event.IsDown || v.Place != event.PlaceUpstream || v.Evidence.Gateway != "gw unknown" {
		t.Errorf("it is %s, place %q, %q", v.Condition, v.Place, v.Evidence.Gateway)
	}
}
