package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"heliograph/drivers/backhaul/pppd"
	"heliograph/firmware/config"
)

// pppCmd is the end of a backhaul's calls that runs as root.
type pppCmd struct {
	Name string `arg:"" help:"The backhaul, as in the configuration."`
	configFlag
	Idle time.Duration `default:"1m" help:"End when no call came for so long; 0 stays."`
}

func (p *pppCmd) Run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil)).With("backhaul", p.Name)
	if _, err := p.options(log)(); err != nil {
		log.Warn("calls will be refused until this is mended", "why", err)
	}
	l, passed, err := pppd.Listener(p.Name)
	if err != nil {
		return err
	}
	idle := p.Idle
	if !passed {
		idle = 0 // nobody would start it again
	}
	return pppd.Answer(ctx, l, idle, p.options(log))
}

// options reads the configuration as it is at each call.
func (p *pppCmd) options(log *slog.Logger) func() (pppd.Options, error) {
	return func() (pppd.Options, error) {
		c, err := readConfig(p.Config, 1)
		if err != nil {
			return pppd.Options{}, err
		}
		for _, b := range c.Backhaul {
			if b.Name == p.Name && b.Via == "ppp" {
				return pppOf(b, log), nil
			}
		}
		return pppd.Options{}, fmt.Errorf("the configuration has no backhaul %s with via: ppp", p.Name)
	}
}

func pppOf(b config.Backhaul, log *slog.Logger) pppd.Options {
	return pppd.Options{
		Device: b.Port, APN: b.APN, User: b.User, Password: b.Password.Reveal(), MTU: b.MTU,
		Interface: pppd.InterfaceName(b.Name), Log: func(s string) { log.Info(s) },
	}
}

func (pppCmd) Help() string {
	return "heliograph-ppp@.service of the Debian package starts it as root when the appliance calls: pppd needs more rights than the appliance may have. " +
		"It dials on the modem's data port, runs pppd there, and hangs up when the appliance lets go."
}
