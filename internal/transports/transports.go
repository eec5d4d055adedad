// Package transports keeps connections to HTTP servers, apart by how they are
// secured.
package transports

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Pool makes transports and keeps them. The zero value uses no proxy and waits
// for answers without end. It is safe for concurrent use.
type Pool struct {
	// Proxy returns the proxy for a request; nil uses none.
	Proxy func(*http.Request) (*url.URL, error)
	// Timeout bounds how long an answer may take to begin; 0 means no bound.
	Timeout time.Duration

	mu   sync.Mutex
	kept map[Files]*http.Transport
}

// maxHeaderBytes bounds the headers of an answer, maxHandshake how long it takes
// until a connection is secured.
const (
	maxHeaderBytes = 1 << 20
	maxHandshake   = 30 * time.Second
)

// Get returns the transport for connections that are secured by these files,
// which are read once.
func (p *Pool) Get(files Files) (*http.Transport, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.kept[files]; t != nil {
		return t, nil
	}
	config, err := files.config()
	if err != nil {
		return nil, fmt.Errorf("can't create TLS config for client: %w", err)
	}
	t := p.transport(config)
	if p.kept == nil {
		p.kept = map[Files]*http.Transport{}
	}
	p.kept[files] = t
	return t, nil
}

func (p *Pool) transport(config *tls.Config) *http.Transport {
	handshake := maxHandshake
	if p.Timeout > 0 {
		handshake = min(handshake, p.Timeout)
	}
	return &http.Transport{
		Proxy:                  p.Proxy,
		TLSClientConfig:        config,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		TLSHandshakeTimeout:    handshake,
		ResponseHeaderTimeout:  p.Timeout,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConnsPerHost:    8,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// CloseIdle closes connections that nobody uses.
func (p *Pool) CloseIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.kept {
		t.CloseIdleConnections()
	}
}

// SameOrigin says whether two URLs have the same scheme, host and port.
func SameOrigin(a, b *url.URL) bool {
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
