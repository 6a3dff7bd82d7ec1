package event

// Digest is many changes in one text, to somebody who has read enough of them
// one by one.
const Digest Kind = "digest"
