package main

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
)

// A language is the numbers that match one expression and have one of the
// lengths (bit n: n digits).
type language struct {
	prog    *syntax.Prog
	lengths uint32
}

// everyLength lets expressions speak for themselves. None matches more than
// 17 digits; deepest is beyond, and expand fails where one still goes on.
const (
	deepest     = 22
	everyLength = 1<<(deepest+1) - 1
)

func languageOf(expression string, lengths uint32) (language, error) {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return language{}, err
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return language{}, err
	}
	if slices.ContainsFunc(prog.Inst, func(in syntax.Inst) bool { return in.Op == syntax.InstEmptyWidth }) {
		return language{}, fmt.Errorf("%s asks what stands around it", expression)
	}
	return language{prog, lengths}, nil
}

// A node is a state: where each digit leads, 0 is nowhere, and whether a
// number may end in it.
type node struct {
	next  [10]int
	final bool
}

// A forest holds the smallest automata for all languages given to it: states
// from which the same digits lead to an end are one.
type forest struct {
	nodes []node // nodes[0] is nowhere
	known map[node]int
}

func newForest() *forest { return &forest{nodes: make([]node, 1), known: map[node]int{{}: 0}} }

// add returns the state at which the union of languages begins.
func (f *forest) add(all []language) (int, error) {
	w := walk{f: f, all: all, memo: map[string]int{}}
	start := make([][]uint32, len(all))
	for i, l := range all {
		start[i] = []uint32{uint32(l.prog.Start)}
	}
	return w.expand(start, 0), w.err
}

// A walk follows the expressions of one union side by side.
type walk struct {
	f    *forest
	all  []language
	memo map[string]int
	err  error
}

func (w *walk) expand(at [][]uint32, depth int) int {
	var n node
	live := make([][]uint32, len(at))
	for i, l := range w.all {
		if l.lengths>>depth == 0 {
			continue // nothing as long as this is left of it
		}
		var ends bool
		live[i], ends = closure(l.prog, at[i])
		n.final = n.final || ends && l.lengths>>depth&1 == 1
	}
	key := fmt.Sprint(depth, n.final, live)
	if id, ok := w.memo[key]; ok {
		return id
	}
	if depth == deepest {
		w.err = fmt.Errorf("an expression goes on after %d digits", deepest)
		return 0
	}
	for digit := range n.next {
		if to, ok := w.step(live, rune('0'+digit)); ok {
			n.next[digit] = w.expand(to, depth+1)
		}
	}
	w.memo[key] = w.f.id(n)
	return w.memo[key]
}

// step returns where one digit leads.
func (w *walk) step(live [][]uint32, digit rune) (to [][]uint32, ok bool) {
	to = make([][]uint32, len(live))
	for i, l := range w.all {
		for _, pc := range live[i] {
			if in := l.prog.Inst[pc]; in.MatchRune(digit) {
				to[i], ok = append(to[i], in.Out), true
			}
		}
	}
	return to, ok
}

func (f *forest) id(n node) int {
	id, ok := f.known[n]
	if !ok {
		id = len(f.nodes)
		f.nodes = append(f.nodes, n)
		f.known[n] = id
	}
	return id
}

// closure returns the instructions that read a digit and can be reached
// without reading one, and whether the end can.
func closure(p *syntax.Prog, from []uint32) (live []uint32, ends bool) {
	seen := map[uint32]bool{}
	var visit func(pc uint32)
	visit = func(pc uint32) {
		if seen[pc] {
			return
		}
		seen[pc] = true
		switch in := p.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			visit(in.Out)
			visit(in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			visit(in.Out)
		case syntax.InstMatch:
			ends = true
		case syntax.InstFail:
		default:
			live = append(live, pc)
		}
	}
	for _, pc := range from {
		visit(pc)
	}
	slices.Sort(live)
	return live, ends
}

// edges writes the forest as firmware/number reads it; where tells at which
// edge a state begins.
func (f *forest) edges() (list []uint32, where []int) {
	where = make([]int, len(f.nodes))
	at := 1 // the first edge takes nothing
	for i, n := range f.nodes[1:] {
		if ways := len(n.ways()); ways > 0 {
			where[i+1] = at
			at += ways
		}
	}
	list = []uint32{1 << 10}
	for _, n := range f.nodes[1:] {
		ways := n.ways()
		for i, way := range ways {
			edge := uint32(where[way.to])<<12 | way.digits
			if f.nodes[way.to].final {
				edge |= 1 << 11
			}
			if i == len(ways)-1 {
				edge |= 1 << 10
			}
			list = append(list, edge)
		}
	}
	return list, where
}

type way struct {
	digits uint32
	to     int
}

// ways joins the digits that lead to the same state.
func (n node) ways() []way {
	var list []way
	for digit, to := range n.next {
		if to == 0 {
			continue
		}
		i := slices.IndexFunc(list, func(w way) bool { return w.to == to })
		if i < 0 {
			i, list = len(list), append(list, way{to: to})
		}
		list[i].digits |= 1 << digit
	}
	return list
}

// prefixOf writes an expression as the patterns of firmware/number: of its
// groups the last is kept, if any is to be.
func prefixOf(expression string, keep bool) (string, error) {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return "", err
	}
	kept := 0
	if keep {
		kept = re.MaxCap()
	}
	var b strings.Builder
	err = write(&b, re.Simplify(), kept, false)
	return b.String(), err
}

// write writes one expression; inside says that it stands among others and
// needs brackets if it is a list of alternatives.
func write(b *strings.Builder, re *syntax.Regexp, kept int, inside bool) error {
	switch re.Op {
	case syntax.OpEmptyMatch:
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteString(class(re.Rune))
	case syntax.OpEndText:
		b.WriteByte('$')
	case syntax.OpConcat:
		return writeAll(b, re.Sub, kept, "", true)
	case syntax.OpAlternate:
		return bracketed(b, re.Sub, kept, inside, "()")
	case syntax.OpCapture:
		if re.Cap == kept {
			return bracketed(b, re.Sub, kept, true, "<>")
		}
		return bracketed(b, re.Sub, kept, true, "()")
	case syntax.OpQuest:
		if re.Flags&syntax.NonGreedy != 0 {
			return fmt.Errorf("%s would rather not read", re)
		}
		if err := bracketed(b, re.Sub, kept, true, "()"); err != nil {
			return err
		}
		b.WriteByte('?')
	default:
		return fmt.Errorf("%s is more than firmware/number can read", re)
	}
	return nil
}

func bracketed(b *strings.Builder, subs []*syntax.Regexp, kept int, needed bool, brackets string) error {
	if needed {
		b.WriteByte(brackets[0])
		defer b.WriteByte(brackets[1])
	}
	return writeAll(b, subs, kept, "|", false)
}

func writeAll(b *strings.Builder, subs []*syntax.Regexp, kept int, between string, inside bool) error {
	for i, sub := range subs {
		if i > 0 {
			b.WriteString(between)
		}
		if err := write(b, sub, kept, inside); err != nil {
			return err
		}
	}
	return nil
}

func class(ranges []rune) string {
	digits := ""
	for i := 0; i < len(ranges); i += 2 {
		for c := ranges[i]; c <= ranges[i+1]; c++ {
			digits += string(c)
		}
	}
	if digits == "0123456789" {
		return "."
	}
	return "[" + digits + "]"
}
