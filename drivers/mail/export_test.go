package mail

// Idle tells whether no connection is kept.
func (m *Mailer) Idle() bool {
	m.turn <- struct{}{}
	defer m.end()
	return m.kept == nil
}
