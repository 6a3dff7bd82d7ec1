package config

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// reader walks the tree of one file and collects what is wrong with it.
type reader struct {
	file    string // the file's name as faults show it
	files   fs.FS
	env     func(string) (string, bool)
	faults  Faults
	places  map[string]place // every key read, for checks that come after the walk
	guessed map[string]bool  // keys that were probably meant by misspelt ones
	known   map[string]bool  // every key that could have been read, without list positions
	absent  []string         // secrets of keys not carried out yet that could not be read
}

// place is where a key stands and where its value begins.
type place struct {
	keyLine, keyColumn int
	line, column       int
}

// value is one node of the tree with its dotted key.
type value struct {
	key  string
	node ast.Node
}

// fields says what to do with each key of a mapping.
type fields map[string]func(value)

// fault reports what is wrong with a value.
func (r *reader) fault(v value, problem, want string) { r.faultAt(v.key, problem, want) }

// faultAt reports a fault at the value of a dotted key, or of its nearest
// parent that stands in the file.
func (r *reader) faultAt(key, problem, want string) {
	p := r.placeOf(key)
	r.add(p.line, p.column, key, problem, want)
}

func (r *reader) add(line, column int, key, problem, want string) {
	r.faults = append(r.faults, Fault{File: r.file, Line: line, Column: column, Key: key, Problem: problem, Want: want})
}

func (r *reader) placeOf(key string) place {
	for key != "" {
		if p, ok := r.places[key]; ok {
			return p
		}
		key = key[:max(0, strings.LastIndexAny(key, ".["))]
	}
	return place{1, 1, 1, 1}
}

// has says whether a key stands in the file, be it misspelt.
func (r *reader) has(key string) bool {
	_, ok := r.places[key]
	return ok || r.guessed[key]
}

// mapping reads the keys of a mapping; what it is for goes into the faults.
func (r *reader) mapping(v value, f fields) bool {
	for key := range f {
		r.known[plain(join(v.key, key))] = true
	}
	pairs, ok := pairsOf(v.node)
	if !ok {
		r.fault(v, "is "+kindOf(v.node)+" where keys are wanted", "write "+sample(f))
		return false
	}
	for _, pair := range pairs {
		if r.hopeless() {
			break
		}
		r.pair(v.key, pair, f)
	}
	return true
}

// pair reads one key with its value.
func (r *reader) pair(parent string, pair *ast.MappingValueNode, f fields) {
	token := pair.Key.GetToken()
	if pair.Key.IsMergeKey() {
		r.add(token.Position.Line, token.Position.Column, parent, "the merge key << is not understood here", "write the keys out")
		return
	}
	name := token.Value
	key := join(parent, name)
	read, ok := f[name]
	if !ok {
		r.add(token.Position.Line, token.Position.Column, join(parent, clip(name)), "is not a key that can stand here", suggestion(name, f))
		r.guessed[join(parent, nearest(name, slices.Sorted(maps.Keys(f))))] = true
		return
	}
	if first, twice := r.places[key]; twice {
		r.add(token.Position.Line, token.Position.Column, key, fmt.Sprintf("stands here a second time, first in line %d", first.keyLine), "delete one of the two")
		return
	}
	line, column := start(pair.Value)
	if pair.Value.Type() == ast.NullType {
		line, column = token.Position.Line, token.Position.Column
	}
	r.places[key] = place{token.Position.Line, token.Position.Column, line, column}
	r.visit(value{key, pair.Value}, read)
}

// list reads each entry of a list.
func (r *reader) list(v value, each func(value)) {
	seq, ok := v.node.(*ast.SequenceNode)
	if !ok {
		r.fault(v, "is "+kindOf(v.node)+" where a list is wanted", "write it as a list: [a, b], or each entry on a line of its own that begins with \"- \"")
		return
	}
	if len(seq.Values) == 0 {
		r.fault(v, "is an empty list", "name at least one, or delete the line")
	}
	if len(seq.Values) > crowd {
		r.fault(v, "has more than 1000 entries", "lists of people belong in a directory: see subscribers")
		return
	}
	for i, node := range seq.Values {
		if r.hopeless() {
			break
		}
		key := v.key + "[" + strconv.Itoa(i) + "]"
		line, column := start(node)
		r.places[key] = place{line, column, line, column}
		r.visit(value{key, node}, each)
	}
}

// crowd is the longest list: entries are compared with one another.
const crowd = 1000

// hopeless says that looking further would only lengthen a list of faults that
// is cut short anyway.
func (r *reader) hopeless() bool { return len(r.faults) > 10*most }

// visit reads a value after it has seen that it is an ordinary one.
func (r *reader) visit(v value, read func(value)) {
	switch v.node.(type) {
	case *ast.NullNode:
		r.fault(v, "has no value", "give it one or delete the line")
	case *ast.AnchorNode, *ast.AliasNode:
		r.fault(v, "anchors (&) and aliases (*) are not understood here", "write the value out; if the text itself begins with & or *, quote it")
	case *ast.TagNode:
		r.fault(v, "tags (!) are not understood here", "write the plain value; if the text itself begins with !, quote it")
	default:
		read(v)
	}
}

func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
}

// start is where a node begins for a reader's eye: the library gives a mapping
// the place of its first colon.
func start(n ast.Node) (line, column int) {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return start(m.Values[0])
	}
	if pair, ok := n.(*ast.MappingValueNode); ok && pair.Key != nil {
		n = pair.Key
	}
	if n == nil || n.GetToken() == nil {
		return 1, 1
	}
	at := n.GetToken().Position
	return at.Line, at.Column
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a group of keys"
	case *ast.BoolNode:
		return "yes or no"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.NullNode:
		return "empty"
	}
	return "a text"
}

func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

// position is a place in a list, as dotted keys write it.
var position = regexp.MustCompile(`\[\d+\]`)

// plain is a dotted key without positions in lists: uplinks[].name.
func plain(key string) string { return position.ReplaceAllString(key, "[]") }

func clip(s string) string {
	if runes := []rune(strings.ToValidUTF8(s, "?")); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return strings.ToValidUTF8(s, "?")
}

// sample shows what a mapping looks like by its first keys.
func sample(f fields) string {
	names := slices.Sorted(maps.Keys(f))
	return "{" + strings.Join(names[:min(3, len(names))], ": …, ") + ": …}"
}

// suggestion names the key that was probably meant, else all there are.
func suggestion(name string, f fields) string {
	names := slices.Sorted(maps.Keys(f))
	if near := nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "the keys here are " + strings.Join(names, ", ")
}

// meant are words that people write for a key of another name.
var meant = map[string]string{
	"phone": "sms", "mobile": "sms", "tel": "sms", "email": "mail", "if": "interface", "iface": "interface", "dev": "interface",
	"device": "port", "tty": "port", "gw": "gateway", "via": "gateway", "interval": "every", "period": "every", "ping": "icmp",
	"tz": "timezone", "lang": "language", "contacts": "people", "persons": "people", "users": "people", "on_call": "oncall",
	"on-call": "oncall", "links": "uplinks", "modem": "modems", "uplink": "uplinks", "checks": "probes", "fwmark": "mark", "src": "source",
}

// nearest is the candidate that differs from a word by at most a third of its
// letters, or by what people usually mean by it; empty if none does.
func nearest(word string, candidates []string) string {
	word = strings.ToLower(word)
	if other := meant[word]; slices.Contains(candidates, other) {
		return other
	}
	if len(word) > 40 {
		return ""
	}
	best, least := "", 1+max(1, len(word)/3)
	for _, c := range candidates {
		if d := distance(word, strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance is Levenshtein's, with a swap of neighbours counted once.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
