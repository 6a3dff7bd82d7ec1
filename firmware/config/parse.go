package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	yaml "github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	largest  = 1 << 20 // bytes of a configuration
	longest  = 10_000  // its lines: the library's time grows with their square
	deepest  = 32      // levels of brackets, or of dashes on one line
	sections = 100     // parts that a broken file is read in
)

var (
	pins    = regexp.MustCompile(`^[0-9]{4,8}$`)
	gpios   = regexp.MustCompile(`^[A-Za-z0-9_-]+/[0-9]{1,4}( low)?$`)
	devices = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@:-]{0,14}$`)
	hosts   = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)
)

// Parse reads a configuration. Name is its path, for faults and for files that
// stand beside it. Files is the file system from its root, seen without the
// leading slash, from which secrets and wordings are read; env looks up an
// environment variable. With any fault the Config must not be used.
func Parse(name string, data []byte, files fs.FS, env func(string) (string, bool)) (Config, Faults) {
	r := newReader(name, files, env)
	return r.parse(data)
}

func newReader(name string, files fs.FS, env func(string) (string, bool)) *reader {
	if env == nil {
		env = func(string) (string, bool) { return "", false }
	}
	return &reader{file: name, files: files, env: env, places: map[string]place{}, guessed: map[string]bool{}, known: map[string]bool{}}
}

func (r *reader) parse(data []byte) (Config, Faults) {
	if len(data) > largest {
		r.add(0, 0, "", "the file is larger than 1 MiB", "is this the right file?")
		return Config{}, r.faults
	}
	if bytes.Count(data, []byte("\n")) > longest {
		r.add(0, 0, "", "the file has more than 10000 lines", "is this the right file?")
		return Config{}, r.faults
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	root, whole := r.tree(text)
	if root == nil {
		return Config{}, r.faults.sorted()
	}
	c := r.config(value{"", root})
	if whole {
		r.required(value{"", root}, "site", "modems", "people", "uplinks")
		r.settleAll(&c)
		r.check(c)
	}
	if len(r.faults) > 0 {
		return Config{}, r.faults.sorted()
	}
	c.lines = make(map[string]int, len(r.places))
	for key, p := range r.places {
		c.lines[key] = p.keyLine
	}
	c.absent = r.absent
	return c, nil
}

// tree reads the file as YAML. If it is broken, what can be read of its
// sections is still given, so that all faults come at once; whole is then
// false, and what the parts say about one another proves nothing.
func (r *reader) tree(text string) (root ast.Node, whole bool) {
	if line, column := tooDeep(text); line > 0 {
		r.add(line, column, "", "is nested too deeply", "this is not the shape of a configuration: see the example")
		return nil, false
	}
	file, err := parseYAML(text, 0)
	if err == nil {
		return r.document(file)
	}
	broken := &ast.MappingNode{}
	found := len(r.faults)
	for _, part := range split(text) {
		file, err := parseYAML(part.text, part.line)
		if err != nil {
			r.syntax(err)
			continue
		}
		for _, doc := range file.Docs {
			pairs, _ := pairsOf(doc.Body)
			broken.Values = append(broken.Values, pairs...)
		}
	}
	if len(r.faults) == found { // broken as a whole, yet not in its parts
		r.syntax(err)
	}
	r.tabs(text)
	return broken, false
}

// document is the only document of a file, which has keys.
func (r *reader) document(file *ast.File) (ast.Node, bool) {
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if _, directive := doc.Body.(*ast.DirectiveNode); doc.Body != nil && !directive {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) == 0 {
		r.add(1, 1, "", "the file is empty", "write at least site, modems, people and uplinks")
		return nil, false
	}
	if len(bodies) > 1 {
		line, column := start(bodies[1])
		r.add(line, column, "", "a second document begins here", "keep everything in one: delete the line ---")
	}
	if _, ok := pairsOf(bodies[0]); !ok {
		line, column := start(bodies[0])
		r.add(line, column, "", "the file is "+kindOf(bodies[0])+" where keys are wanted", "begin with site: NAME")
		return nil, false
	}
	return bodies[0], true
}

// parseYAML reads text whose first line is the one after offset.
func parseYAML(text string, offset int) (file *ast.File, err error) {
	defer func() {
		// The library is not ours, and a file that makes it panic must not
		// take down a running box that reloads.
		if p := recover(); p != nil {
			file, err = nil, fmt.Errorf("line %d: reading gave up: %v", offset+1, p)
		}
	}()
	tokens := lexer.Tokenize(text)
	for _, t := range tokens {
		t.Position.Line += offset
	}
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// part is a top-level section of a file.
type part struct {
	text string
	line int // lines before it
}

var heading = regexp.MustCompile(`^[A-Za-z_-]+:(\s|$)`)

func split(text string) []part {
	var parts []part
	for i, line := range strings.SplitAfter(text, "\n") {
		if len(parts) == 0 || len(parts) < sections && heading.MatchString(line) {
			parts = append(parts, part{line: i})
		}
		last := &parts[len(parts)-1]
		last.text += line
	}
	return parts
}

// tabs reports tabs that indent: YAML forbids them and editors hide them.
func (r *reader) tabs(text string) {
	for i, line := range strings.Split(text, "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		at := strings.IndexByte(indent, '\t')
		if at < 0 || len(indent) == len(line) || slices.ContainsFunc(r.faults, func(f Fault) bool { return f.Line == i+1 }) {
			continue
		}
		r.add(i+1, at+1, "", "the line is indented by a tab", "use spaces")
	}
}

// tooDeep finds the place where brackets are nested, or dashes pile up, deeper
// than any configuration: the library recurses and must not exhaust memory.
func tooDeep(text string) (line, column int) {
	line, depth, opened := 1, 0, 0
	begin := 0
	for i := range len(text) {
		switch text[i] {
		case '\n':
			line, opened, begin = line+1, 0, i+1
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		case '-', '?', '&', '!':
			if i+1 < len(text) && text[i+1] == ' ' || text[i] == '!' || text[i] == '&' {
				opened++
			}
		}
		if depth > deepest || opened > 4*deepest {
			return line, i - begin + 1
		}
	}
	return 0, 0
}

// syntax reports what the library says about broken YAML, in our words.
func (r *reader) syntax(err error) {
	var at *token.Token
	message := err.Error()
	var known yaml.Error
	if errors.As(err, &known) {
		message, at = known.GetMessage(), known.GetToken()
	}
	line, column := 1, 1
	if at != nil {
		line, column = at.Position.Line, at.Position.Column
	}
	for _, s := range said {
		if strings.Contains(message, s.parser) {
			r.add(line, column, "", s.problem, s.want)
			return
		}
	}
	r.add(line, column, "", "the file cannot be read as YAML here ("+clip(message)+")", "compare indentation, colons, brackets and quotes with the lines around it")
}

// said translates the library's messages.
var said = []struct{ parser, problem, want string }{
	{`'\t'`, "the line is indented by a tab", "use spaces"},
	{"\t", "the line is indented by a tab", "use spaces"},
	{"',' or ']' must be specified", "a list that began with [ is not closed before this", "put , between entries and ] at the end"},
	{"',' or '}' must be specified", "a group that began with { is not closed before this", "put , between keys and } at the end"},
	{"could not find flow mapping end", "a group that began with { is not closed", "put } at its end"},
	{"could not find flow map content", "a group that began with { is not closed", "put } at its end"},
	{"sequence end token ']' not found", "a list that began with [ is not closed", "put ] at its end"},
	{"double-quoted", "a text in double quotes is not closed", `put " at its end`},
	{"single-quoted", "a text in single quotes is not closed", "put ' at its end"},
	{"mapping value is not allowed", "a second colon stands here, or the next line is indented differently", "indent each key like its neighbours; quote a text that contains \": \""},
	{"unexpected key name", "a key stands where it cannot", "indent it like the keys it belongs to"},
	{"non-map value", "a value stands where a key with a colon is wanted", "write KEY: VALUE, indented like its neighbours"},
	{"value is not allowed in this context", "something stands behind a value", "close each bracket with its like, and quote a value that contains brackets, quotes or colons"},
	{"reserved character", "a text begins with a character that YAML keeps for itself", "quote the text"},
	{"directive", "a text begins with %", "quote the text"},
	{"sequence was used where mapping is expected", "a list entry stands among keys", "indent it deeper than the key it belongs to"},
	{"undefined anchor", "a text begins with * or &", "quote the text"},
}
