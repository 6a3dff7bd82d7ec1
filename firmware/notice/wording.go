package notice

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"heliograph/firmware/event"
)

// key is how far into a text, in septets, what matters must be: a locked
// phone shows about so much.
const key = 60

// Wording is the checked set of templates.
type Wording struct {
	owner map[wordingKey]*template.Template // nil: built-in only
	outer map[ownKey]*template.Template     // likewise, for those outside
}

type wordingKey struct {
	kind event.Kind
	lang string
}

// builtin is parsed once; a fault in it is a fault of the build.
var builtin = func() map[wordingKey]*template.Template {
	set := map[wordingKey]*template.Template{}
	for _, lang := range Languages() {
		for kind, text := range tongue(lang).templates {
			set[wordingKey{kind, lang}] = template.Must(template.New(string(kind) + "/" + lang).Parse(text))
		}
	}
	return set
}()

// New is the built-in wording with the owner's overrides: kind -> language ->
// template. The box itself puts the site and the incident's number in front;
// the template must name {{.Subject}} and the time in the first sixty
// characters where the built-in one does. Every override that cannot be used
// is named in the error, which errors.Join made. What is for readers outside
// comes as own.
func New(overrides map[event.Kind]map[string]string, own ...Own) (Wording, error) {
	w := Wording{owner: map[wordingKey]*template.Template{}, outer: map[ownKey]*template.Template{}}
	var faults []error
	for _, kind := range slices.Sorted(maps.Keys(overrides)) {
		for _, lang := range slices.Sorted(maps.Keys(overrides[kind])) {
			t, err := override(kind, lang, overrides[kind][lang])
			if err != nil {
				faults = append(faults, fmt.Errorf("wording %s/%s: %w", kind, lang, err))
				continue
			}
			w.owner[wordingKey{kind, lang}] = t
		}
	}
	for _, o := range own {
		t, err := o.template()
		if err != nil {
			faults = append(faults, fmt.Errorf("wording %s: %w", o.name(), err))
			continue
		}
		w.outer[o.key()] = t
	}
	if len(faults) > 0 {
		return Wording{}, errors.Join(faults...)
	}
	return w, nil
}

func override(kind event.Kind, lang, text string) (*template.Template, error) {
	if _, ok := builtin[wordingKey{kind, lang}]; !ok || kind == event.Reply {
		return nil, errors.New("there is no such kind of text in such a language")
	}
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("must not be empty")
	}
	t, err := template.New(string(kind) + "/" + lang).Parse(text)
	if err != nil {
		return nil, err
	}
	if len(t.Templates()) != 1 {
		return nil, errors.New("must be one template without others in it")
	}
	if err := inspect(t.Root, known); err != nil {
		return nil, err
	}
	for _, f := range samples(kind) {
		if _, err := say(t, kind, view(lang, f)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// inspect refuses fields that do not exist even where no sample gets, and
// loops: every field is one short string.
func inspect(n parse.Node, known func(path []string) error) error {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		return inspectAll(known, n.Nodes...)
	case *parse.ActionNode:
		return inspect(n.Pipe, known)
	case *parse.IfNode:
		return inspectAll(known, n.Pipe, n.List, n.ElseList)
	case *parse.WithNode:
		return inspectAll(known, n.Pipe, n.List, n.ElseList)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			if err := inspectAll(known, c.Args...); err != nil {
				return err
			}
		}
	case *parse.FieldNode:
		return known(n.Ident)
	case *parse.VariableNode:
		return known(n.Ident[1:])
	case *parse.RangeNode, *parse.TemplateNode, *parse.ChainNode:
		return fmt.Errorf("%s is not possible in a text", n)
	}
	return nil
}

func inspectAll(known func(path []string) error, nodes ...parse.Node) error {
	for _, n := range nodes {
		if err := inspect(n, known); err != nil {
			return err
		}
	}
	return nil
}

// known says whether a text has such a field.
func known(path []string) error {
	if len(path) == 0 {
		return nil
	}
	if _, ok := reflect.TypeFor[said]().FieldByName(path[0]); ok && len(path) == 1 {
		return nil
	}
	return fmt.Errorf("there is no field .%s; there are: %s", strings.Join(path, "."), strings.Join(fields(), ", "))
}

func fields() []string {
	var list []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[said]()) {
		if f.IsExported() {
			list = append(list, "."+f.Name)
		}
	}
	return list
}

// Text is one notice in one GSM-7 segment. A language that is not known gets
// English. An owner's template that fails on these facts, or that leaves out
// what matters, gives way to the built-in one: at four in the morning a plain
// text beats none.
func (w Wording) Text(lang string, f Facts) string {
	if !slices.Contains(Languages(), lang) {
		lang = Languages()[0]
	}
	k := wordingKey{f.Kind, lang}
	if t, ok := w.owner[k]; ok {
		if text, err := compose(t, lang, f); err == nil {
			return text
		}
	}
	t, ok := builtin[k]
	if !ok {
		t = builtin[wordingKey{event.Reply, lang}] // a kind from a newer build
	}
	text, _ := compose(t, lang, f)
	return text
}

// compose renders with names as they are, and shortens them in the middle only
// when that is needed to keep what matters in front.
func compose(t *template.Template, lang string, f Facts) (text string, err error) {
	if f.Kind == event.Asking {
		return asking(t, lang, f)
	}
	full := f
	for _, limit := range []int{segment, 32, 24, 18, 14, 12, 10, 8} {
		f = full.clipped(limit)
		v := view(lang, f)
		text, err = say(t, f.Kind, v)
		if err == nil {
			return Fit(trimmed(t, v, text), segment), nil
		}
	}
	return Fit(text, segment), err
}

// trimmed shortens an operator's long words rather than what comes after them.
func trimmed(t *template.Template, v said, text string) string {
	const least = 20
	n, _ := Septets(text)
	if len(v.figures) > 0 && n > segment {
		if shorter, ok := v.cramped(func(v said) (string, error) { return render(t, v) }); ok {
			return shorter
		}
	}
	title, _ := Septets(v.Title)
	if n <= segment || title-(n-segment) < least {
		return text
	}
	v.Title = Fit(v.Title, title-(n-segment))
	shorter, err := render(t, v)
	if err != nil {
		return text
	}
	return shorter
}

func render(t *template.Template, v said) (string, error) {
	var b strings.Builder
	if err := t.Execute(&b, v); err != nil {
		return "", err
	}
	return Transliterate(v.lead + b.String()), nil
}

// say renders and checks: no placeholder left, and what matters in front.
func say(t *template.Template, kind event.Kind, v said) (string, error) {
	text, err := render(t, v)
	if err != nil {
		return text, err
	}
	for _, mark := range []string{"&^", "<no value>", "<nil>", "{{", "}}", "%!"} {
		if strings.Contains(text, mark) && !strings.Contains(v.given(), mark) {
			return text, fmt.Errorf("leaves the placeholder %q in the text", mark)
		}
	}
	head := text[:within(text, key)]
	for _, fact := range v.facts(kind) {
		if !strings.Contains(head, Transliterate(fact.text)) {
			return text, fmt.Errorf("must have %s in the first %d characters", fact.field, key)
		}
	}
	return text, nil
}
