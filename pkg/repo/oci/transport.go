package oci

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/seed-0d4f92cc/pack/internal/httpwait"
	"github.com/seed-0d4f92cc/pack/internal/transports"
)

// transport sends requests again that may succeed then, and ends those that
// nothing comes of.
type transport struct {
	base http.RoundTripper
	cfg  Config
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	for attempt := 0; ; attempt++ {
		res, err := t.once(req)
		wait := worthAnother(res, err)
		if wait < 0 || attempt >= t.cfg.Retries || ctx.Err() != nil {
			return res, err
		}
		next, ok := rewound(req)
		if !ok {
			return res, err
		}
		if res != nil {
			_ = res.Body.Close()
		}
		wait = max(wait, httpwait.Backoff(attempt))
		t.cfg.Log.Debug("request failed, and is sent again", "method", req.Method, "host", req.URL.Host, "path", req.URL.Path, "wait", wait)
		if waitErr := t.cfg.Wait(ctx, wait); waitErr != nil {
			return nil, waitErr
		}
		req = next
	}
}

func worthAnother(res *http.Response, err error) time.Duration {
	if err != nil {
		return httpwait.AfterError(err)
	}
	return httpwait.AfterAnswer(res)
}

// passing says how long to wait before something is worth another attempt that
// failed with an error, below 0 for never: what breaks off, or what a server may
// do later.
func passing(err error) time.Duration {
	if answer, ok := errors.AsType[*errcode.ErrorResponse](err); ok {
		return httpwait.AfterAnswer(&http.Response{StatusCode: answer.StatusCode})
	}
	return httpwait.AfterError(err)
}

// rewound is the request with its body from the start, if that can be had.
func rewound(req *http.Request) (*http.Request, bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, false
	}
	next := req.Clone(req.Context())
	next.Body = body
	return next, true
}

// once sends a request. Each piece of its body that is sent, and of the answer
// that is read, shows that the server is there.
func (t *transport) once(req *http.Request) (*http.Response, error) {
	watch := httpwait.NewWatch(req.Context(), t.cfg.Timeout)
	sent := req.WithContext(watch.Context)
	if req.Body != nil && req.Body != http.NoBody {
		sent.Body = &sentBody{ReadCloser: req.Body, watch: watch}
	}
	res, err := t.base.RoundTrip(sent)
	if err != nil {
		err = watch.Cause(err)
		watch.Stop()
		t.cfg.Log.Debug("no answer", "method", req.Method, "host", req.URL.Host, "path", req.URL.Path, "error", err)
		return nil, err
	}
	t.cfg.Log.Debug("answer", "method", req.Method, "host", req.URL.Host, "path", req.URL.Path, "status", res.StatusCode)
	res.Body = &readBody{ReadCloser: res.Body, watch: watch}
	return res, nil
}

type sentBody struct {
	io.ReadCloser
	watch *httpwait.Watch
}

func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.watch.Alive()
	return n, err
}

type readBody struct {
	io.ReadCloser
	watch *httpwait.Watch
}

func (b *readBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == nil && n > 0 {
		err = b.watch.Came(n)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.watch.Cause(err)
	}
	return n, err
}

func (b *readBody) Close() error {
	b.watch.Stop()
	return b.ReadCloser.Close()
}

// checkRedirect follows redirects where they are harmless. What is read is
// checked by its digest; but what is sent, such as the password in the body of
// an OAuth2 request, goes to no other host, and neither do credentials: net/http
// takes them from the first request for each that follows, whatever was taken off
// one in between.
func checkRedirect(next *http.Request, via []*http.Request) error {
	first, before := via[0].URL, via[len(via)-1].URL
	next.Header.Del("Referer") // with the query of the URL before
	if !transports.SameOrigin(first, next.URL) {
		next.Header.Del("Authorization")
		next.Header.Del("Cookie")
	}
	switch {
	case len(via) >= httpwait.MaxRedirects:
		return fmt.Errorf("stopped after %d redirects", httpwait.MaxRedirects)
	case next.URL.Scheme != "https" && next.URL.Scheme != "http":
		return fmt.Errorf("redirected to %q, which is neither http nor https", next.URL.Scheme)
	case before.Scheme == "https" && next.URL.Scheme != "https":
		return fmt.Errorf("redirected from https to http, at %s", next.URL.Host)
	case next.Method != http.MethodGet && next.Method != http.MethodHead && !transports.SameOrigin(before, next.URL):
		return fmt.Errorf("a %s request is redirected to another host, %s", next.Method, next.URL.Host)
	}
	return nil
}
