package oci

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/seed-0d4f92cc/pack/internal/httpwait"
	"github.com/seed-0d4f92cc/pack/internal/transports"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// Config is how a Client works. The zero value knows no logins.
type Config struct {
	// UserAgent is sent with every request.
	UserAgent string
	// CredentialsFile holds the logins, in Docker's format; Login writes it.
	CredentialsFile string
	// DockerConfigFile is Docker's own file, which is only read, where the other
	// has nothing for a registry.
	DockerConfigFile string
	// Proxy returns the proxy for a request, as http.Transport.Proxy does; nil
	// uses none.
	Proxy func(*http.Request) (*url.URL, error)
	// Timeout bounds how long a server may say nothing; 0 means 120 seconds.
	Timeout time.Duration
	// Retries is how often a request is sent again that failed in a way which
	// may pass; 0 means 3, below 0 never.
	Retries int
	// Wait waits between two attempts, until the context ends; nil sleeps.
	Wait func(ctx context.Context, d time.Duration) error
	// Log is told of requests, and warned of what is outdated; nil tells nobody.
	Log *slog.Logger
}

const (
	// maxPages and maxTags bound the lists of tags, maxReferrerPages those of what
	// refers to a manifest.
	maxPages         = 1_000
	maxTags          = 500_000
	maxReferrerPages = 100
)

// Client reaches registries. It is safe for concurrent use, and keeps tokens and
// connections for as long as it is used.
type Client struct {
	cfg  Config
	pool *transports.Pool

	mu       sync.Mutex
	sessions map[sessionKey]*auth.Client
	logins   *logins
}

var _ repo.Registry = (*Client)(nil)

// New returns a client. It does nothing yet.
func New(cfg Config) *Client {
	httpwait.Settle(&cfg.Timeout, &cfg.Retries, &cfg.Wait)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Client{
		cfg: cfg, pool: &transports.Pool{Proxy: cfg.Proxy, Timeout: cfg.Timeout}, sessions: map[sessionKey]*auth.Client{},
		logins: &logins{file: cfg.CredentialsFile, docker: cfg.DockerConfigFile, log: cfg.Log},
	}
}

// Open returns the repository ("host/path") as oras-go has it, with this client's
// logins, bounds and attempts, for what this package has no call for. Its errors
// are better shown after Tidy.
func (c *Client) Open(repository string, access repo.Access) (*remote.Repository, error) {
	host, _, _ := strings.Cut(repository, "/")
	if err := checkHost(host); err != nil {
		return nil, err
	}
	r, err := remote.NewRepository(repository)
	if err != nil {
		return nil, err
	}
	if r.Client, err = c.session(r.Reference.Registry, access); err != nil {
		return nil, err
	}
	r.PlainHTTP = access.PlainHTTP
	r.TagListMaxPages, r.ReferrerListMaxPages = maxPages, maxReferrerPages
	r.MaxMetadataBytes = maxManifest
	return r, nil
}

// sessionKey is what tokens are kept for.
type sessionKey struct {
	host           string
	tls            transports.Files
	user, password string
}

// session is what requests to a registry are sent with.
func (c *Client) session(host string, a repo.Access) (*auth.Client, error) {
	key := sessionKey{host: host, tls: filesOf(a), user: a.Username, password: a.Password}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.sessions[key]; s != nil {
		return s, nil
	}
	s, err := c.newSession(a)
	if err != nil {
		return nil, err
	}
	s.Credential = c.logins.forHost(host)
	if a.Username != "" && a.Password != "" {
		s.Credential = auth.StaticCredential(host, auth.Credential{Username: a.Username, Password: a.Password})
	}
	c.sessions[key] = s
	return s, nil
}

// newSession is a session without credentials; c.mu is held.
func (c *Client) newSession(a repo.Access) (*auth.Client, error) {
	base, err := c.pool.Get(filesOf(a))
	if err != nil {
		return nil, err
	}
	s := &auth.Client{
		Client:   &http.Client{Transport: &transport{base: base, cfg: c.cfg}, CheckRedirect: checkRedirect},
		Cache:    auth.NewCache(),
		ClientID: "pack",
	}
	s.SetUserAgent(c.cfg.UserAgent)
	return s, nil
}

func filesOf(a repo.Access) transports.Files {
	return transports.Files{CA: a.CAFile, Cert: a.CertFile, Key: a.KeyFile, Insecure: a.InsecureSkipVerify}
}

// CloseIdleConnections closes connections that nobody uses.
func (c *Client) CloseIdleConnections() { c.pool.CloseIdle() }
