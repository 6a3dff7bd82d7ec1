package rehearsal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"heliograph/firmware/rehearsal/story"
)

// crowd are the subscribers of a story.
type crowd struct {
	rows  []story.Row
	crowd map[string]bool   // numbers of those who are counted, not named
	came  map[int]time.Time // when what goes over the Internet was seen first, by line
}

// list is the file that the appliance's list of subscribers is imported from.
func (w *World) list() string { return filepath.Join(w.dir, "subscribers.csv") }

// enlist adds the subscribers of a line to the list.
func (p *player) enlist(l story.Line) error {
	rows, err := l.Rows()
	if err != nil {
		return err
	}
	if p.listed.crowd == nil {
		p.listed.crowd = map[string]bool{}
	}
	for _, r := range rows {
		p.listed.crowd[r.Phone] = r.Crowd
		if !r.Crowd {
			p.names[r.Code] = r.Phone
			if p.out != nil {
				p.out.Client(r.Code, r.Box, r.Region)
			}
			if r.Phone != "" {
				p.follow(r.Code, r.Phone)
			}
		}
	}
	p.listed.rows = append(p.listed.rows, rows...)
	return nil
}

// importList has the appliance's own command import the list, once all of the
// story's subscribers are in it.
func (p *player) importList() error {
	if len(p.listed.rows) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("code,phone,mail,language,region,box,uplink,line,tags,class\n")
	for _, r := range p.listed.rows {
		fmt.Fprintln(&b, strings.Join([]string{r.Code, r.Phone, r.Mail, r.Language, r.Region, r.Box, r.Uplink, r.Line, r.Tag, r.Class}, ","))
	}
	if err := os.WriteFile(p.list(), []byte(b.String()), 0o600); err != nil {
		return err
	}
	began := time.Now()
	said, err := p.tool("directory", "import", p.list(), "-c", p.file())
	if err != nil {
		return fmt.Errorf("import the list: %w: %s", err, said)
	}
	p.note("root", "imports a list of %d subscribers in %.2f s", len(p.listed.rows), time.Since(began).Seconds())
	return nil
}

// tags has somebody tag clients in the map, and takes the tag from all others
// whom somebody had tagged.
func (p *player) tags(l story.Line) error {
	names := append([]string{l.Who}, l.Words...)
	p.note("field", "tags %s in OZmap", strings.Join(names, ", "))
	p.out.Tag(p.config.Channels.OZmap.Tag, names)
	return nil
}

// crowded reads "40 subscribers".
func crowded(l story.Line) (count int, is bool) {
	count, err := strconv.Atoi(l.Who)
	return count, err == nil && slices.Equal(l.Words, []string{"subscribers"})
}

// sentence is what many were told, with those who were, in the order of the
// texts.
type sentence struct {
	text string
	to   []string
	at   []time.Time
}

// sentences are the texts to those who are counted: times apart, one for all
// who got the same words.
func (p *player) sentences() []sentence {
	var all []sentence
	for _, s := range p.mobile.Submitted() {
		if !p.listed.crowd[s.To] {
			continue
		}
		text := story.Timeless(s.Body)
		i := slices.IndexFunc(all, func(x sentence) bool { return x.text == text })
		if i < 0 {
			i, all = len(all), append(all, sentence{text: text})
		}
		all[i].to, all[i].at = append(all[i].to, s.To), append(all[i].at, s.At)
	}
	return all
}

// toldMany says how late the last of so many heard the words of a line, and
// whether as many did.
func (p *player) toldMany(l story.Line, count int) (late time.Duration, whole bool) {
	for _, s := range p.sentences() {
		if p.like(s.text, l.Quoted) && len(s.to) >= count {
			return s.at[count-1].Sub(p.began.Add(p.real(l.At + time.Duration(count-1)*carries))), true
		}
	}
	return 0, false
}

// weighCrowd holds what many were told against the story. How many texts the
// modem sends before the line is mended hangs on this machine: there may be
// more of them than in the story, and then the same are cleared.
func (p *player) weighCrowd() {
	got := p.sentences()
	told := map[int][]string{}
	for _, l := range p.story.Expected() {
		count, is := crowded(l)
		if !is {
			continue
		}
		i := slices.IndexFunc(got, func(s sentence) bool { return p.like(s.text, l.Quoted) })
		if i < 0 {
			p.report.promise(l.Who+" subscribers are told: "+l.Quoted, false, "nobody was")
			continue
		}
		to := got[i].to
		got = slices.Delete(got, i, i+1)
		slices.Sort(to)
		before := told[count]
		told[count] = to
		same := before == nil || slices.Equal(before, to)
		whole := len(slices.Compact(slices.Clone(to))) == len(to)
		p.report.promise(fmt.Sprintf("%d subscribers or a few more are told, the same as before, each once: %s", count, story.Timeless(l.Quoted)),
			len(to) >= count && len(to) < len(p.listed.rows) && same && whole, "%d were", len(to))
	}
	if len(p.listed.crowd) > 0 {
		p.report.promise("The list hears nothing else.", len(got) == 0, "%d other texts", len(got))
	}
}

// online says that a line expects what goes over the Internet.
func online(l story.Line) bool { return slices.Contains(l.Words, "over") }

// mailed are the subjects of the mails to somebody.
func (p *player) mailed(who string) []string {
	var subjects []string
	for _, m := range p.out.Mails() {
		if slices.ContainsFunc(p.mailsOf(who), func(a string) bool { return slices.Contains(m.To, a) }) {
			subjects = append(subjects, strings.TrimPrefix(m.Subject, "Re: "))
		}
	}
	return subjects
}

// mailsOf are the addresses of a person, a partner or a subscriber.
func (p *player) mailsOf(who string) []string {
	for _, x := range p.config.People {
		if x.Name == who {
			return []string{x.Mail}
		}
	}
	for _, x := range p.config.Partners {
		if x.Name == who {
			return x.Mail
		}
	}
	for _, r := range p.listed.rows {
		if r.Code == who {
			return []string{r.Mail}
		}
	}
	return nil
}

// arrivedOnline says whether what a line expects of the Internet has come, and
// how late; n counts the lines for the same reader so far.
func (p *player) arrivedOnline(l story.Line, n int) (late time.Duration, whole bool) {
	if at, came := p.listed.came[l.Number]; came {
		return at.Sub(p.began.Add(p.real(l.At))), true
	}
	switch {
	case l.Who == "ozmap":
		whole = (len(p.out.Carriers(p.config.Channels.OZmap.Tag)) > 0) == !strings.HasPrefix(l.Quoted, "resolved")
	default:
		whole = len(p.mailed(l.Who)) >= n
	}
	if !whole {
		return 0, false
	}
	if p.listed.came == nil {
		p.listed.came = map[int]time.Time{}
	}
	p.listed.came[l.Number] = time.Now()
	return time.Since(p.began.Add(p.real(l.At))), true
}

// weighOnline holds mails and the map against the story.
func (p *player) weighOnline() {
	want, tagged := map[string][]string{}, false
	var names []string
	for _, l := range p.story.Expected() {
		switch {
		case !online(l):
		case l.Who == "ozmap":
			tagged = true
		default:
			if want[l.Who] == nil {
				names = append(names, l.Who)
			}
			want[l.Who] = append(want[l.Who], l.Quoted)
		}
	}
	for _, name := range names {
		got := p.mailed(name)
		p.report.promise(fmt.Sprintf("%s gets the %d mails of the story, and no other.", name, len(want[name])), p.same(got, want[name]), "%s", p.difference(got, want[name]))
	}
	if tagged {
		left := p.out.Carriers(p.config.Channels.OZmap.Tag)
		p.report.promise("Nobody carries the tag after the all-clear who got it from the box.", len(left) == 0, "%d do", len(left))
	}
}
