// Package kube reaches Kubernetes: it implements release.Cluster and
// release.Store over HTTP. It is the only package that links client-go, and of
// that only what finds the server and proves who is asking (rest, clientcmd);
// requests, discovery and watches are its own, because the typed clients would
// cost every run of pack more than the work itself.
//
// Nothing reads the environment or a default location: LoadConfig is told the
// files. What client-go does by itself remains: a kubeconfig's credential
// plugin runs with the environment of the process, and proxies of the
// environment are used.
package kube

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"

	"github.com/seed-0d4f92cc/pack/internal/atomics"
	"github.com/seed-0d4f92cc/pack/internal/listkeys"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// userAgent is sent where the configuration names none.
const userAgent = "pack"

// The defaults of Options.
const (
	defaultRetryFor     = 30 * time.Second
	defaultPollInterval = 2 * time.Second
	defaultPageSize     = 500
	defaultParallel     = 32
)

// Options say how a Client works.
type Options struct {
	// Context is the name of the kubeconfig's context, for messages; empty
	// means that there is none.
	Context string
	// Logger takes the server's warnings, retries and what is passed over; nil
	// discards them.
	Logger *slog.Logger
	// RetryFor bounds how long one request is tried again after failures that
	// may pass; 0 means 30 seconds, less than 0 means that none is.
	RetryFor time.Duration
	// PollInterval is how often objects are read that may not be watched, and
	// how soon a watch that was cut off is taken up again; 0 means 2 seconds.
	PollInterval time.Duration
	// PageSize is how many objects one page of a list holds, but of lists that are
	// read object by object; 0 means 500.
	PageSize int
	// Parallel bounds the requests that one call has under way at once; 0
	// means 32: a server spends most of a write waiting for its store.
	Parallel int
	// Now is the clock of records; nil means time.Now.
	Now func() time.Time
	// Readiness says of objects when they are ready; nil leaves it to them.
	Readiness *Readiness
}

// Client reaches one cluster as one user. It is safe for concurrent use, and
// remembers nothing but the server's APIs.
type Client struct {
	opts    Options
	limiter *rate.Limiter
	connect func() (*connection, error)
	// listKeys is how lists of built-in kinds are merged.
	listKeys func() *listkeys.Table
	// atomics are the fields of built-in kinds that are applied as a whole.
	atomics func() *atomics.Table
	reached atomic.Bool // the server has answered before
	outage  atomic.Bool // it has been failing, and that was logged
	// ahead is by how much the server's clock is ahead of the one here, as its last
	// answer told.
	ahead  atomic.Int64
	warned sync.Map // warnings of the server that have been logged

	mu    sync.Mutex
	apis  *apis // what the server serves; nil until asked
	hints *apis // what definitions that were built say of their kinds
}

// connection is what is made of a configuration before the first request.
type connection struct {
	http *http.Client
	base *url.URL
	// credentials is who is asked for them; empty if nobody is.
	credentials string
	// late: that they take long has been said.
	late sync.Once
}

var (
	_ release.Cluster        = (*Client)(nil)
	_ release.MetadataReader = (*Client)(nil)
)

// New returns a client for the cluster of cfg. It does no I/O: files that cfg
// names are read by the first request.
func New(cfg *rest.Config, opts Options) (*Client, error) {
	if cfg == nil {
		return nil, fmt.Errorf("kube: %w was given", ErrNoConfig)
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.RetryFor == 0 {
		opts.RetryFor = defaultRetryFor
	}
	if opts.PollInterval <= 0 {
		opts.PollInterval = defaultPollInterval
	}
	if opts.PageSize <= 0 {
		opts.PageSize = defaultPageSize
	}
	if opts.Parallel <= 0 {
		opts.Parallel = defaultParallel
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	cfg = rest.CopyConfig(cfg)
	if cfg.UserAgent == "" {
		cfg.UserAgent = userAgent
	}
	c := &Client{opts: opts, hints: newAPIs()}
	if cfg.QPS > 0 {
		c.limiter = rate.NewLimiter(rate.Limit(cfg.QPS), max(cfg.Burst, 1))
	}
	c.listKeys = sync.OnceValue(listkeys.Load)
	c.atomics = sync.OnceValue(atomics.Load)
	c.connect = sync.OnceValues(func() (*connection, error) { return newConnection(cfg) })
	return c, nil
}

func newConnection(cfg *rest.Config) (*connection, error) {
	base, _, err := rest.DefaultServerUrlFor(cfg)
	if err != nil && strings.Contains(cfg.Host, "@") {
		err = errors.New("it is neither a URL nor HOST:PORT") // the error repeats it, with a password
	}
	if err != nil {
		return nil, fmt.Errorf("address of the API server: %w", err)
	}
	base.RawQuery, base.Fragment = "", "" // which are not sent, and may be a token
	client, err := rest.HTTPClientFor(withTokenFile(cfg))
	if err != nil {
		return nil, fmt.Errorf("preparing the connection to %s: %w", base.Redacted(), err)
	}
	own := *client
	own.CheckRedirect = stayThere
	return &connection{http: &own, base: base, credentials: credentialsFrom(cfg)}, nil
}

// maxRedirects bounds how often one request is sent elsewhere.
const maxRedirects = 5

// stayThere lets a server redirect to itself alone: what proves who is asking goes with
// every request, and another host must not see it.
func stayThere(req *http.Request, via []*http.Request) error {
	from := via[0].URL
	if req.URL.Scheme != from.Scheme || req.URL.Host != from.Host {
		return fmt.Errorf("the API server redirects to %s://%s, which is not followed: check the server's address in the kubeconfig",
			req.URL.Scheme, req.URL.Host)
	}
	if len(via) > maxRedirects {
		return fmt.Errorf("the API server redirects more than %d times", maxRedirects)
	}
	return nil
}

// Close ends idle connections. The client can be used again.
func (c *Client) Close() {
	if conn, err := c.connect(); err == nil {
		utilnet.CloseIdleConnectionsFor(conn.http.Transport)
	}
}
