package webhooktest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Receiver is a program that takes webhooks as the driver's page says.
type Receiver struct {
	Secret, Token string

	mu   sync.Mutex
	keys map[string]bool
	took []Taken
}

// Taken is one request that was acted upon.
type Taken struct {
	Key  string
	Case map[string]any
}

// Took lists what was acted upon, in order.
func (rc *Receiver) Took() []Taken {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	return append([]Taken(nil), rc.took...)
}

func (rc *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var c map[string]any
	switch {
	case err != nil:
		return
	case r.Method != http.MethodPost || r.URL.Path != "/hooks/noc":
		http.Error(w, "no such hook", http.StatusNotFound)
	case rc.Token != "" && r.Header.Get("Authorization") != "Bearer "+rc.Token:
		http.Error(w, "who are you?", http.StatusUnauthorized)
	case !rc.signed(r.Header.Get("Heliograph-Signature"), body):
		http.Error(w, "bad signature", http.StatusForbidden)
	case json.Unmarshal(body, &c) != nil:
		http.Error(w, "not JSON", http.StatusBadRequest)
	default:
		rc.take(w, r.Header.Get("Idempotency-Key"), c)
	}
}

func (rc *Receiver) take(w http.ResponseWriter, key string, c map[string]any) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if rc.keys[key] {
		io.WriteString(w, "had it")
		return
	}
	if rc.keys == nil {
		rc.keys = map[string]bool{}
	}
	rc.keys[key] = true
	rc.took = append(rc.took, Taken{key, c})
	io.WriteString(w, "taken")
}

func (rc *Receiver) signed(header string, body []byte) bool {
	fields := map[string]string{}
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		fields[name] = value
	}
	at, err := strconv.ParseInt(fields["t"], 10, 64)
	if err != nil || math.Abs(time.Since(time.Unix(at, 0)).Minutes()) > 5 {
		return false
	}
	given, err := hex.DecodeString(fields["v1"])
	mac := hmac.New(sha256.New, []byte(rc.Secret))
	io.WriteString(mac, fields["t"]+"."+string(body))
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}
