package push

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"heliograph/drivers/delivery"
	"heliograph/drivers/webhook/webhooktest"
)

// asked is what a service was asked, in short.
type asked struct {
	method, at, key string
	body            map[string]any
}

// counter answers any of the simple services as their pages say.
type counter struct {
	mu     sync.Mutex
	heard  []asked
	answer string
	code   int
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	_ = json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = append(c.heard, asked{r.Method, r.Host + r.URL.RequestURI(), r.Header.Get("X-Gotify-Key") + r.Header.Get("Authorization"), body})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(c.code)
	_, _ = w.Write([]byte(c.answer))
}

func TestTheSimpleServices(t *testing.T) {
	t.Parallel()
	const host = webhooktest.Host
	for _, s := range []struct{ name, address, to, key, says, answer, reference, secret string }{
		{"discord", "discord://t0ken@4711", "discord.com/api/webhooks/4711/t0ken?wait=true", "", "content", `{"id":"99"}`, "99", "t0ken"},
		{"gotify", "gotify://" + host + "/push/t0ken", host + "/push/message", "t0ken", "message", `{"id":"7"}`, "7", "t0ken"},
		{"pushover", "pushover://shoutrrr:t0ken@us3r/?devices=duty", "api.pushover.net/1/messages.json", "", "message", `{"status":1,"request":"r-1"}`, "r-1", "t0ken"},
		{"rocketchat", "rocketchat://heliograph@" + host + "/t0ken/second/noc", host + "/hooks/t0ken/second", "", "text", `{"success":true}`, "", "t0ken"},
		{"googlechat", "googlechat://" + host + "/v1/spaces/AAA/messages?key=k3y&token=t0ken", host + "/v1/spaces/AAA/messages?key=k3y&token=t0ken", "", "text", `{"name":"spaces/AAA/messages/1"}`, "spaces/AAA/messages/1", "t0ken"},
		{"opsgenie", "opsgenie://" + host + "/t0ken", host + "/v2/alerts", "GenieKey t0ken", "description", `{"requestId":"q"}`, "q", "t0ken"},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			c := &counter{answer: s.answer, code: 200}
			line := webhooktest.NewLine(c)
			t.Cleanup(line.Close)
			conf := line.TLS()
			conf.ServerName = host
			p, err := New(Options{URL: s.address, Dial: line.Dial, TLS: conf})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { p.Close() })
			got, err := p.Send(t.Context(), down(1))
			if err != nil || got.Reference != s.reference {
				t.Fatalf("receipt %+v, %v; want %q", got, err, s.reference)
			}
			h := c.heard[0]
			if h.method != "POST" || h.at != s.to || h.key != s.key || !strings.Contains(h.body[s.says].(string), "No connection since 04:02 UTC.") {
				t.Errorf("asked %+v", h)
			}
			if err := p.Check(t.Context()); err != nil || c.heard[1].method != "GET" {
				t.Errorf("the check: %v, %+v", err, c.heard[1])
			}
			c.code, c.answer = 401, `{"message":"no"}`
			e := fateOf(t, second(p.Send(t.Context(), down(2))))
			if e.Fate != delivery.Retry || !e.Worker || e.Advice == "" || strings.Contains(e.Error()+e.Advice, s.secret) {
				t.Errorf("a refused account is %+v", e)
			}
		})
	}
	nobody := webhooktest.NewLine(nil)
	t.Cleanup(nobody.Close)
	for _, bad := range []string{"discord://4711", "gotify://" + host, "pushover://user", "rocketchat://" + host + "/one", "googlechat://" + host + "/x", "opsgenie://" + host} {
		if _, err := New(Options{URL: bad, Dial: nobody.Dial}); err == nil || !strings.Contains(err.Error(), "as in ") {
			t.Errorf("%s is told %v", bad, err)
		}
	}
}
