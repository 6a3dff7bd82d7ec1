package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A shell tells for each line what it offers for the last word of it, in a
// folder that holds map.yaml and maps/.
type shell func(t *testing.T, script, folder string, lines []string) [][]string

var shells = map[string]shell{"bash": inBash, "zsh": inZsh, "fish": inFish}

func inBash(t *testing.T, script, folder string, lines []string) (all [][]string) {
	t.Helper()
	const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _heliograph; printf '%s\n' "${COMPREPLY[@]}"`
	for _, line := range lines {
		var words []string // bash takes --flag=word for three words
		for _, w := range strings.Split(line, " ") {
			name, value, ok := strings.Cut(w, "=")
			switch {
			case !ok:
				words = append(words, w)
			case value == "":
				words = append(words, name, "=")
			default:
				words = append(words, name, "=", value)
			}
		}
		all = append(all, saidBy(t, folder, append([]string{"bash", "--norc", "-c", program, "bash", script}, words...)...))
	}
	return all
}

func inZsh(t *testing.T, script, folder string, lines []string) (all [][]string) {
	t.Helper()
	capture, err := filepath.Abs("testdata/completion/zsh-capture")
	if err != nil {
		t.Fatal(err)
	}
	var offers []string
	for _, w := range saidBy(t, folder, append([]string{"zsh", "-f", capture, script, folder}, lines...)...) {
		if w == "." {
			all, offers = append(all, offers), nil
		} else if w = afterEquals(w); len(w) != 2 || w[0] != '-' { // -c stands beside --config
			offers = append(offers, w)
		}
	}
	return all
}

func inFish(t *testing.T, script, folder string, lines []string) (all [][]string) {
	t.Helper()
	for _, line := range lines {
		list := saidBy(t, folder, "fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", script, line)
		for i, w := range list {
			w, _, _ = strings.Cut(w, "\t")
			list[i] = strings.TrimSuffix(afterEquals(w), "/")
		}
		all = append(all, list)
	}
	return all
}

// afterEquals is word of --flag=word, which zsh and fish offer whole.
func afterEquals(w string) string {
	if _, value, ok := strings.Cut(w, "="); ok {
		return value
	}
	return w
}

// saidBy are the lines that a shell prints.
func saidBy(t *testing.T, folder string, line ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "HOME="+filepath.Join(folder, ".home"), "TERM=dumb")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%s: %v\n%s", line[0], err, &errs)
	}
	return strings.FieldsFunc(string(out), func(c rune) bool { return c == '\n' })
}

// TestCompletion asks real shells what they offer for the last word of a line.
func TestCompletion(t *testing.T) {
	t.Parallel()
	var commands []string
	for _, leaf := range parserFor().Model.Leaves(true) {
		commands = append(commands, leaf.Name)
	}
	slices.Sort(commands)
	lines := []struct {
		line string
		want []string
	}{
		{"", commands},
		{"re", []string{"rehearse", "resend", "restore"}},
		{"queue --", []string{"--help", "--json", "--limit", "--socket", "--status"}},
		{"queue --status f", []string{"failed"}},
		{"queue --limit 5 --status=s", []string{"sending", "sent", "superseded"}},
		{"queue --status=", []string{"delivered", "failed", "pending", "sending", "sent", "superseded", "unsure"}},
		{"emulate --persona sim", []string{"sim7600", "sim7670"}},
		{"completion ", []string{"bash", "fish", "zsh"}},
		{"completion bash z", nil},
		{"man c", []string{"config"}},
		{"check -c m", []string{"map.yaml", "maps"}},
		{"check --config m", []string{"map.yaml", "maps"}},
		{"modem -p m", []string{"map.yaml", "maps"}},
		{"backup m", []string{"map.yaml", "maps"}},
		{"ack ", nil},
		{"queue --limit ", nil},
		{"nonsense ", nil},
	}
	for name, ask := range shells {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(name); err != nil {
				t.Skipf("needs %s: apt-get install %s", name, name)
			}
			folder := t.TempDir()
			script := filepath.Join(folder, "heliograph."+name)
			text, _, code := typed(t, "completion", name)
			for _, err := range []error{
				os.WriteFile(script, []byte(text), 0o600),
				os.WriteFile(filepath.Join(folder, "map.yaml"), nil, 0o600), os.Mkdir(filepath.Join(folder, "maps"), 0o700),
			} {
				if err != nil || code != 0 {
					t.Fatalf("status %d, %v", code, err)
				}
			}
			var typed []string
			for _, c := range lines {
				typed = append(typed, "heliograph "+c.line)
			}
			all := ask(t, script, folder, typed)
			if len(all) != len(lines) {
				t.Fatalf("%d answers to %d lines: %q", len(all), len(lines), all)
			}
			for i, c := range lines {
				got := all[i]
				slices.Sort(got)
				if got = slices.Compact(got); !slices.Equal(got, c.want) {
					t.Errorf("heliograph %s: offers %q, want %q", c.line, got, c.want)
				}
			}
		})
	}
}

// TestChoicesAreOfFlagsThereAre: a list of names that no flag has is a list
// that nobody is offered.
func TestChoicesAreOfFlagsThereAre(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, leaf := range parserFor().Model.Leaves(true) {
		for _, v := range append(slices.Clone(leaf.Positional), valuesOf(leaf.Flags)...) {
			name := "<" + v.Name + ">"
			if v.Flag != nil {
				name = "--" + v.Name
			}
			used[leaf.Name+" "+name] = true
		}
	}
	for name, list := range choices {
		if !used[name] || len(list.words) == 0 {
			t.Errorf("choices has %q: used %t, %d words", name, used[name], len(list.words))
		}
	}
}
