package ppp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/mail"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/miekg/dns"

	"heliograph/drivers/probe/probetest"
)

// The Internet: the box reaches it through its port, and through a call.
const (
	nameServer, mailHost, checkHost, probed = "203.0.113.53", "203.0.113.25", "203.0.113.80", "198.51.100.9"

	mailName, checkName = "mail.example.net", "check.example.net"
)

var names = map[string]string{mailName: mailHost, checkName: checkHost}

// world is all that is beyond the box's port.
type world struct {
	place probetest.Place
	post  *post
	first chan time.Time // the first byte through a call: the page that proves it
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{place: probetest.New(t), post: newPost(), first: make(chan time.Time, 99)}
	w.place.Wire("up0")
	certificate := w.trust(t)
	w.place.Do(func() {
		for _, at := range []string{nameServer, mailHost, checkHost, probed} {
			probetest.Address(t, "lo", at+"/32")
		}
		probetest.Address(t, "up0", "192.0.2.1/24")
		packets, err := net.ListenPacket("udp", nameServer+":53")
		must(t, err)
		go (&dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(answer)}).ActivateAndServe()
		pages, err := net.Listen("tcp", checkHost+":80")
		must(t, err)
		go http.Serve(pages, http.HandlerFunc(w.page))
		letters, err := net.Listen("tcp", mailHost+":587")
		must(t, err)
		go w.post.server(certificate).Serve(letters)
	})
	return w
}

// trust has the box trust the mail server's certificate: nothing asked for the
// image's list of authorities yet.
func (w *world) trust(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: mailName}, DNSNames: []string{mailName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	f, err := os.OpenFile("/etc/ssl/certs/ca-certificates.crt", os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	must(t, errors.Join(pem.Encode(f, &pem.Block{Type: "CERTIFICATE", Bytes: der}), f.Close()))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// cut takes the gateway away, and restore brings it back.
func (w *world) cut(t *testing.T) { w.place.Do(func() { probetest.Forget(t, "up0", "192.0.2.1/24") }) }
func (w *world) restore(t *testing.T) {
	w.place.Do(func() { probetest.Address(t, "up0", "192.0.2.1/24") })
}

// page answers that there is nothing to say, as those pages do that prove a way.
func (w *world) page(to http.ResponseWriter, _ *http.Request) {
	w.first <- time.Now()
	to.WriteHeader(http.StatusNoContent)
}

func answer(to dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	if at := names[strings.TrimSuffix(strings.ToLower(q.Question[0].Name), ".")]; at != "" {
		if q.Question[0].Qtype == dns.TypeA {
			m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.ParseIP(at)}}
		}
	} else {
		m.Rcode = dns.RcodeNameError
	}
	_ = to.WriteMsg(m)
}

// instant is where in a mail the carrier is lost.
type instant string

const (
	never    instant = ""
	envelope instant = "before DATA"
	begun    instant = "when DATA has begun"
	taken    instant = "when the mail is taken, and its answer not yet given"
)

// post is a mail server that takes every mail, and can have the carrier lost
// in the middle of one.
type post struct {
	mu     sync.Mutex
	when   instant
	reach  chan instant  // the instant has come
	lost   chan struct{} // the carrier is lost
	letter chan letter   // each as it is taken
}

// letter is one mail.
type letter struct {
	id, subject, text string
	at                time.Time
}

func newPost() *post {
	return &post{reach: make(chan instant), lost: make(chan struct{}), letter: make(chan letter, 99)}
}

func (p *post) server(c tls.Certificate) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{p}, nil }))
	s.Domain, s.TLSConfig, s.ErrorLog = mailName, &tls.Config{Certificates: []tls.Certificate{c}}, log.New(io.Discard, "", 0)
	return s
}

// lose has the carrier lost at an instant of the next mail.
func (p *post) lose(when instant) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.when = when
}

// pass waits until the carrier is lost, if this is when it shall be.
func (p *post) pass(now instant) (lost bool) {
	p.mu.Lock()
	lost = p.when == now
	if lost {
		p.when = never
	}
	p.mu.Unlock()
	if lost {
		p.reach <- now
		<-p.lost
	}
	return lost
}

// session is one caller.
type session struct{ p *post }

func (session) Reset()                               {}
func (session) Logout() error                        { return nil }
func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (s session) Rcpt(string, *smtp.RcptOptions) error {
	s.p.pass(envelope)
	return nil
}

func (s session) Data(r io.Reader) error {
	if s.p.pass(begun) {
		return errors.New("nothing of it came")
	}
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	s.p.letter <- letter{m.Header.Get("Message-ID"), m.Header.Get("Subject"), string(text), time.Now()}
	s.p.pass(taken)
	return nil
}
