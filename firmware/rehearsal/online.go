package rehearsal

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	"heliograph/firmware/rehearsal/isp"
	"heliograph/firmware/rehearsal/outside"
)

// Online is what the rack's configuration has besides, where the rehearsal can
// have an Internet: a cellular connection, accounts, and a partner. With
// "modem: lte0, via: netdev, apn: internet" the modem dials; that takes the
// night seven seconds more.
const Online = `backhaul:
  - {name: cell, via: interface, interface: wwan0, gateway: 100.127.0.1, check: "` + outside.CheckPage + `", idle: 40s, budget: {data: 50MB/month, reserve: 20%}}
channels:
  mail: {from: "NOC waw-12 <` + outside.User + `>", smtp: {server: "` + outside.MailServer + `", user: ` + outside.User + `, secret: {file: DIR/mail.secret}}}
  statuspage: {page: ` + outside.PageID + `, token: {file: DIR/page.token}, components: {waw: ` + outside.Component + `}}
  slack: {channel: ` + outside.Room + `, token: {file: DIR/room.token}}
partners:
  - {name: wholesale, hears: [transit-a, transit-b], after: 15m, mail: [` + PartnerMail + `]}
`

// PartnerMail is where the partner reads.
const PartnerMail = "noc@wholesale.example"

// resolvers are the world's name servers: those that a path asks by itself
// where its carrier names none.
var resolvers = []netip.Addr{netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("9.9.9.9")}

// confide writes the secrets that a configuration may have in its folder.
func (w *World) confide() error {
	secrets := map[string]string{"mail.secret": outside.Password, "page.token": outside.PageToken, "room.token": outside.ChatToken, "map.token": outside.MapKey}
	if w.o.PIN != "" {
		secrets["sim.pin"] = w.o.PIN
	}
	for name, secret := range secrets {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(secret+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// open opens the Internet, if the configuration has accounts there and the
// network has places for it.
func (w *World) open() error {
	page := w.config.Channels.Statuspage
	if !isp.Inside() || w.config.Channels.Mail.From == "" && w.config.Channels.OZmap.URL == "" || len(w.config.Backhaul) == 0 {
		return nil
	}
	components := map[string]string{}
	for name, id := range page.Components {
		components[id] = name
	}
	var err error
	if w.out, err = outside.Open(components); err != nil {
		return fmt.Errorf("the Internet of the rehearsal: %w", err)
	}
	text := ""
	for _, at := range resolvers {
		text += "nameserver " + at.String() + "\n"
	}
	if err := os.WriteFile(filepath.Join(w.dir, "resolv.conf"), []byte(text), 0o644); err != nil {
		return err
	}
	return os.WriteFile(w.trust(), w.out.Trust(), 0o644)
}

func (w *World) trust() string { return filepath.Join(w.dir, "authority.pem") }

// reach puts the Internet behind every line of a plan, and behind a carrier.
func (w *World) reach(p *isp.Plan) {
	p.Failover, p.Cell, p.Resolvers, p.Names = true, w.config.Backhaul[0].Interface, resolvers, map[string]netip.Addr{}
	p.CellDHCP = w.config.Backhaul[0].Via == "netdev"
	for _, h := range w.out.Hosts() {
		p.Names[h.Name] = h.Addr.Addr()
		p.Servers = append(p.Servers, isp.Server{Addr: h.Addr, Serve: h.Serve})
	}
}

// reconnect gives the accounts of a story, and its backhaul, the places that
// this world has for them.
func (w *World) reconnect(doc map[string]any) {
	channels, _ := doc["channels"].(map[string]any)
	if m, ok := channels["mail"].(map[string]any); ok {
		m["from"] = outside.User
		m["smtp"] = map[string]any{"server": outside.MailServer, "user": outside.User, "secret": w.secret("mail.secret")}
	}
	if m, ok := channels["ozmap"].(map[string]any); ok {
		m["url"], m["token"] = outside.MapURL, w.secret("map.token")
	}
	for _, b := range listOf(doc, "backhaul") {
		b["gateway"], b["check"] = "100.127.0.1", outside.CheckPage
	}
}

func (w *World) secret(name string) map[string]any {
	return map[string]any{"file": filepath.Join(w.dir, name)}
}

// unonline takes out of a configuration what only an Internet could carry.
func unonline(doc map[string]any) {
	for _, key := range []string{"backhaul", "channels"} {
		delete(doc, key)
	}
	var texted []any // partners who have telephones
	for _, p := range listOf(doc, "partners") {
		if delete(p, "mail"); p["sms"] != nil {
			texted = append(texted, p)
		}
	}
	if delete(doc, "partners"); len(texted) > 0 {
		doc["partners"] = texted
	}
	for _, p := range listOf(doc, "people") {
		delete(p, "mail")
	}
}
