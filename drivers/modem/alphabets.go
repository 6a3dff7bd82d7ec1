package modem

import "github.com/warthog618/sms/encoding/gsm7/charset"

// The library makes its alphabet tables on first use and without a lock, so
// two goroutines that decode their first texts at the same time race. A
// package's variables are set before any goroutine runs: filling the tables
// here keeps that away from every program that uses this package.
var _ = fillAlphabets()

func fillAlphabets() int {
	charset.DefaultDecoder()
	charset.DefaultEncoder()
	charset.DefaultExtEncoder()
	for language := charset.Start; language < charset.End; language++ {
		charset.NewDecoder(language)
		charset.NewEncoder(language)
		charset.NewExtEncoder(language)
	}
	return charset.Size
}
