// Package sitetest is a host that takes files by HTTP PUT, as a web server
// with WebDAV does.
package sitetest

import (
	"io"
	"net/http"
	"sync"
)

// Folder is what lies under /status/, behind a user's password or a token.
type Folder struct {
	User, Secret string

	mu    sync.Mutex
	files map[string]string
	puts  int
}

// File is the text of a file, and Puts how many were put.
func (f *Folder) File(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files[name]
}

// Puts is how many files were put.
func (f *Folder) Puts() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.puts
}

// Handler serves the folder.
func (f *Folder) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /status/{name}", f.put)
	mux.HandleFunc("GET /status/{name}", f.get)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, basic := r.BasicAuth()
		if f.User != "" && (!basic || user != f.User || password != f.Secret) || f.User == "" && r.Header.Get("Authorization") != "Bearer "+f.Secret {
			http.Error(w, "401 Unauthorized", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (f *Folder) put(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.files == nil {
		f.files = map[string]string{}
	}
	_, there := f.files[r.PathValue("name")]
	f.files[r.PathValue("name")], f.puts = string(text), f.puts+1
	if there {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.WriteHeader(http.StatusCreated) // Apache's says so in a page
	io.WriteString(w, "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head><title>201 Created</title></head></html>")
}

func (f *Folder) get(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.files[r.PathValue("name")]; !ok {
		http.NotFound(w, r)
		return
	}
	io.WriteString(w, f.files[r.PathValue("name")])
}
