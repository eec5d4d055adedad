package repo

import (
	"bytes"
	"context"
	"log/slog"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/provenance"
)

// FetcherConfig is what a Fetcher works with.
type FetcherConfig struct {
	// Getter returns what opens URLs of a scheme, such as "https"; nil means that
	// such URLs are errors.
	Getter func(scheme string) (Getter, error)
	// Registry returns the client for registries. It is asked once a reference
	// needs one; nil means that such references are errors.
	Registry func() (Registry, error)
	// Repositories returns the configured repositories. It is asked once a
	// reference needs them; nil means that there are none.
	Repositories func() (*Repositories, error)
	// Indexes keeps the indexes of repositories; nil means that charts which are
	// looked up in one are errors.
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

// Verifier checks what signed an archive; *openpgp.Keyring is one.
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

// checked is an archive once it has passed all checks that are asked for. Where it does
// not with a provenance file of the cache, which may be damaged or have been replaced
// since, what the server has counts.
func (f *Fetcher) checked(ctx context.Context, req FetchRequest, a *Archive) (*Archive, error) {
	out, err := f.check(ctx, req, a)
	if err == nil || a.fetchProvenance == nil {
		return out, err
	}
	data, fetchErr := a.fetchProvenance()
	if fetchErr != nil || bytes.Equal(data, a.Provenance) {
		return nil, err
	}
	a.Provenance = data
	if out, err = f.check(ctx, req, a); err == nil {
		f.keepProvenance(a)
	}
	return out, err
}

func (f *Fetcher) check(ctx context.Context, req FetchRequest, a *Archive) (*Archive, error) {
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
// the cache, unless it is there, and from beside URL where that of the cache fails.
// Of the request Provenance, Keyring and Access count.
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
		if ok && !IsOCI(a.URL) {
			a.fetchProvenance = f.provenanceOf(ctx, source{url: a.URL, home: a.Home, access: req.Access})
		}
	}
	return f.checked(ctx, req, a)
}

// anyVersion is the constraint that every version satisfies, prereleases too.
const anyVersion = ">0.0.0-0"
