package modem

// stillRings ends a call by voice that this modem still makes for a box that is
// gone: a process that was killed hangs up nothing, and the phone would ring on
// for as long as the network lets it. The modem itself does not help: that DTR
// falls as the system closes the port counts in online data state only (AT&D,
// V.250 §6.2.9; Huawei MU509 §5.2, Motorola G24-L), and ATS7 bounds calls for
// data alone (Cinterion MC55 §7.13). So the call is looked for as soon as the
// modem answers, before anything that takes time. A modem that lists no calls is
// left alone: AT+CHUP in the dark might reject somebody who is calling just now.
func (s *session) stillRings() (bool, error) {
	s.m.mu.Lock()
	ours := s.m.calling != nil // it has somebody who follows it
	s.m.mu.Unlock()
	if ours || s.silenced {
		return true, nil
	}
	s.silenced = true
	c := &call{m: s.m}
	if on, err := c.listed(s); !on || err != nil {
		return true, err
	}
	s.m.opts.Log("modem " + s.m.opts.Name + ": it still calls somebody for a box that was killed: hanging up")
	return true, c.drop(s)
}
