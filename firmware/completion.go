package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"heliograph/drivers/modem/emulator"
)

// choices are what is offered for a flag, or an <argument>, where neither kong
// nor the placeholder knows it: names out of a list of ours.
var choices = map[string]taken{
	"emulate --persona": {words: emulator.Personas()},
	"rehearse --story":  {words: append(storyNames(), "list"), files: true},
}

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: bash, zsh or fish."`
}

func (completionCmd) Help() string {
	return "To have it in the shell that is open:\n\n" +
		"\tsource <(heliograph completion bash)\n\tsource <(heliograph completion zsh)\n\theliograph completion fish | source\n\n" +
		"The Debian package puts all three in their places."
}

// Run prints the script. It is whole: no shell asks this program anything
// when a key is pressed.
func (c *completionCmd) Run(out io.Writer, k *kong.Kong) error {
	scripts := map[string]func(*kong.Application) string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}
	_, err := io.WriteString(out, scripts[c.Shell](k.Model))
	return err
}

// A taken is what may stand in the place of a flag's value or an argument.
type taken struct {
	words []string // these
	files bool     // names of files, or of folders
	where string   // a folder whose entries are meant most likely
}

// takes tells what a value of a command takes. What is named after a file in
// the help is a file in the shell.
func takes(leaf *kong.Node, v *kong.Value) taken {
	name, kind := "<"+v.Name+">", strings.ToUpper(v.Name)
	if v.Flag != nil {
		name, kind = "--"+v.Name, v.Tag.PlaceHolder
	}
	if t, ok := choices[leaf.Name+" "+name]; ok {
		return t
	}
	t := taken{files: slices.Contains([]string{"FILE", "FOLDER", "PATH", "TTY"}, kind)}
	if kind == "TTY" {
		t.where = "/dev/serial/by-id/"
	}
	if v.Enum != "" {
		t.words = slices.DeleteFunc(v.EnumSlice(), func(w string) bool { return w == "" })
	}
	return t
}

// flagsOf are the flags of a command that are shown, help first.
func flagsOf(app *kong.Application, leaf *kong.Node) []*kong.Flag {
	list := []*kong.Flag{app.HelpFlag}
	for _, f := range leaf.Flags {
		if !f.Hidden {
			list = append(list, f)
		}
	}
	return list
}

// spellings are the ways to write a flag, as in --config and -c.
func spellings(f *kong.Flag) []string {
	if f.Short == 0 {
		return []string{"--" + f.Name}
	}
	return []string{"--" + f.Name, "-" + string(f.Short)}
}

// quoted is a word for any of the three shells.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// bashScript needs bash 4 and nothing else.
func bashScript(app *kong.Application) string {
	var commands []string
	var flags, values, arguments strings.Builder
	row := func(to *strings.Builder, pattern string, t taken) {
		fmt.Fprintf(to, "\t%s) words=%s files=%t where=%s ;;\n", pattern, quoted(strings.Join(t.words, " ")), t.files, quoted(t.where))
	}
	for _, leaf := range app.Leaves(true) {
		commands = append(commands, leaf.Name)
		var all []string
		for _, f := range flagsOf(app, leaf) {
			all = append(all, "--"+f.Name)
			if f.IsBool() {
				continue
			}
			var patterns []string
			for _, s := range spellings(f) {
				patterns = append(patterns, quoted(leaf.Name+" "+s))
			}
			row(&values, strings.Join(patterns, "|"), takes(leaf, f.Value))
		}
		fmt.Fprintf(&flags, "\t%s) words=%s ;;\n", leaf.Name, quoted(strings.Join(all, " ")))
		for i, a := range leaf.Positional {
			at := quoted(fmt.Sprint(leaf.Name, " ", i+1))
			if a.IsCumulative() {
				at = quoted(leaf.Name+" ") + "*"
			}
			row(&arguments, at, takes(leaf, a))
		}
	}
	return strings.NewReplacer("@commands@", strings.Join(commands, " "), "@flags@", flags.String(),
		"@values@", values.String(), "@arguments@", arguments.String()).Replace(bashFrame)
}

const bashFrame = `# Completion of heliograph for bash, printed by: heliograph completion bash

# What follows COMMAND FLAG, into words, files and where; false if nothing does.
_heliograph_value() {
	case "$1 $2" in
@values@	*) return 1 ;;
	esac
}

# What may stand as the Nth argument of COMMAND.
_heliograph_argument() {
	case "$1 $2" in
@arguments@	esac
}

_heliograph_flags() {
	case "$1" in
@flags@	*) words='--help' ;;
	esac
}

_heliograph() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local words= files=false where= command= nth=1 i
	# Bash takes --flag=word for three words.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		=) ((i++)) ;;
		-*) [[ ${COMP_WORDS[i+1]} == = ]] || ! _heliograph_value "$command" "${COMP_WORDS[i]}" || ((i++)) ;;
		*) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else ((nth++)); fi ;;
		esac
	done
	words= files=false where=
	if ! _heliograph_value "$command" "$prev"; then
		if [[ $cur == -* ]]; then
			_heliograph_flags "$command"
		elif [[ -z $command ]]; then
			words='@commands@'
		else
			_heliograph_argument "$command" "$nth"
		fi
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	if $files; then
		compopt -o filenames 2>/dev/null
		[[ -n $cur || ! -d $where ]] || cur=$where
		mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur")
	fi
}

complete -F _heliograph heliograph
`

// zshScript may be sourced, or stand as _heliograph in a folder of fpath.
func zshScript(app *kong.Application) string {
	var commands, cases strings.Builder
	word := strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`)
	action := func(t taken) string {
		var all []string
		if len(t.words) > 0 {
			all = append(all, "compadd -- "+strings.Join(t.words, " "))
		}
		if t.where != "" {
			all = append(all, "compadd -- "+t.where+"*(N)")
		}
		if t.files {
			all = append(all, "_files")
		}
		return "{ " + strings.Join(append(all, "true"), "; ") + " }"
	}
	for _, leaf := range app.Leaves(true) {
		fmt.Fprintf(&commands, "\t\t%s\n", quoted(leaf.Name+":"+leaf.Help))
		fmt.Fprintf(&cases, "\t%s) _arguments", leaf.Name)
		for _, f := range flagsOf(app, leaf) {
			for _, s := range spellings(f) {
				spec := s + "[" + word.Replace(f.Help) + "]"
				if !f.IsBool() {
					if strings.HasPrefix(s, "--") {
						s += "="
					}
					spec = s + "[" + word.Replace(f.Help) + "]:" + kindOf(f.Value) + ":" + action(takes(leaf, f.Value))
				}
				fmt.Fprintf(&cases, " \\\n\t\t%s", quoted(spec))
			}
		}
		for i, a := range leaf.Positional {
			at := fmt.Sprint(i + 1)
			if a.IsCumulative() {
				at = "*"
			}
			fmt.Fprintf(&cases, " \\\n\t\t%s", quoted(at+":"+a.Name+":"+action(takes(leaf, a))))
		}
		cases.WriteString(" ;;\n")
	}
	return strings.NewReplacer("@commands@", commands.String(), "@cases@", cases.String()).Replace(zshFrame)
}

const zshFrame = `#compdef heliograph
# Completion of heliograph for zsh, printed by: heliograph completion zsh

_heliograph() {
	local -a commands=(
@commands@	)
	local curcontext=$curcontext state line
	typeset -A opt_args
	_arguments -C '(- *)'{-h,--help}'[Print this help.]' '1: :->command' '*:: :->rest'
	if [[ $state == command ]]; then
		_describe command commands
		return
	fi
	[[ $state == rest ]] || return
	case $words[1] in
@cases@	esac
}

if [[ $funcstack[1] == _heliograph ]]; then
	_heliograph "$@"
else
	compdef _heliograph heliograph
fi
`

// fishScript is a list of rules.
func fishScript(app *kong.Application) string {
	var b strings.Builder
	b.WriteString(fishFrame)
	quote := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'" }
	action := func(t taken) string {
		offered := strings.Join(t.words, " ")
		if t.where != "" {
			offered = "(for f in " + t.where + "*; echo $f; end)"
		}
		s := " -x"
		if t.files {
			s = " -r -F"
		}
		if offered != "" {
			s += " -a " + quote(offered)
		}
		return s
	}
	for _, leaf := range app.Leaves(true) {
		fmt.Fprintf(&b, "\ncomplete -c heliograph -n 'test (__heliograph_at) = 0' -a %s -d %s\n", leaf.Name, quote(leaf.Help))
		for _, f := range flagsOf(app, leaf)[1:] {
			fmt.Fprintf(&b, "complete -c heliograph -n '__heliograph_in %s' -l %s", leaf.Name, f.Name)
			if f.Short != 0 {
				fmt.Fprintf(&b, " -s %c", f.Short)
			}
			if !f.IsBool() {
				b.WriteString(action(takes(leaf, f.Value)))
			}
			fmt.Fprintf(&b, " -d %s\n", quote(f.Help))
		}
		for i, a := range leaf.Positional {
			if t := takes(leaf, a); t.files || len(t.words) > 0 {
				fmt.Fprintf(&b, "complete -c heliograph -n '__heliograph_in %s; and test (__heliograph_at) = %d'%s\n",
					leaf.Name, i+1, strings.Replace(strings.Replace(action(t), " -x", "", 1), " -r", "", 1))
			}
		}
	}
	return b.String()
}

const fishFrame = `# Completion of heliograph for fish, printed by: heliograph completion fish

# True if the command of the line is this one.
function __heliograph_in
	set -l line (commandline -opc)
	test "$line[2]" = "$argv[1]"
end

# How many words stand before the cursor that are no flags: 0 where the command is due.
function __heliograph_at
	set -l line (commandline -opc)
	count (string match -v -- '-*' $line[2..-1])
	true
end

complete -c heliograph -f
complete -c heliograph -s h -l help -d 'Print this help.'
`
