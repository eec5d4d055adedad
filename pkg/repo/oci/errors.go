package oci

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// ErrUnauthorized is wrapped where a registry, or its token server, refuses the
// credentials or wants some.
var ErrUnauthorized = errors.New("unauthorized")

// Tidy makes errors of requests fit to be shown: URLs in them lose the values of
// their queries, which may be signatures, and what a server says loses what a
// terminal would obey. The result wraps repo.ErrNotFound, repo.ErrDigest or
// ErrUnauthorized where that is what happened.
func Tidy(err error) error {
	if err == nil {
		return nil
	}
	if _, done := errors.AsType[*tidyError](err); done {
		return err
	}
	return &tidyError{text: plainText(withoutQueries(err.Error())), err: err, is: condition(err)}
}

type tidyError struct {
	text string
	err  error
	is   error
}

func (e *tidyError) Error() string { return e.text }

func (e *tidyError) Unwrap() []error {
	if e.is == nil {
		return []error{e.err}
	}
	return []error{e.err, e.is}
}

// condition is which of the promised errors one is.
func condition(err error) error {
	status := 0
	if answer, ok := errors.AsType[*errcode.ErrorResponse](err); ok {
		status = answer.StatusCode
	}
	switch {
	case errors.Is(err, errdef.ErrNotFound), status == http.StatusNotFound:
		return repo.ErrNotFound
	case errors.Is(err, content.ErrMismatchedDigest), errors.Is(err, content.ErrTrailingData):
		return repo.ErrDigest
	case status == http.StatusUnauthorized, status == http.StatusForbidden,
		errors.Is(err, auth.ErrBasicCredentialNotFound):
		return ErrUnauthorized
	}
	return nil
}

// shownQuery says whether a parameter is one of registries' own requests.
func shownQuery(name string) bool {
	switch name {
	case "service", "scope", "n", "last", "digest", "artifactType", "mount", "from":
		return true
	}
	return false
}

// withoutQueries masks the values in the queries of URLs in a text.
func withoutQueries(text string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(text, '?')
		if at < 0 {
			b.WriteString(text)
			return b.String()
		}
		at++
		end := strings.IndexAny(text[at:], "\"' \t\n)>")
		if end < 0 {
			end = len(text) - at
		}
		b.WriteString(text[:at])
		b.WriteString(maskedQuery(text[at : at+end]))
		text = text[at+end:]
	}
}

func maskedQuery(query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); value != "" && (err != nil || !shownQuery(decoded) || strings.Contains(value, "?")) {
			pairs[i] = name + "=xxxxx"
		}
	}
	return strings.Join(pairs, "&")
}

// plainText shows what a terminal might obey instead of writing it.
func plainText(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
