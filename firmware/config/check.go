package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func count(n int) string { return strconv.Itoa(n) }

func areOnly(n int) string {
	if n == 1 {
		return "is only 1"
	}
	return "are only " + count(n)
}

// at is the dotted key of one entry of a list.
func at(list string, i int, key string) string {
	entry := list + "[" + count(i) + "]"
	if key == "" {
		return entry
	}
	return join(entry, key)
}

// check looks at what the parts of a configuration say about one another.
func (r *reader) check(c Config) {
	r.checkNames(c)
	r.checkPorts(c)
	r.checkNumbers(c)
	r.checkPeople(c)
	r.checkParents(c)
	r.checkBackhaul(c)
	r.checkSharing(c)
	r.checkSources(c)
	r.checkPartners(c)
	r.checkLines(c)
	r.checkMaintenance(c)
	r.checkDrill(c)
}

// unique reports names that stand twice; capitals do not tell them apart,
// because people text them.
func (r *reader) unique(seen map[string]string, key, name, other string) {
	folded := strings.ToLower(name)
	if first, twice := seen[folded]; twice && name != "" {
		r.faultAt(key, fmt.Sprintf("%s is the name of %s too (line %d)", shown(name), other, r.placeOf(first).line), "give each a name of its own")
		return
	}
	seen[folded] = key
}

func (r *reader) checkNames(c Config) {
	workers, paths, people, groups, backhauls := map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}
	for i, m := range c.Modems {
		r.unique(workers, at("modems", i, "name"), m.Name, "another modem")
	}
	for i, b := range c.Backhaul {
		r.unique(backhauls, at("backhaul", i, "name"), b.Name, "another backhaul")
	}
	for i, u := range c.Uplinks {
		r.unique(paths, at("uplinks", i, "name"), u.Name, "another uplink")
	}
	for i, s := range c.Services {
		r.unique(paths, at("services", i, "name"), s.Name, "another service or uplink")
	}
	for i, p := range c.People {
		r.unique(people, at("people", i, "name"), p.Name, "another person")
	}
	for i, x := range c.Rotas {
		r.unique(people, at("rota", i, "name"), x.Name, "another rota or a person")
	}
	for i, p := range c.Partners {
		r.unique(groups, at("partners", i, "name"), p.Name, "another partner")
	}
	for i, p := range c.Channels.Push {
		r.unique(workers, at("channels.push", i, "name"), p.Name, "another modem or push service")
	}
}

func (r *reader) checkPorts(c Config) {
	seen := map[string]string{}
	for i, m := range c.Modems {
		key := at("modems", i, "port")
		if first, twice := seen[m.Port]; twice && m.Port != "" {
			r.faultAt(key, fmt.Sprintf("is the port of another modem too (line %d)", r.placeOf(first).line), "give each modem its own port, by /dev/serial/by-id or by-path")
		}
		seen[m.Port] = key
	}
}

// checkNumbers sees that a sender is one person at most, and never the box.
func (r *reader) checkNumbers(c Config) {
	owner := map[string]string{}
	for i, m := range c.Modems {
		r.own(owner, at("modems", i, "number"), m.Number, "modem "+m.Name)
	}
	for i, p := range c.People {
		r.own(owner, at("people", i, "sms"), p.SMS, p.Name)
		r.own(owner, at("people", i, "also"), p.Also, p.Name)
	}
	r.checkPeers(c, owner)
}

func (r *reader) own(owner map[string]string, key, number, who string) {
	if number == "" {
		return
	}
	if other, taken := owner[number]; taken {
		r.faultAt(key, fmt.Sprintf("%s is %s's number already", number, other), "give each number once, so that a sender is one person")
		return
	}
	owner[number] = who
}

// checkPeople sees that every person named elsewhere exists.
func (r *reader) checkPeople(c Config) {
	var people []string
	for _, p := range c.People {
		if !slices.Contains(people, p.Name) {
			people = append(people, p.Name)
		}
	}
	r.checkRotas(c, people)
	what := "a person in people"
	for _, x := range c.Rotas {
		people, what = append(people, x.Name), "a person in people or a rota"
	}
	for i, s := range c.OnCall {
		r.exist(at("oncall", i, "who"), s.Who, people, what)
	}
	r.exist("selftest.tell", c.Selftest.Tell, people, what)
	r.exist("drill.tell", c.Drill.Tell, people, what)
	for i, s := range c.OnCall[:max(0, len(c.OnCall)-1)] {
		next := c.OnCall[i+1]
		if s.Every == 0 && next.Every == 0 && next.After < s.After {
			r.faultAt(at("oncall", i+1, "after"), fmt.Sprintf("%s is sooner than the step before it (%s)", written(next.After), written(s.After)), "put the steps in the order in which they come")
		}
	}
}

// exist reports names that are not among those that exist.
func (r *reader) exist(list string, names, known []string, what string) {
	if !r.has(list) {
		return
	}
	for i, name := range names {
		if slices.Contains(known, name) || r.hopeless() {
			continue
		}
		r.faultAt(at(list, i, ""), shown(name)+" is not "+what, among(name, known))
	}
}

func among(name string, known []string) string {
	if near := nearest(name, known); near != "" {
		return "did you mean " + near + "?"
	}
	if len(known) == 0 {
		return "there are none"
	}
	return "there are " + clipped(known)
}

// clipped lists at most twenty names.
func clipped(names []string) string {
	if len(names) > 20 {
		return strings.Join(names[:20], ", ") + " …"
	}
	return listed(names)
}

// checkParents sees that parents exist and that nobody is their own ancestor.
func (r *reader) checkParents(c Config) {
	parent := map[string]string{}
	var all []string
	for _, u := range c.Uplinks {
		parent[u.Name] = u.Parent
		all = append(all, u.Name)
	}
	told := map[string]bool{}
	for i, u := range c.Uplinks {
		key := at("uplinks", i, "parent")
		switch {
		case u.Parent == "" || told[u.Name]:
		case !slices.Contains(all, u.Parent):
			r.faultAt(key, shown(u.Parent)+" is not an uplink", among(u.Parent, all))
		default:
			if circle := circleFrom(u.Name, parent); circle != nil {
				r.faultAt(key, "goes round in a circle: "+strings.Join(circle, " -> "), "an uplink cannot hang on itself: take one parent out")
				for _, name := range circle {
					told[name] = true
				}
			}
		}
	}
}

// circleFrom follows parents from a name back to it; nil if they end.
func circleFrom(name string, parent map[string]string) []string {
	path := []string{name}
	for next := parent[name]; next != "" && len(path) <= len(parent); next = parent[next] {
		path = append(path, next)
		if next == name {
			return path
		}
	}
	return nil
}

func (r *reader) checkBackhaul(c Config) {
	var modems []string
	for _, m := range c.Modems {
		modems = append(modems, m.Name)
	}
	for i, b := range c.Backhaul {
		if b.Modem != "" && !slices.Contains(modems, b.Modem) {
			r.faultAt(at("backhaul", i, "modem"), shown(b.Modem)+" is not a modem", among(b.Modem, modems))
		}
		for _, m := range c.Modems {
			if b.Port != "" && b.Port == m.Port {
				r.faultAt(at("backhaul", i, "port"), "is the port that modem "+m.Name+" is commanded by", "use the modem's other port for data")
			}
		}
	}
}

// checkSharing sees that two uplinks behind one port can be told apart.
func (r *reader) checkSharing(c Config) {
	for i, u := range c.Uplinks {
		for j, other := range c.Uplinks[:i] {
			if u.Interface == "" || u.Interface != other.Interface {
				continue
			}
			late := at("uplinks", i, "interface")
			switch {
			case !u.Source.IsValid() && u.Mark == 0:
				r.faultAt(late, fmt.Sprintf("%s is the interface of %s too", u.Interface, other.Name), "add source: ADDRESS or mark: NUMBER to both, else their probes take the same way")
			case !other.Source.IsValid() && other.Mark == 0:
				r.faultAt(at("uplinks", j, "interface"), fmt.Sprintf("%s is the interface of %s too", u.Interface, u.Name), "add source: ADDRESS or mark: NUMBER to both, else their probes take the same way")
			case u.Source == other.Source && u.Mark == other.Mark:
				r.faultAt(late, fmt.Sprintf("%s has the same interface, source and mark as %s", u.Name, other.Name), "give each its own source or mark")
			}
		}
	}
}

// checkSources sees that a source address can reach what it is for.
func (r *reader) checkSources(c Config) {
	for i, u := range c.Uplinks {
		if u.Source.IsValid() && u.Gateway.IsValid() && u.Source.Is4() != u.Gateway.Is4() {
			r.faultAt(at("uplinks", i, "source"), "is of another family than the gateway "+u.Gateway.String(), "use IPv4 for both or IPv6 for both")
		}
		if u.Source.IsValid() && u.Source == u.Gateway {
			r.faultAt(at("uplinks", i, "source"), "is the gateway's address", "write this box's own address on "+u.Interface)
		}
	}
}

// checkPartners sees that what partners hear about exists.
func (r *reader) checkPartners(c Config) {
	var heard []string
	for _, u := range c.Uplinks {
		heard = append(append(heard, u.Name), u.Serves...)
	}
	for _, s := range c.Services {
		heard = append(append(heard, s.Name), s.Serves...)
	}
	slices.Sort(heard)
	heard = slices.Compact(heard)
	for i, p := range c.Partners {
		r.exist(at("partners", i, "hears"), p.Hears, heard, "an uplink, region or service")
	}
}
