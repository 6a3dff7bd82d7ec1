// Package splynxtest is a Splynx (API 2.0) with customers, services and
// routers, for tests. It checks signatures, nonces and tokens as the API's
// blueprint says, and searches as it says.
package splynxtest

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/https/fault"
)

// Fault is what goes wrong with one request, which is named
// "GET admin/customers/customer".
type Fault = fault.Fault

// Row is an object as JSON has it.
type Row map[string]any

// Splynx is one of them.
type Splynx struct {
	fault.Menu

	Key, Secret string
	Unsecure    bool             // the key may be used by Basic
	Disabled    []string         // entry points that are not enabled for the key
	Texts       bool             // numbers are written as texts, as older versions do
	Deaf        bool             // searches are not heeded
	Half        int              // rows are cut at so many, whatever the limit; zero: not
	Before      func(n int)      // is called before the nth request is answered, and may change what is there
	Now         func() time.Time // nil: time.Now

	mu      sync.Mutex
	busy    sync.Mutex // one request at a time
	lists   map[string][]Row
	last    map[string]int
	nonce   int64
	count   int
	log     []string
	access  map[string]session
	refresh map[string]session
}

type session struct {
	agent, address string
	until          time.Time
}

// Add puts a row into a list, such as "admin/customers/customer", and returns
// its id.
func (s *Splynx) Add(list string, r Row) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists == nil {
		s.lists, s.last = map[string][]Row{}, map[string]int{}
	}
	s.last[list]++
	r["id"] = s.last[list]
	s.lists[list] = append(s.lists[list], r)
	return s.last[list]
}

// Remove takes a row out of a list.
func (s *Splynx) Remove(list string, id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists[list] = slices.DeleteFunc(s.lists[list], func(r Row) bool { return r["id"] == id })
}

// Ban ends all log-ins, as somebody at a screen would.
func (s *Splynx) Ban() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access, s.refresh = nil, nil
}

// Requests are the requests since the last call.
func (s *Splynx) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.log
	s.log = nil
	return log
}

func (s *Splynx) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// ServeHTTP answers as Splynx would, but for the faults that were ordered.
func (s *Splynx) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.busy.Lock()
	defer s.busy.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/api/2.0/")
	name := r.Method + " " + path
	if strings.HasPrefix(path, "admin/auth/tokens/") {
		name = r.Method + " admin/auth/tokens/…"
	}
	s.mu.Lock()
	s.log = append(s.log, name)
	s.count++
	n := s.count
	s.mu.Unlock()
	if s.Before != nil {
		s.Before(n)
	}
	s.Serve(w, name, func(w http.ResponseWriter) {
		s.mu.Lock()
		defer s.mu.Unlock()
		status, value := s.answer(r, path)
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(value)
	})
}

func wrong(status int, code, message string) (int, any) {
	return status, Row{"error": Row{"message": message, "code": status, "internal_code": code}}
}

func (s *Splynx) answer(r *http.Request, path string) (int, any) {
	if r.URL.Path == path {
		return wrong(404, "NOT_FOUND", "Page not found")
	}
	if path == "admin/auth/tokens" && r.Method == http.MethodPost {
		return s.login(r)
	}
	if token, ok := strings.CutPrefix(path, "admin/auth/tokens/"); ok && r.Method == http.MethodGet {
		if status, no := s.check(s.refresh, token, r, "EXPIRED_REFRESH_TOKEN"); status != 0 {
			return status, no
		}
		delete(s.refresh, token)
		return s.open(r, 200)
	}
	if status, no := s.who(r); status != 0 {
		return status, no
	}
	switch {
	case slices.Contains(s.Disabled, path):
		return wrong(405, "METHOD_DISABLED", "Method is disabled!")
	case r.Method != http.MethodGet:
		return wrong(405, "METHOD_NOT_ALLOWED", "Method not allowed")
	}
	if _, ok := s.lists[path]; !ok && !known[path] {
		return wrong(404, "NOT_FOUND", "Page not found")
	}
	return s.search(r, path)
}

var known = map[string]bool{
	"admin/customers/customer": true, services: true, "admin/administration/locations": true, "admin/administration/partners": true,
	"admin/networking/routers": true, "admin/networking/routers-sectors": true,
}

const services = "admin/customers/customer/0/internet-services"

// who checks the Authorization; zero is somebody.
func (s *Splynx) who(r *http.Request) (int, any) {
	header := r.Header.Get("Authorization")
	if key, secret, ok := r.BasicAuth(); ok {
		if !s.Unsecure || key != s.Key || secret != s.Secret {
			return wrong(401, "UNAUTHORIZED", "Unauthorized")
		}
		return 0, nil
	}
	inner, ok := strings.CutPrefix(header, "Splynx-EA (")
	inner, closed := strings.CutSuffix(inner, ")")
	q, err := url.ParseQuery(inner)
	if !ok || !closed || err != nil {
		return wrong(401, "MISSED_AUTHORIZATION_HEADER", "Authorization header is missed")
	}
	if q.Has("access_token") {
		return s.check(s.access, q.Get("access_token"), r, "EXPIRED_ACCESS_TOKEN")
	}
	if !s.signed(q.Get("key"), q.Get("nonce"), q.Get("signature")) {
		return wrong(401, "UNAUTHORIZED", "Unauthorized")
	}
	return 0, nil
}

// signed: each nonce is taken once, and rising ones only.
func (s *Splynx) signed(key, nonce, signature string) bool {
	mac := hmac.New(sha256.New, []byte(s.Secret))
	mac.Write([]byte(nonce + s.Key))
	n, err := strconv.ParseInt(nonce, 10, 64)
	if err != nil || key != s.Key || n <= s.nonce || signature != strings.ToUpper(hex.EncodeToString(mac.Sum(nil))) {
		return false
	}
	s.nonce = n
	return true
}

func (s *Splynx) check(all map[string]session, token string, r *http.Request, expired string) (int, any) {
	t, ok := all[token]
	switch {
	case !ok:
		return wrong(401, "TOKEN_BANNED", "Token "+token+" is banned")
	case s.now().After(t.until):
		return wrong(401, expired, "Token expired")
	case t.agent != r.UserAgent():
		return wrong(401, "USER_AGENT_CHANGED", "User agent changed")
	case t.address != address(r):
		return wrong(401, "IP_CHANGED", "IP changed")
	}
	return 0, nil
}

// address is whom the request comes from; a test moves by a header.
func address(r *http.Request) string {
	host, _, _ := strings.Cut(r.RemoteAddr, ":")
	return cmp.Or(r.Header.Get("X-Moved-To"), host)
}

func (s *Splynx) login(r *http.Request) (int, any) {
	var in struct {
		Type      string `json:"auth_type"`
		Key       string
		Nonce     json.Number
		Signature string
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil || in.Type != "api_key" {
		return wrong(400, "INVALID_AUTH_TYPE", "Invalid authentication type")
	}
	if !s.signed(in.Key, in.Nonce.String(), in.Signature) {
		return wrong(401, "UNAUTHORIZED", "Unauthorized")
	}
	return s.open(r, 201)
}

// open gives a pair of tokens: half an hour, and a day to renew them.
func (s *Splynx) open(r *http.Request, status int) (int, any) {
	if s.access == nil {
		s.access, s.refresh = map[string]session{}, map[string]session{}
	}
	s.last["token"]++
	access, refresh := fmt.Sprintf("access-%08d", s.last["token"]), fmt.Sprintf("refresh-%08d", s.last["token"])
	s.access[access] = session{r.UserAgent(), address(r), s.now().Add(30 * time.Minute)}
	s.refresh[refresh] = session{r.UserAgent(), address(r), s.now().Add(24 * time.Hour)}
	return status, Row{"access_token": access, "access_token_expiration": s.access[access].until.Unix(),
		"refresh_token": refresh, "refresh_token_expiration": s.refresh[refresh].until.Unix(), "permissions": []any{}}
}

// search is what PHP makes of main_attributes[…], order, limit and offset.
func (s *Splynx) search(r *http.Request, path string) (int, any) {
	q := r.URL.Query()
	conditions := map[string][]string{}
	for name, values := range q {
		rest, ok := strings.CutPrefix(name, "main_attributes[")
		if !ok {
			continue
		}
		field, index, _ := strings.Cut(rest, "]")
		if index == "[1]" {
			conditions[field] = append(conditions[field], values...)
		} else {
			conditions[field] = append(values, conditions[field]...)
		}
	}
	if path == services && len(conditions) == 0 {
		return wrong(400, "INVALID_INPUT_DATA", "Set at least one parameter of a service")
	}
	found := []Row{}
	for _, row := range s.lists[path] {
		if s.Deaf || fits(row, conditions) {
			found = append(found, s.shown(row))
		}
	}
	if q.Get("order[id]") == "DESC" {
		slices.Reverse(found)
	}
	offset, _ := strconv.Atoi(q.Get("offset"))
	found = found[min(offset, len(found)):]
	if limit, err := strconv.Atoi(q.Get("limit")); err == nil {
		found = found[:min(limit, len(found))]
	}
	if s.Half > 0 {
		found = found[:min(s.Half, len(found))]
	}
	return 200, found
}

func fits(row Row, conditions map[string][]string) bool {
	for field, c := range conditions {
		has := fmt.Sprint(row[field])
		switch {
		case len(c) == 1 && has != c[0]:
			return false
		case len(c) == 2 && c[0] == ">":
			a, _ := strconv.Atoi(has)
			b, _ := strconv.Atoi(c[1])
			if a <= b {
				return false
			}
		}
	}
	return true
}

func (s *Splynx) shown(row Row) Row {
	if !s.Texts {
		return row
	}
	all := Row{}
	for name, v := range row {
		if n, ok := v.(int); ok {
			v = strconv.Itoa(n)
		}
		all[name] = v
	}
	return all
}
