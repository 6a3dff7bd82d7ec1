package screen

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
)

// replay is what a player's terminal does with a recording: enough of it to
// tell whether the last frame comes out.
func replay(t *testing.T, cast []byte) (header struct {
	Version, Width, Height int
	Timestamp              int64
	Title                  string
}, times []float64, codes string, output string) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(cast))
	if err := dec.Decode(&header); err != nil {
		t.Fatal(err)
	}
	for {
		var e []any
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			return header, times, codes, output
		} else if err != nil || len(e) != 3 {
			t.Fatalf("an event is %v: %v", e, err)
		}
		times, codes = append(times, e[0].(float64)), codes+e[1].(string)
		if e[1] == "o" {
			output += e[2].(string)
		}
	}
}

// TestCastGrows records a cut, a resize, and the same frame twice.
func TestCastGrows(t *testing.T) {
	var out bytes.Buffer
	begun := time.Unix(1_800_000_000, 0)
	c := NewCast(&out, "a night", begun)
	c.Draw(calm(), 80, 24, begun.Add(seconds(0.25)))
	c.Draw(calm(), 80, 24, begun.Add(seconds(1)))
	small := out.Len()
	c.Draw(severed(), 80, 24, begun.Add(seconds(2)))
	c.Draw(severed(), 100, 30, begun.Add(seconds(3)))
	c.Draw(mended(), 100, 30, begun.Add(seconds(2.5))) // a clock that went back
	c.End(begun.Add(seconds(4)))
	if c.Err() != nil {
		t.Fatal(c.Err())
	}
	header, times, codes, output := replay(t, out.Bytes())
	if header.Version != 2 || header.Width != 80 || header.Height != 24 || header.Timestamp != 1_800_000_000 || header.Title != "a night" {
		t.Errorf("the header is %+v", header)
	}
	if codes != "oorooo" {
		t.Errorf("the events are %q", codes)
	}
	for i := 1; i < len(times); i++ {
		if times[i] < times[i-1] {
			t.Errorf("the times go back: %v", times)
		}
	}
	if !strings.HasSuffix(output, "\x1b[?25h\r\n") || !strings.Contains(output, "RESOLVED") {
		t.Errorf("the recording ends with %q", output[max(0, len(output)-80):])
	}
	if small == 0 || !strings.HasSuffix(out.String(), "\n") {
		t.Error("the recording was not written as it happened")
	}
}

// TestCastOnlyHasWhatChanged counts what one more second costs.
func TestCastOnlyHasWhatChanged(t *testing.T) {
	var out bytes.Buffer
	c := NewCast(&out, "", time.Unix(0, 0))
	v := calm()
	c.Draw(v, 200, 60, time.Unix(1, 0))
	full := out.Len()
	v.Elapsed += time.Second
	c.Draw(v, 200, 60, time.Unix(2, 0))
	if more := out.Len() - full; more == 0 || more > full/10 {
		t.Errorf("a second costs %d bytes after a first frame of %d", more, full)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestCastSaysWhyItEnds(t *testing.T) {
	c := NewCast(fullDisk{}, "", time.Unix(0, 0))
	c.Draw(calm(), 80, 24, time.Unix(1, 0))
	c.Draw(severed(), 80, 24, time.Unix(2, 0))
	if err := c.Err(); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("the recording ended with %v", err)
	}
}

// TestPictureIsWellFormed parses the SVG and reads it.
func TestPictureIsWellFormed(t *testing.T) {
	for name, view := range moments {
		svg := SVG(view(), 200, 60)
		if len(svg) > 200_000 {
			t.Errorf("the picture of %s has %d bytes", name, len(svg))
		}
		var words strings.Builder
		dec := xml.NewDecoder(bytes.NewReader(svg))
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if text, ok := token.(xml.CharData); ok {
				words.Write(text)
			}
		}
		for _, want := range []string{"heliograph", "transit-a", "registered, home network"} {
			if !strings.Contains(words.String(), want) {
				t.Errorf("the picture of %s does not say %q", name, want)
			}
		}
	}
}

// TestColoursComeAndGo draws a row in both palettes and reads it back.
func TestColoursComeAndGo(t *testing.T) {
	s := draw(severed(), stance{}, 80, 24)
	for _, p := range []*palette{&dark, &light} {
		buf := uv.NewScreenBuffer(80, 24)
		uv.NewStyledString(strings.Join(s.rows(p), "\n")).Draw(buf, buf.Bounds())
		if got, want := strings.TrimRight(buf.Lines[2].String(), " "), strings.TrimRight(s.row(2, nil), " "); got != want {
			t.Errorf("a terminal shows\n%s\nnot\n%s", got, want)
		}
	}
}
