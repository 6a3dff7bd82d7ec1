package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"heliograph/firmware/config"
	"heliograph/firmware/control"
)

// runIntake lets other systems on the LAN report outages. At boot the address
// may not be there yet: it is tried again.
func (a *appliance) runIntake(ctx context.Context, c config.Intake, ours []config.Backhaul) {
	var senders []control.Sender
	for _, s := range c.Senders {
		senders = append(senders, control.Sender{Name: s.Name, Token: s.Token.Reveal()})
	}
	h := control.Intake(senders, a.engine.Alarm)
	at := config.Metrics{Address: c.Address, Cert: c.Cert, Key: c.Key}
	for ctx.Err() == nil {
		err := onLAN(c.Address.Addr(), ours)
		if err == nil {
			err = serveOn(ctx, at, h, func() { a.warn("intake", "") })
		}
		if err == nil {
			return
		}
		a.warn("intake", "outages are not taken in on "+c.Address.String()+": "+err.Error())
		select {
		case <-ctx.Done():
		case <-time.After(listenAgain):
		}
	}
}

// onLAN refuses an address that a cellular connection has.
func onLAN(at netip.Addr, ours []config.Backhaul) error {
	all, err := net.Interfaces()
	if err != nil {
		return fmt.Errorf("look at the interfaces: %w", err)
	}
	for _, i := range all {
		cellular := strings.HasPrefix(i.Name, "ppp") || strings.HasPrefix(i.Name, "wwan")
		for _, b := range ours {
			cellular = cellular || b.Interface == i.Name
		}
		addresses, err := i.Addrs()
		if err != nil || !cellular {
			continue
		}
		for _, x := range addresses {
			if n, ok := x.(*net.IPNet); ok && n.IP.Equal(net.IP(at.AsSlice())) {
				return fmt.Errorf("it is the address of %s, a cellular connection: name the one on the LAN", i.Name)
			}
		}
	}
	return nil
}
