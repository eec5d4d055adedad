package repo

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// source is where a chart lies.
type source struct {
	url string
	// digest is what the index says; empty if nothing is known.
	digest string
	// home and access are the repository's that the URL comes from.
	home   string
	access Access
	// name and version are what the index says; empty if there is none.
	name, version string
}

// locate settles the URL of a chart.
func (f *Fetcher) locate(ctx context.Context, req FetchRequest) (source, error) {
	if req.Repo != "" {
		return f.inRepoURL(ctx, req)
	}
	u, err := url.Parse(req.Ref)
	if err != nil {
		return source{}, fmt.Errorf("invalid chart URL format: %s", Redact(req.Ref))
	}
	if u.IsAbs() && u.Host != "" && u.Path != "" {
		return f.atURL(req)
	}
	return f.inRepository(req, u)
}

// inRepoURL finds a chart in the repository of --repo, whose index is fetched.
func (f *Fetcher) inRepoURL(ctx context.Context, req FetchRequest) (source, error) {
	index, err := f.indexOf(ctx, Entry{URL: req.Repo, Access: req.Access})
	if err != nil {
		return source{}, err
	}
	defer index.Close()
	what := fmt.Sprintf("chart %q", req.Ref)
	if req.Version != "" {
		what += fmt.Sprintf(" version %q", req.Version)
	}
	v, err := index.Find(req.Ref, req.Version, req.Devel)
	if err != nil {
		return source{}, &chartNotFoundError{what: what, repo: Redact(req.Repo), err: err}
	}
	f.tellChoice(req.Ref, req.Version, v)
	if len(v.URLs) == 0 {
		return source{}, fmt.Errorf("%s has no downloadable URLs", what)
	}
	at, err := ResolveURL(req.Repo, v.URLs[0])
	if err != nil {
		return source{}, fmt.Errorf("failed to make chart URL absolute: %w", err)
	}
	return source{url: at, digest: v.Digest, home: req.Repo, access: req.Access, name: v.Name, version: v.Version}, nil
}

// indexOf is the index of a repository that need not be configured, fetched
// unless that may not be done.
func (f *Fetcher) indexOf(ctx context.Context, e Entry) (*Index, error) {
	if f.cfg.Offline {
		index, err := f.cfg.Indexes.Open(UnmanagedName(e.URL))
		if err != nil {
			return nil, fmt.Errorf("%w: the index of %s would have to be fetched", ErrOffline, Redact(e.URL))
		}
		return index, nil
	}
	getter, err := f.getterFor(e.URL)
	if err != nil {
		return nil, err
	}
	index, err := f.cfg.Indexes.Fetch(ctx, getter, e)
	if err != nil {
		return nil, fmt.Errorf("looks like %q is not a valid chart repository or cannot be reached: %w", Redact(e.URL), err)
	}
	return index, nil
}

// atURL finds out whether a configured repository is at home where a URL leads:
// its access is used then.
func (f *Fetcher) atURL(req FetchRequest) (source, error) {
	from := source{url: req.Ref, home: req.Ref, access: req.Access}
	repositories, err := f.repositories()
	if err != nil {
		return source{}, err
	}
	if e, ok := ownerOf(repositories, req.Ref); ok {
		from.home, from.access = e.URL, merged(req.Access, e.Access)
	}
	return from, nil
}

// inRepository finds "repo/name" in the cached index of a configured
// repository.
func (f *Fetcher) inRepository(req FetchRequest, u *url.URL) (source, error) {
	name, chartName, ok := strings.Cut(u.Path, "/")
	if !ok {
		return source{}, fmt.Errorf("non-absolute URLs should be in form of repo_name/path_to_chart, got: %s%w", Redact(req.Ref), silent{ErrReference})
	}
	repositories, err := f.repositories()
	if err != nil {
		return source{}, err
	}
	e, ok := repositories.Find(name)
	if !ok {
		return source{}, fmt.Errorf("repo %s %w%w", name, ErrNotFound, silent{ErrNotConfigured})
	}
	if e.URL == "" {
		return source{}, fmt.Errorf("no URL found for repository %s", name)
	}
	index, err := f.cfg.Indexes.Open(name)
	if err != nil {
		return source{}, fmt.Errorf("no cached repo found. (try 'helm repo update'): %w%w", err, silent{ErrNoIndex})
	}
	defer index.Close()
	v, err := index.Find(chartName, req.Version, req.Devel)
	if err != nil {
		return source{}, fmt.Errorf("chart %q matching %s not found in %s index. (try 'helm repo update'): %w%w", chartName, req.Version, name, err, silent{ErrNoIndex})
	}
	f.tellChoice(chartName, req.Version, v)
	if len(v.URLs) == 0 {
		return source{}, fmt.Errorf("chart %q has no downloadable URLs", req.Ref)
	}
	at, err := ResolveURL(e.URL, v.URLs[0])
	if err != nil {
		return source{}, fmt.Errorf("invalid chart URL format: %s", req.Ref)
	}
	return source{url: at, digest: v.Digest, home: e.URL, access: merged(req.Access, e.Access), name: v.Name, version: v.Version}, nil
}

// tellChoice says that another version was taken than the one that was asked
// for.
func (f *Fetcher) tellChoice(name, asked string, v *ChartVersion) {
	if asked == "" || asked == v.Version || isRange(asked) {
		return
	}
	f.cfg.Log.Warn("unable to find exact version requested; falling back to closest available version",
		"chart", name, "requested", asked, "selected", v.Version)
}

// isRange says whether a constraint asks for more than one version, as Helm
// judges it for its warning.
func isRange(constraint string) bool {
	if strings.ContainsAny(constraint, "^~<>=!*|") || strings.Contains(constraint, " - ") {
		return true
	}
	core := constraint
	if i := strings.IndexAny(core, "-+"); i >= 0 {
		core = core[:i]
	}
	return strings.ContainsAny(core, "xX")
}

func (f *Fetcher) repositories() (*Repositories, error) {
	if f.cfg.Repositories == nil {
		return &Repositories{}, nil
	}
	return f.cfg.Repositories()
}

func (f *Fetcher) getterFor(raw string) (Getter, error) {
	scheme, _, ok := strings.Cut(raw, "://")
	if !ok || f.cfg.Getter == nil {
		return nil, fmt.Errorf("could not find protocol handler for: %s", scheme)
	}
	return f.cfg.Getter(scheme)
}

// chartNotFoundError says that a repository does not have a chart, in Helm's
// words.
type chartNotFoundError struct {
	what, repo string
	err        error
}

func (e *chartNotFoundError) Error() string {
	return fmt.Sprintf("%s not found in %s repository", e.what, e.repo)
}

func (e *chartNotFoundError) Unwrap() []error { return []error{ErrNotFound, e.err} }

// merged are the settings of a repository under those that were given for this
// request.
func merged(given, configured Access) Access {
	out := configured
	if given.Username != "" && given.Password != "" {
		out.Username, out.Password, out.PassAll = given.Username, given.Password, given.PassAll
	}
	out.PassAll = out.PassAll || given.PassAll
	if given.CAFile != "" {
		out.CAFile = given.CAFile
	}
	if given.CertFile != "" || given.KeyFile != "" {
		out.CertFile, out.KeyFile = given.CertFile, given.KeyFile
	}
	out.InsecureSkipVerify = out.InsecureSkipVerify || given.InsecureSkipVerify
	out.PlainHTTP = given.PlainHTTP
	return out
}

// ownerOf is the configured repository below whose URL another one lies: the
// one with the longest URL.
func ownerOf(repositories *Repositories, raw string) (Entry, bool) {
	var owner Entry
	found := false
	for e := range repositories.All() {
		base := strings.TrimSuffix(e.URL, "/") + "/"
		if strings.HasPrefix(raw, base) && len(e.URL) > len(owner.URL) {
			owner, found = e, true
		}
	}
	return owner, found
}
