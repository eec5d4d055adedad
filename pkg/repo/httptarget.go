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
	"github.com/seed-0d4f92cc/pack/internal/transports"
)

// target is what a request is sent to, with its URLs parsed.
type target struct {
	req  Request
	url  *url.URL
	home *url.URL
	// withheld says that the last request went without the credentials, since
	// they belong elsewhere.
	withheld bool
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
	t.withheld = !t.trusts(r.URL)
	if !t.withheld {
		r.SetBasicAuth(a.Username, a.Password)
	}
}

// trusts says whether a URL may have the credentials. What belongs to a home
// with TLS never goes without, not even where all may have it.
func (t *target) trusts(u *url.URL) bool {
	if t.home.Scheme == "https" && u.Scheme != "https" {
		return false
	}
	return t.req.Access.PassAll || transports.SameOrigin(u, t.home)
}

// response checks an answer. An error comes with how long to wait before another
// attempt, below 0 for never.
func (t *target) response(res *http.Response, watch *httpwait.Watch) (*Response, time.Duration, error) {
	out := &Response{
		URL: Redact(res.Request.URL.String()), Size: res.ContentLength,
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
			Op: "fetch", URL: t.req.URL, Status: res.StatusCode, Err: errors.New(t.statusText(res)), Withheld: t.withheld,
		}
	case res.ContentLength > t.req.MaxBytes:
		return nil, -1, t.failed("fetch", tooLong(t.req.MaxBytes))
	}
	if err := t.content(out, res, watch); err != nil {
		return nil, httpwait.AfterError(err), t.failed("fetch", watch.Cause(err))
	}
	return out, 0, nil
}

// content gives the answer its body. What is compressed is bounded before and
// after: there may be much in little, and nothing in much.
func (t *target) content(out *Response, res *http.Response, watch *httpwait.Watch) error {
	limit := t.req.MaxBytes
	coming := &wire{Reader: res.Body, watch: watch, left: limit, max: limit}
	out.Body = &body{Reader: coming, closer: res.Body, watch: watch, target: t}
	if !t.req.Compressed {
		return nil
	}
	switch encoding := strings.ToLower(res.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return nil
	case "gzip", "x-gzip":
		zr, err := gzip.NewReader(coming)
		if err != nil {
			return err
		}
		out.Body = &body{Reader: &wire{Reader: zr, left: limit, max: limit}, closer: res.Body, watch: watch, target: t}
		out.Size = -1
		return nil
	default:
		return fmt.Errorf("the server has encoded the content as %q, which it was not asked for", clip(encoding))
	}
}

// statusText is the status line, with the server's own words as far as they are
// fit to be shown.
func (t *target) statusText(res *http.Response) string {
	_, words, _ := strings.Cut(res.Status, " ")
	if words = strings.TrimSpace(t.safe(words)); words == "" {
		words = http.StatusText(res.StatusCode)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", res.StatusCode, words))
}

func tooLong(limit int64) error {
	return fmt.Errorf("the content is longer than %d bytes", limit)
}
