package repo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/provenance"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// shop is a repository with a registry beside it, and who asks for what there.
type shop struct {
	url   string
	files map[string]string

	mu    sync.Mutex
	asked []string
	tags  []string
	log   strings.Builder
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{files: map[string]string{"/web-1.0.0.tgz": "one", "/web-2.0.0.tgz": "two", "/web-2.0.0.tgz.prov": "signed"}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		user, _, _ := r.BasicAuth()
		s.asked = append(s.asked, strings.TrimSpace(r.URL.Path+" "+user))
		text, ok := s.files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	s.files["/index.yaml"] = fmt.Sprintf(`apiVersion: v1
entries:
  web:
  - {name: web, version: 1.0.0, urls: [web-1.0.0.tgz], digest: %q}
  - {name: web, version: 2.0.0, urls: [web-2.0.0.tgz]}
  - {name: web, version: 3.0.0-rc.1, urls: [nowhere.tgz]}
  bad:
  - {name: bad, version: 1.0.0, urls: [web-1.0.0.tgz], digest: %q}
  odd:
  - {name: odd, version: 1.0.0, urls: [web-1.0.0.tgz], digest: "md5:00"}
  none:
  - {name: none, version: 1.0.0, urls: []}
`, repo.DigestOf([]byte("one")), strings.Repeat("ab", 32))
	return s
}

// take forgets what was asked for, and returns it.
func (s *shop) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

func (s *shop) Versions(_ context.Context, repository string, _ repo.Access) ([]string, error) {
	s.asked = append(s.asked, "tags "+repository)
	return s.tags, nil
}

func (s *shop) Resolve(context.Context, string, repo.Access) (string, error) {
	return "", errors.New("nobody resolves")
}

// pulledDigest is that of the one manifest that the shop's registry has.
const pulledDigest = "sha256:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func (s *shop) Pull(_ context.Context, ref string, opts repo.PullOptions) (*repo.Pulled, error) {
	s.asked = append(s.asked, "pull "+ref)
	p := &repo.Pulled{Ref: ref, Digest: pulledDigest, Name: "web", Version: "1.2.3", Chart: []byte("pulled")}
	if opts.Provenance {
		p.Provenance = []byte("signed")
	}
	return p, nil
}

// fetcher is one that knows the shop as "shop", whose index it has.
func (s *shop) fetcher(t *testing.T, change func(*repo.FetcherConfig)) *repo.Fetcher {
	t.Helper()
	entry := repo.Entry{Name: "shop", URL: s.url, Access: repo.Access{Username: "me", Password: "secret"}}
	cfg := repo.FetcherConfig{
		Getter:   func(string) (repo.Getter, error) { return newGetter(), nil },
		Registry: func() (repo.Registry, error) { return s, nil },
		Repositories: func() (*repo.Repositories, error) {
			r := &repo.Repositories{}
			r.Set(entry)
			r.Set(repo.Entry{Name: "new", URL: s.url + "/new"})
			return r, nil
		},
		Indexes: &repo.IndexCache{Dir: t.TempDir()},
		Content: repo.ContentCache{Dir: t.TempDir()},
		Log:     slog.New(slog.NewTextHandler(&s.log, nil)),
	}
	if _, err := cfg.Indexes.Update(t.Context(), newGetter(), entry); err != nil {
		t.Fatal(err)
	}
	s.take()
	if change != nil {
		change(&cfg)
	}
	return repo.NewFetcher(cfg)
}

func TestFetch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		req   repo.FetchRequest
		data  string
		asked []string
	}{
		"highest":         {repo.FetchRequest{Ref: " shop/web "}, "two", []string{"/web-2.0.0.tgz me"}},
		"constraint":      {repo.FetchRequest{Ref: "shop/web", Version: "^1"}, "one", []string{"/web-1.0.0.tgz me"}},
		"by URL":          {repo.FetchRequest{Ref: "SHOP/web-1.0.0.tgz"}, "one", []string{"/web-1.0.0.tgz me"}},
		"repository":      {repo.FetchRequest{Ref: "web", Repo: "SHOP", Version: "1.0.0"}, "one", []string{"/index.yaml", "/web-1.0.0.tgz"}},
		"with a password": {repo.FetchRequest{Ref: "web", Repo: "SHOP", Access: repo.Access{Username: "you", Password: "x"}}, "two", []string{"/index.yaml you", "/web-2.0.0.tgz you"}},
		"provenance":      {repo.FetchRequest{Ref: "shop/web", Provenance: repo.ProvenanceFetch}, "two", []string{"/web-2.0.0.tgz me", "/web-2.0.0.tgz.prov me"}},
		"tag":             {repo.FetchRequest{Ref: "oci://e.com/web:1.2.3"}, "pulled", []string{"pull e.com/web:1.2.3"}},
		"version":         {repo.FetchRequest{Ref: "oci://e.com/web", Version: "1.2.3+b"}, "pulled", []string{"pull e.com/web:1.2.3+b"}},
		"both":            {repo.FetchRequest{Ref: "oci://e.com/web:1.2.3", Version: "1.2.3"}, "pulled", []string{"pull e.com/web:1.2.3"}},
		"range":           {repo.FetchRequest{Ref: "oci://e.com/web", Version: "~1.1"}, "pulled", []string{"tags e.com/web", "pull e.com/web:1.1.9"}},
		"no version":      {repo.FetchRequest{Ref: "oci://e.com:5000/web"}, "pulled", []string{"tags e.com:5000/web", "pull e.com:5000/web:1.2.3"}},
		"devel":           {repo.FetchRequest{Ref: "oci://e.com/web", Devel: true}, "pulled", []string{"tags e.com/web", "pull e.com/web:2.0.0-rc.1"}},
		"devel and tag":   {repo.FetchRequest{Ref: "oci://e.com/web:1.2.3", Devel: true}, "pulled", []string{"pull e.com/web:1.2.3"}},
		"digest":          {repo.FetchRequest{Ref: "oci://e.com/web@" + repo.DigestOf(nil)}, "pulled", []string{"pull e.com/web@" + repo.DigestOf(nil)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.tags = []string{"2.0.0-rc.1", "1.2.3", "1.1.9", "1.1.0"}
			f := s.fetcher(t, nil)
			c.req.Ref = strings.Replace(c.req.Ref, "SHOP", s.url, 1)
			c.req.Repo = strings.Replace(c.req.Repo, "SHOP", s.url, 1)
			a, err := f.Fetch(t.Context(), c.req)
			if err != nil {
				t.Fatal(err)
			}
			if string(a.Data) != c.data || a.Digest != repo.DigestOf(a.Data) {
				t.Errorf("%q, %s", a.Data, a.Digest)
			}
			if asked := s.take(); !slices.Equal(asked, c.asked) {
				t.Errorf("asked %q, want %q", asked, c.asked)
			}
			if (a.Provenance != nil) != (c.req.Provenance > repo.ProvenanceIgnore) {
				t.Errorf("provenance %q", a.Provenance)
			}
		})
	}
}

// TestFetchCached fetches by digest what is there without a request.
func TestFetchCached(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	f := s.fetcher(t, nil)
	for i, want := range []bool{false, true} {
		a, err := f.Fetch(t.Context(), repo.FetchRequest{Ref: "shop/web", Version: "1.0.0"})
		if err != nil || a.Cached != want || a.Name != "web-1.0.0.tgz" {
			t.Errorf("%d: %+v, %v", i, a, err)
		}
	}
	if asked := s.take(); len(asked) != 1 {
		t.Errorf("asked %q", asked)
	}
}

func TestFetchErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		req  repo.FetchRequest
		want string
		is   error
	}{
		"a token for a host": {repo.FetchRequest{Ref: "https://secret@e.com"}, "got: https://xxxxx@e.com", repo.ErrReference},
		"a host and a query": {repo.FetchRequest{Ref: "https://e.com?token=secret"}, "got: https://e.com?token=xxxxx", repo.ErrReference},
		"no reference":       {repo.FetchRequest{Ref: "web"}, "non-absolute URLs should be in form of repo_name/path_to_chart, got: web", repo.ErrReference},
		"no such name":       {repo.FetchRequest{Ref: "none/web"}, "repo none not found", repo.ErrNotConfigured},
		"no index":           {repo.FetchRequest{Ref: "new/web"}, "no cached repo found. (try 'helm repo update'): ", repo.ErrNoIndex},
		"no such chart":      {repo.FetchRequest{Ref: "shop/nope"}, `chart "nope" matching  not found in shop index. (try 'helm repo update'): no chart name found`, repo.ErrNotFound},
		"no such version":    {repo.FetchRequest{Ref: "shop/web", Version: "9"}, `chart "web" matching 9 not found in shop index. (try 'helm repo update'): no chart version found for web-9`, repo.ErrNoVersion},
		"not in repository":  {repo.FetchRequest{Ref: "nope", Repo: "SHOP"}, `chart "nope" not found in SHOP repository`, repo.ErrNotFound},
		"no URL":             {repo.FetchRequest{Ref: "shop/none"}, `chart "shop/none" has no downloadable URLs`, nil},
		"other content":      {repo.FetchRequest{Ref: "shop/bad"}, "is not what the index of its repository says: digest mismatch", repo.ErrDigest},
		"odd digest":         {repo.FetchRequest{Ref: "shop/odd"}, "only sha256 is supported", nil},
		"not there":          {repo.FetchRequest{Ref: "shop/web", Devel: true}, "failed to fetch SHOP/nowhere.tgz : 404 Not Found", nil},
		"no provenance":      {repo.FetchRequest{Ref: "shop/web", Version: "1.0.0", Provenance: repo.ProvenanceMust}, `failed to fetch provenance "SHOP/web-1.0.0.tgz.prov"`, nil},
		"no keyring":         {repo.FetchRequest{Ref: "shop/web", Provenance: repo.ProvenanceMust}, "no keyring is given", nil},
		"wrong signature":    {repo.FetchRequest{Ref: "shop/web", Provenance: repo.ProvenanceMust, Keyring: noKeys{}}, "nobody signed web-2.0.0.tgz", nil},
		"tag and version":    {repo.FetchRequest{Ref: "oci://e.com/web:1.0.0", Version: "1.1.0"}, "chart reference and version mismatch: 1.1.0 is not 1.0.0", nil},
		"no tags":            {repo.FetchRequest{Ref: "oci://e.com/web"}, "unable to locate any tags in provided repository: oci://e.com/web", repo.ErrNotFound},
		"no OCI reference":   {repo.FetchRequest{Ref: "oci://web"}, "invalid reference", nil},
		"no digest":          {repo.FetchRequest{Ref: "oci://e.com/web@md5:00"}, "after the @ comes a digest", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			f := s.fetcher(t, nil)
			c.req.Repo = strings.Replace(c.req.Repo, "SHOP", s.url, 1)
			_, err := f.Fetch(t.Context(), c.req)
			if want := strings.ReplaceAll(c.want, "SHOP", s.url); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is no %v", err, c.is)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

// noKeys is a keyring without keys.
type noKeys struct{}

func (noKeys) Verify(_ []byte, name string, _ []byte) (*provenance.Verification, error) {
	return nil, errors.New("nobody signed " + name)
}

func TestFetchOffline(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	content := repo.ContentCache{Dir: t.TempDir()}
	if _, err := content.PutChart([]byte("one")); err != nil {
		t.Fatal(err)
	}
	f := s.fetcher(t, func(cfg *repo.FetcherConfig) { cfg.Offline, cfg.Content = true, content })
	a, err := f.Fetch(t.Context(), repo.FetchRequest{Ref: "shop/web", Version: "1.0.0"})
	if err != nil || string(a.Data) != "one" {
		t.Errorf("%+v, %v", a, err)
	}
	for _, req := range []repo.FetchRequest{{Ref: "shop/web"}, {Ref: s.url + "/web-1.0.0.tgz"}, {Ref: "oci://e.com/web:1.0.0"}} {
		if _, err := f.Fetch(t.Context(), req); !errors.Is(err, repo.ErrOffline) {
			t.Errorf("%+v: error %v", req, err)
		}
	}
	if asked := s.take(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

// strict trusts nobody but those who signed with a provenance file.
type strict struct{ seen []string }

func (s *strict) NeedsProvenance(...string) bool { return true }

func (s *strict) Check(_ context.Context, a *repo.Archive, _ repo.Access) error {
	s.seen = append(s.seen, fmt.Sprintf("%s %s", a.SignedName(), a.Provenance))
	if a.Provenance == nil {
		return errors.New("not trusted")
	}
	return nil
}

func TestFetchTrust(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	trust := &strict{}
	f := s.fetcher(t, func(cfg *repo.FetcherConfig) { cfg.Trust = trust })
	if _, err := f.Fetch(t.Context(), repo.FetchRequest{Ref: "shop/web"}); err != nil {
		t.Error(err)
	}
	if _, err := f.Fetch(t.Context(), repo.FetchRequest{Ref: "shop/web", Version: "1.0.0"}); err == nil || err.Error() != "not trusted" {
		t.Errorf("error %v", err)
	}
	if _, err := f.Fetch(t.Context(), repo.FetchRequest{Ref: "oci://e.com/web:1.2.3"}); err != nil {
		t.Error(err)
	}
	want := []string{"web-2.0.0.tgz signed", "web-1.0.0.tgz ", "web-1.2.3.tgz signed"}
	if !slices.Equal(trust.seen, want) {
		t.Errorf("checked %q, want %q", trust.seen, want)
	}
}

// signers take the provenance file "signed" only.
type signers struct{}

func (signers) Verify(_ []byte, _ string, prov []byte) (*provenance.Verification, error) {
	if string(prov) != "signed" {
		return nil, fmt.Errorf("not signed: %s", prov)
	}
	return &provenance.Verification{}, nil
}

// TestFetchProvenanceAnew has a provenance file in the cache that does not verify: the
// server's counts, if it has one that does.
func TestFetchProvenanceAnew(t *testing.T) {
	t.Parallel()
	digest := repo.DigestOf([]byte("two"))
	for name, c := range map[string]struct {
		cached, served string
		want           string
		asked, kept    string
	}{
		"good in the cache":    {cached: "signed", served: "signed", kept: "signed"},
		"mended by the server": {cached: "damaged", served: "signed", asked: "/web-2.0.0.tgz.prov me", kept: "signed"},
		"the same there":       {cached: "damaged", served: "damaged", want: "not signed: damaged", asked: "/web-2.0.0.tgz.prov me", kept: "damaged"},
		"worse there":          {cached: "damaged", served: "forged", want: "not signed: forged", asked: "/web-2.0.0.tgz.prov me", kept: "damaged"},
		"gone there":           {cached: "damaged", want: "not signed: damaged", asked: "/web-2.0.0.tgz.prov me", kept: "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			delete(s.files, "/web-2.0.0.tgz.prov")
			if c.served != "" {
				s.files["/web-2.0.0.tgz.prov"] = c.served
			}
			content := repo.ContentCache{Dir: t.TempDir()}
			if err := content.PutProvenance(digest, []byte(c.cached)); err != nil {
				t.Fatal(err)
			}
			f := s.fetcher(t, func(cfg *repo.FetcherConfig) { cfg.Content = content })
			a, err := f.Fetch(t.Context(), repo.FetchRequest{Ref: "shop/web", Provenance: repo.ProvenanceIfPossible, Keyring: signers{}})
			if got := errorText(err); got != c.want {
				t.Errorf("error %q, want %q", got, c.want)
			}
			if err == nil && a.Verification == nil {
				t.Error("nothing was verified")
			}
			if got := strings.Join(s.take()[1:], ", "); got != c.asked {
				t.Errorf("asked %q, want %q", got, c.asked)
			}
			if kept, _ := content.Provenance(digest); string(kept) != c.kept {
				t.Errorf("kept %q, want %q", kept, c.kept)
			}
		})
	}
}

// TestAcceptProvenanceAnew has the same rule for an archive that is at hand.
func TestAcceptProvenanceAnew(t *testing.T) {
	t.Parallel()
	digest := repo.DigestOf([]byte("two"))
	for name, c := range map[string]struct {
		cached, given, served string
		offline               bool
		want                  string
		asked                 int
	}{
		"good in the cache":    {cached: "signed", served: "signed"},
		"mended by the server": {cached: "damaged", served: "signed", asked: 1},
		"worse there":          {cached: "damaged", served: "forged", want: "not signed: forged", asked: 1},
		"offline":              {cached: "damaged", served: "signed", offline: true, want: "not signed: damaged"},
		"given":                {given: "damaged", cached: "signed", served: "signed", want: "not signed: damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.files["/web-2.0.0.tgz.prov"] = c.served
			content := repo.ContentCache{Dir: t.TempDir()}
			if err := content.PutProvenance(digest, []byte(c.cached)); err != nil {
				t.Fatal(err)
			}
			f := s.fetcher(t, func(cfg *repo.FetcherConfig) { cfg.Content, cfg.Offline = content, c.offline })
			given := &repo.Archive{Name: "web-2.0.0.tgz", URL: s.url + "/web-2.0.0.tgz", Home: s.url, Data: []byte("two"), Digest: digest}
			if c.given != "" {
				given.Provenance = []byte(c.given)
			}
			_, err := f.Accept(t.Context(), repo.FetchRequest{Provenance: repo.ProvenanceMust, Keyring: signers{}}, given)
			if got := errorText(err); got != c.want {
				t.Errorf("error %q, want %q", got, c.want)
			}
			if got := s.take(); len(got) != c.asked {
				t.Errorf("asked %q, want %d", got, c.asked)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestFetchTellsChoice sees to it that another version than the one that was
// asked for is told of.
func TestFetchTellsChoice(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	f := s.fetcher(t, nil)
	for version, told := range map[string]bool{"1.0": true, "1.0.0": false, "^1": false, "1.x": false} {
		s.log.Reset()
		if _, err := f.Fetch(t.Context(), repo.FetchRequest{Ref: "shop/web", Version: version}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(s.log.String(), "falling back to closest available version"); got != told {
			t.Errorf("%s: %s", version, s.log.String())
		}
	}
}

// TestFetchErrorsName sees to it that errors say what was fetched, where the server or
// the registry chose that or said nothing of it.
func TestFetchErrorsName(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.files["/index.yaml"] = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [\"box://elsewhere/web.tgz\"]}\n"
	f := s.fetcher(t, func(cfg *repo.FetcherConfig) {
		cfg.Getter = func(scheme string) (repo.Getter, error) {
			if scheme == "http" {
				return newGetter(), nil
			}
			return nil, fmt.Errorf("scheme %q not supported", scheme)
		}
		cfg.Registry = func() (repo.Registry, error) { return broken{}, nil }
	})
	for ref, want := range map[string]string{
		"shop/web":             `box://elsewhere/web.tgz: scheme "box" not supported`,
		"box://e.com/web.tgz":  `scheme "box" not supported`,
		"oci://e.com/web:1.0":  "oci://e.com/web:1.0: broken",
		"oci://e.com/web":      "oci://e.com/web: no tags",
		"oci://named.com/name": "named.com/name: broken",
	} {
		if _, err := f.Fetch(t.Context(), repo.FetchRequest{Ref: ref}); errorText(err) != want {
			t.Errorf("%s: error %q, want %q", ref, errorText(err), want)
		}
	}
}

// broken is a registry of which nothing can be had.
type broken struct{ repo.Registry }

func (broken) Versions(_ context.Context, repository string, _ repo.Access) ([]string, error) {
	if repository == "named.com/name" {
		return nil, errors.New(repository + ": broken")
	}
	return nil, errors.New("no tags")
}

func (broken) Pull(context.Context, string, repo.PullOptions) (*repo.Pulled, error) {
	return nil, errors.New("broken")
}

// TestEmptyFetcher: what a Fetcher was not given is an error where it is needed.
func TestEmptyFetcher(t *testing.T) {
	t.Parallel()
	getter := func(string) (repo.Getter, error) { return newGetter(), nil }
	repositories := func() (*repo.Repositories, error) {
		r := &repo.Repositories{}
		r.Set(repo.Entry{Name: "a", URL: "https://example.com"})
		return r, nil
	}
	for _, cfg := range []repo.FetcherConfig{{}, {Getter: getter, Repositories: repositories}, {Offline: true}} {
		f := repo.NewFetcher(cfg)
		for _, req := range []repo.FetchRequest{
			{}, {Ref: "a/b"}, {Ref: "b", Repo: "https://example.com"}, {Ref: "oci://example.com/b"}, {Ref: "://"}, {Ref: "x://y"},
		} {
			if _, err := f.Fetch(t.Context(), req); err == nil {
				t.Errorf("%+v: no error", req)
			}
		}
	}
}
