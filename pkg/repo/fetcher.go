package repo

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/provenance"
)

// FetcherConfig is what a Fetcher works with.
type FetcherConfig struct {
	// Getter returns what opens URLs of a scheme, such as "https".
	Getter func(scheme string) (Getter, error)
	// Registry returns the client for registries. It is asked once a reference
	// needs one; nil means that such references are errors.
	Registry func() (Registry, error)
	// Repositories returns the configured repositories. It is asked once a
	// reference needs them; nil means that there are none.
	Repositories func() (*Repositories, error)
	// Indexes keeps the indexes of repositories.
	Indexes *IndexCache
	// Content keeps archives; the zero value keeps none.
	Content ContentCache
	// Trust is asked about every archive before it is handed out; nil lets all
	// pass.
	Trust Trust
	// Offline fetches nothing: what is in the caches has to do.
	Offline bool
	// Log is told of choices that were made; nil tells nobody.
	Log *slog.Logger
}

// Trust says by whom archives have to be signed; *policy.Enforcer is one.
type Trust interface {
	// NeedsProvenance says whether the provenance file is needed of an archive
	// at a URL, from a repository at another.
	NeedsProvenance(urls ...string) bool
	// Check lets an archive pass, or says why not. access is how it was fetched.
	Check(ctx context.Context, a *Archive, access Access) error
}

// Fetcher finds and fetches charts, wherever they are. It is safe for
// concurrent use.
type Fetcher struct {
	cfg FetcherConfig
}

// NewFetcher returns a Fetcher. It does nothing yet.
func NewFetcher(cfg FetcherConfig) *Fetcher {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Fetcher{cfg: cfg}
}

// FetchRequest says which chart is wanted.
type FetchRequest struct {
	// Ref is "repo/name", "https://….tgz", "oci://host/path[:tag][@digest]", or
	// the name of a chart in Repo.
	Ref string
	// Version is a version or a constraint; empty means the highest one that
	// is no prerelease.
	Version string
	// Devel counts prereleases in, if Version is empty.
	Devel bool
	// Repo is the URL of a repository that need not be configured.
	Repo   string
	Access Access
	// Provenance says whether the provenance file is wanted.
	Provenance ProvenancePolicy
	// Keyring checks signatures, if Provenance asks for that.
	Keyring Verifier
	// MaxBytes bounds the archive; 0 means DefaultMaxBytes.
	MaxBytes int64
	// Take is told how much comes over the network for the archive, before it is
	// kept in memory: an error ends the request. It lets several requests at once
	// have one bound. nil takes all.
	Take func(bytes int) error
}

// Verifier checks what signed an archive; *provenance.Keyring is one.
type Verifier interface {
	// Verify checks the provenance file of an archive, which was called
	// fileName when it was signed.
	Verify(archive []byte, fileName string, prov []byte) (*provenance.Verification, error)
}

// ProvenancePolicy is what is done about provenance files.
type ProvenancePolicy int

// The policies, in the order of their strictness.
const (
	// ProvenanceIgnore does not look for it.
	ProvenanceIgnore ProvenancePolicy = iota
	// ProvenanceFetch fetches it, if there is one, and checks nothing.
	ProvenanceFetch
	// ProvenanceIfPossible checks it if there is one.
	ProvenanceIfPossible
	// ProvenanceMust fails without one.
	ProvenanceMust
)

// Archive is a chart that was fetched.
type Archive struct {
	// Name is the name of the file: "web-1.2.3.tgz".
	Name string
	// URL is where it came from: http(s), oci, or that of a plugin.
	URL string
	// Data is the archive; Digest its digest, "sha256:…".
	Data   []byte
	Digest string
	// Provenance is the provenance file, nil where there is none, or none was
	// asked for.
	Provenance []byte
	// ProvenanceErr is why there is none where the policy goes on without.
	ProvenanceErr error
	// Verification is what the provenance file proved; nil if nothing was
	// checked.
	Verification *provenance.Verification
	// Manifest is the digest of the manifest, and Tag the tag, of a chart from
	// a registry.
	Manifest string
	Tag      string
	// Cached says that nothing was fetched for Data.
	Cached bool

	// Home is the URL of the repository that named it; that of the archive where
	// none did.
	Home string

	// Chart and Version are what the archive should hold, by the index that named
	// it or the reference to a registry; empty where nothing says that.
	Chart, Version string

	signedName string
}

// SignedName is what the archive was called when it was signed.
func (a *Archive) SignedName() string { return a.signedName }

// needed is what is done about provenance files where an archive lies.
func (f *Fetcher) needed(req FetchRequest, urls ...string) ProvenancePolicy {
	if req.Provenance == ProvenanceIgnore && f.cfg.Trust != nil && f.cfg.Trust.NeedsProvenance(urls...) {
		return ProvenanceFetch
	}
	return req.Provenance
}

// Fetch finds and fetches a chart. What an index or a registry says of its
// digest is checked. Errors wrap ErrNotFound, ErrOffline, ErrDigest, *Error, or
// are those of the provenance check.
func (f *Fetcher) Fetch(ctx context.Context, req FetchRequest) (*Archive, error) {
	req.Ref = strings.TrimSpace(req.Ref)
	req.Version = strings.TrimSpace(req.Version)
	if req.Version == "" && req.Devel {
		req.Version = anyVersion
	}
	var a *Archive
	var err error
	if IsOCI(req.Ref) && req.Repo == "" {
		a, err = f.fetchOCI(ctx, req)
	} else {
		var from source
		if from, err = f.locate(ctx, req); err == nil {
			a, err = f.fetchSource(ctx, req, from)
		}
	}
	if err != nil {
		return nil, err
	}
	return f.checked(ctx, req, a)
}

// checked is an archive once it has passed all checks that are asked for.
func (f *Fetcher) checked(ctx context.Context, req FetchRequest, a *Archive) (*Archive, error) {
	if err := verify(req, a); err != nil {
		return nil, err
	}
	if f.cfg.Trust != nil {
		if err := f.cfg.Trust.Check(ctx, a, req.Access); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Checks says whether a fetched archive has to pass FetcherConfig.Trust.
func (f *Fetcher) Checks() bool { return f.cfg.Trust != nil }

// Accept has an archive that is at hand pass the checks of one that is fetched.
// Of a, Name, URL, Data and Digest must be set; its provenance file comes from
// the cache, unless it is there. Of the request Provenance and Keyring count.
func (f *Fetcher) Accept(ctx context.Context, req FetchRequest, a *Archive) (*Archive, error) {
	if a.signedName == "" {
		a.signedName = a.Name
	}
	req.Provenance = f.needed(req, a.URL, a.Home)
	if req.Provenance > ProvenanceIgnore && a.Provenance == nil {
		data, ok := f.cfg.Content.Provenance(a.Digest)
		if !ok {
			if err := missingProvenance(req, a, a.URL+provenanceSuffix, errNoProvenance); err != nil {
				return nil, err
			}
		}
		a.Provenance = data
	}
	return f.checked(ctx, req, a)
}

// anyVersion is the constraint that every version satisfies, prereleases too.
const anyVersion = ">0.0.0-0"

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
		return source{}, fmt.Errorf("invalid chart URL format: %s", redact(req.Ref))
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
		return source{}, &chartNotFoundError{what: what, repo: redact(req.Repo), err: err}
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
			return nil, fmt.Errorf("%w: the index of %s would have to be fetched", ErrOffline, redact(e.URL))
		}
		return index, nil
	}
	getter, err := f.getterFor(e.URL)
	if err != nil {
		return nil, err
	}
	index, err := f.cfg.Indexes.Fetch(ctx, getter, e)
	if err != nil {
		return nil, fmt.Errorf("looks like %q is not a valid chart repository or cannot be reached: %w", redact(e.URL), err)
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
		return source{}, fmt.Errorf("non-absolute URLs should be in form of repo_name/path_to_chart, got: %s%w", u.Redacted(), silent{ErrReference})
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
