package repo

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/httpwait"
)

// target is what a request is sent to, with its URLs parsed.
type target struct {
	req  Request
	url  *url.URL
	home *url.URL
}

func newTarget(req Request) (*target, error) {
	u, err := parseHTTP(req.URL)
	if err != nil {
		return nil, err
	}
	t := &target{req: req, url: u, home: u}
	if req.Home != "" {
		if t.home, err = url.Parse(req.Home); err != nil {
			return nil, errors.New("the URL of the repository cannot be parsed")
		}
	}
	return t, nil
}

func parseHTTP(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		// The error of url.Parse repeats the URL.
		return nil, errors.New("the URL cannot be parsed")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the scheme %q is neither http nor https", u.Scheme)
	case u.Host == "":
		return nil, errors.New("the URL names no host")
	}
	return u, nil
}

func (t *target) request(ctx context.Context, agent string) *http.Request {
	header := http.Header{"User-Agent": {agent}}
	for name, value := range map[string]string{
		"Accept": t.req.Accept, "If-None-Match": t.req.ETag, "If-Modified-Since": t.req.LastModified,
	} {
		if value != "" {
			header.Set(name, value)
		}
	}
	if t.req.Compressed {
		header.Set("Accept-Encoding", "gzip")
	}
	r := (&http.Request{Method: http.MethodGet, URL: t.url, Host: t.url.Host, Header: header}).WithContext(ctx)
	t.authorize(r)
	return r
}

// authorize gives a request the credentials if they belong to where it goes,
// and takes away what net/http has copied from the request before.
func (t *target) authorize(r *http.Request) {
	r.Header.Del("Authorization")
	r.Header.Del("Cookie")
	r.Header.Del("Referer")
	a := t.req.Access
	if a.Username == "" || a.Password == "" {
		return
	}
	if a.PassAll || sameOrigin(r.URL, t.home) {
		r.SetBasicAuth(a.Username, a.Password)
	}
}

// sameOrigin says whether two URLs have the same scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// response checks an answer. An error comes with how long to wait before another
// attempt, below 0 for never.
func (t *target) response(res *http.Response, watch *httpwait.Watch) (*Response, time.Duration, error) {
	out := &Response{
		URL: res.Request.URL.Redacted(), Size: res.ContentLength,
		ETag: res.Header.Get("ETag"), LastModified: res.Header.Get("Last-Modified"),
	}
	conditional := t.req.ETag != "" || t.req.LastModified != ""
	switch {
	case res.StatusCode == http.StatusNotModified && conditional:
		watch.Stop()
		_ = res.Body.Close()
		out.NotModified = true
		return out, 0, nil
	case res.StatusCode != http.StatusOK:
		return nil, httpwait.AfterAnswer(res), &Error{
			Op: "fetch", URL: t.req.URL, Status: res.StatusCode, Err: errors.New(statusText(res)),
		}
	case res.ContentLength > t.req.MaxBytes:
		return nil, -1, &Error{Op: "fetch", URL: t.req.URL, Err: tooLong(t.req.MaxBytes)}
	}
	b := &body{Reader: res.Body, closer: res.Body, watch: watch, url: t.req.URL, left: t.req.MaxBytes, max: t.req.MaxBytes}
	if t.req.Compressed && res.Header.Get("Content-Encoding") == "gzip" {
		zr, err := gzip.NewReader(res.Body)
		if err != nil {
			return nil, -1, &Error{Op: "fetch", URL: t.req.URL, Err: err}
		}
		b.Reader, out.Size = zr, -1
	}
	out.Body = b
	return out, 0, nil
}

// statusText is the status line, without what a server may have put there
// beyond its length or into the terminal.
func statusText(res *http.Response) string {
	if text := http.StatusText(res.StatusCode); text != "" {
		return fmt.Sprintf("%d %s", res.StatusCode, text)
	}
	return fmt.Sprintf("%d", res.StatusCode)
}

func tooLong(limit int64) error {
	return fmt.Errorf("the content is longer than %d bytes", limit)
}
