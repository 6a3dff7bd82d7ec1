package main

import (
	"fmt"
	"io"
	"strings"

	"heliograph/firmware/command"
	"heliograph/firmware/config"
)

// proofWords tell what a proof asks of whoever sends the order.
var proofWords = map[command.Proof]string{
	command.NoProof: "none", command.ByCode: "call-back code or TOTP", command.ByPlan: "the plan's code", command.ByTwo: "call-back code or TOTP, and a second person",
}

// whoMayWhat prints each order with the least role that may give it and the
// proof that it takes, and who of the people has which role.
func whoMayWhat(out io.Writer, c config.Config) {
	fmt.Fprintf(out, "\nWho may what, by text:\n")
	rows := [][3]string{{"order", "who", "proof"}}
	wide := [2]int{}
	for _, e := range command.Table() {
		who := string(e.Role) + " or above"
		if e.Role == command.Approver {
			who = string(e.Role)
		}
		rows = append(rows, [3]string{string(e.Verb), who, proofWords[e.Proof]})
	}
	for _, r := range rows {
		wide[0], wide[1] = max(wide[0], len(r[0])), max(wide[1], len(r[1]))
	}
	for _, r := range rows {
		fmt.Fprintf(out, "   %-*s  %-*s  %s\n", wide[0], r[0], wide[1], r[1], r[2])
	}
	for _, role := range []command.Role{command.Approver, command.Operator, command.Viewer} {
		if names := having(c, role); len(names) > 0 {
			fmt.Fprintf(out, " - %s: %s\n", role, strings.Join(names, ", "))
		}
	}
}

func roleIn(p config.Person) command.Role {
	if p.Role == "" {
		return command.Operator
	}
	return command.Role(p.Role)
}

// having names those of a role who can text, with what they can prove
// themselves by.
func having(c config.Config, role command.Role) []string {
	var names []string
	for _, p := range c.People {
		switch {
		case roleIn(p) != role || p.SMS == "":
		case p.TOTP.Given():
			names = append(names, p.Name+" (TOTP)")
		default:
			names = append(names, p.Name)
		}
	}
	return names
}

// oddRoles names what nobody could say yes to, and proofs that are weaker than
// they could be.
func oddRoles(c config.Config) []string {
	var lines []string
	approvers := having(c, command.Approver)
	switch {
	case len(approvers) == 0:
		lines = append(lines, "nobody is an approver: a notice to many outside can be approved with `heliograph approve` on the box only; give people role: approver")
	case len(approvers) == 1 && c.Subscribers.Approve.Two > 0:
		lines = append(lines, "subscribers.approve.two asks for two people, and "+approvers[0]+" is the only approver: give another the role")
	case len(approvers) == 1:
		lines = append(lines, approvers[0]+" is the only approver: REBOOT takes two; give another the role")
	}
	for _, p := range c.People {
		if roleIn(p) == command.Approver && p.SMS != "" && !p.TOTP.Given() {
			lines = append(lines, p.Name+" is an approver without totp: while somebody fakes that number, three codes an hour are all there is")
		}
	}
	return lines
}
