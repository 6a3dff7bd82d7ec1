// Numbers writes firmware/number/table.go and states.go from the metadata of
// github.com/nyaruka/phonenumbers, the version in go.mod, so that the product
// knows the numbering plans of the world without that library's 4 MB. Run it
// in the folder of the repository after that version has changed:
//
//	go run ./scripts/numbers
//
// Of the metadata it takes what reading and writing a number needs. It leaves
// out how numbers are spaced for reading, examples, carriers, places, time
// zones, short numbers, and which numbers are mobile: nobody is refused a text
// because a plan says that their number is not.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
)

const library = "github.com/nyaruka/phonenumbers"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "numbers:", err)
		os.Exit(1)
	}
}

func run() error {
	files, err := generate(version())
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join("firmware", "number", name), text, 0o644); err != nil {
			return fmt.Errorf("run it in the folder of the repository: %w", err)
		}
	}
	return nil
}

// version is the library's version that this program was built with.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of unknown version"
	}
	for _, m := range info.Deps {
		if m.Path == library {
			return m.Version
		}
	}
	return "of unknown version"
}
