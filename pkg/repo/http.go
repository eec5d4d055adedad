package repo

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/httpwait"
	"github.com/seed-0d4f92cc/pack/internal/transports"
)

// HTTPConfig is how an HTTP getter works.
type HTTPConfig struct {
	// UserAgent is sent with every request.
	UserAgent string
	// Proxy returns the proxy for a request, as http.Transport.Proxy does; nil
	// uses none.
	Proxy func(*http.Request) (*url.URL, error)
	// Timeout bounds how long a server may say nothing: until it answers, and
	// between two pieces of its answer. After that time an answer must also come
	// in at ten kilobytes a second. 0 means 120 seconds.
	Timeout time.Duration
	// Retries is how often a request is sent again that failed in a way which
	// may pass; 0 means 3, below 0 never.
	Retries int
	// Wait waits between two attempts, until the context ends; nil sleeps.
	Wait func(ctx context.Context, d time.Duration) error
	// Log is told of requests and attempts; nil tells nobody.
	Log *slog.Logger
}

// HTTP is the Getter for http and https. Credentials go to the scheme, host and
// port that they belong to, on redirects too; other hosts get them only with
// Access.PassAll. It is safe for concurrent use.
type HTTP struct {
	cfg  HTTPConfig
	pool *transports.Pool
}

// NewHTTP returns a getter. It does nothing yet.
func NewHTTP(cfg HTTPConfig) *HTTP {
	httpwait.Settle(&cfg.Timeout, &cfg.Retries, &cfg.Wait)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &HTTP{cfg: cfg, pool: &transports.Pool{Proxy: cfg.Proxy, Timeout: cfg.Timeout}}
}

// Get sends a GET request and returns the answer to it, if that is 200, or 304
// for what is at hand.
func (h *HTTP) Get(ctx context.Context, req Request) (*Response, error) {
	if req.MaxBytes <= 0 {
		req.MaxBytes = DefaultMaxBytes
	}
	t, err := newTarget(req)
	if err != nil {
		return nil, &Error{Op: "fetch", URL: req.URL, Err: err}
	}
	client, err := h.client(t)
	if err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		res, wait, err := h.try(ctx, client, t)
		if err == nil {
			return res, nil
		}
		if wait < 0 || attempt >= h.cfg.Retries || ctx.Err() != nil {
			return nil, err
		}
		wait = max(wait, httpwait.Backoff(attempt))
		h.cfg.Log.Debug("request failed, and is sent again", "url", Redact(req.URL), "error", err, "wait", wait)
		if h.cfg.Wait(ctx, wait) != nil {
			return nil, err
		}
	}
}

// try sends the request once. An error comes with how long to wait before it is
// worth another attempt; below 0 it never is.
func (h *HTTP) try(ctx context.Context, client *http.Client, t *target) (*Response, time.Duration, error) {
	watch := httpwait.NewWatch(ctx, h.cfg.Timeout)
	res, err := client.Do(t.request(watch.Context, h.cfg.UserAgent))
	if err != nil {
		err = watch.Cause(err)
		watch.Stop()
		return nil, httpwait.AfterError(err), t.failed("Get", err)
	}
	h.cfg.Log.Debug("fetched", "url", Redact(t.req.URL), "status", res.StatusCode, "length", res.ContentLength)
	out, wait, err := t.response(res, watch)
	if err != nil {
		watch.Stop()
		_ = res.Body.Close()
		return nil, wait, err
	}
	return out, 0, nil
}

// client is an http.Client over the transport for the access of a request. It
// follows redirects by the rules for credentials.
func (h *HTTP) client(t *target) (*http.Client, error) {
	transport, err := h.pool.Get(t.req.Access.files())
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Transport: transport,
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			if len(via) >= httpwait.MaxRedirects {
				return fmt.Errorf("stopped after %d redirects", httpwait.MaxRedirects)
			}
			if s := next.URL.Scheme; s != "http" && s != "https" {
				return fmt.Errorf("redirected to %q, which is neither http nor https", s)
			}
			t.authorize(next)
			return nil
		},
	}, nil
}

// CloseIdleConnections closes connections that nobody uses.
func (h *HTTP) CloseIdleConnections() { h.pool.CloseIdle() }
