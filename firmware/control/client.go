package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// Client speaks to a running appliance over its socket.
type Client struct {
	socket string
	http   http.Client
}

// patience is how long an answer may take. A backup, which Copy fetches, takes
// as long as the medium that it is written to.
const patience = time.Minute

// Dial makes a client; the socket is opened at the first call.
func Dial(socket string) *Client {
	var d net.Dialer
	return &Client{socket: socket, http: http.Client{
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return d.DialContext(ctx, "unix", socket)
		}},
	}}
}

// Get fetches a path of the API into v, and returns the bytes as they came.
func (c *Client) Get(ctx context.Context, path string, v any) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, err := c.open(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("read the answer of the appliance: %w", err)
	}
	return raw, understood(json.Unmarshal(raw, v))
}

func understood(err error) error {
	if err != nil {
		return fmt.Errorf("understand the answer of the appliance, which may be of another version: %w", err)
	}
	return nil
}

// Order gives an order in the words that operators text.
func (c *Client) Order(ctx context.Context, text string) (Answer, error) {
	order, err := json.Marshal(struct{ Text string }{text})
	if err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, err := c.open(ctx, http.MethodPost, "/v1/orders", bytes.NewReader(order))
	if err != nil {
		return Answer{}, err
	}
	defer body.Close()
	var a Answer
	err = understood(json.NewDecoder(body).Decode(&a))
	return a, err
}

// Update hands an update over. It takes as long as its source.
func (c *Client) Update(ctx context.Context, from io.Reader) (Answer, error) {
	body, err := c.open(ctx, http.MethodPost, "/v1/update", io.NopCloser(from))
	if err != nil {
		return Answer{}, err
	}
	defer body.Close()
	var a Answer
	err = understood(json.NewDecoder(body).Decode(&a))
	return a, err
}

// Copy writes what a path of the API gives. An error means that what was
// written is not whole.
func (c *Client) Copy(ctx context.Context, path string, to io.Writer) (int64, error) {
	body, err := c.open(ctx, http.MethodGet, path, nil)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	n, err := io.Copy(to, body)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the appliance broke off in the middle; its log says why")
	}
	return n, err
}

func (c *Client) open(ctx context.Context, method, path string, body io.Reader) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://heliograph"+path, body)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.explain(err)
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	defer res.Body.Close()
	var fault struct{ Error string }
	if json.NewDecoder(io.LimitReader(res.Body, longestOrder)).Decode(&fault) != nil || fault.Error == "" {
		fault.Error = "the appliance answers " + res.Status + "; it may be of another version than this command"
	}
	return nil, errors.New(fault.Error)
}

// explain turns the commonest failures into what to do.
func (c *Client) explain(err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("no appliance runs here: there is no socket %s; start it with `heliograph run`, or name its socket with --socket", c.socket)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("you may not speak to the appliance: %s is for root and its group; use sudo or join the group heliograph", c.socket)
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("the appliance does not answer on %s: it is not running; start it with `heliograph run`", c.socket)
	}
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err // without the URL, which nobody has asked for
	}
	return fmt.Errorf("speak to the appliance: %w", err)
}
