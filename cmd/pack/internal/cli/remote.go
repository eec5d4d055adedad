package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/net/http/httpproxy"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// fetcher is what finds and fetches charts that are not on this machine, offline
// only those that are in the caches.
func (s *session) fetcher(offline bool) *repo.Fetcher {
	cfg := s.fetcherConfig()
	cfg.Offline = offline
	return repo.NewFetcher(cfg)
}

func (s *session) fetcherConfig() repo.FetcherConfig {
	return repo.FetcherConfig{
		Getter:       s.getter,
		Registry:     s.registry,
		Repositories: s.repositories,
		Indexes:      s.indexes(),
		Content:      repo.ContentCache{Dir: s.path(s.Paths.ContentCache)},
		Trust:        s.trust(),
		Log:          s.Log,
	}
}

// getter is what opens URLs of a scheme.
func (s *session) getter(scheme string) (repo.Getter, error) {
	g, err := s.findGetter(scheme)
	if err == nil && g == nil {
		err = &advisedError{fmt.Errorf("scheme %q not supported", scheme), "Charts come from http://, https:// and oci://; plugins add other schemes: 'pack plugin list --type getter/v1' shows those that there are."}
	}
	return g, err
}

// findGetter is getter; nil if there is none.
func (s *session) findGetter(scheme string) (repo.Getter, error) {
	switch scheme {
	case "http", "https":
		return s.web(), nil
	}
	return s.pluginGetter(scheme)
}

// web is the getter for http and https. All that use it share its connections.
func (s *session) web() *repo.HTTP {
	s.httpOnce.Do(func() {
		s.http = repo.NewHTTP(repo.HTTPConfig{UserAgent: s.userAgent(), Proxy: s.proxy(), Log: s.Log})
	})
	return s.http
}

// userAgent is what servers are told of this program.
func (s *session) userAgent() string { return "pack/" + s.Build.Version }

// fetchSchemas reads what the schemas of charts refer to by https.
func (s *session) fetchSchemas(ctx context.Context) func(url string) ([]byte, error) {
	return repo.FetchSchemas(ctx, repo.HTTPConfig{UserAgent: s.userAgent(), Proxy: s.proxy()})
}

// proxy is which proxy the environment wants for a request.
func (s *session) proxy() func(*http.Request) (*url.URL, error) {
	env := func(names ...string) string {
		for _, name := range names {
			if v, _ := s.Env(name); v != "" {
				return v
			}
		}
		return ""
	}
	config := httpproxy.Config{
		HTTPProxy:  env("HTTP_PROXY", "http_proxy"),
		HTTPSProxy: env("HTTPS_PROXY", "https_proxy"),
		NoProxy:    env("NO_PROXY", "no_proxy"),
		CGI:        env("REQUEST_METHOD") != "",
	}
	choose := config.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return choose(r.URL) }
}

// repositories are the configured ones.
func (s *session) repositories() (*repo.Repositories, error) {
	defer s.opening(s.Paths.RepositoryConfig)()
	return repo.ReadRepositories(s.path(s.Paths.RepositoryConfig))
}

// indexes are the cached indexes of repositories.
func (s *session) indexes() *repo.IndexCache {
	return &repo.IndexCache{Dir: s.path(s.Paths.RepositoryCache), Log: s.Log}
}
