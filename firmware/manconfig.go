package main

import (
	_ "embed"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// reference is the configuration that shows every key; the tests of config
// hold it to what the reader knows.
//
//go:embed config/testdata/reference.yaml
var reference string

// smallest is the shortest useful configuration, as the README has it.
const smallest = `site: waw-12
modems: [{name: lte0, port: /dev/serial/by-id/usb-Quectel_EG25-G-if02-port0}]
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}, {dns: {name: example.com, server: 8.8.8.8}}]
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}               # unless somebody sent ACK
  - {who: [ada, bob], every: 30m}         # until then
`

// configKey is one key of the reference, with its value there and what the
// comment beside it says.
type configKey struct {
	path    []string
	value   string
	meaning string
}

// configPage is heliograph.yaml(5).
func configPage(app *kong.Application, date string) string {
	head, keys := readReference(reference)
	r := newPage("HELIOGRAPH.YAML", "5", date)
	r.section("Name")
	r.line(`heliograph.yaml \- configuration of the heliograph appliance`)
	r.section("Synopsis")
	r.line(italic(defaultOf(&runCmd{}, "Config")))
	r.section("Description")
	for i, sentence := range head {
		if i > 0 {
			r.line(".PP")
		}
		r.text(sentence)
	}
	r.line(".PP")
	r.text("`heliograph check` names every fault with line and column, or prints the plan that the file implies. " +
		"`systemctl reload heliograph` takes a new file over, whole or not at all: a running box keeps its last good one.")
	r.section("Example")
	r.text("The shortest configuration that is useful:")
	r.example(strings.Split(strings.TrimSpace(smallest), "\n")...)
	r.section("Keys")
	r.text("A name such as `limits.sms` is the key sms inside limits. Each key stands with an example of its value.")
	meanings := map[string]string{}
	for _, k := range keys {
		meanings[strings.Join(k.path, ".")] = k.meaning
		switch {
		case len(k.path) == 1:
			r.subsection(strings.TrimSuffix(k.path[0]+": "+k.value, ": "))
			r.text(sentence(k.meaning))
		case k.meaning != "" || k.value != "":
			r.line(".TP\n" + strings.TrimSuffix(bold(strings.Join(k.path[1:], "."))+": "+italic(k.value), ": "+italic("")))
			r.text(sentence(likeUplinks(k, meanings)))
		}
	}
	r.section("See also")
	r.line(".BR " + app.Name + " (1)")
	return r.String()
}

// likeUplinks is what a key means; services are judged as uplinks are, and the
// reference does not say all of it twice.
func likeUplinks(k configKey, meanings map[string]string) string {
	under := "uplinks." + strings.Join(k.path[1:], ".")
	if k.path[0] == "services" && k.meaning == isDefault && len(meanings[under]) > len(isDefault) {
		return isDefault + " means what it does under uplinks"
	}
	return k.meaning
}

// isDefault is how the reference marks a value that may as well be left out.
const isDefault = "(default)"

// sentence begins and ends words as a sentence does.
func sentence(words string) string {
	if words == "" || words == isDefault {
		return words
	}
	if !strings.HasPrefix(words, "(") {
		words = strings.ToUpper(words[:1]) + words[1:]
	}
	return strings.TrimSuffix(words, ".") + "."
}

// keyLine is a line of the reference: indentation, the mark of a list, key,
// value, comment.
var keyLine = regexp.MustCompile(`^( *)(- )?([a-z_]+):(?: +([^ #"].*?|".*?"))?(?: +# (.*))?$`)

// readReference takes the reference apart: the sentences at its head, and its
// keys in order. A key that comes again, as in a second list entry, adds to
// the first only what its comment says.
func readReference(text string) (head []string, keys []configKey) {
	type level struct {
		column int
		key    string
	}
	var above []level
	at := map[string]int{}
	last := -1
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		m := keyLine.FindStringSubmatch(line)
		if m == nil {
			comment, ok := strings.CutPrefix(strings.TrimSpace(line), "# ")
			switch {
			case ok && last < 0:
				head = append(head, comment)
			case ok:
				keys[last].meaning += " " + comment
			}
			continue
		}
		column := len(m[1]) + len(m[2])
		for len(above) > 0 && above[len(above)-1].column >= column {
			above = above[:len(above)-1]
		}
		above = append(above, level{column, m[3]})
		var path []string
		for _, l := range above {
			path = append(path, l.key)
		}
		name := strings.Join(path, ".")
		i, known := at[name]
		if !known {
			i = len(keys)
			at[name] = i
			keys = append(keys, configKey{path: path, value: strings.TrimSpace(m[4])})
		}
		comment := m[5]
		if strings.HasPrefix(keys[i].meaning, isDefault) {
			comment = strings.TrimPrefix(comment, isDefault+" ") // the mark is there already
		}
		keys[i].meaning = joined("; ", keys[i].meaning, comment)
		last = i
	}
	return head, keys
}
