package repo

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Errors to tell apart.
var (
	// ErrNotFound is wrapped where a chart, a version, or a URL is not there.
	ErrNotFound = errors.New("not found")
	// ErrNoVersion is wrapped, beside ErrNotFound, where a chart is there, but
	// no version of it that is wanted.
	ErrNoVersion = errors.New("no such version")
	// ErrReference is wrapped where a text refers to no chart by its form.
	ErrReference = errors.New("no reference to a chart")
	// ErrNotConfigured is wrapped where a repository is not configured.
	ErrNotConfigured = errors.New("not configured")
	// ErrNameTaken: another repository is configured under the name.
	ErrNameTaken = errors.New("name taken")
	// ErrNoIndex is wrapped where the index of a repository has not been
	// fetched, or does not have what is looked for.
	ErrNoIndex = errors.New("not in the cached index")
	// ErrOffline is wrapped where something would have to be fetched, and may
	// not be.
	ErrOffline = errors.New("offline")
	// ErrDigest is wrapped where content is not what its digest says.
	ErrDigest = errors.New("digest mismatch")
)

// Error is a request that failed. Its text never holds credentials.
type Error struct {
	// Op is what was being done: "fetch", or "Get" where no answer came.
	Op  string
	URL string
	// Status is the HTTP status, 0 where no answer came.
	Status int
	// Withheld says that credentials were at hand and not sent, since they
	// belong to another host, or to the same one with TLS.
	Withheld bool
	Err      error
}

func (e *Error) Error() string {
	if e.Op == "Get" {
		// As net/http says it, and so Helm.
		return fmt.Sprintf("Get %q: %v", Redact(e.URL), e.Err)
	}
	return fmt.Sprintf("failed to %s %s : %v", e.Op, Redact(e.URL), e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// silent marks an error as another one, without a word about it.
type silent struct{ error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.error }

// Redact takes the credentials out of a URL, and the values of its query, which
// may be tokens. A user without a password may be one too, and so may one with
// the password that GitHub gives tokens. What has none of that is as it was, and
// what cannot be parsed is not shown.
func Redact(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(a URL that cannot be parsed)"
	}
	if u.User == nil && u.RawQuery == "" && !strings.ContainsFunc(raw, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return raw
	}
	if u.RawQuery != "" {
		query := u.Query()
		for _, values := range query {
			for i := range values {
				values[i] = "xxxxx"
			}
		}
		u.RawQuery = query.Encode()
	}
	if password, _ := u.User.Password(); u.User != nil && (password == "" || password == "x-oauth-basic") {
		u.User = url.User("xxxxx")
	}
	return u.Redacted()
}
