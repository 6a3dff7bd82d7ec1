package notice

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"time"
	"unicode/utf8"

	"heliograph/firmware/event"
)

// Own is an owner's wording for readers outside.
type Own struct {
	To       Reader // Subscriber, Partner or Public
	Channel  string // event.SMS or event.Mail; of Public, which is for pages, nothing
	Kind     event.Kind
	Language string
	Text     string // a template; a mail's may have several paragraphs
}

type ownKey struct {
	to      Reader
	channel string
	kind    event.Kind
	lang    string
}

func (o Own) key() ownKey { return ownKey{o.To, o.Channel, o.Kind, o.Language} }

func (o Own) name() string {
	return strings.Join(slices.DeleteFunc([]string{string(o.To), o.Channel, string(o.Kind), o.Language}, func(s string) bool { return s == "" }), "/")
}

// allowed lists what each reader outside may be told, and nothing else; true
// is what is always known.
var allowed = map[Reader]map[string]bool{
	Subscriber: {"Brand": true, "Since": true, "Lasted": true, "Where": false, "At": false, "Expect": false, "Call": false, "News": false, "When": false},
	Public:     {"Brand": true, "Since": true, "Lasted": true, "Where": false, "At": false, "Expect": false, "News": false, "When": false},
	Partner: {"Brand": true, "Since": true, "Lasted": true, "Subject": true, "Reference": true,
		"State": false, "Seen": false, "At": false, "Expect": false, "Call": false, "News": false, "When": false},
}

// OutsideKinds are the notices that a reader outside gets.
func OutsideKinds(to Reader) []event.Kind {
	l := englishLetters
	kinds := map[Reader]map[event.Kind]string{Subscriber: english.outer.texts, Partner: l.partner, CarrierNOC: l.carrier, Public: l.public}[to]
	return slices.SortedFunc(maps.Keys(kinds), func(a, b event.Kind) int { return slices.Index(life, a) - slices.Index(life, b) })
}

// life is the order in which an incident's notices come.
var life = []event.Kind{
	event.Down, event.Degraded, event.Opened, event.Unstable, event.Update, event.Reopened, event.AllClear, event.Cancelled, event.Unwatched, event.Dismissed,
	event.Maintenance, event.Begun, event.Moved, event.Overran, event.Completed, event.CalledOff,
}

// template checks a wording on everything that can be known by day.
func (o Own) template() (*template.Template, error) {
	fields, ok := allowed[o.To]
	switch {
	case !ok:
		return nil, errors.New("there are no such readers")
	case o.To == Public && o.Channel != "", o.To != Public && o.Channel != event.SMS && o.Channel != event.Mail:
		return nil, errors.New("these readers are not told that way")
	case !slices.Contains(OutsideKinds(o.To), o.Kind) || !slices.Contains(Languages(), o.Language):
		return nil, errors.New("there is no such kind of notice for these readers in such a language")
	case strings.TrimSpace(o.Text) == "":
		return nil, errors.New("must not be empty")
	}
	t, err := template.New(o.name()).Parse(o.Text)
	if err != nil {
		return nil, err
	}
	if len(t.Templates()) != 1 {
		return nil, errors.New("must be one template without others in it")
	}
	if err := inspect(t.Root, knownAmong(fields)); err != nil {
		return nil, err
	}
	if err := filled(t.Root, fields, nil); err != nil {
		return nil, err
	}
	for _, f := range outsideSamples(o.Kind) {
		if _, err := fillOwn(t, draftFor(o.To, o.Language, f).open(o.Channel)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// knownAmong refuses what these readers may not be told.
func knownAmong(fields map[string]bool) func([]string) error {
	return func(path []string) error {
		if len(path) == 0 {
			return nil
		}
		if _, ok := fields[path[0]]; ok && len(path) == 1 {
			return nil
		}
		var list []string
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			list = append(list, "."+name)
		}
		return fmt.Errorf("there is no field .%s for these readers; there are: %s", strings.Join(path, "."), strings.Join(list, ", "))
	}
}

// filled refuses a field that is printed where nothing makes sure that it is
// not empty, and leftovers in the words between, also where no sample gets.
func filled(n parse.Node, fields map[string]bool, sure []string) error {
	switch n := n.(type) {
	case *parse.TextNode:
		if mark := Leftover(string(n.Text)); mark != "" {
			return fmt.Errorf("leaves %q in the text", mark)
		}
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, one := range n.Nodes {
			if err := filled(one, fields, sure); err != nil {
				return err
			}
		}
	case *parse.IfNode:
		return filledBranch(&n.BranchNode, fields, sure)
	case *parse.WithNode:
		return filledBranch(&n.BranchNode, fields, sure)
	case *parse.ActionNode:
		for _, name := range named(n.Pipe) {
			if !fields[name] && !slices.Contains(sure, name) {
				return fmt.Errorf("{{.%s}} may be empty: write {{with .%s}} … {{.}} … {{end}}, and around it what belongs to it", name, name)
			}
		}
	}
	return nil
}

func filledBranch(b *parse.BranchNode, fields map[string]bool, sure []string) error {
	if err := filled(b.List, fields, append(slices.Clone(sure), named(b.Pipe)...)); err != nil {
		return err
	}
	return filled(b.ElseList, fields, sure)
}

// named are the fields in a pipeline.
func named(p *parse.PipeNode) []string {
	var list []string
	for _, c := range p.Cmds {
		for _, a := range c.Args {
			switch a := a.(type) {
			case *parse.FieldNode:
				list = append(list, a.Ident[0])
			case *parse.VariableNode:
				list = append(list, a.Ident[1:]...)
			case *parse.PipeNode:
				list = append(list, named(a)...)
			}
		}
	}
	return list
}

// fillOwn renders an owner's wording, a paragraph for a paragraph, and checks
// that nothing is left in it.
func fillOwn(t *template.Template, v outer) (string, error) {
	var b strings.Builder
	if err := t.Execute(&b, v); err != nil {
		return "", err
	}
	var list []string
	for line := range strings.Lines(b.String()) {
		line = strings.Join(strings.Fields(line), " ")
		if line != "" || len(list) > 0 && list[len(list)-1] != "" {
			list = append(list, line)
		}
	}
	text := strings.TrimSpace(strings.Join(list, "\n"))
	mark := Leftover(text)
	if mark == "" {
		mark = placeholder(text, "")
	}
	if mark != "" {
		return "", fmt.Errorf("leaves %q in the text", mark)
	}
	if text == "" {
		return "", errors.New("says nothing")
	}
	return text, nil
}

func draftFor(to Reader, lang string, f Facts) draft {
	return draft{letters: writing(lang), t: tongue(lang), lang: lang, to: to, f: f.tidied().placed(to).worded(to, lang)}
}

// errBuiltIn says that the owner has no words for this.
var errBuiltIn = errors.New("built-in")

// owners is a letter in the owner's words.
func (w Wording) owners(d draft) (string, error) {
	channel := event.Mail
	if d.to == Public {
		channel = ""
	}
	t, ok := w.outer[ownKey{d.to, channel, d.heard(), d.lang}]
	if !ok {
		return "", errBuiltIn
	}
	text, err := fillOwn(t, d.open(channel))
	return paragraphs(d.drilled(), text), err
}

// heard is the kind that a reader hears of; one that is not for these readers
// is an update.
func (d draft) heard() event.Kind {
	if kind := d.kind(); slices.Contains(OutsideKinds(d.to), kind) {
		return kind
	}
	return event.Update
}

// open is what a reader outside may be told, and nothing else.
func (d draft) open(channel string) outer {
	v := outerView(d.to, d.lang, d.f)
	if channel != event.SMS {
		at := d.f.turned()
		v.Since, v.Expect = d.since(at), strings.TrimSuffix(d.expected(), ".")
		if v.At != "" {
			v.At = d.at(at)
		}
	}
	if _, ok := allowed[d.to]["Where"]; !ok {
		v.Where = ""
	}
	if _, ok := allowed[d.to]["Call"]; !ok {
		v.Call = ""
	}
	if d.to == Partner {
		v.Subject, v.State, v.Seen, v.Reference = d.thing(), d.t.conditions[d.f.Verdict.Condition], d.seenOut(), d.reference()
	}
	return v
}

// outsideSamples are facts that a wording is tried on: full ones and bare
// ones, each with a clock and without.
func outsideSamples(kind event.Kind) []Facts {
	all := samples(kind)
	full := all[0]
	full.Brand, full.Regions, full.CallBack, full.ETR = "Example Net", []string{"north", "south"}, "+48221234567", full.Now.Wall.Add(time.Hour)
	return append(all, full)
}

// Kinds are the notices that readers get, in the order in which they come;
// those of an incident only. Any reader who is not named hears as staff does.
func Kinds(to Reader) []event.Kind {
	if to.outside() {
		return OutsideKinds(to)
	}
	return []event.Kind{
		event.Down, event.Degraded, event.Unwelled, event.Opened, event.AckedBy, event.Reminder, event.Unstable, event.Update, event.Reopened,
		event.AllClear, event.Cancelled, event.Unwatched, event.Dismissed,
	}
}

// Parts counts what a text takes: its characters in septets, or in UTF-16
// units if it is not in GSM-7, and the parts of a chain.
func Parts(text string) (n, parts int, alphabet string) {
	one, each := segment, chained
	n, gsm := Septets(text)
	if alphabet = "GSM-7"; !gsm {
		// 3GPP TS 23.038 §6.2.3: 140 octets, 6 of them the header of a chain.
		n, one, each, alphabet = 0, 70, 67, "UCS-2"
		for _, r := range text {
			n += utf8.RuneLen(r)/4 + 1 // beyond U+FFFF it takes two units
		}
	}
	if n <= one {
		return n, 1, alphabet
	}
	return n, (n + each - 1) / each, alphabet
}
