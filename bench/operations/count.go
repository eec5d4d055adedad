//go:build unix

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/seed-0d4f92cc/pack/internal/testcluster"
)

// cost is what one run asks of the API server.
type cost struct {
	// requests is their number, sent and received are the bytes of their bodies as
	// the programs see them.
	requests, sent, received int64
}

// counter is a proxy before the API server that counts.
type counter struct {
	server     *httptest.Server
	kubeconfig string

	requests, sent, received atomic.Int64
}

func newCounter(cluster *testcluster.Cluster, dir string) (*counter, error) {
	target, err := url.Parse(cluster.Server())
	if err != nil {
		return nil, err
	}
	c := &counter{kubeconfig: filepath.Join(dir, "counted")}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport, proxy.FlushInterval = cluster.Transport(), -1
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		r.Body = &counted{ReadCloser: r.Body, n: &c.sent}
		proxy.ServeHTTP(&countedWriter{ResponseWriter: w, n: &c.received}, r)
	}))
	text := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c,
clusters: [{name: c, cluster: {server: %q}}], users: [{name: u, user: {}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`, c.server.URL)
	return c, os.WriteFile(c.kubeconfig, []byte(text), 0o600)
}

func (c *counter) cost() cost {
	return cost{requests: c.requests.Load(), sent: c.sent.Load(), received: c.received.Load()}
}

func (c *counter) close() { c.server.Close() }

type counted struct {
	io.ReadCloser
	n *atomic.Int64
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}

type countedWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

// Write implements io.Writer.
func (c *countedWriter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.n.Add(int64(n))
	return n, err
}

// Unwrap lets the proxy flush.
func (c *countedWriter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
