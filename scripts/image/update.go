package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"aead.dev/minisign"

	"heliograph/drivers/update"
)

// private reads the key that updates are signed with.
func (r recipe) private() (minisign.PrivateKey, error) {
	key, err := minisign.PrivateKeyFromFile(os.Getenv("UPDATE_PASSWORD"), r.key)
	if err != nil {
		return key, fmt.Errorf("read the key for updates: %w; `minisign -G` makes one", err)
	}
	return key, nil
}

// about is what the image knows of itself: firmware/update.go reads it.
func (r recipe) about(b board) ([]byte, error) {
	about := struct {
		Board   string    `json:"board"`
		Built   time.Time `json:"built"`
		Options string    `json:"options"`
		Key     string    `json:"key,omitempty"`
	}{Board: r.arch, Built: r.stamp, Options: b.options()}
	if r.key != "" {
		key, err := r.private()
		if err != nil {
			return nil, err
		}
		public, ok := key.Public().(minisign.PublicKey)
		if !ok {
			return nil, errors.New("the key for updates has no public half")
		}
		text, err := public.MarshalText()
		if err != nil {
			return nil, err
		}
		about.Key = string(text)
	}
	return json.MarshalIndent(about, "", "  ")
}

// update makes this build an update for boxes that run an earlier one.
func (r recipe) update(b board) error {
	if r.key == "" {
		fmt.Println("no update: name a key to make one (make image UPDATE_KEY=FILE)")
		return nil
	}
	key, err := r.private()
	if err != nil {
		return err
	}
	f, err := os.Create(r.file("heliograph.update"))
	if err != nil {
		return err
	}
	m := update.Manifest{Board: r.arch, Version: r.version, Built: r.stamp, Options: b.options()}
	return errors.Join(update.Pack(f, m, filepath.Dir(r.file("linux")), key), f.Close())
}
