package subscribers

import "errors"

// Row gives what another driver has read the way that a row of a file goes:
// numbers normalised, addresses looked at, what cannot be used named.
func (o *Options) Row(line int, s Subscriber) error {
	if o.Normalise == nil || o.Take == nil || o.Note == nil {
		return errors.New("subscribers: it needs a Normalise, a Take and a Note")
	}
	var r raw
	w := &row{s: s}
	for i, text := range w.texts() {
		if text != nil && *text != "" {
			r[i] = []cell{{fields[i].name, *text}}
		}
	}
	for _, several := range []struct {
		field  int
		values []string
	}{{phoneField, s.Phones}, {mailField, s.Mails}, {tagsField, s.Tags}, {channelsField, s.Channels}} {
		for _, text := range several.values {
			r[several.field] = append(r[several.field], cell{fields[several.field].name, text})
		}
	}
	if s.Language != "" {
		r[languageField] = []cell{{fields[languageField].name, s.Language}}
	}
	return o.read(line, &r)
}
