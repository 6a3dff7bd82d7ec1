package outside

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"

	"heliograph/drivers/mail/mailtest"
)

// opened reads a mail as a mail program shows it.
func opened(m mailtest.Mail) Mail {
	shown := Mail{To: m.To}
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		shown.Subject = "a mail that cannot be read: " + err.Error()
		return shown
	}
	if shown.Subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		shown.Subject = msg.Header.Get("Subject")
	}
	shown.Body = textOf(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
	return shown
}

// textOf is the first text of a body. What cannot be read is empty.
func textOf(kind, coding string, body io.Reader) string {
	media, values, err := mime.ParseMediaType(kind)
	if err == nil && strings.HasPrefix(media, "multipart/") {
		part, err := multipart.NewReader(body, values["boundary"]).NextRawPart()
		if err != nil {
			return ""
		}
		return textOf(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
	}
	if strings.EqualFold(coding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
