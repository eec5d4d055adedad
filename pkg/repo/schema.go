package repo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/httpwait"
	"github.com/seed-0d4f92cc/pack/internal/transports"
)

// Limits on what the schemas of charts refer to.
const (
	// schemaTime is how long one document may take, as in Helm, schemasTime how long
	// all may, and schemasBytes how large all may be.
	schemaTime   = 15 * time.Second
	schemasTime  = time.Minute
	schemasBytes = 16 << 20
)

// errNotHTTPS: the chart may be a stranger's, and what answers without TLS is, more often
// than not, something inside that was not meant for it.
var errNotHTTPS = errors.New("schemas are fetched by https alone: put the document into the chart and refer to it by its path")

// schemaFetcher reads JSON schemas that others refer to.
type schemaFetcher struct {
	ctx    context.Context //nolint:containedctx // Fetch has none; it ends with what asks for it.
	client *http.Client
	agent  string

	mu    sync.Mutex
	known map[string][]byte
	left  int64
	until time.Time
}

// FetchSchemas returns what reads documents that the schemas of charts refer to
// (chart.ConfigureOptions.FetchSchema), until ctx ends: by https alone, redirects too,
// without credentials, each once. One may take 15 seconds, all a minute and 16 MiB. Of cfg
// UserAgent and Proxy count. The texts of errors are Helm's.
func FetchSchemas(ctx context.Context, cfg HTTPConfig) func(url string) ([]byte, error) {
	pool := &transports.Pool{Proxy: cfg.Proxy, Timeout: schemaTime}
	f := &schemaFetcher{ctx: ctx, agent: cfg.UserAgent, known: map[string][]byte{}, left: schemasBytes}
	return func(url string) ([]byte, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if data, ok := f.known[url]; ok {
			return data, nil
		}
		if f.client == nil {
			transport, err := pool.Get(transports.Files{})
			if err != nil {
				return nil, err
			}
			f.client = &http.Client{Transport: transport, CheckRedirect: onlyHTTPS}
			f.until = time.Now().Add(schemasTime)
		}
		data, err := f.get(url)
		if err == nil {
			f.known[url] = data
		}
		return data, err
	}
}

func onlyHTTPS(next *http.Request, via []*http.Request) error {
	if len(via) >= httpwait.MaxRedirects {
		return fmt.Errorf("stopped after %d redirects", httpwait.MaxRedirects)
	}
	if next.URL.Scheme != "https" {
		return errNotHTTPS
	}
	return nil
}

func (f *schemaFetcher) get(at string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(f.ctx, min(schemaTime, time.Until(f.until)))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("failed to create HTTP request for %s: %w", Redact(at), withoutSecrets(err))
	}
	if req.URL.Scheme != "https" {
		return nil, errNotHTTPS
	}
	req.Header.Set("User-Agent", f.agent)
	res, err := f.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("HTTP request failed for %s: %w", Redact(at), withoutSecrets(err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP request to %s returned status %d (%s)", Redact(at), res.StatusCode, http.StatusText(res.StatusCode))
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, f.left+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("HTTP request failed for %s: %w", Redact(at), err)
	case int64(len(data)) > f.left:
		return nil, fmt.Errorf("%s: what the schemas refer to is larger than %d bytes", Redact(at), schemasBytes)
	}
	f.left -= int64(len(data))
	return data, nil
}

// withoutSecrets is an error of net/http, whose URL is not shown as it is.
func withoutSecrets(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		shown := *e
		shown.URL = Redact(e.URL)
		return &shown
	}
	return err
}
