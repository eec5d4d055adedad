package repo_test

import (
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// noWait makes attempts follow each other at once.
func noWait(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// countWaits counts the waits between attempts, and makes them follow at once.
func countWaits(n *int) func(context.Context, time.Duration) error {
	return func(ctx context.Context, _ time.Duration) error {
		*n++
		return ctx.Err()
	}
}

// quiet is a logger for servers whose clients turn away.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func newGetter() *repo.HTTP {
	return repo.NewHTTP(repo.HTTPConfig{UserAgent: "pack/test", Wait: noWait, Timeout: 10 * time.Second})
}

// caFile writes the certificate of a TLS server into a file.
func caFile(t *testing.T, srv *httptest.Server) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, g repo.Getter, req repo.Request) (string, error) {
	t.Helper()
	data, err := repo.ReadAll(t.Context(), g, req)
	return string(data), err
}

func TestHTTPGet(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, ok := r.BasicAuth()
		fmt.Fprintf(w, "%s %q %q %v %q %q", r.URL, user, password, ok, r.UserAgent(), r.Header.Get("Accept"))
	}))
	t.Cleanup(srv.Close)
	got, err := read(t, newGetter(), repo.Request{
		URL: srv.URL + "/charts/index.yaml", Accept: "text/yaml",
		Access: repo.Access{CAFile: caFile(t, srv), Username: "me", Password: "secret"},
	})
	if want := `/charts/index.yaml "me" "secret" true "pack/test" "text/yaml"`; got != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

// TestCredentialsStay sees to it that nobody else gets them.
func TestCredentialsStay(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]string{}
	note := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			seen[name+r.URL.Path] = r.Header.Get("Authorization") + r.Header.Get("Cookie") + r.Header.Get("Referer")
			_, _ = io.WriteString(w, "ok")
		})
	}
	other := httptest.NewServer(note("other"))
	t.Cleanup(other.Close)
	mux := http.NewServeMux()
	mux.Handle("/here", note("home"))
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "secret"})
		http.Redirect(w, r, other.URL+"/redirected", http.StatusFound)
	})
	mux.HandleFunc("/back", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/here", http.StatusMovedPermanently)
	})
	home := httptest.NewServer(mux)
	t.Cleanup(home.Close)
	access := repo.Access{Username: "me", Password: "secret"}
	all := access
	all.PassAll = true
	withUser := strings.Replace(home.URL, "http://", "http://me:secret@", 1)
	for name, c := range map[string]struct {
		req  repo.Request
		at   string
		sent bool
	}{
		"same host":             {repo.Request{URL: home.URL + "/here", Access: access}, "home/here", true},
		"redirect on the host":  {repo.Request{URL: home.URL + "/back", Access: access}, "home/here", true},
		"redirect away":         {repo.Request{URL: home.URL + "/away", Access: access}, "other/redirected", false},
		"redirect away, all":    {repo.Request{URL: home.URL + "/away", Access: all}, "other/redirected", true},
		"other host":            {repo.Request{URL: other.URL + "/direct", Home: home.URL, Access: access}, "other/direct", false},
		"other host, all":       {repo.Request{URL: other.URL + "/direct", Home: home.URL, Access: all}, "other/direct", true},
		"in the URL":            {repo.Request{URL: withUser + "/here"}, "home/here", true},
		"in the URL, away":      {repo.Request{URL: withUser + "/away"}, "other/redirected", false},
		"user without password": {repo.Request{URL: home.URL + "/here", Access: repo.Access{Username: "me"}}, "home/here", false},
	} {
		// One after the other: they share what the servers note.
		if _, err := read(t, newGetter(), c.req); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		mu.Lock()
		got, ok := seen[c.at]
		delete(seen, c.at)
		mu.Unlock()
		if !ok || (got != "") != c.sent {
			t.Errorf("%s: %s was sent %q (asked: %v), and credentials are sent: %v", name, c.at, got, ok, c.sent)
		}
	}
}

func TestHTTPErrors(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/none", http.NotFound)
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "file:///etc/passwd")
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 2000)) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			_, _ = io.WriteString(w, strings.Repeat("x", 1000))
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "500")
		_, _ = io.WriteString(w, "x")
	})
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zw := gzip.NewWriter(w)
		_, _ = io.Copy(zw, io.LimitReader(zeros{}, 10<<20))
		_ = zw.Close()
	})
	mux.HandleFunc("/headers", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Big", strings.Repeat("x", 2<<20))
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		http.Error(w, "wrong password "+password, http.StatusUnauthorized)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	tls := httptest.NewUnstartedServer(mux)
	tls.Config.ErrorLog = quiet()
	tls.StartTLS()
	t.Cleanup(tls.Close)
	for name, c := range map[string]struct {
		req  repo.Request
		want string
	}{
		"not there":         {repo.Request{URL: srv.URL + "/none"}, "failed to fetch " + srv.URL + "/none : 404 Not Found"},
		"redirects":         {repo.Request{URL: srv.URL + "/loop"}, "stopped after 10 redirects"},
		"redirect to file":  {repo.Request{URL: srv.URL + "/file"}, "neither http nor https"},
		"too long":          {repo.Request{URL: srv.URL + "/long", MaxBytes: 1000}, "longer than 1000 bytes"},
		"endless":           {repo.Request{URL: srv.URL + "/endless", MaxBytes: 5000}, "longer than 5000 bytes"},
		"truncated":         {repo.Request{URL: srv.URL + "/short"}, "unexpected EOF"},
		"bomb":              {repo.Request{URL: srv.URL + "/bomb", MaxBytes: 1 << 20, Compressed: true}, "longer than 1048576 bytes"},
		"large headers":     {repo.Request{URL: srv.URL + "/headers"}, "server response headers exceeded"},
		"unknown authority": {repo.Request{URL: tls.URL + "/none"}, "certificate signed by unknown authority"},
		"no CA file":        {repo.Request{URL: tls.URL, Access: repo.Access{CAFile: "none.pem"}}, "can't read CA file"},
		"half a key pair":   {repo.Request{URL: tls.URL, Access: repo.Access{CertFile: "cert.pem"}}, "needs both"},
		"other scheme":      {repo.Request{URL: "ftp://example.com/x"}, `the scheme "ftp"`},
		"no host":           {repo.Request{URL: "http:///x"}, "names no host"},
		"secret":            {repo.Request{URL: srv.URL + "/echo?token=topsecret", Access: repo.Access{Username: "me", Password: "topsecret"}}, "401 Unauthorized"},
		"secret in the URL": {repo.Request{URL: "http://me:topsecret@127.0.0.1:1/x"}, "me:xxxxx@127.0.0.1:1"},
		"no URL":            {repo.Request{URL: "http://me:topsecret@%zz/"}, "cannot be parsed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, newGetter(), c.req)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "topsecret") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

// zeros are zeros without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestHTTPRetries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		fails  int32
		asked  int32
		ok     bool
	}{
		"passes":           {http.StatusServiceUnavailable, 2, 3, true},
		"too many":         {http.StatusTooManyRequests, 99, 4, false},
		"bad gateway":      {http.StatusBadGateway, 1, 2, true},
		"is not there":     {http.StatusNotFound, 99, 1, false},
		"may not":          {http.StatusForbidden, 99, 1, false},
		"closes":           {0, 1, 2, true},
		"closes each time": {0, 99, 4, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) > c.fails {
					return
				}
				if c.status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(c.status)
			}))
			t.Cleanup(srv.Close)
			var waited []time.Duration
			g := repo.NewHTTP(repo.HTTPConfig{Wait: func(_ context.Context, d time.Duration) error {
				waited = append(waited, d)
				return nil
			}})
			_, err := read(t, g, repo.Request{URL: srv.URL})
			if (err == nil) != c.ok || asked.Load() != c.asked {
				t.Errorf("%d requests, error %v", asked.Load(), err)
			}
			for _, d := range waited {
				if c.status != 0 && d < 7*time.Second {
					t.Errorf("waited %s, and Retry-After says 7s", d)
				}
			}
		})
	}
}

func TestHTTPConditional(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, "content")
	}))
	t.Cleanup(srv.Close)
	g := newGetter()
	res, err := g.Get(t.Context(), repo.Request{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.ETag != `"v1"` || res.NotModified {
		t.Errorf("%+v, %v", res, err)
	}
	res, err = g.Get(t.Context(), repo.Request{URL: srv.URL, ETag: res.ETag})
	if err != nil || !res.NotModified || res.Body != nil {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestHTTPCancel(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(srv.Close)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := newGetter().Get(ctx, repo.Request{URL: srv.URL})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestHTTPSilence(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/begun" {
			_, _ = io.WriteString(w, "x")
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	}))
	t.Cleanup(srv.Close)
	for _, path := range []string{"/none", "/begun"} {
		g := repo.NewHTTP(repo.HTTPConfig{Timeout: 50 * time.Millisecond, Retries: -1})
		if _, err := read(t, g, repo.Request{URL: srv.URL + path}); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

// TestBrokenContent holds that content that breaks off is asked for again, and
// not for ever.
func TestBrokenContent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		breaks, asked int32
		ok            bool
	}{
		"once":   {1, 2, true},
		"twice":  {2, 3, true},
		"always": {99, 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) <= c.breaks {
					w.Header().Set("Content-Length", "100")
					_, _ = io.WriteString(w, "apiVersion: v1\n")
					return
				}
				_, _ = io.WriteString(w, plainIndex)
			}))
			t.Cleanup(srv.Close)
			data, err := read(t, newGetter(), repo.Request{URL: srv.URL})
			if (err == nil) != c.ok || asked.Load() != c.asked || c.ok && data != plainIndex {
				t.Errorf("%d requests, %d bytes, %v", asked.Load(), len(data), err)
			}
			asked.Store(0)
			cache := &repo.IndexCache{Dir: t.TempDir()}
			fetched, err := cache.Update(t.Context(), newGetter(), repo.Entry{Name: "r", URL: srv.URL})
			if (err == nil) != c.ok || asked.Load() != c.asked || c.ok != fetched {
				t.Errorf("%d requests, fetched: %v, %v", asked.Load(), fetched, err)
			}
		})
	}
}

// TestHTTPCompression holds that what is compressed on the way is decompressed
// where that was asked for, and archives are left as they are.
func TestHTTPCompression(t *testing.T) {
	t.Parallel()
	archive := string(gzipped("an archive"))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/plain" {
			_, _ = io.WriteString(w, r.Header.Get("Accept-Encoding"))
			return
		}
		w.Header().Set("Content-Encoding", r.URL.Path[1:])
		_, _ = io.WriteString(w, archive)
	}))
	t.Cleanup(srv.Close)
	for name, c := range map[string]struct {
		path       string
		compressed bool
		want       string
	}{
		"asked for, and not done": {"/plain", true, "gzip"},
		"not asked for":           {"/plain", false, ""},
		"gzip":                    {"/gzip", true, "an archive"},
		"by another name":         {"/X-GZIP", true, "an archive"},
		"an archive":              {"/gzip", false, archive},
		"identity":                {"/identity", true, archive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, newGetter(), repo.Request{URL: srv.URL + c.path, Compressed: c.compressed})
			if got != c.want || err != nil {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}
