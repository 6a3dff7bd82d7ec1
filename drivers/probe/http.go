package probe

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// pageLimit is how much of a page is searched for the expected text, in bytes.
const pageLimit = 256 << 10

// HTTP fetches url with GET and compares the status, and, unless body is
// empty, looks for that text in the first 256 kB. An expect of zero means 200.
// Redirects are not followed, so a redirect is a status like any other; TLS
// certificates are verified; no proxy is used.
func HTTP(url string, expect int, body string, b Binding) Check {
	if expect == 0 {
		expect = http.StatusOK
	}
	return check(func(ctx context.Context) Result {
		began := time.Now()
		resp, err := b.fetch(ctx, url)
		if err != nil {
			return b.judge(ctx, err, began)
		}
		defer resp.Body.Close()
		if resp.StatusCode != expect {
			return Result{Fault: Answer, Seen: fmt.Sprintf("HTTP %d, wanted %d", resp.StatusCode, expect)}
		}
		seen := fmt.Sprintf("HTTP %d", resp.StatusCode)
		if body == "" {
			return passed(began, seen)
		}
		page, err := io.ReadAll(io.LimitReader(resp.Body, pageLimit))
		if strings.Contains(string(page), body) {
			return passed(began, seen)
		}
		if err != nil {
			return b.judge(ctx, err, began)
		}
		return Result{Fault: Answer, Seen: fmt.Sprintf("%s without the text %q", seen, body)}
	})
}

// fetch uses a connection of its own, closed with the answer's body: a kept
// connection would prove nothing about new ones.
func (b Binding) fetch(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "heliograph")
	client := http.Client{
		Transport:     &http.Transport{DialContext: b.within(ctx), DisableKeepAlives: true, MaxResponseHeaderBytes: pageLimit},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client.Do(req)
}

// within dials for one request and no longer: the transport detaches a dial
// and its TLS handshake from their request, so that others may use the
// connection, and would go on with both for minutes after the deadline.
func (b Binding) within(ctx context.Context) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, network, addr string) (net.Conn, error) {
		c, err := b.dialer("tcp").DialContext(ctx, network, addr)
		if err == nil {
			context.AfterFunc(ctx, func() { c.Close() })
		}
		return c, err
	}
}
