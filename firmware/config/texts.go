package config

import (
	"io/fs"
	"slices"
	"strings"
	"text/template/parse"

	"heliograph/firmware/event"
)

// kinds are the notices whose wording can be replaced.
func kinds() []string {
	all := []event.Kind{
		event.Down, event.Degraded, event.Unwelled, event.Opened, event.Update, event.Unstable, event.Reminder, event.Reopened,
		event.AckedBy, event.AllClear, event.Cancelled, event.Unwatched, event.Dismissed, event.Reply, event.Selftest, event.BoxNews, event.PowerLost, event.PowerBack,
	}
	names := make([]string, len(all))
	for i, k := range all {
		names[i] = string(k)
	}
	return names
}

// outsiders are the readers outside whose wording can be replaced, with the
// notices that they get.
var outsiders = map[string][]event.Kind{
	"subscribers": append([]event.Kind{event.Down, event.Opened, event.Update, event.Reopened, event.AllClear, event.Cancelled, event.Unwatched, event.Dismissed}, event.Works()...),
	"partner":     append(slices.Clone(alsoWorse), event.Works()...),
	"public":      append(slices.Clone(alsoWorse), event.Works()...),
}

// alsoWorse are the notices of an incident to those who hear of every change.
var alsoWorse = []event.Kind{
	event.Down, event.Degraded, event.Opened, event.Update, event.Unstable, event.Reopened, event.AllClear, event.Cancelled, event.Unwatched, event.Dismissed,
}

// wayOf is over which channel words go that are not said to be for mails: the
// public reads pages.
func wayOf(to string) string {
	if to == "public" {
		return ""
	}
	return event.SMS
}

// texts reads wordings, from a folder and written in place; those in place
// win.
func (r *reader) texts(v value) Texts {
	t := Texts{Templates: map[event.Kind]map[string]string{}}
	var folder value
	inPlace := map[event.Kind]map[string]string{}
	var outside []Outside
	f := fields{"folder": func(v value) { folder = v; t.Folder = r.filePath(v) }}
	for _, kind := range kinds() {
		f[kind] = func(v value) { inPlace[event.Kind(kind)] = r.wordings(v) }
	}
	for to := range outsiders {
		f[to] = func(v value) { outside = append(outside, r.outside(v, to)...) }
	}
	r.mapping(v, f)
	if t.Folder != "" {
		r.folder(folder, &t)
	}
	for kind, wordings := range inPlace {
		for language, text := range wordings {
			t.put(kind, language, text)
		}
	}
	for _, o := range outside {
		t.putOutside(o)
	}
	slices.SortFunc(t.Outside, func(a, b Outside) int { return strings.Compare(a.name(), b.name()) })
	return t
}

func (t *Texts) put(kind event.Kind, language, text string) {
	if t.Templates[kind] == nil {
		t.Templates[kind] = map[string]string{}
	}
	t.Templates[kind][language] = text
}

func (t *Texts) putOutside(o Outside) {
	t.Outside = slices.DeleteFunc(t.Outside, func(x Outside) bool { return x.name() == o.name() })
	t.Outside = append(t.Outside, o)
}

// name is a wording as plans call it: "subscribers/down (pl, mail)".
func (o Outside) name() string {
	way := ""
	if o.Channel == event.Mail {
		way = ", mail"
	}
	return o.To + "/" + string(o.Kind) + " (" + o.Language + way + ")"
}

// outside reads what readers outside are told: by kind, and mails apart.
func (r *reader) outside(v value, to string) []Outside {
	var all []Outside
	byKind := func(channel string) fields {
		f := fields{}
		for _, kind := range outsiders[to] {
			f[string(kind)] = func(v value) {
				for language, text := range r.wordings(v) {
					all = append(all, Outside{To: to, Channel: channel, Kind: kind, Language: language, Text: text})
				}
			}
		}
		return f
	}
	f := byKind(wayOf(to))
	if wayOf(to) != "" {
		f["mail"] = func(v value) { r.mapping(v, byKind(event.Mail)) }
	}
	r.mapping(v, f)
	return all
}

func (r *reader) wordings(v value) map[string]string {
	all := map[string]string{}
	f := fields{}
	for _, language := range languages {
		f[language] = func(v value) {
			if s, ok := r.text(v); ok && r.template(v, s) {
				all[language] = strings.TrimSpace(s)
			}
		}
	}
	r.mapping(v, f)
	return all
}

// folder reads KIND.LANGUAGE.txt files, and those of readers outside in
// folders named after them, where a mail's end in .mail; hidden files and
// other endings are left alone.
func (r *reader) folder(v value, t *Texts) {
	entries, err := fs.ReadDir(r.dir(), r.inside(t.Folder))
	if err != nil {
		r.fault(v, "the folder "+t.Folder+" cannot be read: "+reason(err), "create it, or mend the path")
		return
	}
	for _, entry := range entries {
		_, known := outsiders[entry.Name()]
		if entry.IsDir() && known {
			r.outsideFolder(v, t, entry.Name())
			continue
		}
		stem, isText := strings.CutSuffix(entry.Name(), ".txt")
		if !isText || strings.HasPrefix(stem, ".") {
			continue
		}
		name := t.Folder + "/" + entry.Name()
		kind, language, _ := strings.Cut(stem, ".")
		if !slices.Contains(kinds(), kind) || !slices.Contains(languages, language) {
			r.fault(v, name+" is no wording that is ever used", "name it KIND.LANGUAGE.txt, as in down.pl.txt; kinds are "+strings.Join(kinds(), ", "))
			continue
		}
		text, ok := r.readFile(v, name, vital, false)
		if ok && r.template(v, text) {
			t.put(event.Kind(kind), language, strings.TrimSpace(text))
		}
	}
}

// outsideFolder reads the wordings for one sort of readers outside.
func (r *reader) outsideFolder(v value, t *Texts, to string) {
	folder := t.Folder + "/" + to
	entries, err := fs.ReadDir(r.dir(), r.inside(folder))
	if err != nil {
		r.fault(v, "the folder "+folder+" cannot be read: "+reason(err), "let the user heliograph read it")
		return
	}
	for _, entry := range entries {
		stem, isMail := strings.CutSuffix(entry.Name(), ".mail")
		stem, isText := strings.CutSuffix(stem, ".txt")
		if isMail == isText || strings.HasPrefix(stem, ".") {
			continue
		}
		kind, language, _ := strings.Cut(stem, ".")
		o := Outside{To: to, Channel: wayOf(to), Kind: event.Kind(kind), Language: language}
		if isMail {
			o.Channel = event.Mail
		}
		name := folder + "/" + entry.Name()
		if !slices.Contains(outsiders[to], o.Kind) || !slices.Contains(languages, language) || isMail && wayOf(to) == "" {
			r.fault(v, name+" is no wording that is ever used", "name it KIND.LANGUAGE.txt, or KIND.LANGUAGE.mail for mails; the public reads pages only; kinds are "+joinKinds(outsiders[to]))
			continue
		}
		text, ok := r.readFile(v, name, vital, false)
		if ok && r.template(v, text) {
			o.Text = strings.TrimSpace(text)
			t.putOutside(o)
		}
	}
}

func joinKinds(kinds []event.Kind) string {
	var names []string
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// dir is the file system, or one without files.
func (r *reader) dir() fs.FS {
	if r.files == nil {
		return nowhere{}
	}
	return r.files
}

type nowhere struct{}

func (nowhere) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// template checks the form of a wording; what it may refer to is checked by
// who renders it.
func (r *reader) template(v value, text string) bool {
	tree := parse.New("text")
	tree.Mode = parse.SkipFuncCheck
	_, err := tree.Parse(text, "", "", map[string]*parse.Tree{})
	if err == nil {
		return true
	}
	why := strings.TrimPrefix(err.Error(), "template: ")
	r.fault(v, "the wording cannot be used: "+clip(why), "close every {{ with }}, every {{if}} with {{end}}")
	return false
}
