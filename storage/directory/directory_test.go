package directory_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"heliograph/storage/directory"
)

var noon = time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)

// subscriber is number n of a list that is always the same: three regions,
// towns in them, twelve to a box, every fifth with a mail address, every
// seventh without a number.
func subscriber(n int) directory.Subscriber {
	regions := []string{"Mazowieckie", "Łódzkie", "Śląskie"}
	s := directory.Subscriber{
		Code: fmt.Sprintf("K%06d", n), Name: fmt.Sprintf("Jan Kowalski %d", n), Language: []string{"pl", "pl", "", "en"}[n%4],
		Region: regions[n%3], Municipality: fmt.Sprintf("%s-%d", regions[n%3], n%40), Box: fmt.Sprintf("BOX-%d", n/12),
		Uplink: []string{"transit-a", "transit-b"}[n%2], Line: fmt.Sprintf("PPPOE-%d", n), Class: []string{"home", "business"}[n%10/9],
	}
	if n%7 != 0 {
		s.Phones = []string{fmt.Sprintf("+48600%06d", n)}
	}
	if n%5 == 0 {
		s.Mails = []string{fmt.Sprintf("k%d@example.org", n)}
	}
	if n%100 == 0 {
		s.Tags = []string{"VIP", "hospital"}
	}
	return s
}

const seed001 = 4812

func build(t testing.TB, dir string, list ...directory.Subscriber) directory.Version {
	t.Helper()
	b, err := directory.Create(dir, "test")
	if err != nil {
		t.Fatal(err)
	}
	b.Force()
	for _, s := range list {
		if err := b.Add(s); err != nil {
			t.Fatalf("%s: %v", s.Code, err)
		}
	}
	v, err := b.Finish(noon)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func generated(n int) []directory.Subscriber {
	list := make([]directory.Subscriber, n)
	for i := range list {
		list[i] = subscriber(i)
	}
	return list
}

func open(t testing.TB, dir, id string) *directory.Directory {
	t.Helper()
	d, err := directory.Open(dir, id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// chosen are the codes of a whole selection, by so many at a time.
func chosen(t testing.TB, d *directory.Directory, max int, scope ...string) []directory.Subscriber {
	t.Helper()
	var all []directory.Subscriber
	var at []byte
	for {
		subs, next, err := d.Select(scope, at, max)
		if err != nil {
			t.Fatal(err)
		}
		if len(subs) > max {
			t.Fatalf("%d came, of at most %d", len(subs), max)
		}
		all = append(all, subs...)
		if at = next; at == nil {
			return all
		}
	}
}

func codes(subs []directory.Subscriber) []string {
	var all []string
	for _, s := range subs {
		all = append(all, s.Code)
	}
	return all
}

func boxes(from, to int) (all []string) {
	for n := from; n < to; n++ {
		all = append(all, fmt.Sprint("box-", n))
	}
	return all
}

// The list of the upstream outage: 4,812 subscribers in three regions.
func TestThoseOfARegionAreChosenAndNobodyElse(t *testing.T) {
	t.Parallel()
	dir, list := t.TempDir(), generated(seed001)
	v := build(t, dir, list...)
	if v.Count != seed001 || len(v.ID) != 12 {
		t.Fatalf("built %+v", v)
	}
	d := open(t, dir, "")
	for _, c := range []struct {
		scope []string
		is    func(s directory.Subscriber) bool
	}{
		{[]string{"mazowieckie"}, func(s directory.Subscriber) bool { return s.Region == "Mazowieckie" }},
		{[]string{"lodzkie", "S\u0301la\u0328skie"}, func(s directory.Subscriber) bool { return s.Region != "Mazowieckie" }},
		{[]string{" ŁÓDZKIE ", "Śląskie"}, func(s directory.Subscriber) bool { return s.Region != "Mazowieckie" }},
		{[]string{"box-7", "BOX-400", "box-1"}, func(s directory.Subscriber) bool {
			return slices.Contains([]string{"BOX-7", "BOX-400", "BOX-1"}, s.Box)
		}},
		{[]string{"vip", "Transit-A", "hospital"}, func(s directory.Subscriber) bool { return s.Uplink == "transit-a" || s.Tags != nil }},
		{[]string{"pppoe-4711"}, func(s directory.Subscriber) bool { return s.Line == "PPPOE-4711" }},
		{[]string{directory.Everybody}, func(directory.Subscriber) bool { return true }},
		{[]string{"pomorskie"}, func(directory.Subscriber) bool { return false }},
		{boxes(2, 42), func(s directory.Subscriber) bool { // more names than are walked side by side
			n, _ := strconv.Atoi(strings.TrimPrefix(s.Box, "BOX-"))
			return n >= 2 && n < 42
		}},
		{append(boxes(2, 42), "Łódzkie", "pppoe-4711", directory.ByCodeOf+"k000001"), func(s directory.Subscriber) bool {
			n, _ := strconv.Atoi(strings.TrimPrefix(s.Box, "BOX-"))
			return n >= 2 && n < 42 || s.Region == "Łódzkie" || s.Line == "PPPOE-4711" || s.Code == "K000001"
		}},
		{nil, func(directory.Subscriber) bool { return false }},
		{[]string{""}, func(directory.Subscriber) bool { return false }},
	} {
		var want []directory.Subscriber
		for _, s := range list {
			if c.is(s) {
				want = append(want, s)
			}
		}
		for _, max := range []int{1000, 7} {
			if got := chosen(t, d, max, c.scope...); !reflect.DeepEqual(got, want) {
				t.Errorf("%q by %d: %d are chosen, %d belong to it", c.scope, max, len(got), len(want))
			}
		}
	}
}

func TestWhatAPlanCounts(t *testing.T) {
	t.Parallel()
	dir, list := t.TempDir(), generated(seed001)
	list[1].Channels = []string{"mail"}       // has a number, agreed to mails only: declined both
	list[4].Phones = []string{"+48600000010"} // shared with the tenth, of another region and uplink
	build(t, dir, list...)
	c, err := open(t, dir, "").Count([]string{"mazowieckie", "łódzkie", "śląskie"})
	if err != nil {
		t.Fatal(err)
	}
	want := directory.Counts{Subscribers: seed001, ByLanguage: map[string]int{}, SMSByLanguage: map[string]int{}, ByClass: map[string]int{}}
	numbers := map[string]bool{}
	for i, s := range list {
		want.ByLanguage[s.Language]++
		want.ByClass[s.Class]++
		want.Mail += len(s.Mails)
		switch {
		case i == 1:
			want.Declined++
		case len(s.Phones) == 1 && !numbers[s.Phones[0]]:
			numbers[s.Phones[0]] = true
			want.SMSByLanguage[s.Language]++
			want.SMS++
		case len(s.Phones)+len(s.Mails) == 0:
			want.NoAddress++
		default:
			want.Alone += len(s.Mails) // no number, or the tenth's
		}
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("counted %+v\nwant    %+v", c, want)
	}
	if c, err := open(t, dir, "").Count(nil); err != nil || c.Subscribers != 0 {
		t.Errorf("an empty scope counts %+v (%v)", c, err)
	}
}

// A caretaker's number stands with every flat of the house: one text for it.
func TestAnAddressComesOnceInASelection(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	with := func(code, region string, phones ...string) directory.Subscriber {
		return directory.Subscriber{Code: code, Region: region, Phones: phones}
	}
	quiet := with("a0", "waw", "+48600100201")
	quiet.Channels = []string{"mail"}
	both := with("a3", "waw", "+48600100201", "+48600100203")
	letter := with("a4", "lodz")
	letter.Mails = []string{"House@Example.org"}
	another := with("a5", "lodz", "+48600100205")
	another.Mails = []string{"house@example.org"}
	build(t, dir, another, with("a2", "waw", "+48600100201"), letter, with("a1", "lodz", "+48600100201"), both, quiet, with("a6", "lodz"))
	d := open(t, dir, "")
	told := func(scope ...string) string {
		var all []string
		for _, s := range chosen(t, d, 2, scope...) {
			all = append(all, s.Code+":"+strings.Join(append(s.Phones, s.Mails...), "+"))
		}
		return strings.Join(all, " ")
	}
	for scope, want := range map[string]string{
		"waw":  "a0: a2:+48600100201 a3:+48600100203", // a0 agreed to no texts, so it is a2 who is told
		"lodz": "a1:+48600100201 a4:House@Example.org a5:+48600100205 a6:",
		"*":    "a0: a1:+48600100201 a3:+48600100203 a4:House@Example.org a5:+48600100205 a6:", // a2 is told with a1
	} {
		if got := told(scope); got != want {
			t.Errorf("%s: told are %s\nwant %s", scope, got, want)
		}
	}
	whose, err := d.ByNumber("+48600100201")
	if err != nil || !slices.Equal(codes(whose), []string{"a0", "a1", "a2", "a3"}) {
		t.Errorf("the number is %v's (%v)", codes(whose), err)
	}
}

func TestFoundByNumberAndCode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	list := generated(seed001)
	list[12].Phones = []string{"+48600000011", "+393331234567"}
	build(t, dir, list...)
	d := open(t, dir, "")
	if s, ok, err := d.ByCode("k004811"); err != nil || !ok || !reflect.DeepEqual(s, list[4811]) {
		t.Errorf("K004811 is %+v, %v, %v", s, ok, err)
	}
	if s, err := d.ByNumber("+393331234567"); err != nil || !slices.Equal(codes(s), []string{"K000012"}) {
		t.Errorf("the second number is %v's (%v)", codes(s), err)
	}
	for _, nobody := range []string{"+48999999999", "+4860000001", "", "+486000000111"} {
		if s, err := d.ByNumber(nobody); err != nil || len(s) != 0 {
			t.Errorf("%q is %v's (%v)", nobody, codes(s), err)
		}
		if _, ok, err := d.ByCode(nobody); err != nil || ok {
			t.Errorf("there is a code %q (%v)", nobody, err)
		}
	}
}

func TestANumberThatIsNobodysOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	list := generated(3000)
	for i := range list {
		list[i].Phones, list[i].Mails, list[i].Tags = []string{"+48221112233"}, nil, []string{"tariff-x"} // the shop's, put in for all
	}
	build(t, dir, list...)
	d := open(t, dir, "")
	for scope, want := range map[string]string{"łódzkie": "K000001", "tariff-x": "K000000", "*": "K000000", "box-249": "K002988"} {
		if got := chosen(t, d, 100, scope); len(got) != 1 || got[0].Code != want {
			t.Errorf("%s: %v are told at the shop's number", scope, codes(got))
		}
	}
	if c, err := d.Count([]string{"tariff-x"}); err != nil || c.Subscribers != 3000 || c.SMS != 1 || c.NoAddress != 0 {
		t.Errorf("counted %+v (%v)", c, err)
	}
	if whose, err := d.ByNumber("+48221112233"); err != nil || len(whose) != 50 {
		t.Errorf("%d are found (%v)", len(whose), err)
	}
}

func TestNamesForANoticeAreListedWithTheirCounts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	list := generated(30)
	list[3].Region = "MAZOWIECKIE "
	list[4].Tags = []string{"vip", "Vip"}
	list[5].Municipality = "Dolny Śląsk"
	build(t, dir, list...)
	d := open(t, dir, "")
	names, err := d.Names("region", "tag")
	want := []directory.Name{
		{"region", "Łódzkie", "lodzkie", 10}, {"region", "Mazowieckie", "mazowieckie", 10}, {"region", "Śląskie", "slaskie", 10},
		{"tag", "hospital", "hospital", 1}, {"tag", "VIP", "vip", 2},
	}
	if err != nil || !reflect.DeepEqual(names, want) {
		t.Errorf("the names are %v (%v)", names, err)
	}
	if all, err := d.Names(); err != nil || len(all) != 3+30+3+2+30+2 {
		t.Errorf("%d names in all (%v)", len(all), err)
	}
	for name, want := range map[string]int{"łódzkie": 10, "vip": 2, "Transit-A": 15, "dolny-slask": 1, "DOLNY  Śląsk": 1, "dolnyslask": 0, "Pomorskie": 0, "*": 30, "": 0} {
		if n, err := d.Known(name); err != nil || n != want {
			t.Errorf("%q chooses %d, want %d (%v)", name, n, want, err)
		}
	}
}

func TestWhoCannotBeTaken(t *testing.T) {
	t.Parallel()
	b, err := directory.Create(t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Abandon()
	for want, s := range map[string]directory.Subscriber{
		"neither code nor number":     {Name: "nobody"},
		"no number with its country":  {Code: "1", Phones: []string{"600100201"}},
		"a field has at most 300":     {Code: "1", Name: strings.Repeat("x", 301)},
		"is not UTF-8":                {Code: "1", Region: "\xa3\xf3d\x9f"},
		"control character":           {Code: "1", Box: "a\x00b"},
		"it would mean everybody":     {Code: "1", Tags: []string{"*"}},
		"too many for one subscriber": {Code: "1", Tags: make([]string, 101)},
	} {
		var unfit *directory.Unfit
		if err := b.Add(s); !errors.As(err, &unfit) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v is told %v, want %s", s, err, want)
		}
	}
}

// The expansion of a notice goes on where it was, in the version that it
// began with, though the box restarted and newer lists came.
func TestAPlanFindsItsVersionAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := build(t, dir, generated(100)...)
	subs, at, err := open(t, dir, first.ID).Select([]string{"*"}, nil, 60)
	if err != nil || len(subs) != 60 {
		t.Fatalf("%d (%v)", len(subs), err)
	}
	if err := directory.Hold(dir, first.ID); err != nil {
		t.Fatal(err)
	}
	for n := 90; n > 85; n-- {
		build(t, dir, generated(n)...)
	}
	if newest, err := directory.Newest(dir); err != nil || newest.Count != 86 {
		t.Fatalf("the newest is %+v (%v)", newest, err)
	}
	rest, _, err := open(t, dir, first.ID).Select([]string{"*"}, at, 60)
	if err != nil || len(rest) != 40 || rest[0].Code != "K000060" {
		t.Fatalf("it goes on with %v (%v)", codes(rest), err)
	}
	if n := len(directory.Versions(dir)); n != 3 {
		t.Errorf("%d versions are kept: the newest, the one before and the one that is held make 3", n)
	}
	if err := directory.Hold(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := directory.Open(dir, first.ID); !errors.Is(err, directory.ErrNone) {
		t.Errorf("nobody holds it, and it is there (%v)", err)
	}
	if err := directory.Hold(dir, first.ID); err == nil {
		t.Error("what is gone can be held")
	}
}

func TestTheSameListHasTheSameNameInWhateverOrder(t *testing.T) {
	t.Parallel()
	dir, list := t.TempDir(), generated(500)
	first := build(t, dir, list...)
	file := filepath.Join(dir, "directory.db")
	was, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	again := slices.Concat(list, list[:20]) // a page that was read twice
	b, err := directory.Create(dir, "the other one")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range again {
		if err := b.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	second, err := b.Finish(noon.Add(time.Hour))
	if err != nil || second.ID != first.ID || second.Count != 500 {
		t.Fatalf("%+v, then %+v (%v)", first, second, err)
	}
	if is, err := os.Stat(file); err != nil || !os.SameFile(was, is) {
		t.Errorf("the same list was written again (%v)", err)
	}
	if v, err := directory.Newest(dir); err != nil || !v.Taken.Equal(noon.Add(time.Hour)) || v.Source != "the other one" {
		t.Errorf("its date is %+v (%v)", v, err)
	}
	list[0].Box = "BOX-9999"
	if v := build(t, dir, list...); v.ID == first.ID {
		t.Error("another list has the same name")
	}
	list[0].Box = subscriber(499).Box
	if v := build(t, dir, list...); v.ID != first.ID || len(directory.Versions(dir)) != 2 {
		t.Errorf("back again it is %s, with %v", v.ID, directory.Versions(dir))
	}
}

func TestAListThatShrankIsNotTakenUnasked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	finish := func(n int, force bool) (directory.Version, error) {
		b, err := directory.Create(dir, "test")
		if err != nil {
			t.Fatal(err)
		}
		if force {
			b.Force()
		}
		for i := range n {
			if err := b.Add(subscriber(i)); err != nil {
				t.Fatal(err)
			}
		}
		return b.Finish(noon)
	}
	var shrunk *directory.Shrunk
	if _, err := finish(0, false); !errors.As(err, &shrunk) || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("an empty first list: %v", err)
	}
	if _, err := finish(seed001, false); err != nil {
		t.Fatal(err)
	}
	if _, err := finish(12, false); !errors.As(err, &shrunk) || !strings.Contains(err.Error(), "has 12 of 4812 subscribers") || !strings.Contains(err.Error(), "--force") {
		t.Errorf("12 of 4,812: %v", err)
	}
	if v, err := directory.Newest(dir); err != nil || v.Count != seed001 {
		t.Errorf("in use is %+v (%v)", v, err)
	}
	if _, err := finish(seed001/2, false); err != nil {
		t.Errorf("half of them: %v", err)
	}
	if v, err := finish(0, true); err != nil || v.Count != 0 {
		t.Errorf("nobody, and that was meant: %+v, %v", v, err)
	}
	if got := chosen(t, open(t, dir, ""), 10, "*"); len(got) != 0 {
		t.Errorf("the empty list has %v", codes(got))
	}
}

func TestOneImportAtATimeAndNothingLeftOfOneThatWasGivenUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := directory.Newest(dir); !errors.Is(err, directory.ErrNone) {
		t.Errorf("in an empty folder: %v", err)
	}
	if _, err := directory.Open(dir, "../../etc/pas"); err == nil || errors.Is(err, directory.ErrNone) {
		t.Errorf("a path as a version: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "directory.db.new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err) // of an import that was killed
	}
	b, err := directory.Create(dir, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := directory.Create(dir, "test"); err == nil || !strings.Contains(err.Error(), "another import is under way") {
		t.Errorf("a second import: %v", err)
	}
	for i := range 20_000 { // enough to need the disk
		if err := b.Add(subscriber(i)); err != nil {
			t.Fatal(err)
		}
	}
	b.Abandon()
	b.Abandon()
	if _, err := b.Finish(noon); err == nil {
		t.Error("an abandoned list was finished")
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || !slices.Equal(left, []string{filepath.Join(dir, "directory.lock")}) {
		t.Errorf("left are %v (%v)", left, err)
	}
	build(t, dir, generated(10)...)
}

func TestWhatWasRefusedIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := directory.Create(dir, "list.csv")
	if err != nil {
		t.Fatal(err)
	}
	b.Add(subscriber(1))
	b.Refuse(3, "phone: no number")
	b.Remark(4, "language: not spoken")
	v, err := b.Finish(noon)
	if err != nil || v.Refused != 1 || v.Source != "list.csv" {
		t.Fatalf("%+v (%v)", v, err)
	}
	notes, err := directory.Notes(dir)
	want := []directory.Note{{Line: 3, Text: "phone: no number"}, {Line: 4, Text: "language: not spoken", Taken: true}}
	if err != nil || !reflect.DeepEqual(notes, want) {
		t.Errorf("kept are %v (%v)", notes, err)
	}
}

// A list that the disk spoilt is found out; the one before it is still good.
func TestADamagedListLeavesTheOneBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := build(t, dir, generated(200)...)
	build(t, dir, generated(5000)...)
	file := filepath.Join(dir, "directory.db")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string][]byte{"cut short": whole[:len(whole)/2], "empty": {}, "no list": []byte(strings.Repeat("no list ", 4096))} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := directory.Open(dir, "")
		if err != nil || d.Version().ID != first.ID {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if n := len(chosen(t, d, 50, "*")); n != 200 {
			t.Errorf("%s: %d are left", what, n)
		}
		d.Close()
	}
	spoilt := slices.Clone(whole)
	for page := range slices.Chunk(spoilt, os.Getpagesize()) {
		if bytes.Contains(page, []byte("Jan Kowalski 42")) { // nothing that a start reads
			clear(page)
		}
	}
	if err := os.WriteFile(file, spoilt, 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, dir, "")
	if _, err := d.Count([]string{"*"}); err == nil {
		t.Error("those who are left are counted as if they were all")
	}
	err = d.Verify()
	var damaged *directory.Damaged
	if !errors.As(err, &damaged) || !strings.Contains(err.Error(), "import it again") {
		t.Errorf("lost pages are told as %v", err)
	}
	build(t, dir, generated(5000)...)
	again := open(t, dir, "")
	if n := len(chosen(t, again, 500, "*")); n != 5000 || again.Verify() != nil {
		t.Errorf("imported again, %d are there (%v)", n, again.Verify())
	}
}

func TestLanguagesOfAScope(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	build(t, dir, generated(40)...)
	c, err := open(t, dir, "").Count([]string{"*"})
	if want := map[string]int{"pl": 20, "": 10, "en": 10}; err != nil || !maps.Equal(c.ByLanguage, want) {
		t.Errorf("%v (%v)", c.ByLanguage, err)
	}
}
