package subscribers_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"heliograph/drivers/subscribers"

	"golang.org/x/text/encoding/charmap"
)

// normalise is a small country with numbers of nine digits.
func normalise(text string) (string, error) {
	digits := strings.NewReplacer(" ", "", "-", "", ".", "").Replace(text)
	bare := strings.TrimPrefix(strings.TrimPrefix(digits, "+48"), "0048")
	if len(bare) != 9 || strings.Trim(bare, "0123456789") != "" {
		return "", fmt.Errorf("%q is no number of nine digits", text)
	}
	return "+48" + bare, nil
}

// list is what came of a reading.
type list struct {
	subs  []subscribers.Subscriber
	lines []int
	notes []string
}

func (l *list) options() subscribers.Options {
	return subscribers.Options{
		Normalise: normalise,
		Take: func(line int, s subscribers.Subscriber) error {
			l.subs, l.lines = append(l.subs, s), append(l.lines, line)
			return nil
		},
		Note: func(n subscribers.Note) {
			word := "refused"
			if n.Taken {
				word = "taken"
			}
			l.notes = append(l.notes, fmt.Sprintf("%d %s %s", n.Line, word, n))
		},
	}
}

func read(t *testing.T, text, encoding string, columns map[string][]string) (list, subscribers.Heading, error) {
	t.Helper()
	var l list
	o := l.options()
	o.Columns = columns
	h, err := subscribers.CSV(t.Context(), iotest.HalfReader(strings.NewReader(text)), encoding, o)
	return l, h, err
}

func TestAListInAnyOfTheLanguagesGoesWithoutConfiguration(t *testing.T) {
	t.Parallel()
	want := subscribers.Subscriber{
		Code: "10422", Name: "Anna Nowak", Phones: []string{"+48600100201", "+48600100202"}, Mails: []string{"anna@example.org"}, Language: "pl",
		Region: "Łódzkie", Municipality: "Zgierz", Box: "ZG-7", Tags: []string{"vip", "szpital"},
	}
	for name, text := range map[string]string{
		"English, commas":          "customer_id,First name,Last name,Phone 1,Phone 2,E-mail,Language,Region,City,Box,Tags\n10422,Anna,Nowak,600100201,600 100 202,anna@example.org,Polish,Łódzkie,Zgierz,ZG-7,vip;szpital\n",
		"Polish, semicolons, CRLF": "\ufeffNr klienta;Imię i nazwisko;Telefon komórkowy;Adres e-mail;Język;Województwo;Gmina;Skrzynka;Etykiety\r\n10422;Anna Nowak;600-100-201, 600.100.202;anna@example.org;pl-PL;Łódzkie;Zgierz;ZG-7;vip, szpital\r\n",
		"Italian, tabs":            "Codice cliente\tNominativo\tCellulare\tPosta elettronica\tLingua\tRegione\tComune\tArmadio\tEtichette\n10422\tAnna Nowak\t600100201/600100202\tanna@example.org\tpolacco\tŁódzkie\tZgierz\tZG-7\tvip|szpital",
		"Excel's":                  "sep=;\r\nKod;Nazwa;Telefon;Email;Język;Region;Miasto;Box;Tagi\r\n10422;\"Anna\nNowak\";\"=\"\"600100201\"\"\n600100202\";mailto:anna@example.org;PL;  Łódzkie ;Zgierz;ZG-7;vip;;;\r\n",
	} {
		if name == "Excel's" {
			text = strings.Replace(text, "vip;;;", "\"vip;szpital\";;;", 1)
		}
		l, h, err := read(t, text, "", nil)
		if err != nil || len(l.subs) != 1 || len(l.notes) != 0 || len(h.Unused) != 0 {
			t.Errorf("%s: %d came, %q, %+v, %v", name, len(l.subs), l.notes, h, err)
			continue
		}
		if !reflect.DeepEqual(l.subs[0], want) {
			t.Errorf("%s: read is %+v", name, l.subs[0])
		}
	}
}

func TestColumnsAreNamedByTheConfiguration(t *testing.T) {
	t.Parallel()
	text := "A;B;Telefon;Województwo;Uwagi;Telefon 2\n1;x;600100201;lodz;nie dzwonić;600100202\n"
	l, h, err := read(t, text, "", map[string][]string{"code": {"a"}, "phone": {"TELEFON 2"}, "line": {"B"}})
	if err != nil || len(l.subs) != 1 {
		t.Fatal(l, err)
	}
	s := l.subs[0]
	if s.Code != "1" || s.Line != "x" || s.Region != "lodz" || !reflect.DeepEqual(s.Phones, []string{"+48600100202"}) {
		t.Errorf("read is %+v", s)
	}
	if !reflect.DeepEqual(h.Unused, []string{"Telefon", "Uwagi"}) || !strings.Contains(strings.Join(h.Used, ", "), "phone from Telefon 2, ") {
		t.Errorf("understood as %+v", h)
	}
	for want, columns := range map[string]map[string][]string{
		`there is no column "Komórka" for phone: the columns are A, B, Telefon`: {"phone": {"Komórka"}},
		`there is no field "telephone"`:                                         {"telephone": {"Telefon"}},
		`there is no field "sms consent"`:                                       {"sms consent": {"A"}},
	} {
		if _, _, err := read(t, text, "", columns); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v is told %v", columns, err)
		}
	}
}

func TestEveryBadRowIsNamedAndTheRestTaken(t *testing.T) {
	t.Parallel()
	text := strings.Join([]string{
		"code,name,phone,mail,lang,region",
		"1,good,600100201,,pl,waw",
		"2,too short,12345,,pl,waw",
		"3,\"open quote,600100203,,pl,waw",
		"4,good,600100204,,pl,waw",
		"5,\"quote\" in the middle,600100205,,pl,waw",
		"6,Max \"the Hat\" M.,600100206,,pl,waw",
		"7,mail helps,1,x@example.org,de,waw",
		"8,too,600100208,,pl,waw,many",
		"",
		",,,,,",
		"9,short row,600100209",
		"10,rounded,\"4,86001E+10\",,,waw",
		"11,bad mail,,not a mail,,waw",
		"12," + strings.Repeat("long ", 20_000) + ",600100212,,,",
		",,,,,waw",
		"13,no address at all,,,,waw",
		"14,last,600100214,,,waw",
	}, "\n")
	l, _, err := read(t, text, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{2, 5, 7, 8, 12, 17, 18}; !reflect.DeepEqual(l.lines, want) {
		t.Errorf("taken are lines %v, want %v", l.lines, want)
	}
	for i, want := range []string{
		`3 refused phone: "12345" is no number of nine digits`,
		`4 refused a quote opens and does not end as it should`,
		`6 refused a quote opens and does not end as it should`,
		`8 taken phone: "1" is no number of nine digits`,
		`8 taken lang: "de" is not spoken: en, pl or it; the site's language is taken`,
		`9 refused has 7 values for 6 columns: one that holds a , must stand in quotes`,
		`13 refused phone: "4" is no number of nine digits; phone: "86001E+10"`,
		`14 refused mail: "not" is no mail address: write it as in noc@example.org`,
		`15 refused is longer than 65536 bytes: a quote may be missing at its end`,
		`16 refused has neither code nor number nor mail address`,
	} {
		if i >= len(l.notes) || !strings.HasPrefix(l.notes[i], want) {
			t.Errorf("note %d of %d is not %s:\n%s", i, len(l.notes), want, strings.Join(l.notes, "\n"))
			break
		}
	}
	if len(l.notes) != 10 {
		t.Errorf("%d notes:\n%s", len(l.notes), strings.Join(l.notes, "\n"))
	}
}

func TestARoundedNumberIsKnownForWhatItIs(t *testing.T) {
	t.Parallel()
	l, _, err := read(t, "code;phone\n1;4.86001E+10\n", "", nil)
	if err != nil || len(l.notes) != 1 || !strings.Contains(l.notes[0], "was rounded by a spreadsheet: make the column a text there") {
		t.Errorf("told is %q (%v)", l.notes, err)
	}
}

func TestAListInTheLettersOfWindows(t *testing.T) {
	t.Parallel()
	text := "Kod;Telefon;Województwo\n1;600100201;Łódzkie\n2;600100202;Śląskie\n"
	ansi, err := charmap.Windows1250.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	l, _, err := read(t, ansi, "windows-1250", nil)
	if err != nil || len(l.subs) != 2 || l.subs[0].Region != "Łódzkie" || l.subs[1].Region != "Śląskie" {
		t.Errorf("read is %+v (%v)", l, err)
	}
	if _, _, err := read(t, ansi, "", nil); err == nil || !strings.Contains(err.Error(), `line 1: is not UTF-8: if "Województwo" is right write encoding: windows-1250`) {
		t.Errorf("without the encoding: %v", err)
	}
	// Names of columns without accents, and two rows with them.
	plain := strings.Replace(ansi, "Wojew\xf3dztwo", "Region", 1)
	if _, _, err := read(t, plain, "", nil); err == nil || !strings.Contains(err.Error(), `line 2: is not UTF-8: if "Łódzkie" is right write encoding: windows-1250 in the configuration, if "£ódzkie" is right windows-1252`) {
		t.Errorf("without the encoding: %v", err)
	}
	// One bad row among good ones is that row's trouble.
	l, _, err = read(t, "kod;telefon;region\n1;600100201;Łódzkie\n2;600100202;\xa3\xf3dzkie\n3;600100203;Śląskie\n", "", nil)
	if err != nil || len(l.subs) != 2 || len(l.notes) != 1 || !strings.HasPrefix(l.notes[0], `3 refused is not UTF-8`) {
		t.Errorf("one bad row: %+v (%v)", l, err)
	}
	for encoding, want := range map[string]string{"latin-2": "is not known: utf-8, windows-1250 or windows-1252"} {
		if _, _, err := read(t, text, encoding, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is told %v", encoding, err)
		}
	}
	if _, _, err := read(t, "\xff\xfeK\x00o\x00d\x00\n\x00", "", nil); err == nil || !strings.Contains(err.Error(), "the file is UTF-16") {
		t.Errorf("UTF-16 is told %v", err)
	}
}

func TestAccentsOfAMacAreThoseOfEverybodyElse(t *testing.T) {
	t.Parallel()
	l, _, err := read(t, "kod;telefon;wojewo\u0301dztwo\n1;600100201;Kujawsko\u2011Pomorskie, Torun\u0301\u00a0\n", "", nil)
	if err != nil || len(l.subs) != 1 || l.subs[0].Region != "Kujawsko\u2011Pomorskie, Toruń" {
		t.Errorf("read is %+q (%v)", l.subs, err)
	}
}

func TestAFileThatIsNoListIsRefusedWhole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              "line 1: names the columns, and is empty",
		"\n1,2\n":                       "line 1: names the columns, and is empty",
		"1,600100201\n":                 "no column holds numbers or mail addresses",
		"code,region\n1,waw\n":          "the columns are code, region",
		"PK\x03\x04\x14\x00phone\n":     "the file is a workbook",
		"phone\x00,code\n":              "line 1: is no text",
		"code,\"phone\n":                "a quote may be missing",
		"code,phone\r1,600100201\r":     "has line ends of old Macs",
		strings.Repeat("phone,", 20000): "is longer than 65536 bytes",
	} {
		if l, _, err := read(t, text, "", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q is told %v and gives %v", text, err, l)
		}
	}
}

func TestWhatSomebodyAgreedTo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"phone,channels\n600100201,":                          nil,
		"phone,channels\n600100201,\"SMS, e-mail\"":           {"sms", "mail"},
		"phone,zgody\n600100201,brak":                         {"none"},
		"phone,channels\n600100201,fax":                       {"none"},
		"phone,opt_in_sms,opt_in_mail\n600100201,1,0":         {"sms"},
		"phone,Zgoda na SMS,Zgoda na e-mail\n600100201,Tak,x": {"sms", "mail"},
		"phone,consenso sms\n600100201,sì":                    {"sms", "mail"},
		"phone,consenso sms\n600100201,no":                    {"mail"},
		"phone,opt_in_sms,opt_in_mail\n600100201,,maybe":      {"none"},
	} {
		l, _, err := read(t, text, "", nil)
		if err != nil || len(l.subs) != 1 || !reflect.DeepEqual(l.subs[0].Channels, want) {
			t.Errorf("%q: %+v (%v)", text, l, err)
		}
	}
}

func TestReadingEndsWhenNobodyWantsMore(t *testing.T) {
	t.Parallel()
	var l list
	o := l.options()
	full := errors.New("the disk is full")
	o.Take = func(int, subscribers.Subscriber) error { return full }
	if _, err := subscribers.CSV(t.Context(), strings.NewReader("phone\n600100201\n"), "", o); !errors.Is(err, full) {
		t.Errorf("it went on: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := subscribers.CSV(ctx, strings.NewReader("phone\n600100201\n"), "", l.options()); !errors.Is(err, context.Canceled) {
		t.Errorf("it went on: %v", err)
	}
	broken := errors.New("the stick was pulled")
	if _, err := subscribers.CSV(t.Context(), iotest.DataErrReader(&failing{"phone\n600100201\n", broken}), "", l.options()); !errors.Is(err, broken) {
		t.Errorf("half a file was taken for all: %v", err)
	}
	if _, err := subscribers.CSV(t.Context(), strings.NewReader(""), "", subscribers.Options{}); err == nil {
		t.Error("it works without anybody who takes")
	}
}

type failing struct {
	text string
	err  error
}

func (f *failing) Read(b []byte) (int, error) {
	if f.text == "" {
		return 0, f.err
	}
	n := copy(b, f.text)
	f.text = f.text[n:]
	return n, nil
}

// FuzzCSV reads whatever there is: every line is taken, refused or empty, and
// no line is heard of twice as a row.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"code,phone\n1,600100201\n", "\ufeffKod;Telefon\r\n1;\"600100201\n600100202\"\r\n", "phone\n\"\n\"\"\n\"x\"y\n600100201", "sep=;\nphone;mail\n;;;;\n1;\"a\"b@c.d\"",
		"phone\tregion\n600100201\t\xa3\xf3d\x9f\n", "\xff\xfep\x00", "phone|name\n\"6|\n|\n|\n|\n|\n|\n|\n|\n|\n|\n|\n600100201|x\n",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, ansi bool) {
		var l list
		o := l.options()
		refused := map[int]bool{}
		o.Note = func(n subscribers.Note) {
			if n.Line < 1 || n.Text == "" || n.Line > strings.Count(text, "\n")+1 {
				t.Fatalf("a note on line %d says %q", n.Line, n.Text)
			}
			if !n.Taken && refused[n.Line] {
				t.Fatalf("line %d is refused twice", n.Line)
			}
			refused[n.Line] = refused[n.Line] || !n.Taken
		}
		encoding := map[bool]string{true: "windows-1250"}[ansi]
		subscribers.CSV(t.Context(), strings.NewReader(text), encoding, o)
		last := 1
		for i, line := range l.lines {
			if line <= last || refused[line] {
				t.Fatalf("line %d comes after line %d (refused: %v)", line, last, refused[line])
			}
			last = line
			s := l.subs[i]
			if s.Code == "" && len(s.Phones)+len(s.Mails) == 0 {
				t.Fatalf("line %d is nobody: %+v", line, s)
			}
			for _, p := range s.Phones {
				if _, err := normalise(p); err != nil {
					t.Fatalf("line %d: %v", line, err)
				}
			}
		}
	})
}
