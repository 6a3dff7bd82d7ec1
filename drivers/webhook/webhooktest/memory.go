package webhooktest

import "sync"

// Memory is what survives a restart of a driver.
type Memory struct {
	mu   sync.Mutex
	kept map[string][]byte
}

// Load gives what was stored.
func (m *Memory) Load(key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[key], nil
}

// Store remembers.
func (m *Memory) Store(key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[string][]byte{}
	}
	m.kept[key] = value
	return nil
}
