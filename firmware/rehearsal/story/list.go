package story

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Row is a subscriber in a story's list.
type Row struct {
	Code, Phone, Mail, Language    string
	Region, Box, Uplink, Line, Tag string
	Class                          string
	Crowd                          bool // one of many who are counted, not named
}

// about are the words that may follow a subscriber's number.
func (r *Row) about(what string) *string {
	return map[string]*string{
		"mail": &r.Mail, "language": &r.Language, "region": &r.Region, "box": &r.Box, "uplink": &r.Uplink, "line": &r.Line, "tag": &r.Tag, "class": &r.Class,
	}[what]
}

const mostListed = 100_000

// Rows are the subscribers of a line with the verb list or subscriber.
func (l Line) Rows() ([]Row, error) {
	if l.Verb == "list" {
		return crowd(append([]string{l.Who}, l.Words...))
	}
	if len(l.Words) == 0 || !strings.HasPrefix(l.Words[0], "+") && l.Words[0] != "-" {
		return nil, fmt.Errorf("subscriber %s: what is the number? Write it like: subscriber K-1 +48600100301 region waw, with - for none", l.Who)
	}
	r := Row{Code: l.Who, Phone: strings.TrimPrefix(l.Words[0], "-")}
	for pair := range slices.Chunk(l.Words[1:], 2) {
		to := r.about(pair[0])
		if to == nil || len(pair) < 2 {
			return nil, fmt.Errorf("subscriber %s: %q is not understood: write pairs such as region waw, box olt-7, language it, mail k@home.example", l.Who, strings.Join(pair, " "))
		}
		*to = pair[1]
	}
	return []Row{r}, nil
}

// crowd reads waw:1604 lodz:1604: so many in each region, with numbers of their
// own.
func crowd(parts []string) ([]Row, error) {
	var all []Row
	for i, part := range parts {
		region, count, _ := strings.Cut(part, ":")
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 || n > mostListed || i > 9 {
			return nil, fmt.Errorf("list: %q is not understood: write how many are in each region, as in waw:1604 lodz:1604", part)
		}
		for k := range n {
			all = append(all, Row{
				Code: fmt.Sprintf("%s-%06d", strings.ToUpper(region), k+1), Phone: fmt.Sprintf("+4866%d%06d", i, k+1), Region: region, Crowd: true,
			})
		}
	}
	return all, nil
}
