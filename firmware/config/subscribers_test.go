package config

import (
	"strings"
	"testing"
	"time"
)

func TestSubscribersComeFromAFileOrAnAddress(t *testing.T) {
	t.Parallel()
	read := func(text string) Subscribers {
		t.Helper()
		return mustParse(t, small+"\nsubscribers:\n"+text).Subscribers
	}
	s := read("  from: {csv: /data/list.csv}\n  columns: {phone: [Telefon, Komórka], region: Województwo}\n")
	if s.From.Kind != "csv" || s.Every != time.Hour || s.Encoding != "" || len(s.Columns["phone"]) != 2 || s.Columns["region"][0] != "Województwo" {
		t.Errorf("a file is read as %+v", s)
	}
	s = read("  from: {http: {url: \"https://bss.example.org/clients\", items: /data, next: /links/next}}\n  every: 15m\n  encoding: utf-8\n")
	if s.From.Kind != "http" || s.From.Items != "/data" || s.From.Next != "/links/next" || s.Every != 15*time.Minute || s.Encoding != "" {
		t.Errorf("an address is read as %+v", s)
	}
}

func TestASourceOfSubscribersThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"from: {http: {url: \"http://bss.example.org/\"}}":                                          "is not a web address",
		"from: {http: {url: \"https://bss.example.org/\", items: data}}":                            "begin it with a slash, as in /data/rows",
		"from: {http: {url: \"https://bss.example.org/\", user: noc}}":                              "user and secret belong together",
		"from: {http: {url: \"https://b.example/\", token: {env: A}, user: noc, secret: {env: A}}}": "has two ways to log in",
		"from: {csv: /a.csv, http: {url: \"https://bss.example.org/\"}}":                            "write one of csv, http, ozmap, splynx",
		"from: {csv: /a.csv}\n  encoding: latin2":                                                   "windows-1250",
		"from: {csv: /a.csv}\n  columns: {telephone: Telefon}":                                      "is not a key that can stand here",
		"from: {csv: /a.csv}\n  every: 1s":                                                          "every",
	} {
		_, faults := Parse(where, []byte(small+"\nsubscribers:\n  "+text+"\n"), secrets(), environment)
		if err := faults.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n is told %v\n want %s", text, err, want)
		}
	}
}
