package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// acceptArchive is the Accept header that Helm sends for charts.
const acceptArchive = "application/gzip,application/octet-stream"

// provenanceSuffix is what the name of an archive is followed by in that of its
// provenance file.
const provenanceSuffix = ".prov"

// maxProvenance bounds provenance files: a few lines of metadata and a
// signature.
const maxProvenance = 4 << 20

// errNoProvenance is what is wrong where a provenance file is wanted.
var errNoProvenance = errors.New("there is no provenance file")

// fetchSource fetches a chart from where an index or a URL says that it is.
func (f *Fetcher) fetchSource(ctx context.Context, req FetchRequest, from source) (*Archive, error) {
	a := &Archive{URL: from.url, Name: fileName(from.url), Home: from.home, Chart: from.name, Version: from.version}
	a.signedName = a.Name
	req.Provenance = f.needed(req, from.url, from.home)
	if from.digest != "" {
		if _, err := hexOf(from.digest); err != nil {
			return nil, fmt.Errorf("the index says of %s: %w", redact(from.url), err)
		}
		a.Data, a.Cached = f.cfg.Content.Chart(from.digest)
	}
	if a.Data == nil {
		if err := f.download(ctx, req, from, a); err != nil {
			return nil, err
		}
	}
	a.Digest = DigestOf(a.Data)
	if req.Provenance == ProvenanceIgnore {
		return a, nil
	}
	return a, f.addProvenance(ctx, req, from, a)
}

// download fetches an archive, checks it against the index and keeps it.
func (f *Fetcher) download(ctx context.Context, req FetchRequest, from source, a *Archive) error {
	data, err := f.get(ctx, Request{URL: from.url, Access: from.access, Home: from.home, Accept: acceptArchive, MaxBytes: req.MaxBytes, Take: req.Take})
	if err != nil {
		return err
	}
	if from.digest != "" {
		if err := CheckDigest(data, from.digest); err != nil {
			return fmt.Errorf("%s is not what the index of its repository says: %w", redact(from.url), err)
		}
	}
	a.Data = data
	f.keep(data)
	return nil
}

// keep puts an archive into the cache. That this cannot be done is no reason to
// fail.
func (f *Fetcher) keep(data []byte) {
	if _, err := f.cfg.Content.PutChart(data); err != nil {
		f.cfg.Log.Debug("the chart cannot be kept in the cache", "error", err)
	}
}

// addProvenance fetches the provenance file that lies beside an archive.
func (f *Fetcher) addProvenance(ctx context.Context, req FetchRequest, from source, a *Archive) error {
	if data, ok := f.cfg.Content.Provenance(a.Digest); ok {
		a.Provenance = data
		return nil
	}
	at := withSuffix(from.url, provenanceSuffix)
	data, err := f.get(ctx, Request{URL: at, Access: from.access, Home: from.home, MaxBytes: maxProvenance})
	if err == nil && len(bytes.TrimSpace(data)) == 0 {
		err = errNoProvenance
	}
	if err != nil {
		return missingProvenance(req, a, at, err)
	}
	a.Provenance = data
	f.keepProvenance(a)
	return nil
}

func (f *Fetcher) keepProvenance(a *Archive) {
	if err := f.cfg.Content.PutProvenance(a.Digest, a.Provenance); err != nil {
		f.cfg.Log.Debug("the provenance file cannot be kept in the cache", "error", err)
	}
}

// missingProvenance is the error where a provenance file has to be there, and a
// note in the archive otherwise.
func missingProvenance(req FetchRequest, a *Archive, at string, err error) error {
	if req.Provenance == ProvenanceMust {
		return fmt.Errorf("failed to fetch provenance %q: %w", redact(at), err)
	}
	a.ProvenanceErr = err
	return nil
}

// FetchVersion fetches a version that the index of a repository has. Of the
// request Access, Provenance, Keyring, MaxBytes and Take count.
func (f *Fetcher) FetchVersion(ctx context.Context, req FetchRequest, e Entry, v *ChartVersion) (*Archive, error) {
	if len(v.URLs) == 0 {
		return nil, fmt.Errorf("chart %q version %q has no downloadable URLs", v.Name, v.Version)
	}
	at, err := ResolveURL(e.URL, v.URLs[0])
	if err != nil {
		return nil, err
	}
	a, err := f.fetchSource(ctx, req, source{url: at, digest: v.Digest, home: e.URL, access: merged(req.Access, e.Access), name: v.Name, version: v.Version})
	if err != nil {
		return nil, err
	}
	return f.checked(ctx, req, a)
}

// verify checks the provenance file, if that is asked for and there is one.
func verify(req FetchRequest, a *Archive) error {
	if req.Provenance < ProvenanceIfPossible || a.Provenance == nil {
		return nil
	}
	if req.Keyring == nil {
		return errors.New("no keyring is given to verify charts with")
	}
	v, err := req.Keyring.Verify(a.Data, a.signedName, a.Provenance)
	if err != nil {
		return err
	}
	a.Verification = v
	return nil
}

// get reads what a URL names.
func (f *Fetcher) get(ctx context.Context, req Request) ([]byte, error) {
	if f.cfg.Offline {
		return nil, fmt.Errorf("%w: %s would have to be fetched", ErrOffline, redact(req.URL))
	}
	getter, err := f.getterFor(req.URL)
	if err != nil {
		return nil, err
	}
	return ReadAll(ctx, getter, req)
}

// ReadAll reads the whole content of what a request names, at most
// Request.MaxBytes. Content that breaks off is asked for again.
func ReadAll(ctx context.Context, getter Getter, req Request) (data []byte, err error) {
	err = whole(func() error {
		data, err = readOnce(ctx, getter, req)
		return err
	})
	return data, err
}

func readOnce(ctx context.Context, getter Getter, req Request) ([]byte, error) {
	res, err := getter.Get(ctx, req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	limit := req.MaxBytes
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	body := io.LimitReader(res.Body, limit+1)
	if req.Take != nil {
		body = &taken{r: body, take: req.Take}
	}
	data, err := io.ReadAll(body)
	if _, ok := errors.AsType[*Error](err); ok {
		return nil, err
	}
	if err == nil && int64(len(data)) > limit {
		err = tooLong(limit)
	}
	if err != nil {
		return nil, &Error{Op: "fetch", URL: req.URL, Err: err}
	}
	return data, nil
}

// taken asks about what it reads.
type taken struct {
	r    io.Reader
	take func(bytes int) error
}

func (t *taken) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n > 0 {
		if refused := t.take(n); refused != nil {
			return 0, refused
		}
	}
	return n, err
}

// fileName is the last part of a URL's path: what the file is called that it
// names.
func fileName(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return path.Base(u.Path)
}

// withSuffix adds to the path of a URL. Where there is a query Helm adds to
// that; a server cannot make sense of it.
func withSuffix(raw, suffix string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw + suffix
	}
	u.Path += suffix
	if u.RawPath != "" {
		u.RawPath += suffix
	}
	return u.String()
}

// fetchOCI fetches a chart from a registry.
func (f *Fetcher) fetchOCI(ctx context.Context, req FetchRequest) (*Archive, error) {
	ref, err := ParseOCI(req.Ref)
	if err != nil {
		return nil, err
	}
	if f.cfg.Offline {
		return nil, fmt.Errorf("%w: %s would have to be pulled", ErrOffline, req.Ref)
	}
	if f.cfg.Registry == nil {
		return nil, fmt.Errorf("unable to lookup chart %q: there is no client for registries", req.Ref)
	}
	registry, err := f.cfg.Registry()
	if err != nil {
		return nil, err
	}
	if err := f.chooseTag(ctx, registry, req, &ref); err != nil {
		return nil, err
	}
	req.Provenance = f.needed(req, OCIScheme+ref.Repository)
	pulled, err := registry.Pull(ctx, ref.String(), PullOptions{
		Access: req.Access, Provenance: req.Provenance > ProvenanceIgnore, Cached: f.cfg.Content.Chart,
		MaxBytes: req.MaxBytes, Take: req.Take,
	})
	if err != nil {
		return nil, err
	}
	a := &Archive{
		URL: OCIScheme + ref.String(), Home: OCIScheme + ref.Repository, Name: ociFileName(ref), Data: pulled.Chart, Digest: DigestOf(pulled.Chart),
		Provenance: pulled.Provenance, Manifest: pulled.Digest, Tag: ref.Tag, Chart: ref.Name(), Version: tagged(ref.Tag),
		signedName: pulled.Name + "-" + pulled.Version + ".tgz",
	}
	f.keep(a.Data)
	if req.Provenance > ProvenanceIgnore && a.Provenance == nil {
		return a, missingProvenance(req, a, a.URL+provenanceSuffix, errNoProvenance)
	}
	return a, nil
}

// tagged is the version that a tag stands for; empty if for none.
func tagged(tag string) string {
	version := strings.ReplaceAll(tag, "_", "+")
	if _, err := semver.StrictNewVersion(version); err != nil {
		return ""
	}
	return version
}

// chooseTag settles which tag a reference means, by the rules of Helm: a tag in
// it and a version must agree; a version is the tag; and anything else is a
// constraint over the tags that there are.
func (f *Fetcher) chooseTag(ctx context.Context, registry Registry, req FetchRequest, ref *OCIRef) error {
	version := req.Version
	if version == anyVersion && req.Devel && ref.Tag != "" {
		version = ""
	}
	switch {
	case version == "" && (ref.Tag != "" || ref.Digest != ""):
		return nil
	case version != "" && ref.Tag != "" && version != ref.Tag:
		return fmt.Errorf("chart reference and version mismatch: %s is not %s", version, ref.Tag)
	}
	if _, err := semver.NewVersion(version); err == nil {
		ref.Tag = version
		return nil
	}
	tags, err := registry.Versions(ctx, ref.Repository, req.Access)
	if err != nil {
		return err
	}
	if len(tags) == 0 {
		return fmt.Errorf("unable to locate any tags in provided repository: %s: %w", req.Ref, ErrNotFound)
	}
	ref.Tag, err = MatchTag(tags, version)
	return err
}

// MatchTag returns the first of the tags that is the version, or else satisfies
// it as a constraint; empty means the highest that is no prerelease. Tags are
// the highest first. The error wraps ErrNotFound.
func MatchTag(tags []string, version string) (string, error) {
	if version == "" {
		version = "*"
	}
	for _, tag := range tags {
		if tag == version {
			return tag, nil
		}
	}
	constraint, err := semver.NewConstraint(version)
	if err != nil {
		return "", fmt.Errorf("%w: %q", err, version)
	}
	for _, tag := range tags {
		if v, err := semver.NewVersion(tag); err == nil && constraint.Check(v) {
			return tag, nil
		}
	}
	return "", &noTagError{version: version, tags: tags}
}

// noTagError says that no tag satisfies a constraint, in Helm's words.
type noTagError struct {
	version string
	tags    []string
}

func (e *noTagError) Error() string {
	text := "could not locate a version matching provided version string " + e.version
	if len(e.tags) > 0 {
		text += fmt.Sprintf(" (the highest is %s)", e.tags[0])
	}
	return text
}

func (e *noTagError) Is(target error) bool { return target == ErrNotFound || target == ErrNoVersion }

// ociFileName is what Helm calls the file of a chart from a registry.
func ociFileName(ref OCIRef) string {
	if ref.Digest != "" {
		return ref.Name() + "@" + strings.Replace(ref.Digest, ":", "-", 1) + ".tgz"
	}
	return ref.Name() + "-" + ref.Tag + ".tgz"
}

// IsNotFound says whether a server answered that there is nothing at a URL.
func IsNotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return errors.Is(err, ErrNotFound) || ok && e.Status == http.StatusNotFound
}
