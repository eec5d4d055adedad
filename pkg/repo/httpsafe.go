package repo

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"unicode"
)

// maxSaid bounds what an error repeats of what a server has sent, in characters.
const maxSaid = 300

// failed is the error of a request. What it repeats of a server's answer is cut,
// and without what the server was told in secret.
func (t *target) failed(op string, err error) error {
	for {
		e, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		// It repeats the URL, with what may be secret in it.
		err = e.Err
	}
	if text := t.safe(err.Error()); text != err.Error() {
		err = &saidError{text: text, err: err}
	}
	return &Error{Op: op, URL: t.req.URL, Err: err}
}

// saidError is an error with another text.
type saidError struct {
	text string
	err  error
}

func (e *saidError) Error() string { return e.text }
func (e *saidError) Unwrap() error { return e.err }

func (t *target) safe(text string) string {
	for _, secret := range t.secrets() {
		if len(secret) > 2 {
			text = strings.ReplaceAll(text, secret, "xxxxx")
		}
	}
	return clip(text)
}

// secrets are what a server may have been told, as it came.
func (t *target) secrets() []string {
	a := t.req.Access
	secrets := []string{a.Password, base64.StdEncoding.EncodeToString([]byte(a.Username + ":" + a.Password))}
	if t.url.User != nil {
		password, _ := t.url.User.Password()
		name := t.url.User.Username()
		secrets = append(secrets, password, t.url.User.String(), base64.StdEncoding.EncodeToString([]byte(name+":"+password)))
	}
	return secrets
}

// clip makes a text fit to be shown: of some length, and without what a terminal
// would act on.
func clip(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	if runes := []rune(text); len(runes) > maxSaid {
		text = string(runes[:maxSaid-1]) + "…"
	}
	return text
}
