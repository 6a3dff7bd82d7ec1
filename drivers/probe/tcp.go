package probe

import (
	"context"
	"time"
)

// TCP connects to hostport ("1.1.1.1:443", "[2620:fe::fe]:443",
// "gw.example:2775") and closes the connection. A refusal is an Answer: the
// path works, the target does not.
func TCP(hostport string, b Binding) Check {
	return check(func(ctx context.Context) Result {
		began := time.Now()
		c, err := b.dialer("tcp").DialContext(ctx, "tcp", hostport)
		if err != nil {
			return b.judge(ctx, err, began)
		}
		took := passed(began, "connected")
		c.Close()
		return took
	})
}
