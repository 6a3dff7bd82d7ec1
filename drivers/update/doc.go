// Package update puts another version of the image on a box that was started
// from one, so that it can be taken back: the boot partition holds two systems,
// in the folders a and b, and the boot loader counts the starts of a new one
// (systemd-boot's boot counting, the UAPI group's Automatic Boot Assessment).
//
// An update is one file:
//
//	heliograph update 1 SIZE\n     SIZE of the tar, in octets
//	four lines                     a minisign signature of the tar
//	tar                            manifest.json, then the files it names
//
// The signature is checked over the whole tar before a byte of it is read as
// anything, and before anything on the boot partition changes.
package update
