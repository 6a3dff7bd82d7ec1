package notice

import (
	"strings"
	"unicode"

	"github.com/warthog618/sms/encoding/gsm7/charset"
)

// 3GPP TS 23.038 §6.2.1 (alphabet, extension table), 23.040 §9.2.3.24.1 (what
// the header of a chain leaves of each part).
const segment, chained = 160, 153

// cost is what each character of GSM-7 takes in septets. Line ends and the
// escape are left out: a notice is one line.
var cost = func() map[rune]int {
	c := map[rune]int{}
	for r := range charset.DefaultExtEncoder() {
		c[r] = 2
	}
	for r := range charset.DefaultEncoder() {
		c[r] = 1
	}
	for _, r := range "\x1b\r\n\f" {
		delete(c, r)
	}
	return c
}()

// Septets counts a text in GSM-7: characters of the extension table count two.
// gsm is false when a character is in neither table; n is then that of the
// others.
func Septets(s string) (n int, gsm bool) {
	gsm = true
	for _, r := range s {
		c, ok := cost[r]
		n, gsm = n+c, gsm && ok
	}
	return n, gsm
}

// Transliterate writes a text in the GSM-7 alphabet, on one line: letters
// without their marks where the alphabet has no such letter, the plain form
// of printers' signs, and "?" for what has none.
func Transliterate(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			gap = b.Len() > 0
			continue
		case unicode.In(r, unicode.Mn, unicode.Cf):
			continue // a mark on the letter before, or a sign nobody sees
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteString(plain(r))
	}
	return b.String()
}

func plain(r rune) string {
	if _, ok := cost[r]; ok {
		return string(r)
	}
	if p, ok := plainer[r]; ok {
		return p
	}
	return "?"
}

// plainer is filled from lines of "the plain form, then all it stands for".
var plainer = func() map[rune]string {
	m := map[rune]string{}
	for line := range strings.Lines(likenesses) {
		words := strings.Fields(line)
		for _, r := range strings.Join(words[1:], "") {
			m[r] = words[0]
		}
	}
	return m
}()

const likenesses = `A ÀÁÂÃĀĂĄА
a áâãāăąа
B Б
b б
C ĆĈĊČ
c çćĉċčЦц
Ch Ч
ch ч
D ĎĐÐД
d ďđðд
E ÈÊËĒĔĖĘĚЕЁЭ
e êëēĕėęěеёэ
F Ф
f ф
G ĜĞĠĢГҐ
g ĝğġģгґ
H ĤĦХ
h ĥħх
I ÌÍÎÏĨĪĬĮİИІЫ
i íîïĩīĭįıиіы
J ĴЙ
j ĵй
K ĶК
k ķкĸ
L ĹĻĽĿŁЛ
l ĺļľŀłл
M М
m м
N ŃŅŇŊН
n ńņňŋн
O ÒÓÔÕŌŎŐО
o óôõōŏőо
OE Œ
oe œ
P ПÞ
p пþ
R ŔŖŘР
r ŕŗřр
S ŚŜŞŠȘС
s śŝşšșс
Sh ШЩ
sh шщ
ss ẞ
T ŢŤŦȚТ
t ţťŧțт
U ÙÚÛŨŪŬŮŰŲУ
u úûũūŭůűųу
V В
v в
W Ŵ
w ŵ
Y ÝŶŸ
y ýÿŷ
Ya Я
ya я
Ye Є
ye є
Yi Ї
yi ї
Yu Ю
yu ю
Z ŹŻŽЗ
z źżžз
Zh Ж
zh ж
- ‐‑‒–—―−
' ‘’‚‛′´` + "`" + `ʼЬЪьъ
" “”„‟″«»
< ‹
> ›
... …
. ·•
x ×
/ ÷⁄
-> →⇒
<- ←⇐
<= ≤
>= ≥
(c) ©
(R) ®
TM ™
No. №
deg °
u µμ
1 ¹
2 ²
3 ³
1/2 ½
1/4 ¼
3/4 ¾
+- ±
c ¢
! ‼
`

// Fit transliterates a text and shortens it from the tail until it takes no
// more than so many septets: by whole clauses while that keeps two thirds of
// the room in use, else by words while that keeps half, else in the middle of
// a word. No "..." is spent on saying so.
func Fit(text string, septets int) string {
	text = Transliterate(text)
	end := within(text, septets)
	if end == len(text) {
		return text
	}
	if i := clauseEnd(text, end); i > 0 && i >= within(text, septets*2/3) {
		return tidy(text[:i])
	}
	if i := strings.LastIndexByte(text[:min(end+1, len(text))], ' '); i > 0 && i >= within(text, septets/2) {
		return tidy(text[:i])
	}
	return tidy(text[:end])
}

// within is the length in bytes of the longest head of a text that takes no
// more than so many septets.
func within(text string, septets int) int {
	for i, r := range text {
		if septets -= cost[r]; septets < 0 {
			return i
		}
	}
	return len(text)
}

// clauseEnd is where the last whole clause ends that ends no later than end.
func clauseEnd(text string, end int) int {
	last := -1
	for _, mark := range []string{". ", ", ", "; ", " ("} {
		last = max(last, strings.LastIndex(text[:min(end+len(mark), len(text))], mark))
	}
	return last
}

// tidy leaves no half sign at the end: no comma, and no bracket that opens and
// never closes.
func tidy(text string) string {
	if i := strings.LastIndexByte(text, '('); i > len(text)/2 && i > strings.LastIndexByte(text, ')') {
		text = text[:i]
	}
	return strings.TrimRight(text, " ,;:.-(#")
}

// Again marks a text that may have arrived before, without making it longer
// than the segments it takes.
func Again(text string) string {
	const mark = " (again)"
	text = Transliterate(text)
	if strings.HasSuffix(text, mark) {
		return text
	}
	room := segment
	if n, _ := Septets(text); n > segment {
		room = (n + chained - 1) / chained * chained
	}
	return Fit(text, room-len(mark)) + mark
}
